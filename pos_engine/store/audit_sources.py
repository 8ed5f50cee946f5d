"""Where each kind of fact stands that the audit chain seals: which columns, format by format."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, String, Table, cast

from pos_engine.store.announce import Kind
from pos_engine.store.idle_lists import WAITING
from pos_engine.store.schema import (
    catalogue,
    disbursement_run,
    posting,
    purchase,
    template_log,
)
from pos_engine.store.schema_allowances import allowance, device_event, shop_remote
from pos_engine.store.schema_anomalies import anomaly_step
from pos_engine.store.schema_ceiling_drafts import ceiling_act, ceiling_answer, ceiling_draft
from pos_engine.store.schema_complaint_desk import complaint_event
from pos_engine.store.schema_disbursement import disbursement_event
from pos_engine.store.schema_enrolment import enrolment_event
from pos_engine.store.schema_envelopes import envelope, offline_dispute, offline_review
from pos_engine.store.schema_holds import hold, hold_draw
from pos_engine.store.schema_idle import idle_freeze, idle_item, idle_list
from pos_engine.store.schema_privacy import privacy_event
from pos_engine.store.schema_reversals import reversal
from pos_engine.store.schema_settlement import (
    escrow_day,
    payout,
    recon_sign_off,
    settlement_run,
    settlement_window,
    shop_account,
)
from pos_engine.store.schema_shift import till_day
from pos_engine.store.schema_staff_factors import staff_event


@dataclass(frozen=True, slots=True)
class Source:
    """Where a kind of fact stands: its table, its key, when it happened, its columns.

    `number` is the second part of the name of a fact that its key alone does not name. `moment` is
    None for rows without a time of their own. `done` says which rows are facts; None is all.
    """

    table: Table
    key: str
    moment: str | None
    columns: Mapping[int, tuple[str, ...]]  # by format: an old leaf is checked as it was made
    number: str | None = None
    done: ColumnElement[bool] | None = None

    def name_of(self, row: Mapping[Any, Any]) -> str:
        """The name of the fact that a row belongs to."""
        name = str(row[self.key])
        return name if self.number is None else f"{name}:{row[self.number]}"

    @property
    def subject(self) -> ColumnElement[str]:
        """The name of a fact, as its leaf knows it."""
        name = cast(self.table.c[self.key], String(64))
        if self.number is None:
            return name
        return name + ":" + cast(self.table.c[self.number], String(64))


def _source(
    table: Table,
    key: str,
    moment: str | None,
    columns: str,
    first: str = "",
    number: str | None = None,
    done: ColumnElement[bool] | None = None,
) -> Source:
    """`first`: the columns of format 1 when they were others."""
    formats = {1: tuple((first or columns).split()), 2: tuple(columns.split())}
    return Source(table, key, moment, formats, number, done)


_HOLD = "shard hold_id kpm_id shop_id purpose amount content made_at expires_at"
_ALLOWANCE = (
    "shard allowance_id kpm_id person_id card_id shop_id shop_name till_id device_id staff_id "
    "content amount remote issued_at not_after release_at last_day document signature"
)
_LIST = "shard list_id count total sha256 made_by made_at"
_SIGN_OFF = "shard item_id side amount reason asked_by asked_at"
_ENVELOPE = (
    "shard envelope_id device_id seq prev place purchase_id allowance_id amount body source "
    "brought_by received_at"
)
SOURCES = {
    Kind.PURCHASE: _source(
        purchase,
        "purchase_id",
        "decided_at",
        "shard purchase_id kpm_id person_id shop_id till_id staff_id region status reason method "
        "amount lines flags policy price_book number day occurred_at decided_at",
    ),
    Kind.MOVEMENT: _source(
        posting, "txn_id", "posted_at", "shard txn_id leg account amount kind posted_at"
    ),
    Kind.RUN: _source(
        disbursement_run,
        "run_id",
        "approved_at",
        "shard run_id programme period file_sha256 expected_count expected_total expires_on "
        "papers made_by approved_by created_at approved_at",
        first="shard run_id programme period file_sha256 expected_count expected_total expires_on "
        "status papers made_by approved_by created_at approved_at",
        done=disbursement_run.c.approved_at.is_not(None),
    ),
    Kind.RUN_EVENT: _source(
        disbursement_event, "run_id", "at", "shard run_id number kind officer at", number="number"
    ),
    Kind.CATALOGUE: _source(
        catalogue, "version", "loaded_at", "shard version files loaded_at loaded_by"
    ),
    Kind.TEMPLATE_LOG: _source(
        template_log, "number", "at", "shard number kind enlisted template_id kpm_id at"
    ),
    Kind.ENROLMENT_EVENT: _source(
        enrolment_event,
        "event_id",
        "at",
        "shard event_id enrolment_id kpm_id kind reason staff_id role device_id note at",
    ),
    Kind.REVERSAL: _source(
        reversal,
        "reversal_id",
        "made_at",
        "shard reversal_id reverses_id kind kpm_id shop_id made_by approved_by reason amount "
        "unusable balance_after lines returns purchase_day made_at",
    ),
    Kind.HOLD: _source(hold, "hold_id", "made_at", _HOLD),
    Kind.HOLD_DRAW: _source(hold_draw, "hold_id", None, "shard hold_id place wallet_id amount"),
    Kind.HOLD_END: _source(
        hold,
        "hold_id",
        "resolved_at",
        f"{_HOLD} state captured purchase_id resolved_at",
        done=hold.c.resolved_at.is_not(None),
    ),
    Kind.IDLE_FREEZE: _source(
        idle_freeze,
        "freeze_id",
        "frozen_at",
        "shard freeze_id wallet_id kpm_id amount days frozen_by frozen_at",
    ),
    Kind.IDLE_LIST: _source(idle_list, "list_id", "made_at", _LIST),
    Kind.IDLE_APPROVAL: _source(
        idle_list,
        "list_id",
        "approved_at",
        f"{_LIST} approved_by approved_at",
        done=idle_list.c.approved_at.is_not(None),
    ),
    Kind.IDLE_ITEM: _source(
        idle_item,
        "list_id",
        None,
        "shard list_id wallet_id kpm_id programme period amount state",
        done=idle_item.c.state != WAITING,
    ),
    Kind.SHOP_ACCOUNT: _source(
        shop_account,
        "shop_id",
        "approved_at",
        "shard shop_id version bank sealed made_by approved_by created_at approved_at",
        number="version",
        done=shop_account.c.approved_at.is_not(None),
    ),
    Kind.SETTLEMENT: _source(
        settlement_run,
        "day",
        "approved_at",
        "shard day opens_at closes_at pays_on minimum made_by made_at planned planned_total "
        "plan_sha256 approved_by approved_at",
        done=settlement_run.c.approved_at.is_not(None),
    ),
    Kind.WINDOW: _source(
        settlement_window,
        "shop_id",
        None,
        "shard shop_id day entries gross late amount",
        number="day",
    ),
    Kind.PAYOUT: _source(
        payout,
        "payout_id",
        "created_at",
        "shard payout_id shop_id day part amount account_version created_at",
    ),
    Kind.SIGN_OFF: _source(recon_sign_off, "item_id", "asked_at", _SIGN_OFF),
    Kind.SIGN_OFF_OK: _source(
        recon_sign_off,
        "item_id",
        "approved_at",
        f"{_SIGN_OFF} approved_by approved_at",
        done=recon_sign_off.c.approved_at.is_not(None),
    ),
    Kind.ESCROW_DAY: _source(escrow_day, "day", "closed_at", "shard day parts closed_by closed_at"),
    Kind.DEVICE_EVENT: _source(
        device_event, "event_id", "at", "shard event_id device_id shop_id kind kid staff_id at"
    ),
    Kind.ALLOWANCE: _source(allowance, "allowance_id", "issued_at", _ALLOWANCE),
    Kind.ALLOWANCE_END: _source(
        allowance,
        "allowance_id",
        "ended_at",
        f"{_ALLOWANCE} state end_id ended_by ended_shop ended_at",
        done=allowance.c.ended_at.is_not(None),
    ),
    Kind.SHOP_REMOTE: _source(
        shop_remote, "event_id", "set_at", "shard event_id shop_id remote set_by set_at"
    ),
    Kind.DAY_CLOSE: _source(
        till_day,
        "till_id",
        "closed_at",
        "shard till_id day close_id shop_id device_id staff_id sums opening_cash cash_sales "
        "cash_in cash_out counted_cash unsent unsent_amount closed_at",
        number="day",
    ),
    Kind.ENVELOPE: _source(envelope, "envelope_id", "received_at", _ENVELOPE),
    Kind.ENVELOPE_END: _source(
        envelope,
        "envelope_id",
        "settled_at",
        f"{_ENVELOPE} outcome reason flags number taken sold_at settled_at",
        done=envelope.c.settled_at.is_not(None),
    ),
    Kind.OFFLINE_REVIEW: _source(
        offline_review,
        "review_id",
        "made_at",
        "shard review_id device_id subject_id decision note made_by approved_by made_at",
    ),
    Kind.OFFLINE_DISPUTE: _source(
        offline_dispute,
        "purchase_id",
        "opened_at",
        "shard purchase_id envelope_id device_id kpm_id shop_id amount opened_at",
    ),
    Kind.ANOMALY_STEP: _source(
        anomaly_step,
        "case_id",
        "made_at",
        "shard case_id number act_id kind made_by role note content made_at",
        number="number",
    ),
    Kind.COMPLAINT_EVENT: _source(
        complaint_event, "event_id", "at", "shard event_id complaint_id number kind detail by_id at"
    ),
    Kind.CEILING_DRAFT: _source(
        ceiling_draft,
        "draft_id",
        "made_at",
        "shard draft_id kind target_kind target ceiling_kind scope scope_code unit rupiah action "
        "valid_from valid_to regulation reason proposal_id made_by made_at",
    ),
    Kind.CEILING_ACT: _source(
        ceiling_act, "act_id", "at", "shard act_id draft_id place kind officer note version at"
    ),
    Kind.PRIVACY_EVENT: _source(
        privacy_event, "event_id", "at", "shard event_id kpm_id kind detail by_id second_id at"
    ),
    Kind.STAFF_EVENT: _source(
        staff_event, "event_id", "at", "shard event_id staff_id kind subject_id by_id at"
    ),
    Kind.CEILING_ANSWER: _source(
        ceiling_answer,
        "proposal_id",
        "at",
        "shard proposal_id regency sku answer reason draft_id officer at",
    ),
}
_ANSWER = ("claim_shard", "purchase_id", "content", "home_shard", "kpm_id", "shop_id", "answer")
CLAIM = {1: _ANSWER, 2: _ANSWER}
_ITEM = ("shard", "payout_id", "day", "shop_id", "amount")
PAYOUT_ITEM = {1: _ITEM, 2: _ITEM}
# Sealed from a version on: what was there before is dated by the moment it was upgraded.
SEALED_LATER = frozenset(Kind) - {
    Kind.PURCHASE,
    Kind.MOVEMENT,
    Kind.RUN,
    Kind.RUN_EVENT,
    Kind.CATALOGUE,
    Kind.TEMPLATE_LOG,
    Kind.ENROLMENT_EVENT,
}
SEALED_SINCE = "sealed_since"  # the fact of the installation that names this moment
_MOVES_ON = ("remaining", "spent_offline", "drawn_online", "hold_id")  # of an allowance
# What changes after the seal; each change is a fact of its own, or follows from sealed movements.
NOT_SEALED = {
    Kind.RUN: ("status",),
    Kind.HOLD: ("state", "captured", "purchase_id", "resolved_at"),
    Kind.IDLE_LIST: ("state", "approved_by", "approved_at"),
    Kind.IDLE_APPROVAL: ("state",),
    Kind.ALLOWANCE: (*_MOVES_ON, "state", "end_id", "ended_by", "ended_shop", "ended_at"),
    Kind.ALLOWANCE_END: _MOVES_ON,
    Kind.SHOP_ACCOUNT: ("status",),
    Kind.SETTLEMENT: ("status",),
    Kind.WINDOW: ("left_open",),
    Kind.PAYOUT: ("message_id", "status"),
    Kind.SIGN_OFF: ("approved_by", "approved_at"),
    Kind.ENVELOPE: (
        "outcome",
        "held_for",
        "reason",
        "flags",
        "number",
        "taken",
        "sold_at",
        "settled_at",
    ),
    Kind.ENVELOPE_END: ("held_for",),
    Kind.OFFLINE_DISPUTE: ("credited_by", "state", "closed_at"),
}

"""Signed drafts in the files of the catalogue: a row more, a row left empty, kept over a load."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from catalog.amend import add_row, blank_row, first_cell, has_row
from catalog.load import load_files
from catalog.read_ceilings import CEILINGS_FILE
from catalog.read_policy import EVERY_POLICY, POLICY_FILE
from pos_engine.rules.ceilings import Act, ActKind, DraftKind, DraftState, state_of
from pos_engine.store import ceiling_drafts, installation
from pos_engine.store.ceiling_drafts import ActRow, Draft
from pos_engine.store.database import Tx

MARK = "comment"  # the column that names the draft a row came of
TRUST = "M"  # with two signatures it refuses as a verified source does
TWO_NEEDED = 2
SECOND_OF_A_DEMO = "demo"  # whose one person signs for two
IN_THE_BOOK = frozenset({DraftState.PUBLISHED, DraftState.WITHDRAWING})


@dataclass(frozen=True, slots=True)
class Signed:
    """Who signed, and on which day the second did."""

    officers: tuple[str, ...]
    on: date


def file_of(draft: Draft) -> str:
    """The file that a draft adds a row to."""
    return CEILINGS_FILE if draft.kind == DraftKind.CEILING else POLICY_FILE


def with_draft(files: Mapping[str, bytes], draft: Draft, signed: Signed) -> dict[str, bytes]:
    """The files with the draft's row; not yet checked."""
    name = file_of(draft)
    return {**files, name: add_row(files[name], _cells(files, draft, signed))}


def without_draft(files: Mapping[str, bytes], draft: Draft) -> dict[str, bytes]:
    """The files with the draft's row left empty."""
    name = file_of(draft)
    return {**files, name: blank_row(files[name], MARK, draft.draft_id)}


def with_signed(tx: Tx, files: Mapping[str, bytes]) -> dict[str, bytes]:
    """The files with every signed draft that they lack: loading a folder undoes no signature."""
    found = dict(files)
    for draft, acts in ceiling_drafts.ever_published(tx):
        name = file_of(draft)
        if state_of(plain(acts)) not in IN_THE_BOOK or name not in found:
            continue
        if not has_row(found[name], MARK, draft.draft_id):
            found = with_draft(found, draft, signed_by(acts))
    return found


def plain(acts: list[ActRow]) -> list[Act]:
    """The acts as the rules know them."""
    return [Act(ActKind(each.kind), each.officer) for each in acts]


def signed_by(acts: list[ActRow]) -> Signed:
    """The people under a draft."""
    signatures = [each for each in acts if each.kind == ActKind.SIGNED]
    return Signed(tuple(each.officer for each in signatures), signatures[-1].at.date())


def put_in_force(tx: Tx, base: str, files: Mapping[str, bytes], act: ActRow) -> str:
    """Check the files and make them the newest catalogue; its version. `CatalogueError`.

    It follows `base`, and nothing else may: two acts at once are one after the other.
    """
    version = load_files(files).version
    newest = max(loaded_at for _, loaded_at in installation.catalogue_history(tx))
    at = max(act.at, newest + timedelta(microseconds=1))  # what is loaded last is in force
    ceiling_drafts.follow(tx, base, version, act.act_id, at)
    installation.add_catalogue(tx, version, dict(files), f"ceiling:{act.draft_id}", at)
    return version


def _cells(files: Mapping[str, bytes], draft: Draft, signed: Signed) -> dict[str, str]:
    officers = tuple(dict.fromkeys(signed.officers))
    if len(officers) < TWO_NEEDED:
        officers = (*officers, SECOND_OF_A_DEMO)
    common = {
        "regulation": draft.regulation,
        "valid_from": draft.valid_from.isoformat(),
        "valid_to": draft.valid_to.isoformat() if draft.valid_to else "",
        "source": f"signed by two officers, draft {draft.draft_id}",
        "confidence": TRUST,
        "signed_by": "+".join(officers),
        MARK: draft.draft_id,
    }
    if draft.kind == DraftKind.BAN:
        return common | {
            "policy_id": EVERY_POLICY,
            "title": first_cell(files[POLICY_FILE], "title", "policy_id", EVERY_POLICY),
            "target_kind": draft.target_kind,
            "target": draft.target,
            "effect": "DENY",
        }
    return common | {
        "item_code": draft.target,
        "kind": draft.ceiling_kind,
        "scope": draft.scope,
        "scope_code": draft.scope_code,
        "unit": draft.unit,
        "rp_high": str(draft.rupiah),
        "checked_on": signed.on.isoformat(),
        "action": draft.action,
    }

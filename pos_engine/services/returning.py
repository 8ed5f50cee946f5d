"""Write the return of a purchase: money to the tranches, off what is owed to the shop, a notice.

A void and a reversal are the same movement; who may ask for it and when differs.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime

from pos_engine.rules.bank import CallState
from pos_engine.rules.entitlement import Draw, Tranche, spendable
from pos_engine.rules.ids import KpmId, WalletId, shard_of
from pos_engine.rules.money import Rupiah
from pos_engine.rules.posting import Kind, Posting, Return, return_postings, wallet_account
from pos_engine.rules.voids import ReturnedLine
from pos_engine.services.limits import returned_uses
from pos_engine.services.money_notices import PURCHASE_REVERSED, PURCHASE_VOIDED
from pos_engine.store import bank_calls, ledger, limit_use, outbox, reversals
from pos_engine.store.database import Tx

WALLET = wallet_account(WalletId(""))
EVENTS = {reversals.VOID: PURCHASE_VOIDED, reversals.REVERSAL: PURCHASE_REVERSED}


@dataclass(frozen=True, slots=True)
class Act:
    """A return that was decided: by whom, of what, on the shop's local day."""

    reversal_id: str
    kind: str
    bought: reversals.Bought
    kpm_id: KpmId
    made_by: str
    approved_by: str | None
    reason: str
    lines: tuple[ReturnedLine, ...]
    returns: tuple[Return, ...]
    day: date
    now: datetime
    legs: tuple[Posting, ...] | None = None  # when somebody else than shop or bank pays it

    @property
    def amount(self) -> Rupiah:
        """What goes back."""
        return Rupiah(sum(each.amount for each in self.returns))


def still_drawn(
    tx: Tx, shard: int, purchase_id: str, back: Sequence[reversals.Reversal]
) -> tuple[Draw, ...]:
    """What a purchase took from each tranche and has not given back, as it was drawn."""
    left = {
        leg.account.removeprefix(WALLET): -leg.amount
        for leg in ledger.legs_of(tx, shard, [purchase_id])
        if leg.account.startswith(WALLET)
    }
    for each in back:
        for part in each.returns:
            left[part["drawn_from"]] -= part["amount"]
    return tuple(Draw(WalletId(name), Rupiah(amount)) for name, amount in left.items() if amount)


def write_return(tx: Tx, act: Act) -> reversals.Reversal:
    """Move the money and keep the act; the family's tranches are locked by the caller."""
    shard = shard_of(act.kpm_id)
    on_its_day = act.day if act.kind == reversals.VOID else None
    ledger.give_back(tx, act.kpm_id, act.returns, on_its_day)
    bank = _take_back_from_bank(tx, act)
    legs = act.legs or return_postings(act.bought.shop_id, act.returns, Kind(act.kind), bank)
    ledger.post(tx, [ledger.Movement(shard, act.reversal_id, legs, act.now)])
    after = ledger.tranches_of(tx, act.kpm_id, lock=False)
    made = reversals.Reversal(
        reversal_id=act.reversal_id,
        reverses_id=act.bought.purchase_id,
        kind=act.kind,
        kpm_id=act.kpm_id,
        shop_id=act.bought.shop_id,
        made_by=act.made_by,
        approved_by=act.approved_by,
        reason=act.reason,
        amount=act.amount,
        unusable=_unusable(act, after),
        balance_after=spendable(after, act.day),
        lines=[asdict(each) for each in act.lines],
        returns=[asdict(each) for each in act.returns],
        purchase_day=act.bought.day,
        made_at=act.now,
    )
    reversals.add_reversal(tx, made)
    _free_limits(tx, act)
    outbox.add_event(tx, EVENTS[act.kind], act.reversal_id, act.kpm_id, act.reversal_id, act.now)
    return made


def _take_back_from_bank(tx: Tx, act: Act) -> str | None:
    """The bank that paid, when one did: it gets a reversal of the whole, which is repeated.

    A part cannot be reversed there: it is noted for the people who deal with the bank.
    """
    call = bank_calls.find_call(tx, act.kpm_id, act.bought.purchase_id)
    if call is None:
        return None
    if call.state != CallState.POSTED.value or act.amount != call.amount:
        bank_calls.note(tx, call, f"{act.amount} of {call.amount} returned: refund at the bank")
    else:
        reversing = CallState.REVERSING
        step = bank_calls.Step(call, reversing, call.code, call.approval, act.now, act.now)
        bank_calls.step_calls(tx, [step])
    return call.bank


def _free_limits(tx: Tx, act: Act) -> None:
    """What came back may be bought again on that day."""
    uses = limit_use.uses_of(tx, act.kpm_id, act.bought.day, act.bought.purchase_id)
    freed = returned_uses(act.bought.lines, act.lines, act.amount, uses)
    limit_use.add_uses(
        tx,
        [
            limit_use.Use(act.kpm_id, act.bought.day, act.reversal_id, item_code, -amount)
            for item_code, amount in freed.items()
        ],
    )


def _unusable(act: Act, after: Sequence[Tranche]) -> Rupiah:
    closed = {each.wallet_id for each in after if not each.usable(act.day)}
    return Rupiah(sum(each.amount for each in act.returns if each.to in closed))

"""Where honest prices outran a ceiling: a proposal of one page, accepted as a draft or declined."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from catalog.price_book import Action
from pos_engine.engine import Engine
from pos_engine.rules.ceilings import PROPOSAL_DAYS_MAX, DraftKind, run_of
from pos_engine.services.ceiling_look import DayOfGood, attempts_of
from pos_engine.services.ceilings import AskedDraft, Told, draft_in
from pos_engine.services.install import Refused
from pos_engine.services.officers import OFFICES, not_an_officer
from pos_engine.store import ceiling_proposals
from pos_engine.store.ceiling_proposals import Answer, Proposal
from pos_engine.store.database import Tx

DAYS_READ = 10  # a run is told with the days before it
AHEAD_DAYS = 2  # from an accepted proposal to its first day: time for the second signature
QUIET_DAYS = 30  # between two proposals for the same good and place
REASON_LENGTH_MAX = 300
ACCEPTED, DECLINED = "ACCEPTED", "DECLINED"
MODES = (Action.CAP, Action.FLAG)


@dataclass(frozen=True, slots=True)
class Shown:
    """A proposal and what was answered; None: it waits."""

    proposal: Proposal
    answer: Answer | None

    @property
    def name(self) -> str:
        """The good as people call it."""
        return str(self.proposal.figures["name"])

    @property
    def days(self) -> list[dict[str, object]]:
        """The days that led to it."""
        return list(self.proposal.figures["days"])


def make_proposals(engine: Engine) -> int:
    """Write a proposal for each good and regency whose last whole days say so; how many are new.

    Called as often as one likes: a place and good is proposed again only after a quiet time.
    """
    last = engine.now().date() - timedelta(days=1)  # over in every time zone of the nation
    seen = attempts_of(engine, last - timedelta(days=DAYS_READ), last, None)
    groups: defaultdict[tuple[str, str], list[DayOfGood]] = defaultdict(list)
    for each in seen:
        groups[each.regency, each.sku].append(each)
    due = {key: days for key, days in groups.items() if _run(days, last)}
    if not due:
        return 0
    return engine.database.transact(lambda tx: _write(tx, engine, due, last))


def list_proposals(engine: Engine, region: str | None) -> list[Shown]:
    """The proposals of a region, the newest first."""
    with engine.database.read() as tx:
        return [Shown(*each) for each in ceiling_proposals.list_proposals(tx, region)]


def find_proposal(engine: Engine, proposal_id: str) -> Shown | None:
    """One proposal."""
    with engine.database.read() as tx:
        return _find(tx, proposal_id)


def accept(
    engine: Engine,
    act_id: str,
    proposal_id: str,
    officer: str,
    mode: Action,
    days: int,
    reason: str,
) -> Told | Refused:
    """Make a draft of a proposal: the ceiling stays, what is above it is capped or flagged.

    It needs the two signatures of every draft, and ends by itself.
    """
    if mode not in MODES:
        return Refused("mode", "CAP or FLAG")
    if not 1 <= days <= PROPOSAL_DAYS_MAX:
        return Refused("days", f"1 to {PROPOSAL_DAYS_MAX}")

    def work(tx: Tx) -> Told | Refused:
        found = _open(tx, engine, proposal_id, officer, reason)
        if isinstance(found, Refused):
            return found
        answer = found.answer
        if answer is not None and answer.draft_id != act_id:
            return Refused("answered", f"it was answered already: {answer.answer}")
        asked = _draft_of(tx, engine, found.proposal, mode, days, reason)
        if isinstance(asked, Refused):
            return asked
        made = draft_in(tx, engine, act_id, asked, officer)
        if isinstance(made, Told) and answer is None:
            _answer(tx, engine, found.proposal, ACCEPTED, reason, officer, made.draft.draft_id)
        return made

    return engine.database.transact(work)


def decline(engine: Engine, proposal_id: str, officer: str, reason: str) -> Shown | Refused:
    """Say why the ceiling stays as it is; the same again is the same answer."""

    def work(tx: Tx) -> Shown | Refused:
        found = _open(tx, engine, proposal_id, officer, reason)
        if isinstance(found, Refused):
            return found
        if found.answer is None:
            _answer(tx, engine, found.proposal, DECLINED, reason, officer, None)
            return _find(tx, proposal_id) or found
        if (found.answer.answer, found.answer.officer) == (DECLINED, officer):
            return found
        return Refused("answered", f"it was answered already: {found.answer.answer}")

    return engine.database.transact(work)


def _find(tx: Tx, proposal_id: str) -> Shown | None:
    rows = ceiling_proposals.list_proposals(tx, None, [proposal_id])
    return Shown(*rows[0]) if rows else None


def _open(tx: Tx, engine: Engine, proposal_id: str, officer: str, reason: str) -> Shown | Refused:
    found = _find(tx, proposal_id)
    if found is None:
        return Refused("proposal", f"no proposal {proposal_id}")
    place = found.proposal.regency
    refused = not_an_officer(tx, engine, officer, OFFICES, region=place, field="officer")
    if refused is not None:
        return refused
    if not (reason.strip() and reason.isprintable() and len(reason) <= REASON_LENGTH_MAX):
        return Refused("reason", f"1 to {REASON_LENGTH_MAX} characters on one line")
    return found


def _draft_of(
    tx: Tx, engine: Engine, found: Proposal, mode: Action, days: int, reason: str
) -> AskedDraft | Refused:
    catalogue = engine.catalogue(tx)
    first = catalogue.zones.local_day(found.regency, engine.now()) + timedelta(days=AHEAD_DAYS)
    ceiling = catalogue.price_book.ceiling(found.sku, found.regency, first)
    if ceiling is None:
        return Refused("proposal", f"{found.sku} has no ceiling in {found.regency} any more")
    return AskedDraft(
        kind=DraftKind.CEILING,
        target=found.sku,
        regulation=ceiling.regulation,
        reason=reason,
        valid_from=first,
        valid_to=first + timedelta(days=days - 1),
        scope="REGENCY",
        scope_code=found.regency,
        rupiah=ceiling.rupiah,
        action=mode,
        proposal_id=found.proposal_id,
    )


def _answer(
    tx: Tx,
    engine: Engine,
    found: Proposal,
    answer: str,
    reason: str,
    officer: str,
    draft_id: str | None,
) -> None:
    ceiling_proposals.add_answer(
        tx,
        Answer(
            proposal_id=found.proposal_id,
            regency=found.regency,
            sku=found.sku,
            answer=answer,
            reason=" ".join(reason.split()),
            draft_id=draft_id,
            officer=officer,
            at=engine.now(),
        ),
    )


def _run(days: Sequence[DayOfGood], last: date) -> tuple[date, ...]:
    return run_of({each.day: (each.attempts, each.refused) for each in days}, last)


def _write(tx: Tx, engine: Engine, due: dict[tuple[str, str], list[DayOfGood]], last: date) -> int:
    known = ceiling_proposals.proposals_since(tx, last - timedelta(days=QUIET_DAYS))
    fresh = {key: days for key, days in due.items() if key not in known}
    for (regency, sku), days in fresh.items():
        run = _run(days, last)
        told = [_day_told(each) for each in days]
        new = Proposal(
            proposal_id=f"{regency}:{sku}:{last}",
            regency=regency,
            sku=sku,
            first_day=run[0],
            last_day=last,
            figures={"name": days[-1].name, "days": told},
            made_at=engine.now(),
        )
        ceiling_proposals.add_proposal(tx, new)
    return len(fresh)


def _day_told(each: DayOfGood) -> dict[str, object]:
    return {
        "day": each.day.isoformat(),
        "attempts": each.attempts,
        "refused": each.refused,
        "share": round(each.refused / each.attempts, 4),
        "asked": each.asked,
        "ceiling": each.ceiling,
    }

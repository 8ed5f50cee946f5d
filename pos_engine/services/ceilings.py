"""Draft a ceiling or a ban, sign it by two people, take it back before its day; who and why."""

from dataclasses import asdict, dataclass, replace
from datetime import date
from typing import Any

from catalog.catalogue import Catalogue
from catalog.goods import PriceRule
from catalog.load import load_files
from catalog.policy import TARGET_KINDS
from catalog.price_book import SCOPES, Action, CeilingKind
from catalog.problems import CatalogueError
from catalog.zones import UnknownRegionError
from pos_engine.engine import Engine
from pos_engine.rules.ceilings import (
    AHEAD_DAYS_MAX,
    Act,
    ActKind,
    ActRefusal,
    DraftKind,
    DraftState,
    days_fit,
    next_state,
    state_of,
)
from pos_engine.rules.ids import parse_uuid7
from pos_engine.services.ceiling_files import (
    Signed,
    plain,
    put_in_force,
    signed_by,
    with_draft,
    without_draft,
)
from pos_engine.services.install import Refused
from pos_engine.services.officers import NATION, OFFICES, not_an_officer
from pos_engine.store import ceiling_drafts, installation, standing_people
from pos_engine.store.ceiling_drafts import ActRow, Draft
from pos_engine.store.database import Tx

EASTERNMOST = "94"  # where a day of the nation begins first (WIT)
WORDS_MAX = {"reason": 300, "regulation": 200, "note": 300}
RUPIAH_MAX = 10_000_000
NATIONAL = "NATIONAL"
PLACES = ("REGENCY", "PROVINCE")  # scopes with an office of their own
DATED_STATES = frozenset({DraftState.PUBLISHED, DraftState.WITHDRAWING})
REFUSALS = {
    ActRefusal.SAME_PERSON: "the second signature must be another person's",
    ActRefusal.DAY_HAS_COME: "its first day has come: make a new draft for a later day",
    ActRefusal.DONE_ALREADY: "this was done already",
    ActRefusal.WITHDRAWN: "it was taken back: make a new draft",
}


@dataclass(frozen=True, slots=True)
class AskedDraft:
    """What an officer asks for. A ban has neither place nor price."""

    kind: DraftKind
    target: str
    regulation: str
    reason: str
    valid_from: date
    valid_to: date | None = None
    target_kind: str = "GOOD"
    scope: str = NATIONAL
    scope_code: str = ""
    rupiah: int = 0
    action: Action = Action.DECLINE
    proposal_id: str | None = None

    @property
    def place(self) -> str | None:
        """The region whose officers may do it; None: the nation's alone."""
        return self.scope_code if self.scope in PLACES else None


@dataclass(frozen=True, slots=True)
class Told:
    """A draft with everything that was done with it, and its state on a day."""

    draft: Draft
    acts: tuple[ActRow, ...]
    state: DraftState
    in_force: bool


def draft(engine: Engine, act_id: str, asked: AskedDraft, officer: str) -> Told | Refused:
    """Keep a draft under the caller's id; the same again is the same answer."""
    return engine.database.transact(lambda tx: draft_in(tx, engine, act_id, asked, officer))


def draft_in(
    tx: Tx, engine: Engine, act_id: str, asked: AskedDraft, officer: str
) -> Told | Refused:
    """The same inside the caller's transaction."""
    name = parse_uuid7(act_id)
    if name is None:
        return Refused("act", "a UUIDv7 names the act")
    catalogue = engine.catalogue(tx)
    refused = _wrong_words(asked) or _wrong_place(asked) or _wrong_price(asked, catalogue)
    refused = refused or _not_allowed(tx, engine, officer, asked.place)
    if refused is not None:
        return refused
    new = _made(engine, catalogue, name, asked, officer)
    known = ceiling_drafts.find_draft(tx, name)
    if known is not None:
        same = replace(known, made_at=new.made_at) == new
        return told(tx, engine, known) if same else Refused("act", "this id was used already")
    if not days_fit(asked.valid_from, asked.valid_to, _today(engine, catalogue, asked.place)):
        message = f"tomorrow or later, at most {AHEAD_DAYS_MAX} days ahead, and not after valid_to"
        return Refused("valid_from", message)
    files = installation.catalogue_files(tx, catalogue.version)
    problem = _not_loadable(files, new, officer)
    if problem is not None:
        return problem
    ceiling_drafts.add_draft(tx, new)
    return told(tx, engine, new)


def sign(
    engine: Engine, act_id: str, draft_id: str, officer: str, note: str = ""
) -> Told | Refused:
    """Sign a draft. The second person puts it in force from its day: tills fetch the new book."""
    return _act(engine, Act(ActKind.SIGNED, officer), act_id, draft_id, note)


def withdraw(engine: Engine, act_id: str, draft_id: str, officer: str, note: str) -> Told | Refused:
    """Take a draft back before its day; one that tills have needs two people."""
    if not note.strip():
        return Refused("note", "say why")
    return _act(engine, Act(ActKind.WITHDRAWAL, officer), act_id, draft_id, note)


def list_drafts(engine: Engine, region: str | None) -> list[Told]:
    """What was drafted for a region and above it, the newest first, with who and why."""
    with engine.database.read() as tx:
        drafts = ceiling_drafts.list_drafts(tx, region)
        acts = ceiling_drafts.acts_of(tx, [each.draft_id for each in drafts])
        catalogue = engine.catalogue(tx)
        return [_told(engine, catalogue, each, acts.get(each.draft_id, [])) for each in drafts]


def find_draft(engine: Engine, draft_id: str) -> Told | None:
    """One draft; None when there is none."""
    with engine.database.read() as tx:
        found = ceiling_drafts.find_draft(tx, draft_id)
        return told(tx, engine, found) if found else None


def told(tx: Tx, engine: Engine, found: Draft) -> Told:
    """A draft with its acts."""
    acts = ceiling_drafts.acts_of(tx, [found.draft_id]).get(found.draft_id, [])
    return _told(engine, engine.catalogue(tx), found, acts)


def place_of(found: Draft) -> str | None:
    """The region whose officers may act on a draft; None: the nation's alone."""
    return found.scope_code if found.scope in PLACES else None


def shown(told: Told) -> dict[str, Any]:
    """A draft as JSON: what, where, until when, its state, and every act with who and why."""
    body = asdict(told.draft)
    for name in ("valid_from", "valid_to", "made_at"):
        body[name] = body[name].isoformat() if body[name] else None
    acts = [{**asdict(each), "at": each.at.isoformat()} for each in told.acts]
    place = told.draft.scope_code or told.draft.scope
    return body | {
        "place": place,
        "state": told.state.value,
        "in_force": told.in_force,
        "acts": acts,
    }


def place_written(place: str) -> tuple[str, str]:
    """The scope and its code of a place as a person writes it: 35.07, 35, Z1, 3TP, or nothing."""
    if not place:
        return NATIONAL, ""
    if place == "3TP":
        return "3TP", ""
    if place.startswith("Z"):
        return "ZONE", place
    return ("REGENCY" if "." in place else "PROVINCE"), place


def _told(engine: Engine, catalogue: Catalogue, found: Draft, acts: list[ActRow]) -> Told:
    state = state_of(plain(acts))
    today = _today(engine, catalogue, place_of(found))
    dated = found.valid_from <= today <= (found.valid_to or date.max)
    return Told(found, tuple(acts), state, in_force=dated and state in DATED_STATES)


def _act(engine: Engine, new: Act, act_id: str, draft_id: str, note: str) -> Told | Refused:
    name = parse_uuid7(act_id)
    if name is None:
        return Refused("act", "a UUIDv7 names the act")
    if len(note) > WORDS_MAX["note"] or not (note.isprintable() or not note):
        return Refused("note", f"at most {WORDS_MAX['note']} characters on one line")
    return engine.database.transact(lambda tx: _act_in(tx, engine, new, name, draft_id, note))


def _act_in(
    tx: Tx, engine: Engine, new: Act, name: str, draft_id: str, note: str
) -> Told | Refused:
    found = ceiling_drafts.find_draft(tx, draft_id)
    if found is None:
        return Refused("draft", f"no draft {draft_id}")
    known = ceiling_drafts.find_act(tx, name)
    if known is not None:
        same = (known.draft_id, known.kind, known.officer) == (draft_id, new.kind, new.officer)
        return told(tx, engine, found) if same else Refused("act", "this id was used already")
    refused = _not_allowed(tx, engine, new.officer, place_of(found))
    if refused is not None:
        return refused
    acts = ceiling_drafts.acts_of(tx, [draft_id]).get(draft_id, [])
    begun = found.valid_from <= _today(engine, engine.catalogue(tx), place_of(found))
    before = [_by_one(tx, each, new.officer) for each in plain(acts)]
    after = next_state(before, new, begun=begun, one_is_enough=engine.is_demo(tx))
    if isinstance(after, ActRefusal):
        return Refused(after.value.lower(), REFUSALS[after])
    row = ActRow(name, draft_id, len(acts), new.kind, new.officer, note, None, engine.now())
    try:
        version = _publish(tx, engine, found, [*acts, row], after)
    except CatalogueError as error:
        return Refused("catalogue", str(error.problems[0]))
    ceiling_drafts.add_act(tx, replace(row, version=version))
    return told(tx, engine, found)


def _by_one(tx: Tx, act: Act, officer: str) -> Act:
    """An act of the same person under another account is hers."""
    same = standing_people.same_person(tx, act.officer, officer)
    return replace(act, officer=officer) if same else act


def _publish(
    tx: Tx, engine: Engine, found: Draft, acts: list[ActRow], after: DraftState
) -> str | None:
    """The catalogue that an act puts in force; None when it changes nothing for tills."""
    had = any(each.version for each in acts)
    if after is not DraftState.PUBLISHED and not (after is DraftState.WITHDRAWN and had):
        return None
    base = engine.catalogue(tx).version
    files = installation.catalogue_files(tx, base)
    if after is DraftState.PUBLISHED:
        changed = with_draft(files, found, signed_by(acts))
    else:
        changed = without_draft(files, found)
    return put_in_force(tx, base, changed, acts[-1])


def _made(
    engine: Engine, catalogue: Catalogue, name: str, asked: AskedDraft, officer: str
) -> Draft:
    a_ban = asked.kind is DraftKind.BAN
    good = None if a_ban else catalogue.goods[asked.target]
    return Draft(
        draft_id=name,
        kind=asked.kind.value,
        target_kind=asked.target_kind,
        target=asked.target,
        ceiling_kind="" if good is None else _kind_of(good.price_rule, asked.scope).value,
        scope=asked.scope,
        scope_code=asked.scope_code,
        unit="" if good is None else good.base_unit,
        rupiah=asked.rupiah,
        action="" if a_ban else asked.action.value,
        valid_from=asked.valid_from,
        valid_to=asked.valid_to,
        regulation=asked.regulation.strip(),
        reason=" ".join(asked.reason.split()),
        proposal_id=asked.proposal_id,
        made_by=officer,
        made_at=engine.now(),
    )


def _kind_of(rule: PriceRule, scope: str) -> CeilingKind:
    """What a ceiling of this good at this place is: the law's, a reference, or the place's own."""
    if rule is PriceRule.HET:
        return CeilingKind.HET
    own = rule is PriceRule.LOCAL or scope in PLACES
    return CeilingKind.LOCAL if own else CeilingKind.HAP


def _not_allowed(tx: Tx, engine: Engine, officer: str, place: str | None) -> Refused | None:
    roles = NATION if place is None else OFFICES
    return not_an_officer(tx, engine, officer, roles, region=place, field="officer")


def _wrong_words(asked: AskedDraft) -> Refused | None:
    for name in ("reason", "regulation"):
        text: str = getattr(asked, name)
        if not (text.strip() and text.isprintable() and len(text) <= WORDS_MAX[name]):
            return Refused(name, f"1 to {WORDS_MAX[name]} characters on one line")
    return None


def _wrong_place(asked: AskedDraft) -> Refused | None:
    if asked.scope not in SCOPES:
        return Refused("scope", f"one of {', '.join(SCOPES)}")
    if asked.kind is DraftKind.BAN and (asked.scope != NATIONAL or asked.scope_code):
        return Refused("scope", "a ban holds in every place")
    if asked.kind is DraftKind.BAN and asked.target_kind not in TARGET_KINDS:
        return Refused("target_kind", f"one of {', '.join(TARGET_KINDS)}")
    return None


def _wrong_price(asked: AskedDraft, catalogue: Catalogue) -> Refused | None:
    if asked.kind is DraftKind.BAN:
        return None
    good = catalogue.goods.get(asked.target)
    if good is None or asked.target_kind != "GOOD":
        return Refused("target", f"no good {asked.target}")
    if good.price_rule is PriceRule.NONE:
        return Refused("target", f"{good.sku} has a market price and takes no ceiling")
    if not 0 < asked.rupiah <= RUPIAH_MAX:
        return Refused("rupiah", f"1 to {RUPIAH_MAX} for one {good.base_unit}")
    return None


def _not_loadable(files: dict[str, bytes], new: Draft, officer: str) -> Refused | None:
    """What the catalogue would say against it; told when it is drafted, not when it is signed."""
    signed = Signed((officer, "second"), new.made_at.date())
    try:
        load_files(with_draft(files, new, signed))
    except CatalogueError as error:
        return Refused("catalogue", str(error.problems[0]))
    return None


def _today(engine: Engine, catalogue: Catalogue, place: str | None) -> date:
    """The local day of a place; of the nation the day that begins first."""
    try:
        return catalogue.zones.local_day(place or EASTERNMOST, engine.now())
    except UnknownRegionError:
        return catalogue.zones.local_day(EASTERNMOST, engine.now())

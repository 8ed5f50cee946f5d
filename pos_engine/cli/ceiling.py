"""Commands of new ceilings and bans: draft, preview, sign, withdraw, list, proposals."""

from contextlib import closing
from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Any

import typer

from catalog.price_book import Action
from pos_engine.cli.out import WRONG_USE, console, fail, say_json, say_table
from pos_engine.engine import Engine, open_engine
from pos_engine.rules.ceilings import PROPOSAL_DAYS_MAX, DraftKind
from pos_engine.rules.ids import new_uuid7
from pos_engine.services import ceiling_preview, ceiling_proposals, ceilings
from pos_engine.services.ceilings import AskedDraft, Told, place_written, shown
from pos_engine.services.install import Refused

app = typer.Typer(help="New price ceilings and bans, signed by two people.", no_args_is_help=True)
Officer = Annotated[str, typer.Option("--officer", help="Staff id; a demo takes any name.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
DraftId = Annotated[str, typer.Argument(help="The draft's id.")]
Note = Annotated[str, typer.Option("--note", help="Why; kept with the act.")]


def add_to(group: typer.Typer) -> None:
    """Register the commands."""
    group.add_typer(app, name="ceiling")


@app.command("draft")
def draft(
    target: Annotated[str, typer.Argument(help="Code of the good; of a ban what --ban says.")],
    *,
    officer: Officer,
    regulation: Annotated[str, typer.Option(help="Where it stands: the decree's number.")],
    reason: Annotated[str, typer.Option(help="Why.")],
    first: Annotated[
        datetime, typer.Option("--from", formats=["%Y-%m-%d"], help="First local day in force.")
    ],
    last: Annotated[
        datetime | None, typer.Option("--to", formats=["%Y-%m-%d"], help="Last day; none: lasting.")
    ] = None,
    rupiah: Annotated[int, typer.Option(help="Ceiling of one base unit, rupiah.")] = 0,
    place: Annotated[
        str, typer.Option(help="PP.RR, PP, Z1, Z2, Z3 or 3TP; without one the nation.")
    ] = "",
    mode: Annotated[
        str, typer.Option(help="DECLINE, CAP (pay the ceiling alone) or FLAG.")
    ] = Action.DECLINE.value,
    ban: Annotated[str, typer.Option(help="Ban a GOOD, CATEGORY, GROUP or GTIN instead.")] = "",
    as_json: AsJson = False,
) -> None:
    """Draft a ceiling or a ban; nothing changes before two people signed it and its day came."""
    if mode not in set(Action):
        fail(f"--mode is one of {', '.join(Action)}.", WRONG_USE)
    scope, code = place_written(place)
    asked = AskedDraft(
        kind=DraftKind.BAN if ban else DraftKind.CEILING,
        target=target,
        regulation=regulation,
        reason=reason,
        valid_from=first.date(),
        valid_to=last.date() if last else None,
        target_kind=ban or "GOOD",
        scope=scope,
        scope_code=code,
        rupiah=0 if ban else rupiah,
        action=Action(mode),
    )
    with closing(_opened()) as engine:
        made = _kept(ceilings.draft(engine, new_uuid7(engine.now()), asked, officer))
        found = ceiling_preview.preview(engine, made.draft.draft_id)
    _say(made, as_json=as_json)
    if not as_json:
        console.print(found.sentence if found else "", soft_wrap=True)
        command = f"ewarong ceiling sign {made.draft.draft_id} --officer ID"
        console.print(f"Next, two people: {command}", soft_wrap=True)


@app.command("preview")
def preview(draft_id: DraftId, *, as_json: AsJson = False) -> None:
    """What a draft would have done to the purchases of the last 30 days, by regency."""
    with closing(_opened()) as engine:
        found = ceiling_preview.preview(engine, draft_id)
    if found is None:
        fail(f"no draft {draft_id}")
    rows = [asdict(each) | {"share": round(each.share, 4)} for each in found.regencies]
    if as_json:
        told = {"first": f"{found.first}", "last": f"{found.last}", "share": round(found.share, 4)}
        say_json(told | {"sentence": found.sentence, "regencies": rows})
        return
    console.print(found.sentence, soft_wrap=True)
    columns = ("regency", "lines", "lawful_now", "newly_refused", "share", "newly_paid", "capped")
    say_table(columns, [[row[name] for name in columns] for row in rows])


@app.command("sign")
def sign(draft_id: DraftId, officer: Officer, note: Note = "", *, as_json: AsJson = False) -> None:
    """Sign a draft. The second person's signature publishes it to the tills."""
    with closing(_opened()) as engine:
        done = ceilings.sign(engine, new_uuid7(engine.now()), draft_id, officer, note)
    _say(_kept(done), as_json=as_json)


@app.command("withdraw")
def withdraw(draft_id: DraftId, officer: Officer, note: Note, *, as_json: AsJson = False) -> None:
    """Take a draft back before its day: a new act; a published one needs two people."""
    with closing(_opened()) as engine:
        done = ceilings.withdraw(engine, new_uuid7(engine.now()), draft_id, officer, note)
    _say(_kept(done), as_json=as_json)


@app.command("list")
def list_drafts(
    region: Annotated[str, typer.Option(help="What concerns this place: 35.07.")] = "",
    *,
    as_json: AsJson = False,
) -> None:
    """List drafts with their state, who signed and why, the newest first."""
    with closing(_opened()) as engine:
        found = ceilings.list_drafts(engine, region or None)
    rows = [shown(each) for each in found]
    if as_json:
        say_json(rows)
        return
    columns = ("draft_id", "state", "target", "place", "rupiah", "action", "valid_from", "valid_to")
    cells = [[*(row[name] for name in columns), _people(row)] for row in rows]
    say_table((*columns, "who"), cells)


@app.command("proposals")
def proposals(
    region: Annotated[str, typer.Option(help="Of this place: 35.07.")] = "",
    *,
    look: Annotated[
        bool, typer.Option("--look", help="Look at the days until yesterday first.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """List where too many asked prices were refused for three days, and what was answered."""
    with closing(_opened()) as engine:
        if look:
            ceiling_proposals.make_proposals(engine)
        found = ceiling_proposals.list_proposals(engine, region or None)
    rows = [
        {
            "proposal_id": each.proposal.proposal_id,
            "regency": each.proposal.regency,
            "good": each.name,
            "last_day": each.proposal.last_day.isoformat(),
            "share": each.days[-1]["share"],
            "asked": each.days[-1]["asked"],
            "ceiling": each.days[-1]["ceiling"],
            "answer": each.answer.answer if each.answer else "",
        }
        for each in found
    ]
    if as_json:
        say_json(rows)
    else:
        names = ("proposal_id", "good", "share", "asked", "ceiling", "answer")
        say_table(names, [[row[name] for name in names] for row in rows])


@app.command("answer")
def answer(
    proposal_id: Annotated[str, typer.Argument(help="The proposal's id.")],
    officer: Officer,
    reason: Annotated[str, typer.Option(help="Why.")],
    mode: Annotated[str, typer.Option(help="CAP or FLAG accepts it; nothing declines it.")] = "",
    days: Annotated[int, typer.Option(help="For how many days.")] = PROPOSAL_DAYS_MAX,
    *,
    as_json: AsJson = False,
) -> None:
    """Accept a proposal as a draft that two people sign, or decline it with a reason."""
    if mode and mode not in set(Action):
        fail("--mode is CAP or FLAG.", WRONG_USE)
    with closing(_opened()) as engine:
        if mode:
            act = new_uuid7(engine.now())
            made = ceiling_proposals.accept(
                engine, act, proposal_id, officer, Action(mode), days, reason
            )
            _say(_kept(made), as_json=as_json)
            return
        done = ceiling_proposals.decline(engine, proposal_id, officer, reason)
    if isinstance(done, Refused):
        fail(f"{done.field}: {done.message}")
    console.print(f"{proposal_id}: declined.")


def _people(row: dict[str, Any]) -> str:
    return ", ".join(f"{each['kind']} {each['officer']}" for each in row["acts"])


def _opened() -> Engine:
    return open_engine(faces=False, several=True)


def _kept(made: Told | Refused) -> Told:
    if isinstance(made, Refused):
        fail(f"{made.field}: {made.message}")
    return made


def _say(told: Told, *, as_json: bool) -> None:
    if as_json:
        say_json(shown(told))
        return
    row = shown(told)
    console.print(
        f"{row['draft_id']} {row['state']}: {row['target']} {row['place']} {row['rupiah'] or ''} "
        f"{row['action']} from {row['valid_from']} to {row['valid_to'] or 'further notice'}",
        soft_wrap=True,
    )

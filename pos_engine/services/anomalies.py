"""Run the rules of what looks wrong over a month: one case for each rule, subject and month.

Twice is once: the same month again changes nothing but cases that are still open. The machine stops
a face or an officer and nothing else; no family is refused food because of a shop's score.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.compute as pc

from pos_engine.engine import Engine
from pos_engine.lake.anomalies import (
    FACE,
    NATIONAL,
    OFFICER,
    SHOP,
    Given,
    Proof,
    Rule,
    load_rules,
    measure_nation,
    measure_shops,
    month_before,
    month_of,
    prepared,
    proofs,
    provinces_of,
)
from pos_engine.lake.anomaly_judge import MONTHS, Judged, judge, keep_measures, kept_measures
from pos_engine.lake.state import State, load_state
from pos_engine.rules.anomaly_case import CaseStatus, case_name
from pos_engine.services.anomaly_stops import FACES_STOPPED_MAX, stop_faces, stop_officer
from pos_engine.services.anomaly_words import sentence_of
from pos_engine.services.lake_reports import NeedsLakeError
from pos_engine.services.lake_rows import PURPOSE
from pos_engine.store import anomalies, anomaly_facts, families, remote_shops, shops
from pos_engine.store.anomalies import Case, Run
from pos_engine.store.anomaly_facts import Alike
from pos_engine.store.database import Tx

CASES_OF_A_RULE_MAX = 400  # of a month: what nobody can look at is no list; the run says how many
CASES_WRITTEN_AT_ONCE = 50
MEASURES = "anomalies"  # beside the lake: what was measured of each month
WIB = ZoneInfo("Asia/Jakarta")
Tell = Callable[[str], None]
_Subject = tuple[str, str, str]  # rule, kind, id


@dataclass(frozen=True, slots=True)
class Ran:
    """What a run did. `opened` of the cases are new; `stopped` faces and officers."""

    period: str
    shops: int
    months: int
    found: int
    opened: int
    left_out: int
    stopped: int


@dataclass(slots=True)
class _Beside:
    """What the rules need of the database, and whom an alike pair of faces means."""

    given: Given
    pairs: dict[str, Alike]


def run_month(engine: Engine, period: str, tell: Tell = lambda _text: None) -> Ran:
    """Measure, judge, open cases. `ValueError`: no month; `NeedsLakeError`: there is no lake."""
    month_of(period)
    lake = engine.lake
    state = load_state(lake) if lake is not None and lake.is_dir() else State()
    if lake is None or not state.number:
        raise NeedsLakeError("The rules read the event lake: run `ewarong lake write` first.")
    version, rules = load_rules()
    place = lake.parent / MEASURES
    place.mkdir(parents=True, exist_ok=True)
    beside = {period: _beside(engine, period)}
    months: dict[str, pa.Table] = {}
    for month in _months(state, period):
        kept = None if month == period else kept_measures(place, month, version)
        if kept is None:
            beside.setdefault(month, _beside(engine, month))
            kept = measure_month(lake, state, month, rules, beside[month].given, tell)
            keep_measures(place, month, version, kept)
        months[month] = kept
    if period not in months:
        return _done(engine, Ran(period, 0, 0, 0, 0, 0, 0))
    tell(f"{period}: comparing")
    found, left_out = _worst(judge(list(rules.values()), months))
    shown = dict(_shown(lake, state, period, rules, beside[period].given, months[period], found))
    written = _write(engine, period, rules, beside[period], found, shown)
    own = months[period]
    shop_ids = own.filter(pc.equal(own["kind"], SHOP))["subject_id"]
    return _done(
        engine,
        Ran(period, len(shop_ids.unique()), len(months), len(found), written[0], left_out,
            written[1]),
    )  # fmt: skip


def _done(engine: Engine, ran: Ran) -> Ran:
    now = engine.now()
    kept = Run(ran.period, now, ran.shops, ran.months, ran.found, ran.left_out)
    engine.database.transact(lambda tx: anomalies.keep_run(tx, kept))
    return ran


def _months(state: State, period: str) -> list[str]:
    """This month and those before it, as far back as the lake goes without a hole."""
    found: list[str] = []
    month = period
    while len(found) < MONTHS and provinces_of(state, month):
        found.append(month)
        month = month_before(month)
    return found


def measure_month(
    lake: Path, state: State, month: str, rules: dict[str, Rule], given: Given, tell: Tell
) -> pa.Table:
    """Every rule over every shop of a month, a province at a time."""
    tables = []
    for province in provinces_of(state, month):
        tell(f"{month}: province {province}")
        with prepared(lake, state, month, province, given) as snapshot:
            tables += [measure_shops(snapshot, rule) for rule in rules.values()]
            tables += [measure_nation(snapshot, name) for name in NATIONAL]
    return pa.concat_tables(tables)


def _beside(engine: Engine, period: str) -> _Beside:
    """What stands in the databases alone, under the lake's pseudonyms."""
    names = engine.keys.pseudonyms(PURPOSE)
    first, last = month_of(period)
    span = (
        datetime.combine(first, time(), UTC),
        datetime.combine(last, time(), UTC) + timedelta(days=1),
    )
    changes, cards, pairs = [], [], {}
    for view in engine.each_database():
        with view.database.read() as tx:
            for each in anomaly_facts.changes(tx, *span):
                local = each.at.astimezone(WIB).replace(tzinfo=None)
                row = (names.of(each.kpm_id), each.what, local, each.officer, each.replaces)
                changes.append(row)
            cards += anomaly_facts.card_notes(tx, first, last)
            for pair in anomaly_facts.alike(tx, engine.thresholds.identify_accept):
                pairs[f"{pair.enrolment_id}-{pair.number}"] = pair
    with (engine.reference or engine.database).read() as tx:
        remote = sorted(remote_shops.remote_now(tx))
    faces = [
        (name, names.of(pair.kpm_id), names.of(pair.other_kpm_id)) for name, pair in pairs.items()
    ]
    return _Beside(Given(remote, cards, changes, faces), pairs)


def _worst(judged: Iterable[Judged]) -> tuple[list[Judged], int]:
    """Of each rule the worst ones, and how many more there are."""
    of_rule: dict[str, list[Judged]] = defaultdict(list)
    for each in judged:
        if each.found:
            of_rule[each.rule].append(each)
    kept: list[Judged] = []
    left_out = 0
    for own in of_rule.values():
        own.sort(key=lambda each: (-each.score, each.subject_id))
        kept += own[:CASES_OF_A_RULE_MAX]
        left_out += max(0, len(own) - CASES_OF_A_RULE_MAX)
    return kept, left_out


def _shown(
    lake: Path,
    state: State,
    period: str,
    rules: dict[str, Rule],
    given: Given,
    measured: pa.Table,
    found: list[Judged],
) -> Iterator[tuple[_Subject, list[Proof]]]:
    """The rows behind each case, province by province."""
    wanted = {(each.rule, each.kind, each.subject_id) for each in found}
    columns = ("rule", "kind", "subject_id", "province")
    places: dict[str, list[_Subject]] = defaultdict(list)
    for rule, kind, subject_id, province in zip(
        *(measured[name].to_pylist() for name in columns), strict=True
    ):
        if (rule, kind, subject_id) in wanted:
            places[province].append((rule, kind, subject_id))
    for province, subjects in sorted(places.items()):
        with prepared(lake, state, period, province, given) as snapshot:
            for subject in subjects:
                name, kind, subject_id = subject
                yield subject, proofs(snapshot, rules[name], kind, subject_id)


def _write(
    engine: Engine,
    period: str,
    rules: dict[str, Rule],
    beside: _Beside,
    found: list[Judged],
    shown: dict[_Subject, list[Proof]],
) -> tuple[int, int]:
    """Cases in a few transactions; how many are new, and how many faces and officers stopped."""
    opened = stopped = 0
    for at in range(0, len(found), CASES_WRITTEN_AT_ONCE):
        some = found[at : at + CASES_WRITTEN_AT_ONCE]
        new = engine.database.transact(
            lambda tx, some=some: _keep(tx, engine, period, rules, beside, some, shown)  # type: ignore[misc]
        )
        opened += len(new)
        for case in new:
            stopped += _stop(engine, case, beside, stopped)
    return opened, stopped


def _keep(
    tx: Tx,
    engine: Engine,
    period: str,
    rules: dict[str, Rule],
    beside: _Beside,
    some: Iterable[Judged],
    shown: dict[_Subject, list[Proof]],
) -> list[Case]:
    new = []
    for each in some:
        rows = shown.get((each.rule, each.kind, each.subject_id), [])
        case = _case(tx, engine, period, rules[each.rule], each, beside, rows)
        if anomalies.find_case(tx, case.case_id) is None:
            new.append(case)
        anomalies.keep_found(tx, case)
    return new


def _case(
    tx: Tx,
    engine: Engine,
    period: str,
    rule: Rule,
    each: Judged,
    beside: _Beside,
    rows: list[Proof],
) -> Case:
    now = engine.now()
    return Case(
        case_id=case_name(each.rule, each.kind, each.subject_id, period),
        rule=each.rule,
        subject_kind=each.kind,
        subject_id=each.subject_id,
        period=period,
        region=_region(tx, each, beside),
        status=CaseStatus.OPEN,
        score=round(each.score, 3),
        counted=each.k,
        looked_at=each.n,
        value=round(each.value, 6),
        bound=round(each.bound, 6),
        peers_middle=round(each.middle, 6),
        peers=each.peers,
        peers_of=each.peers_of,
        sentence=sentence_of(rule, each),
        evidence=[asdict(row) for row in rows],
        opened_at=now,
        seen_at=now,
    )


def _region(tx: Tx, each: Judged, beside: _Beside) -> str:
    """Whose officers look at it."""
    if each.kind == OFFICER:
        staff = shops.find_staff(tx, each.subject_id)
        return staff.region or "" if staff else ""
    if each.kind == FACE:
        pair = beside.pairs.get(each.subject_id)
        family = families.find_family(tx, pair.kpm_id) if pair else None
        return family.region if family else ""
    return each.region


def _stop(engine: Engine, case: Case, beside: _Beside, stopped: int) -> int:
    """A new case of faces or of an officer stops these; a bounded number of faces in a run."""
    if case.subject_kind == OFFICER:
        return int(stop_officer(engine, case))
    pair = beside.pairs.get(case.subject_id)
    if case.subject_kind != FACE or pair is None or stopped >= FACES_STOPPED_MAX:
        return 0
    return stop_faces(engine, case, pair)

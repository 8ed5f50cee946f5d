"""Kejanggalan: what looks wrong, ranked; one case with its evidence, and what officers do."""

from dataclasses import asdict
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Form, Path, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from pos_engine.engine import Engine
from pos_engine.lake.anomalies import Rule, load_rules
from pos_engine.rules.anomaly_case import Act, ActReason, CaseStatus, acts_for
from pos_engine.rules.ids import parse_uuid7
from pos_engine.services import anomaly_cases
from pos_engine.services.anomaly_cases import DECIDERS, Overview, Told
from pos_engine.services.anomaly_words import ACTS, DONE, REFUSED, STATUS, SUBJECT, share
from pos_engine.services.sessions import Session
from pos_engine.store.anomalies import Case, Wanted
from pos_engine.web.auth import EngineHere
from pos_engine.web.office import Span, log_in_first, new_act, reader, show, span_of
from pos_engine.web.office_cells import number
from pos_engine.web.office_places import place_name
from pos_engine.web.pictures_bars import Bar, bars
from pos_engine.web.pictures_dots import Dot, Strip, strips

PATH = "/kemensos/kejanggalan"
router = APIRouter(prefix=PATH, include_in_schema=False)
CASES_SHOWN = 200
WAITING = "WAITING"  # of the filter: everything that is not closed
CASE_ID = r"^[0-9a-f]{32}$"
CaseId = Annotated[str, Path(pattern=CASE_ID)]
FILTER = {
    WAITING: "Belum ditutup",
    **{each.value: STATUS[each] for each in CaseStatus},
    "": "Semua",
}


@router.get("", response_class=HTMLResponse)
def page(request: Request, engine: EngineHere) -> Response:
    """The cases of the months that the days touch, the strangest first."""
    session = reader(request, engine)
    if session is None:
        return log_in_first()
    span = span_of(request, engine, session)
    _, rules = load_rules()
    state, rule = _chosen(request, rules)
    found = anomaly_cases.overview(engine, _wanted(span, state, rule))
    reading = _reading(found, span)
    return show(
        request,
        session,
        "office_anomalies.html",
        span=span,
        rows=[_row(each, found, rules) for each in found.cases[:CASES_SHOWN]],
        cases=len(found.cases),
        reading=reading,
        picture=strips("jg", "Kasus menurut aturan", reading, _strips(found, rules)),
        waiting=sum(found.counts.values()) - found.counts.get(CaseStatus.CLOSED.value, 0),
        run=next(iter(found.runs), None),
        states=FILTER,
        state=state,
        rules={name: each.title for name, each in rules.items()},
        rule=rule,
    )


def _chosen(request: Request, rules: dict[str, Rule]) -> tuple[str, str]:
    """What the filter asks for; what it does not know is not asked."""
    state = request.query_params.get("keadaan", WAITING)
    rule = request.query_params.get("aturan", "")
    return state if state in FILTER else WAITING, rule if rule in rules else ""


def _wanted(span: Span, state: str, rule: str) -> Wanted:
    statuses: tuple[CaseStatus, ...] = ()
    if state == WAITING:
        statuses = tuple(each for each in CaseStatus if each is not CaseStatus.CLOSED)
    elif state:
        statuses = (CaseStatus(state),)
    months = (f"{span.first:%Y-%m}", f"{span.last:%Y-%m}")
    return Wanted(span.scope.region, *months, statuses=statuses, rule=rule)


def _reading(found: Overview, span: Span) -> str:
    if not found.cases:
        return f"Tidak ada kasus di {span.place} pada bulan-bulan ini."
    first = found.cases[0]
    name = found.names.get(first.subject_id) or SUBJECT.get(first.subject_kind, "")
    return (
        f"{number(len(found.cases))} kasus di {span.place}. Yang paling jauh dari sekitarnya: "
        f"{name}. Kasus adalah pertanyaan, bukan tuduhan: belanja keluarga tidak pernah ditolak "
        "karena kasus warung."
    )


def _strips(found: Overview, rules: dict[str, Rule]) -> list[Strip]:
    """The rules with most cases first."""
    rows = []
    for name, rule in rules.items():
        own = [each for each in found.cases if each.rule == name]
        dots = [
            Dot(
                found.names.get(each.subject_id, ""),
                each.score,
                each.status is not CaseStatus.CLOSED,
            )
            for each in own
        ]
        rows.append(Strip(rule.title, dots))
    return sorted(rows, key=lambda each: -len(each.dots))


def _row(case: Case, found: Overview, rules: dict[str, Rule]) -> dict[str, Any]:
    return {
        "case_id": case.case_id,
        "name": found.names.get(case.subject_id) or SUBJECT.get(case.subject_kind, ""),
        "place": place_name(case.region) if case.region else "-",
        "title": rules[case.rule].title if case.rule in rules else case.rule,
        "period": case.period,
        "status": STATUS[case.status],
        "score": number(round(case.score, 1)),
        "sentence": case.sentence,
    }


@router.get("/{case_id}", response_class=HTMLResponse)
def one(request: Request, engine: EngineHere, case_id: CaseId) -> Response:
    """One case: what was counted, against whom, the rows, the steps, what may be done."""
    session = reader(request, engine)
    if session is None:
        return log_in_first()
    return _one(request, engine, session, case_id, "")


@router.post("/{case_id}", response_class=HTMLResponse)
def do(
    request: Request,
    engine: EngineHere,
    case_id: CaseId,
    act: Annotated[str, Form(max_length=64)],
    what: Annotated[Act, Form()],
    note: Annotated[str, Form(max_length=2_000)] = "",
) -> Response:
    """Ask, explain, confirm, close or open again; sent twice it is done once."""
    session = reader(request, engine)
    if session is None:
        return log_in_first()
    act_id = parse_uuid7(act)
    if act_id is None:
        return _one(request, engine, session, case_id, REFUSED[ActReason.WRONG_STATUS])
    done = anomaly_cases.act(engine, session, case_id, act_id, what, note)
    if isinstance(done, ActReason):
        return _one(request, engine, session, case_id, REFUSED[done])
    return RedirectResponse(f"{PATH}/{case_id}", HTTPStatus.SEE_OTHER)


def _one(request: Request, engine: Engine, session: Session, case_id: str, error: str) -> Response:
    told = anomaly_cases.told(engine, session, case_id)
    if told is None:
        return RedirectResponse(PATH, HTTPStatus.SEE_OTHER)
    _, rules = load_rules()
    case = told.case
    rule = rules.get(case.rule)
    may = acts_for(case.status, answers_of_shop=False) if session.role in DECIDERS else []
    return show(
        request,
        session,
        "office_anomaly.html",
        HTTPStatus.CONFLICT if error else HTTPStatus.OK,
        case=case,
        name=told.name or SUBJECT.get(case.subject_kind, ""),
        kind=SUBJECT.get(case.subject_kind, ""),
        title=rule.title if rule else case.rule,
        status=STATUS[case.status],
        place=place_name(case.region) if case.region else "-",
        picture=_compared(case),
        columns={
            "moment": "Waktu setempat", "number": "Nomor struk", "method": "Bukti diri",
            "amount": "Jumlah", "note": "Mengapa", "name": "Nomor belanja",
        },
        evidence=_evidence(case),
        steps=_steps(told),
        stops=told.stops,
        acts={each.value: ACTS[each] for each in may},
        act=new_act(engine),
        error=error,
    )  # fmt: skip


def _compared(case: Case) -> str:
    """The value beside its neighbours and the bound."""
    rows = [Bar("Di sini", case.value, share(case.value), bad=True)]
    if case.peers:
        place = f"Sekitar ({number(case.peers)} warung)"
        rows.append(Bar(place, case.peers_middle, share(case.peers_middle)))
    rows.append(Bar("Ditanyakan mulai dari", case.bound, share(case.bound)))
    return bars("jk", "Dibandingkan dengan sekitar", case.sentence, rows)


def _evidence(case: Case) -> list[dict[str, Any]]:
    rows = []
    for each in case.evidence:
        row = dict(each)
        rows.append(row | {"moment": row.get("at", ""), "name": row.get("id", "")})
    return rows


def _steps(told: Told) -> list[dict[str, Any]]:
    return [
        asdict(each) | {"done": DONE[Act(each.kind)], "number": each.number} for each in told.steps
    ]

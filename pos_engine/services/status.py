"""Cek bansos: is this name of this village on the list, and was it paid. No numbers, no address."""

import secrets
from dataclasses import dataclass
from datetime import timedelta

from pos_engine.engine import Engine
from pos_engine.rules.ids import new_uuid7
from pos_engine.rules.look_alikes import name_key
from pos_engine.rules.question import DRAWS, make_question, plain_answer
from pos_engine.store import ledger, registry_rows
from pos_engine.store.families import ACTIVE

PURPOSE = "cek"
QUESTION_LIFE = timedelta(minutes=10)
FAMILIES_SHOWN_MAX = 5
PERIODS_SHOWN_MAX = 6
NAME_LENGTH_MIN = 3


@dataclass(frozen=True, slots=True)
class Asked:
    """A question and the signed token by which its answer is known again."""

    text: str
    token: str


@dataclass(frozen=True, slots=True)
class Standing:
    """What may be said of a family: is it on the list, is it looked into, what was paid."""

    active: bool
    periods: tuple[tuple[str, str], ...]  # programme and period that were credited


def ask(engine: Engine) -> Asked:
    """A fresh question; nothing is stored."""
    question = make_question([secrets.randbelow(1 << 30) for _ in range(DRAWS)])
    question_id = new_uuid7(engine.now())
    claims: dict[str, object] = {
        "purpose": PURPOSE,
        "id": question_id,
        "answer": engine.keys.code_verifier(question_id, question.answer).hex(),
        "until": (engine.now() + QUESTION_LIFE).timestamp(),
    }
    return Asked(question.text, engine.keys.issue(claims))


def answered(engine: Engine, token: str, answer: str) -> str | None:
    """The id of a question that is answered rightly and in time; it is good for one look-up."""
    claims = engine.keys.read(token, PURPOSE)
    if claims is None:
        return None
    question_id, wanted, until = claims.get("id"), claims.get("answer"), claims.get("until")
    if not (isinstance(question_id, str) and isinstance(wanted, str)):
        return None
    if not isinstance(until, float) or engine.now().timestamp() > until:
        return None
    given = engine.keys.code_verifier(question_id, plain_answer(answer)).hex()
    return question_id if secrets.compare_digest(given, wanted) else None


def look_up(engine: Engine, region: str, name: str) -> list[Standing]:
    """The families of a village whose PENGURUS is called so, in any spelling of the same name."""
    wanted = name_key(name)
    if len(wanted) < NAME_LENGTH_MIN:
        return []
    with engine.database.read() as tx:
        heads = registry_rows.heads_of(tx, region)
        found = [head for head in heads if name_key(head.name) == wanted]
        return [
            Standing(
                head.status == ACTIVE,
                tuple(
                    (tranche.programme, tranche.period)
                    for tranche in sorted(
                        ledger.tranches_of(tx, head.kpm_id, lock=False),
                        key=lambda each: each.period,
                        reverse=True,
                    )[:PERIODS_SHOWN_MAX]
                ),
            )
            for head in found[:FAMILIES_SHOWN_MAX]
        ]

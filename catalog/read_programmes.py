"""programmes.csv: the programmes whose money may be credited, and the policy of each."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from catalog.csv_table import Columns, Row
from catalog.programmes import (
    CUSTODIAN_LENGTH_MAX,
    ENGINE,
    IN_FORCE,
    PROGRAMME_CODE_LENGTH_MAX,
    Programme,
)
from catalog.read_goods import CODE
from catalog.trust import CONFIDENCES, may_refuse

PROGRAMMES_FILE = "programmes.csv"
PROGRAMME_COLUMNS = Columns(
    ("programme", "title", "policy_id", "custodian", "source", "confidence"),
    ("signed_by", "comment"),
)


def read_programmes(rows: list[Row], is_policy: Callable[[str], bool]) -> Mapping[str, Programme]:
    """Return the programmes by their code; `is_policy` knows the ids of broken rows too."""
    found: dict[str, Programme] = {}
    for row in rows:
        programme = _programme(row, is_policy)
        if programme.code in found:
            row.wrong("programme", f"{programme.code} stands twice")
        found.setdefault(programme.code, programme)
    return MappingProxyType(found)


def _programme(row: Row, is_policy: Callable[[str], bool]) -> Programme:
    confidence = row.one_of("confidence", CONFIDENCES)
    return Programme(
        code=_code(row),
        title=row.text("title"),
        policy_id=_policy_id(row, is_policy, confidence),
        custodian=_custodian(row),
        source=row.text("source"),
        confidence=confidence,
        refuses=may_refuse(row, confidence),
    )


def _code(row: Row) -> str:
    code = row.text("programme")
    if code and not (CODE.fullmatch(code) and len(code) <= PROGRAMME_CODE_LENGTH_MAX):
        row.wrong(
            "programme",
            f"{code!r} is no code of at most {PROGRAMME_CODE_LENGTH_MAX} signs (write BPNT)",
        )
    return code


def _custodian(row: Row) -> str:
    """It is written beside each tranche and into the names of accounts."""
    custodian = row.text("custodian")
    if custodian and not (CODE.fullmatch(custodian) and len(custodian) <= CUSTODIAN_LENGTH_MAX):
        row.wrong("custodian", f"{custodian!r} is neither {ENGINE} nor the code of a bank (BNI)")
    return custodian


def _policy_id(row: Row, is_policy: Callable[[str], bool], confidence: str) -> str:
    """The policy in force refuses what it does not name: its programmes need a sure source."""
    policy_id = row.optional("policy_id")
    if policy_id == IN_FORCE and not may_refuse(row, confidence):
        row.wrong(
            "confidence", f"{IN_FORCE} refuses goods: it needs a verified source or two officers"
        )
    elif policy_id not in {"", IN_FORCE} and not is_policy(policy_id):
        row.wrong("policy_id", f"{policy_id!r} is not in policy.csv (or {IN_FORCE}, or empty)")
    return policy_id

"""How far a supervised purchase is: for the till that asked, and for officers."""

from dataclasses import dataclass

from pos_engine.engine import Engine
from pos_engine.rules.identity import Method, masked_name
from pos_engine.rules.supervision import SupervisionReason, SupervisionRefusal, SupervisionState
from pos_engine.services.identification import head_name
from pos_engine.services.payer import Place
from pos_engine.services.tokens import PAYER_TOKEN_LIFE, PayerToken
from pos_engine.store import supervisions
from pos_engine.store.supervisions import Supervision


@dataclass(frozen=True, slots=True)
class Seen:
    """A supervision as the till sees it; the token and the masked name when it may buy."""

    supervision: Supervision
    token: PayerToken | None = None
    name: str | None = None


def look(engine: Engine, place: Place, supervision_id: str) -> Seen | SupervisionRefusal:
    """How far it is, for the till that asked; with the token once the second person vouched."""
    with engine.database.read() as tx:
        row = supervisions.find_supervision(tx, supervision_id)
        if row is None or (row.shop_id, row.till_id) != (place.shop_id, place.till_id):
            return SupervisionRefusal(SupervisionReason.NOT_FOUND, "supervision_id")
        token = _token(row)
        return Seen(row, token, masked_name(head_name(tx, row.kpm_id)) if token else None)


def _token(row: Supervision) -> PayerToken | None:
    """One token however often it is asked for: its id is the supervision's own."""
    if row.status is not SupervisionState.CONFIRMED or row.decided_at is None:
        return None
    return PayerToken(
        token_id=row.supervision_id,
        kpm_id=row.kpm_id,
        person_id=row.person_id,
        shop_id=row.shop_id,
        till_id=row.till_id,
        method=Method.SUPERVISED,
        proven=True,
        expires_at=row.decided_at + PAYER_TOKEN_LIFE,
        amount_max=row.amount,
    )


def list_waiting(engine: Engine, region: str | None) -> list[Supervision]:
    """What waits for an officer of a region, the most urgent first."""
    with engine.database.read() as tx:
        return supervisions.waiting(tx, region, engine.now())

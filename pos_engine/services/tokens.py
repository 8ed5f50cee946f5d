"""Payer tokens and quote ids: short-lived signed notes that the engine writes to itself."""

from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import Any

from pos_engine.keys import Keys
from pos_engine.rules.identity import Method
from pos_engine.rules.ids import KpmId, PersonId, ShopId, TillId, new_uuid7

PAYER_TOKEN_LIFE = timedelta(minutes=10)
PAYER = "payer"
QUOTE = "quote"
DELEGATION = "delegation_id"  # in the evidence of a delegate's token


@dataclass(frozen=True, slots=True)
class PayerToken:
    """Who pays, by which method, at which till. `proven` False means a step-up is missing.

    A token that came from a one-time code keeps the code's bounds: purchase and amount.
    """

    token_id: str
    kpm_id: KpmId
    person_id: PersonId
    shop_id: ShopId
    till_id: TillId
    method: Method
    proven: bool
    expires_at: datetime
    step_up: tuple[str, ...] = ()
    purchase_id: str | None = None
    amount_max: int | None = None
    evidence: dict[str, Any] = field(default_factory=dict)

    def bound_to(self, shop_id: str, till_id: str) -> bool:
        """Was it issued at this till of this shop."""
        return self.shop_id == shop_id and self.till_id == till_id


def new_payer_token(
    kpm_id: KpmId,
    person_id: PersonId,
    where: tuple[ShopId, TillId],
    method: Method,
    now: datetime,
    *,
    proven: bool,
    step_up: tuple[str, ...] = (),
    bounds: tuple[str, int] | None = None,
) -> PayerToken:
    """A fresh token of ten minutes."""
    return PayerToken(
        token_id=new_uuid7(now),
        kpm_id=kpm_id,
        person_id=person_id,
        shop_id=where[0],
        till_id=where[1],
        method=method,
        proven=proven,
        expires_at=now + PAYER_TOKEN_LIFE,
        step_up=step_up,
        purchase_id=bounds[0] if bounds else None,
        amount_max=bounds[1] if bounds else None,
    )


def sign_payer_token(keys: Keys, token: PayerToken) -> str:
    """The token as the till holds it."""
    claims = asdict(token) | {"purpose": PAYER, "exp": int(token.expires_at.timestamp())}
    claims["expires_at"] = token.expires_at.isoformat()
    return keys.issue(claims)


def read_payer_token(keys: Keys, text: str) -> PayerToken | None:
    """The token behind a text, even an expired one; None when we never signed it."""
    claims = keys.read(text, PAYER)
    if claims is None:
        return None
    values: dict[str, Any] = {
        name: value for name, value in claims.items() if name not in ("purpose", "exp")
    }
    values["expires_at"] = datetime.fromisoformat(values["expires_at"])
    values["method"] = Method(values["method"])
    values["step_up"] = tuple(values["step_up"])
    return PayerToken(**values)


def sign_quote(keys: Keys, shop_id: str, till_id: str, amount: int, now: datetime) -> str:
    """A quote id: says that a lawful basket of this amount is open at this till."""
    expires = int((now + PAYER_TOKEN_LIFE).timestamp())
    return keys.issue(
        {
            "purpose": QUOTE,
            "id": new_uuid7(now),
            "shop": shop_id,
            "till": till_id,
            "amount": amount,
            "exp": expires,
        }
    )


def open_quote(keys: Keys, text: str | None, shop_id: str, now: datetime) -> str | None:
    """The id inside a quote id when it is ours, of this shop, with something lawful, and open."""
    claims = keys.read(text, QUOTE) if text else None
    if claims is None or claims["shop"] != shop_id or not claims["amount"]:
        return None
    expires = claims["exp"]
    return str(claims["id"]) if isinstance(expires, int) and expires >= now.timestamp() else None

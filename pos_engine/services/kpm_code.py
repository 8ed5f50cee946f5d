"""The KPM's own code on her telephone: signed, a minute long, good for one purchase."""

import base64
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from pos_engine.engine import Engine
from pos_engine.rules.identity import Method
from pos_engine.rules.ids import KpmId, PersonId, new_uuid7
from pos_engine.services.payer import TokenProof
from pos_engine.services.tokens import new_payer_token, sign_payer_token
from pos_engine.store.baskets import Basket

KPM_CODE_LIFE = timedelta(seconds=60)
KPM_CODE = "kpm-code"


@dataclass(frozen=True, slots=True)
class KpmCode:
    """Whose code it is. `code_id` is used up by the purchase that it pays."""

    code_id: str
    kpm_id: KpmId
    person_id: PersonId
    shown_at: datetime

    def alive_at(self, moment: datetime) -> bool:
        """Was it good at this moment; a provider's clock may run a little ahead."""
        return abs(moment - self.shown_at) <= KPM_CODE_LIFE


def issue_code(engine: Engine, kpm_id: KpmId, person_id: PersonId) -> str:
    """A fresh code for a person who proved herself; it names nobody who has no key."""
    now = engine.now()
    expires = int((now + KPM_CODE_LIFE).timestamp())
    whose = f"{kpm_id} {person_id}"
    claims: dict[str, object] = {
        "purpose": KPM_CODE,
        "id": new_uuid7(now),
        "k": base64.b64encode(engine.keys.seal_personal(whose, KPM_CODE)).decode(),
        "at": int(now.timestamp()),
        "exp": expires,
    }
    return engine.keys.issue(claims)


def read_code(engine: Engine, text: str) -> KpmCode | None:
    """The code behind a text, even an old one; None when we never signed it."""
    claims: dict[str, Any] | None = engine.keys.read(text, KPM_CODE)
    if claims is None:
        return None
    sealed = base64.b64decode(claims["k"])
    kpm_id, _, person_id = engine.keys.open_personal(sealed, KPM_CODE).partition(" ")
    shown_at = datetime.fromtimestamp(claims["at"], tz=engine.now().tzinfo)
    return KpmCode(claims["id"], KpmId(kpm_id), PersonId(person_id), shown_at)


def proof_for(
    engine: Engine, basket: Basket, kpm_id: KpmId, person_id: PersonId, code_id: str | None = None
) -> TokenProof:
    """The proof of a person who was proven, for this basket alone: its till, its id, its sum.

    With a `code_id` it is used up with that code, whoever presents it again.
    """
    token = new_payer_token(
        kpm_id,
        person_id,
        (basket.shop_id, basket.till_id),
        Method.QR,
        engine.now(),
        proven=True,
        bounds=(basket.purchase_id, basket.amount),
    )
    if code_id is not None:
        token = replace(token, token_id=code_id)
    return TokenProof(sign_payer_token(engine.keys, token))

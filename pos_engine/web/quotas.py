"""How often a device, a shop and a KPM may ask in a minute: by who they proved to be.

Never by an address: a telephone operator gives thousands of tills the same one. Counted in each
server process by itself, so with N processes up to N times as many are let through.
"""

import hashlib
import secrets
from http import HTTPStatus

from pos_engine.services.payer import CardProof, PayerProof, PhoneProof
from pos_engine.services.sessions import Session
from pos_engine.web.problem import ProblemError
from pos_engine.web.rates import Rate

WINDOW_S = 60
DEVICES_COUNTED_MAX = 100_000
SHOPS_COUNTED_MAX = 100_000
PAYERS_COUNTED_MAX = 100_000
WRONG_LOGINS_MAX = 30  # in LOGINS_WINDOW_S; five wrong PINs lock a member of staff anyway
LOGINS_WINDOW_S = 600
LOGINS_COUNTED_MAX = 50_000
OF_A_DEVICE = "Terlalu banyak permintaan dari perangkat ini. Tunggu {} detik."
OF_A_SHOP = "Terlalu banyak permintaan dari warung ini. Tunggu {} detik."
OF_A_PAYER = "Terlalu sering mencoba untuk keluarga ini. Tunggu {} detik."
OF_LOGINS = "Terlalu sering mencoba masuk. Tunggu {} detik."


class Quotas:
    """The limits of one server process; 0 is no limit."""

    def __init__(self, device: int = 0, shop: int = 0, payer: int = 0) -> None:
        self._device = Rate(device, WINDOW_S, DEVICES_COUNTED_MAX) if device else None
        self._shop = Rate(shop, WINDOW_S, SHOPS_COUNTED_MAX) if shop else None
        self._payer = Rate(payer, WINDOW_S, PAYERS_COUNTED_MAX) if payer else None
        self._logins = Rate(WRONG_LOGINS_MAX, LOGINS_WINDOW_S, LOGINS_COUNTED_MAX)
        self._secret = secrets.token_bytes(32)  # numbers of cards are not kept, not even here

    def of_session(self, session: Session) -> None:
        """Count a request of somebody who is let in; 429 when the device or shop had too many."""
        _count(self._device, session.device_id, OF_A_DEVICE)
        if session.shop is not None:
            _count(self._shop, session.shop.shop_id, OF_A_SHOP)

    def of_payer(self, number: str | None) -> None:
        """Count a try for whoever has this card, telephone or NIK."""
        if number is None or self._payer is None:
            return
        name = hashlib.blake2b(number.encode(), key=self._secret, digest_size=16).hexdigest()
        _count(self._payer, name, OF_A_PAYER)

    def of_login(self, device_id: str, staff_id: str) -> None:
        """Count a log-in of this person on this device; a stranger who names one stops no other."""
        _count(self._logins, f"{device_id} {staff_id}", OF_LOGINS)

    def logged_in(self, device_id: str, staff_id: str) -> None:
        """It was right: only wrong ones in a row count."""
        self._logins.forget(f"{device_id} {staff_id}")


def _count(rate: Rate | None, name: str, detail: str) -> None:
    if rate is None or rate.allow(name):
        return
    wait_s = rate.wait_s(name)
    raise ProblemError(
        HTTPStatus.TOO_MANY_REQUESTS, "TOO_OFTEN", detail.format(wait_s), retry_after_s=wait_s
    )


def number_of(proof: PayerProof) -> str | None:
    """The number that a proof claims; tokens and codes serve once by themselves."""
    if isinstance(proof, CardProof):
        return proof.card
    return proof.msisdn if isinstance(proof, PhoneProof) else None

"""A payment provider as a test plays it: it signs, asks, delays, drops and says things twice."""

import base64
import hmac
import json
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from hashlib import sha256
from typing import Any

import httpx2
import uvicorn
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from pos_engine.engine import Engine
from pos_engine.rules.ids import new_uuid7
from pos_engine.services.shop_nmid import Merchant, give_nmid
from pos_engine.services.shop_onboarding import Actor
from pos_engine.services.snap_auth import NewPartner, add_partner
from pos_engine.store.shop_applications import ShopQris
from pos_engine.web.app import create_app
from tests.world import Clock

WIB = timezone(timedelta(hours=7))
KEY = generate_private_key(65_537, 2_048)
NNS = "93600999"
NMID, OTHER_NMID = "ID1020304050607", "ID7060504030201"


def public_pem(key: RSAPrivateKey = KEY) -> bytes:
    return key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def merchant(partner_id: str, nmid: str = NMID) -> Merchant:
    return Merchant(
        nmid=nmid,
        domain="ID.CO.EXAMPLE.WWW",
        mpan="936009990000000001",
        merchant_id="MID0001",
        criteria="UMI",
        mcc="5411",
        postal_code="65111",
        partner_id=partner_id,
    )


def join(engine: Engine, shop_ids: dict[str, str]) -> NewPartner:
    """The provider registers, and gives NMIDs to shops."""
    new = add_partner(engine, "Contoh Pay", public_pem(), NNS)
    assert isinstance(new, NewPartner)
    for shop_id, nmid in shop_ids.items():
        given = give_nmid(engine, Actor("staff-9", None), shop_id, merchant(new.partner_id, nmid))
        assert isinstance(given, ShopQris), given
    return new


@dataclass
class Psp:
    """One provider. Its clock is the test's; `shift` makes it wrong."""

    base_url: str
    partner: NewPartner
    clock: Clock
    shift: timedelta = timedelta(0)
    key: RSAPrivateKey = KEY
    _token: str = field(default="", init=False)

    def timestamp(self) -> str:
        at: datetime = self.clock.at + self.shift
        return at.astimezone(WIB).isoformat(timespec="seconds")

    def ask_token(self, **changed: str) -> httpx2.Response:
        at = self.timestamp()
        text = f"{self.partner.partner_id}|{at}".encode()
        signature = base64.b64encode(self.key.sign(text, PKCS1v15(), hashes.SHA256())).decode()
        headers = {
            "X-CLIENT-KEY": self.partner.partner_id,
            "X-TIMESTAMP": at,
            "X-SIGNATURE": signature,
        } | changed
        return httpx2.post(
            f"{self.base_url}/v1.0/access-token/b2b",
            json={"grantType": "client_credentials"},
            headers=headers,
        )

    def token(self) -> str:
        if not self._token:
            self._token = self.ask_token().json()["accessToken"]
        return self._token

    def headers(self, path: str, raw: bytes, **changed: str) -> dict[str, str]:
        """Signed headers; `changed` is put in after the signature."""
        at, token = self.timestamp(), self.token()
        digest = sha256(json.dumps(json.loads(raw), separators=(",", ":")).encode()).hexdigest()
        text = f"POST:{path}:{token}:{digest}:{at}".encode()
        mac = hmac.digest(self.partner.client_secret.encode(), text, "sha512")
        return {
            "Content-Type": "application/json",
            "Authorization": f"Bearer {token}",
            "X-TIMESTAMP": at,
            "X-SIGNATURE": base64.b64encode(mac).decode(),
            "X-PARTNER-ID": self.partner.partner_id,
            "X-EXTERNAL-ID": new_uuid7(self.clock.at),
            "CHANNEL-ID": "95221",
        } | changed

    def call(self, path: str, body: dict[str, Any], **changed: str) -> httpx2.Response:
        raw = json.dumps(body, indent=2).encode()  # the white space is not signed
        headers = self.headers(f"/v1.0/qr/{path}", raw, **changed)
        return httpx2.post(f"{self.base_url}/v1.0/qr/{path}", content=raw, headers=headers)

    def twice(self, path: str, body: dict[str, Any]) -> tuple[httpx2.Response, httpx2.Response]:
        """The very same bytes twice: the second is a replay."""
        raw = json.dumps(body).encode()
        headers = self.headers(f"/v1.0/qr/{path}", raw)
        first, second = (
            httpx2.post(f"{self.base_url}/v1.0/qr/{path}", content=raw, headers=headers)
            for _ in range(2)
        )
        return first, second

    def drop(self, path: str, body: dict[str, Any]) -> None:
        """Send it all, slowly, and hang up before the answer."""
        raw = json.dumps(body).encode()
        headers = self.headers(f"/v1.0/qr/{path}", raw) | {"Content-Length": str(len(raw))}
        lines = [f"POST /v1.0/qr/{path} HTTP/1.1", "Host: x"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        head = "\r\n".join(lines).encode() + b"\r\n\r\n"
        url = httpx2.URL(self.base_url)
        with socket.create_connection((url.host, url.port or 80)) as line:
            line.sendall(head + raw[:10])
            time.sleep(0.05)
            line.sendall(raw[10:])
            time.sleep(0.3)

    def paid(self, reference: str, amount: int, **changed: Any) -> dict[str, Any]:
        """The body of a notify."""
        return {
            "originalReferenceNo": new_uuid7(self.clock.at),
            "originalPartnerReferenceNo": reference,
            "externalStoreId": NMID,
            "latestTransactionStatus": "00",
            "transactionDate": self.timestamp(),
            "amount": {"value": f"{amount}.00", "currency": "IDR"},
            "customerNumber": "6281234567890",
        } | changed


@contextmanager
def serving(engine: Engine) -> Iterator[str]:
    """The engine behind a real socket."""
    config = uvicorn.Config(create_app(engine), port=0, log_level="error", lifespan="off")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join(5)

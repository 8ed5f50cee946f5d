"""A tablet without signal, as the engine meets it: its key, its allowances, its envelopes."""

import hashlib
import json
import secrets
from dataclasses import dataclass, field
from typing import Any

from nacl.signing import SigningKey

from pos_engine.engine import Engine
from pos_engine.rules import allowances as allowance_rules
from pos_engine.rules.allowances import AllowanceState, Reserve, reserve_of
from pos_engine.rules.ids import KpmId, PersonId, new_uuid7
from pos_engine.services import install
from pos_engine.services.allowance_paper import Proven, signed_allowance
from pos_engine.services.allowances import _put_aside
from pos_engine.services.identification import Asked
from pos_engine.services.payer import Place
from pos_engine.services.purchase import market_at
from pos_engine.services.sessions import Role, Session
from pos_engine.services.sync import Synced, Told, receive_batch
from pos_engine.store import allowances, devices, families, ledger, shops
from pos_engine.store.allowances import Allowance, Change
from pos_engine.store.database import Tx
from pos_engine.store.devices import DeviceKey, DeviceState
from pos_engine.wire.canonical import canonical, envelope_hash, to_base64url
from pos_engine.wire.card_qr import CardQr
from pos_engine.wire.envelope import GENESIS, Envelope, parse_envelope

BATCHES = "/v1/offline/batches"
RICE = ("BERAS-MEDIUM", 1000, "kg", 13_400)


@dataclass
class SignedSale:
    """What a tablet keeps of a sale: the envelope as it travels."""

    body: dict[str, Any]
    sig: str

    @property
    def wire(self) -> dict[str, Any]:
        return {"body": self.body, "sig": self.sig}

    @property
    def name(self) -> str:
        return envelope_hash(self.body, self.sig)

    @property
    def envelope(self) -> Envelope:
        found = parse_envelope(json.dumps(self.wire).encode())
        assert isinstance(found, Envelope), found
        return found


@dataclass
class SoldOn:
    """A tablet with a key that the engine approved."""

    engine: Engine
    device_id: str
    shop_id: str
    till_id: str
    key: SigningKey
    seq: int = 0
    head: str = GENESIS
    queue: list[SignedSale] = field(default_factory=list)

    def clone(self) -> "SoldOn":
        """The same profile on another tablet."""
        return SoldOn(
            self.engine,
            self.device_id,
            self.shop_id,
            self.till_id,
            self.key,
            self.seq,
            self.head,
            list(self.queue),
        )

    def sell(self, allowance: str, *lines: tuple[str, int, str, int], **changes: Any) -> SignedSale:
        """A sale: signed, chained and queued. `changes` are of the body."""
        sold = [list(each) for each in lines or (RICE,)]
        now_ms = int(self.engine.now().timestamp() * 1000)
        body = {
            "v": 1,
            "device": self.device_id,
            "seq": self.seq + 1,
            "prev": self.head,
            "alw": allowance,
            "purchase_id": new_uuid7(self.engine.now()),
            "lines": sold,
            "total": sum(each[1] * each[3] // 1000 for each in sold),
            "catalog": version_of(self.engine),
            "auth": ["KKS_QR", "PIN"],
            "cashier": "staff-1",
            "wall_ms": now_ms,
            "mono_ms": 0,
            "anchor_ms": now_ms,
        } | changes
        made = SignedSale(body, to_base64url(self.key.sign(canonical(body)).signature))
        self.seq, self.head = body["seq"], made.name
        self.queue.append(made)
        return made

    def header(self, raw: bytes, path: str = BATCHES) -> str:
        """How a request is signed."""
        nonce, at = secrets.token_urlsafe(12), int(self.engine.now().timestamp() * 1000)
        digest = hashlib.sha256(raw).hexdigest()
        text = f"POST\n{path}\n{at}\n{nonce}\n{digest}".encode()
        return f"Device {self.device_id}.{at}.{nonce}.{to_base64url(self.key.sign(text).signature)}"

    def raw(self, *sales: SignedSale) -> bytes:
        """A batch as it travels; the whole queue unless told otherwise."""
        sent = [each.wire for each in sales or self.queue]
        return json.dumps({"device": self.device_id, "envelopes": sent}).encode()

    def sync(self, *sales: SignedSale) -> Synced:
        """Bring the queue, or these."""
        raw = self.raw(*sales)
        found = receive_batch(self.engine, self.header(raw), raw)
        assert isinstance(found, Synced), found
        return found

    def told(self, *sales: SignedSale) -> list[str]:
        """The outcomes of these, in the order of their numbers."""
        return [each.outcome for each in self.sync(*sales).outcomes]

    def tell(self, sale: SignedSale) -> Told:
        """What is said of one sale."""
        [told] = self.sync(sale).outcomes
        return told


def version_of(engine: Engine) -> str:
    with engine.database.read() as tx:
        return engine.catalogue(tx).version


def a_tablet(
    engine: Engine, shop_id: str, till_id: str, state: DeviceState = DeviceState.APPROVED
) -> SoldOn:
    """A new device of a shop with its own key."""
    device = install.add_device(engine, till_id)
    assert isinstance(device, install.NewDevice)
    key = SigningKey.generate()
    raw = bytes(key.verify_key)
    row = DeviceKey(
        device_id=device.device_id,
        shop_id=shop_id,
        till_id=till_id,
        kid=hashlib.sha256(raw).hexdigest()[:16],
        algorithm="Ed25519",
        public_key=raw,
        state=state.value,
        label="tablet",
        code_id=None,
        made_at=engine.now(),
        approved_at=engine.now(),
        revoked_at=None,
    )
    with engine.database.begin() as tx:
        devices.add_key(tx, row, new_uuid7(engine.now()), "staff-1")
    return SoldOn(engine, device.device_id, shop_id, till_id, key)


def put_aside(
    engine: Engine, tablet: SoldOn, kpm_id: str, amount: int = 100_000, *, remote: bool = False
) -> Allowance | None:
    """An allowance as the service makes it, past the PIN and its slow hash; None without money."""
    return engine.database.transact(
        lambda tx: _put_aside_in(tx, engine, tablet, KpmId(kpm_id), amount, remote=remote)
    )


def _put_aside_in(
    tx: Tx, engine: Engine, tablet: SoldOn, kpm_id: KpmId, amount: int, *, remote: bool
) -> Allowance | None:
    tranches = ledger.tranches_of(tx, kpm_id, lock=True)
    if allowances.living_of_family(tx, kpm_id) is not None:
        return None
    shop = shops.find_shop(tx, tablet.shop_id)
    assert shop is not None
    market = market_at(engine, engine.catalogue(tx), shop.region, engine.now())
    wanted = allowance_rules.Asked(amount, remote_home=remote, on_device=0)
    reserve = reserve_of(wanted, tranches, market.day, market.catalogue.own_policies)
    if not isinstance(reserve, Reserve):
        return None
    persons = families.persons_of(tx, kpm_id)
    payer = Proven(
        kpm_id,
        PersonId(persons[0].person_id if persons else "person-1"),
        "card-1",
        CardQr("A" * 16, bytes(16)),
        "S*** W*******",
        bytes(32),
    )
    made = signed_allowance(
        engine,
        _asked(engine, tablet, shop),
        new_uuid7(engine.now()),
        bytes(32),
        payer,
        reserve,
        market,
        remote=remote,
    )
    _put_aside(tx, made, reserve, market.day)
    return made


def _asked(engine: Engine, tablet: SoldOn, shop: shops.Shop) -> Asked:
    session = Session(
        session_id="session-1",
        staff_id="staff-1",
        staff_name="Petugas",
        role=Role.KASIR,
        device_id=tablet.device_id,
        till_id=tablet.till_id,  # type: ignore[arg-type]
        shop=shop,
        region=None,
    )
    place = Place(shop.shop_id, tablet.till_id)  # type: ignore[arg-type]
    return Asked(session, shop, place, now=engine.now())


def take_back(engine: Engine, kpm_id: str) -> None:
    """The family recalls what lies on whatever tablet."""

    def act(tx: Tx) -> None:
        ledger.tranches_of(tx, kpm_id, lock=True)
        living = allowances.living_of_families(tx, {KpmId(kpm_id)})().get(KpmId(kpm_id))
        if living is not None:
            allowances.change(tx, living, Change(AllowanceState.RECALLED, engine.now()))

    engine.database.transact(act)

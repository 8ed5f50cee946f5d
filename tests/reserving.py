"""Stickers, devices with keys, and allowances for tests, made by the services of real ones."""

from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from nacl.signing import SigningKey

from pos_engine.rules.ids import new_uuid7
from pos_engine.services import devices, sessions
from pos_engine.services.allowances import AllowanceAsk, issue
from pos_engine.services.card_secrets import make_sticker
from pos_engine.services.cards import list_cards
from pos_engine.services.device_codes import NewCode, make_code
from pos_engine.services.device_signature import Algorithm, PublicKey
from pos_engine.services.identification import asked_at
from pos_engine.services.payer import Place
from pos_engine.store import allowances
from pos_engine.store.allowances import Allowance
from pos_engine.wire.canonical import canonical, to_base64url
from pos_engine.wire.card_qr import CardQr
from pos_engine.wire.device_header import DeviceHeader
from tests.world import PIN

NONCE = "n" * 16
LABEL = "Tablet depan"


@dataclass(frozen=True)
class TabletKey:
    """A tablet's key pair of either kind, as a browser would hold it."""

    private: SigningKey | ec.EllipticCurvePrivateKey

    @classmethod
    def ed25519(cls, seed=1):
        return cls(SigningKey(bytes([seed]) * 32))

    @classmethod
    def p256(cls, seed=1):
        return cls(ec.derive_private_key(seed, ec.SECP256R1()))

    @property
    def public(self):
        if isinstance(self.private, SigningKey):
            return PublicKey(Algorithm.ED25519, bytes(self.private.verify_key))
        point = self.private.public_key().public_bytes(
            Encoding.X962, PublicFormat.UncompressedPoint
        )
        return PublicKey(Algorithm.ES256, point)

    @property
    def body(self):
        """As it stands in a request."""
        return {
            "algorithm": self.public.algorithm.value,
            "public_key": to_base64url(self.public.raw),
        }

    def sign(self, message):
        if isinstance(self.private, SigningKey):
            return to_base64url(self.private.sign(message).signature)
        r, s = decode_dss_signature(self.private.sign(message, ec.ECDSA(SHA256())))
        return to_base64url(r.to_bytes(32) + s.to_bytes(32))

    def sign_body(self, body):
        return self.sign(canonical(body))

    def header(self, device_id, method, path, body):
        """`Authorization` of a request that this tablet signs."""
        blank = DeviceHeader(device_id, "1", NONCE, "")
        signature = self.sign(blank.signed_text(method, path, body))
        return f"Device {device_id}.1.{NONCE}.{signature}"


def session_of(engine, world, who="KASIR"):
    """A living session of one of the world's people."""
    login = world.staff[who]
    opened = sessions.open_session(engine, **login)
    assert isinstance(opened, sessions.Opened), opened
    return opened.session


def a_code(engine, world):
    """A fresh code of the owner."""
    made = make_code(engine, session_of(engine, world, "PEMILIK"), world.staff["PEMILIK"]["pin"])
    assert isinstance(made, NewCode), made
    return made.code


def with_key(engine, world, key=None, who="KASIR", *, approved=True):
    """The device of a cashier gets a key, and DINSOS approves it; the cashier's session."""
    session = session_of(engine, world, who)
    bound = devices.bind_key(
        engine, session, (key or TabletKey.ed25519()).public, LABEL, a_code(engine, world)
    )
    assert not isinstance(bound, devices.DeviceProblem), bound
    if approved:
        done = devices.approve(engine, session.device_id, "officer", "35.07")
        assert done.state == "APPROVED"
    return session


def sticker(engine, kpm_id):
    """A sticker for the family's card."""
    (card,) = list_cards(engine, kpm_id=kpm_id)
    made = make_sticker(engine, card.card_id, "officer")
    assert isinstance(made, CardQr), made
    return made


def asked(engine, session):
    return asked_at(engine, session, Place(session.shop.shop_id, session.till_id), None)


def ask(engine, session, card, amount=None, *, allowance_id=None, pin=PIN):
    """What `issue` answers."""
    wanted = AllowanceAsk(allowance_id or new_uuid7(engine.now()), card, pin, amount)
    return issue(engine, asked(engine, session), wanted)


def issued(engine, session, card, amount=None):
    """An allowance that was issued."""
    made = ask(engine, session, card, amount)
    assert isinstance(made, Allowance), made
    return made


def living(engine, kpm_id):
    """The family's living allowance, or None."""
    with engine.database.read() as tx:
        return allowances.living_of_family(tx, kpm_id)

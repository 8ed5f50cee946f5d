"""A payday for benchmarks: thousands of families with money, and purchases ready to be sent.

Everything that comes before a till sends (codes that were sent, tokens of faces that were found) is
made before the clock starts.
"""

import itertools
import random
import uuid
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import insert

from pos_engine.engine import Engine
from pos_engine.rules.identity import TRIES_MAX, Method, luhn_digit
from pos_engine.rules.ids import KpmId, PersonId, ShopId, TillId, WalletId, new_uuid7, shard_of
from pos_engine.rules.money import Rupiah
from pos_engine.rules.posting import Kind, Posting, wallet_account
from pos_engine.services.authorize import PurchaseRequest
from pos_engine.services.payer import CARD, PHONE, CardProof, PhoneProof, TokenProof
from pos_engine.services.tokens import new_payer_token, sign_payer_token
from pos_engine.store import families, ledger, proofs
from pos_engine.store.schema import wallet
from tests.world import NOW, PIN, World, a_purchase, rice

FAMILIES = 1_000
MUCH = 100_000_000
CODE = "482913"
MIX = (("card", 40), ("code", 30), ("token", 30))
LINES = (
    rice(5000, 13_400),
    rice(500, 28_000, "TELUR-AYAM"),
    rice(500, 12_000, "TEMPE"),
    rice(250, 15_000, "BAYAM"),
)


def settle_families(engine: Engine, world: World) -> list[int]:
    """Families with a card, a phone, a PIN and a tranche that no benchmark empties."""
    numbers = list(range(FAMILIES))
    with engine.database.begin() as tx:
        for number in numbers:
            _settle(tx, engine, world, number)
    return numbers


def _settle(tx, engine: Engine, world: World, number: int) -> None:
    kpm, person, now = KpmId(f"B-{number}"), PersonId(f"P-{number}"), engine.now()
    families.add_family(
        tx, families.Family(kpm, "35.07.13.2001", world.shop_id, families.ACTIVE), now
    )
    families.add_card(tx, families.Card(f"C-{number}", kpm, person, "0000", families.ACTIVE), now)
    for kind, text in ((CARD, card(number)), (PHONE, phone(number))):
        known = families.Known(kpm, person, f"C-{number}" if kind == CARD else f"H-{number}")
        families.add_credential(tx, kind, engine.keys.lookup(kind, text), known, now)
    proofs.set_pin(tx, kpm, engine.keys.pin_verifier(kpm, PIN), TRIES_MAX, now)
    wallet_id = WalletId(str(uuid.uuid4()))
    row = {"shard": shard_of(kpm), "wallet_id": wallet_id, "kpm_id": kpm, "programme": "BPNT"}
    row |= {"period": "2026-11", "credited": MUCH, "spent": 0, "held": 0, "custodian": "ENGINE"}
    row |= {"status": "OPEN", "run_id": "bench", "expires_on": (now + timedelta(days=60)).date()}
    tx.execute(insert(wallet), row)
    legs = (
        Posting("programme:BPNT:2026-11", Rupiah(-MUCH), Kind.CREDIT),
        Posting(wallet_account(wallet_id), Rupiah(MUCH), Kind.CREDIT),
    )
    ledger.post(tx, [ledger.Movement(shard_of(kpm), wallet_id, legs, now)])


def card(number: int) -> str:
    digits = f"9991{number:011d}"
    return digits + luhn_digit(digits)


def phone(number: int) -> str:
    return f"+62812{number:08d}"


def purchases(
    engine: Engine,
    world: World,
    count: int,
    chance: random.Random,
    at: datetime = NOW,
    shops: Sequence[tuple[str, str]] = (),
) -> list[PurchaseRequest]:
    """Requests of the payer mix, each of another family where there are enough.

    Spread over `shops` (shop and till) when some are given, else all in the world's first.
    """
    places = itertools.cycle(shops or [(world.shop_id, world.till_id)])
    ways = chance.choices([way for way, _ in MIX], [share for _, share in MIX], k=count)
    numbers = itertools.cycle(chance.sample(range(FAMILIES), FAMILIES))
    with engine.database.begin() as tx:
        return [
            _purchase(tx, engine, world, way, number, at, next(places))
            for way, number in zip(ways, numbers, strict=False)
        ]


def _purchase(
    tx, engine: Engine, world: World, way: str, number: int, at: datetime, place: tuple[str, str]
) -> PurchaseRequest:
    purchase_id, kpm, person = new_uuid7(at), KpmId(f"B-{number}"), PersonId(f"P-{number}")
    where = (ShopId(place[0]), TillId(place[1]))
    if way == "card":
        proof = CardProof(card(number), PIN)
    elif way == "code":
        proof = PhoneProof(phone(number), CODE)
        code_id = str(uuid.uuid4())
        hashed = engine.keys.code_verifier(code_id, CODE)
        proofs.add_code(
            tx,
            proofs.OneTimeCode(
                code_id, kpm, person, where[0], purchase_id, MUCH, hashed, TRIES_MAX,
                at, at + timedelta(days=1),
            ),
        )  # fmt: skip
    else:
        token = new_payer_token(kpm, person, where, Method.FACE, at, proven=True)
        token = replace(token, expires_at=at + timedelta(days=1))  # a long run needs no new ones
        proof = TokenProof(sign_payer_token(engine.keys, token))
    request = a_purchase(world, *LINES, proof=proof, purchase_id=purchase_id, at=at)
    return replace(request, shop_id=where[0], till_id=where[1])

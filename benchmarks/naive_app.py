"""What most teams would write: FastAPI, pydantic and the ORM, one unit of work a purchase.

The same schema, the same rules, the same answer with its signed receipt, the same sessions; no
queue, no batches. It is the baseline of `bench_http.py` and sells for nobody.

    python -m uvicorn benchmarks.naive_app:app     # settings as for `ewarong serve`
"""

import secrets
from datetime import UTC, datetime

from fastapi import FastAPI, HTTPException, Request, Response
from sqlalchemy import create_engine, select
from sqlalchemy.engine import make_url
from sqlalchemy.orm import DeclarativeBase, Session, sessionmaker

from catalog.load import load_files, shipped_files
from pos_engine.keys import load_keys
from pos_engine.rules.basket import Market, judge_basket
from pos_engine.rules.decision import Approved, Facts, decide_judged
from pos_engine.rules.entitlement import Tranche, TrancheStatus
from pos_engine.rules.identity import TRIES_MAX
from pos_engine.rules.ids import parse_uuid7, shard_of
from pos_engine.rules.posting import purchase_postings
from pos_engine.rules.receipt import Receipt, receipt_number
from pos_engine.services.answers import Stamp, approved_answer, declined_answer, lines_json
from pos_engine.services.payer import CARD, PHONE, CardProof, PhoneProof
from pos_engine.services.tokens import read_payer_token
from pos_engine.settings import Settings
from pos_engine.store import schema
from pos_engine.web.schemas import PurchaseIn

settings = Settings()
keys = load_keys(settings.keys_path)
url = make_url(settings.url)
if url.drivername.startswith("postgres"):
    url = url.set(drivername="postgresql+psycopg")
make_session = sessionmaker(create_engine(url, pool_size=16, max_overflow=0, pool_timeout=60))
catalogue = load_files(shipped_files())


class Base(DeclarativeBase):
    metadata = schema.metadata


class SessionRow(Base):
    __table__ = schema.session


class Device(Base):
    __table__ = schema.device


class Staff(Base):
    __table__ = schema.staff


class Shop(Base):
    __table__ = schema.shop


class Family(Base):
    __table__ = schema.family


class Credential(Base):
    __table__ = schema.credential


class Card(Base):
    __table__ = schema.card


class Pin(Base):
    __table__ = schema.pin


class Code(Base):
    __table__ = schema.one_time_code


class TokenUse(Base):
    __table__ = schema.payer_token_use


class Wallet(Base):
    __table__ = schema.wallet


class Claim(Base):
    __table__ = schema.purchase_claim


class Purchase(Base):
    __table__ = schema.purchase


class PostingRow(Base):
    __table__ = schema.posting


class Event(Base):
    __table__ = schema.outbox


app = FastAPI()


def who(request: Request, db: Session) -> tuple[Staff, Device]:
    claims = keys.read(request.headers.get("authorization", "")[7:], "session")
    if claims is None:
        raise HTTPException(401)
    session_id = str(claims["sub"])
    row = db.get(SessionRow, (shard_of(session_id), session_id))
    if row is None or row.ended_at is not None:
        raise HTTPException(401)
    staff = db.get(Staff, (shard_of(row.staff_id), row.staff_id))
    device = db.get(Device, (shard_of(row.device_id), row.device_id))
    if staff is None or device is None or "ACTIVE" not in (staff.status, device.status):
        raise HTTPException(401)
    return staff, device


def family_of(db: Session, body: PurchaseIn, purchase_id: str, now: datetime):
    """The family, its person and the method, once the proof is checked; raises when it is not."""
    proof = body.payer.to_proof()
    if isinstance(proof, CardProof):
        known = db.get(Credential, (CARD, keys.lookup(CARD, proof.card)))
        card = db.get(Card, (known.shard, known.reference))
        pin = db.get(Pin, (known.shard, known.kpm_id), with_for_update=True)
        right = secrets.compare_digest(pin.verifier, keys.pin_verifier(known.kpm_id, proof.pin))
        if card.status != "ACTIVE" or pin.tries_left <= 0 or not right:
            raise HTTPException(403)
        pin.tries_left = TRIES_MAX
        return known.kpm_id, known.person_id, "KKS"
    if isinstance(proof, PhoneProof):
        known = db.get(Credential, (PHONE, keys.lookup(PHONE, proof.msisdn)))
        query = select(Code).where(
            Code.shard == known.shard,
            Code.kpm_id == known.kpm_id,
            Code.purchase_id == purchase_id,
            Code.used_at.is_(None),
        )
        code = db.scalars(query.with_for_update()).first()
        hashed = keys.code_verifier(code.code_id, proof.code)
        if code.expires_at < now or not secrets.compare_digest(code.code_hmac, hashed):
            raise HTTPException(403)
        code.used_at = now
        return known.kpm_id, known.person_id, "PHONE"
    token = read_payer_token(keys, proof.token)
    shard = shard_of(token.kpm_id)
    if token.expires_at < now or db.get(TokenUse, (shard, token.token_id)):
        raise HTTPException(403)
    db.add(TokenUse(shard=shard, token_id=token.token_id, purchase_id=purchase_id, used_at=now))
    return token.kpm_id, token.person_id, token.method.value


@app.put("/v1/purchases/{purchase_id}")
def put_purchase(purchase_id: str, body: PurchaseIn, request: Request) -> Response:
    """One unit of work, committed before the answer leaves."""
    with make_session.begin() as db:
        answer = sell(db, purchase_id, body, who(request, db))
    return Response(answer, media_type="application/json")


def sell(db: Session, purchase_id: str, body: PurchaseIn, caller: tuple[Staff, Device]) -> str:
    staff, device = caller
    if device.till_id != body.till_id or parse_uuid7(purchase_id) is None:
        raise HTTPException(403)
    stored = db.get(Claim, (shard_of(purchase_id), purchase_id))
    if stored is not None:
        return stored.answer
    now = datetime.now(UTC)
    shop = db.get(Shop, (shard_of(device.shop_id), device.shop_id))
    kpm_id, person_id, method = family_of(db, body, purchase_id, now)
    family = db.get(Family, (shard_of(kpm_id), kpm_id))
    query = (
        select(Wallet)
        .where(Wallet.shard == shard_of(kpm_id), Wallet.kpm_id == kpm_id)
        .order_by(Wallet.wallet_id)
        .with_for_update()
    )
    wallets = {wallet.wallet_id: wallet for wallet in db.scalars(query)}
    day = catalogue.zones.local_day(shop.region, now)
    market = Market(catalogue, catalogue.policies[settings.policy], shop.region, day)
    lines = tuple(line.to_line() for line in body.lines)
    tranches = tuple(
        Tranche(w.wallet_id, w.programme, w.period, w.credited, w.spent, w.held, w.expires_on,
                TrancheStatus(w.status), w.custodian) for w in wallets.values()
    )  # fmt: skip
    standing = () if family.status == "ACTIVE" and shop.status == "ACTIVE" else ("KPM_SUSPENDED",)
    facts = Facts(market, standing, proven=True, tranches=tranches)
    decision = decide_judged(lines, judge_basket(lines, market), facts)
    local = now.astimezone(catalogue.zones.time_zone_of(shop.region))
    number = receipt_number(shop.region, local, purchase_id)
    stamp = Stamp(purchase_id, market.policy.id, catalogue.version, local)
    encoded = lines_json(decision.lines)
    approved = isinstance(decision, Approved)
    if approved:
        receipt = Receipt(
            shop.name, "", number, local, "WIB", method, decision.lines, decision.amount,
            decision.balance_before, decision.balance_after,
        )  # fmt: skip
        answer = approved_answer(stamp, decision, receipt, encoded, keys)
    else:
        answer = declined_answer(stamp, decision, encoded)
    shard = shard_of(kpm_id)
    db.add(
        Claim(claim_shard=shard_of(purchase_id), purchase_id=purchase_id, content=b"",
              answer=answer, home_shard=shard, kpm_id=kpm_id, shop_id=shop.shop_id)
    )  # fmt: skip
    db.add(
        Purchase(shard=shard, purchase_id=purchase_id, kpm_id=kpm_id, person_id=person_id,
                 shop_id=shop.shop_id, till_id=device.till_id, staff_id=staff.staff_id,
                 region=shop.region, status="APPROVED" if approved else "DECLINED",
                 reason=None if approved else decision.reason.value, method=method,
                 amount=decision.amount, lines=[line.sku for line in decision.lines], flags=[],
                 policy=market.policy.id, price_book=catalogue.version, number=number, day=day,
                 occurred_at=body.occurred_at, decided_at=now)
    )  # fmt: skip
    if approved:
        for draw in decision.draws:
            wallets[draw.wallet_id].spent += draw.amount
        for leg, posting in enumerate(purchase_postings(shop.shop_id, decision.draws)):
            db.add(
                PostingRow(shard=shard, txn_id=purchase_id, leg=leg, account=posting.account,
                           amount=posting.amount, kind=posting.kind.value, posted_at=now)
            )  # fmt: skip
        db.add(
            Event(shard=shard, event_id=purchase_id, kind="PURCHASE_APPROVED", kpm_id=kpm_id,
                  subject_id=purchase_id, state="WAITING", tries=0, created_at=now)
        )  # fmt: skip
    return answer

"""What the tests of voids and of reversals share: buying, asking for money back, looking."""

from dataclasses import replace

from sqlalchemy import func, select

from pos_engine.rules.ids import PurchaseId, new_uuid7
from pos_engine.rules.voids import AskedLine
from pos_engine.services.authorize import authorize
from pos_engine.services.payer import Place
from pos_engine.services.void import NotVoided, VoidRequest, void
from pos_engine.store import ledger
from pos_engine.store.schema import posting
from tests.services.test_batches import said
from tests.world import NOW, a_purchase

PAID = 67_000


def buy(engine, world, *lines, **changes):
    request = a_purchase(world, *lines, at=engine.now(), **changes)
    assert said(authorize(engine, request)) == "APPROVED"
    return request.purchase_id


def a_void(world, purchase_id, *, void_id=None, **changes):
    asked = VoidRequest(
        void_id=PurchaseId(void_id or new_uuid7(NOW)),
        purchase_id=PurchaseId(purchase_id),
        place=Place(world.shop_id, world.till_id),
        staff_id=world.staff["PEMILIK"]["staff_id"],
        reason="beras basi",
    )
    return replace(asked, **changes)


def outcome(engine, request):
    """VOIDED, a reason, or why nothing was decided."""
    answer = void(engine, request)
    return answer.value if isinstance(answer, NotVoided) else said(answer)


def lines(quantity, **more):
    return (AskedLine("BERAS-MEDIUM", None, quantity, **more),)


def left(engine, world):
    with engine.database.read() as tx:
        return sum(each.left for each in ledger.tranches_of(tx, world.kpm_id, lock=False))


def owed(engine, world):
    """What is payable to the shop."""
    with engine.database.read() as tx:
        mine = posting.c.account == f"shop:{world.shop_id}"
        return tx.execute(select(func.coalesce(func.sum(posting.c.amount), 0)).where(mine)).scalar()


def texts(engine):
    return " | ".join(each.text for each in engine.sms.messages())

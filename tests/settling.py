"""A settled world: accounts, sales on a day, statements in the bank's form."""

import csv
import io
from datetime import UTC, date, datetime

from sqlalchemy import select

from pos_engine.services import shop_account
from pos_engine.services.authorize import authorize
from pos_engine.services.install import Refused
from pos_engine.services.payer import CardProof
from pos_engine.services.settle import approve_settlement, settle
from pos_engine.services.shop_account import BankAccount
from pos_engine.store.schema import staff
from tests.world import PIN, a_purchase, rice

DAY = date(2026, 11, 21)  # a Saturday: paid on Monday
MONDAY = date(2026, 11, 23)
AFTER = datetime(2026, 11, 21, 17, 15, tzinfo=UTC)  # 00.15 WIB of the next day
ESCROW = "test"
COLUMNS = ("value_date", "account", "entry", "reference", "amount", "currency")


def give_account(engine, shop_id, number="1234567890"):
    account = BankAccount(number, "Sri Wahyuni")
    named = shop_account.name_account(engine, shop_id, "BNINIDJA", account, maker(engine))
    assert not isinstance(named, Refused), named
    shown = shop_account.approve_account(engine, shop_id, checker(engine))
    assert shown.status == "ACTIVE"
    return shown


def buy(engine, world, clock, *, card=None, kilos=1, shop=None):
    """Rice of 13 400 rupiah a kilogram at the time of the clock."""
    request = a_purchase(
        world,
        rice(kilos * 1000),
        proof=CardProof(card or world.card, PIN),
        at=clock(),
    )
    if shop == "other":
        request = type(request)(
            **{name: getattr(request, name) for name in request.__slots__}
            | {"shop_id": world.other_shop_id, "till_id": world.other_till_id}
        )
    answer = authorize(engine, request)
    assert '"APPROVED"' in str(answer), answer
    return kilos * 13_400


def officers(engine):
    """Two officers of the ministry, always in the same order."""
    of_nation = (staff.c.role == "KEMENSOS") & (staff.c.status == "ACTIVE")
    with engine.database.read() as tx:
        found = tx.execute(select(staff.c.staff_id).where(of_nation).order_by(staff.c.staff_id))
        first, second = found.scalars()
    return first, second


def maker(engine):
    return officers(engine)[0]


def checker(engine):
    return officers(engine)[1]


def settled(engine, clock, day=DAY, **options):
    """A settlement as two officers make it."""
    clock.at = max(clock.at, AFTER)
    planned = settle(engine, day, maker(engine), **options)
    assert not isinstance(planned, Refused), planned
    done = approve_settlement(engine, day, checker(engine))
    assert not isinstance(done, Refused), done
    return done


def statement(*rows, columns=COLUMNS):
    """Rows as (value date, entry, reference, amount); the rest is as it should be."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(columns)
    for row in rows:
        when, entry, reference, amount = row
        writer.writerow((when, ESCROW, entry, reference, amount, "IDR"))
    return text.getvalue().encode()

"""What the rules of money must catch, and what they must leave alone."""

from sqlalchemy import BigInteger, Column, Float


def planted(amount, row, unit_price, quantity):
    # ruleid: no-float-money
    half = amount / 2
    # ruleid: no-float-money
    as_float = float(row.balance)
    # ruleid: no-float-money
    rounded = round(unit_price, 2)
    # ok: no-float-money
    total = unit_price * quantity // 1000
    # ok: no-float-money
    share = float(quantity)
    return half, as_float, rounded, total, share


columns = [
    # ruleid: no-float-column
    Column("amount", Float, nullable=False),
    # ok: no-float-column
    Column("amount", BigInteger, nullable=False),
    # ok: no-float-column
    Column("score", Float, nullable=False),
]

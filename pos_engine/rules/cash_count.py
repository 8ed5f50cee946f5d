"""Which counts of ordinary sales a till may tell, and what they say about a shop."""

from datetime import date, timedelta
from enum import StrEnum

COUNT_DAYS_BACK_MAX = 31  # a tablet may have been without signal for so long
CASH_SALES_MAX = 5_000  # of one device in one day: one each ten seconds
CASH_LINES_MAX = 250_000


class Living(StrEnum):
    """Does a shop sell as shops do: a shop that is there for the aid alone is looked at."""

    YES = "YES"
    AID_ONLY = "AID_ONLY"
    SILENT = "SILENT"


def day_may_be_told(day: date, today: date) -> bool:
    """Not of a day to come, and not of one long ago; both are the shop's local days."""
    return today - timedelta(days=COUNT_DAYS_BACK_MAX) <= day <= today


def living(aid_purchases: int, cash_sales: int) -> Living:
    """What both counts together say."""
    if cash_sales:
        return Living.YES
    return Living.AID_ONLY if aid_purchases else Living.SILENT

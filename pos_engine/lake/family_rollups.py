"""Counts of a month that are made of families: who came, failed, was reached, bought.

Families cannot be added up day by day: who came on two days is one. So each is counted for a month
and for every place. Rows of single families are kept of those alone who met a failure.
"""

from pos_engine.lake.datasets import (
    COUNT,
    MOMENT,
    MONEY,
    TEXT,
    WORD,
    YES,
    Column,
    Dataset,
)

BANDS = ((0, 1), (2, 3), (4, 7), (8, 14), (15, 30))  # days from credit to first purchase
DEPTHS = (0, 2, 5, 8, 13)  # length of a code: nation, province, regency, district, village
_MONTH = "the first day of the month"
_DEPTH = Column("depth", COUNT, "length of the code of the place that is looked at: 0 2 5 8 13")
_WITHIN = Column("within", TEXT, "the place that is looked at; empty: the nation")
_PLACE = Column("place", TEXT, "the place just inside")
CAME = Dataset(
    "families_came",
    "How many families came in a month, successful or not, by place and by way of proof.",
    _MONTH,
    (
        _DEPTH,
        Column("place", TEXT, "the place; empty: the nation"),
        Column("by_method", YES, "counted by way of proof; else all ways together"),
        Column("method", WORD, "the way"),
        Column("families", COUNT, "how many"),
    ),
    ("by_method", "depth", "place", "method"),
    by_province=False,
)
FAILED = Dataset(
    "families_failed",
    "One row for each family that could not be served in a month, place and way: its first failure"
    " there, and its first purchase from then on.",
    _MONTH,
    (
        Column("region", WORD, "the shop's place: PP.RR.DD.VVVV"),
        Column("family_key", COUNT, "the first 60 bits of the family's pseudonym"),
        Column("method", WORD, "the way that failed"),
        Column("age_band", WORD, "age of the family's head; null when no attempt told it"),
        Column("failed_at", MOMENT, "the first failure"),
        Column("served_at", MOMENT, "the first purchase from then on, anywhere"),
        Column("served_near_at", MOMENT, "the first one in the same province"),
    ),
    ("region", "failed_at", "family_key", "method"),
    by_province=False,
)
WAITED = Dataset(
    "families_waited",
    "Families credited in a month by the place where they live: how many never came within so many"
    " days of it.",
    _MONTH,
    (
        _DEPTH,
        _WITHIN,
        _PLACE,
        Column("days", COUNT, "within how many days"),
        Column("families", COUNT, "how many were credited"),
        Column("never", COUNT, "of them: did not come within these days"),
        Column("pending", COUNT, "of them: these days are not over"),
    ),
    ("days", "depth", "within", "place"),
    by_province=False,
)
REACHED = Dataset(
    "families_reached",
    "Families credited in a month by the place where they live: who bought since, and when.",
    _MONTH,
    (
        _DEPTH,
        _WITHIN,
        _PLACE,
        Column("families", COUNT, "how many were credited"),
        Column("bought", COUNT, "of them: bought since"),
        Column("turned_away", COUNT, "of them: tried and bought nothing"),
        Column("silent", COUNT, "of them: neither tried nor bought"),
        Column("credited", MONEY, "rupiah credited"),
        Column("spent", MONEY, "rupiah that they spent since"),
        *(
            Column(f"days_{first}_{last}", COUNT, f"first bought after {first} to {last} days")
            for first, last in BANDS
        ),
        Column("days_later", COUNT, "first bought later"),
    ),
    ("depth", "within", "place"),
    by_province=False,
)
BOUGHT = Dataset(
    "families_bought",
    "Families that bought in a month, by province; the nation's row tells of those that were"
    " refused or failed.",
    _MONTH,
    (
        Column("province", WORD, "PP; empty: the nation"),
        Column("families", COUNT, "how many bought"),
        Column("refused", COUNT, "how many were refused or failed to prove themselves"),
        Column("never_bought", COUNT, "of those: never bought"),
    ),
    ("province",),
    by_province=False,
)
OF_FAMILIES = (CAME, FAILED, WAITED, REACHED, BOUGHT)

"""What stands in the lake: each dataset with its columns, their types and their meanings.

A new column gets `since`, the next version of its dataset, and stays null in what was written
before; a column is never renamed nor removed. The data dictionary is made from this file.
"""

from dataclasses import dataclass

import pyarrow as pa

DATASET_KEY, VERSION_KEY = b"ewarong.dataset", b"ewarong.version"
TEXT, COUNT, MONEY, SMALL = pa.string(), pa.int64(), pa.int64(), pa.int16()
MOMENT, LOCAL = pa.timestamp("us", tz="UTC"), pa.timestamp("us")
DAY, REAL, YES = pa.date32(), pa.float64(), pa.bool_()
WORD = pa.dictionary(pa.int32(), pa.string())  # few values: written once a file
NO_LINE = -1  # the line of a purchase or return that names none


@dataclass(frozen=True, slots=True)
class Column:
    """One column. `since` is the version of its dataset that brought it."""

    name: str
    type: pa.DataType
    meaning: str
    since: int = 1


@dataclass(frozen=True, slots=True)
class Dataset:
    """Rows of one kind, in folders `day=YYYY-MM-DD/province=PP` (a rollup: `day=` alone)."""

    name: str
    meaning: str
    day: str  # what the partition's day is
    columns: tuple[Column, ...]
    order: tuple[str, ...]  # rows of a compacted file
    by_province: bool = True

    @property
    def version(self) -> int:
        """The newest version of its columns."""
        return max(each.since for each in self.columns)

    @property
    def schema(self) -> pa.Schema:
        """The columns of a file; day and province stand in its path.

        Words are plain text here: Parquet writes a dictionary for each file by itself.
        """
        fields = [pa.field(each.name, _plain(each.type)) for each in self.columns]
        version = str(self.version).encode()
        return pa.schema(fields, {DATASET_KEY: self.name.encode(), VERSION_KEY: version})


def _plain(kind: pa.DataType) -> pa.DataType:
    return kind.value_type if pa.types.is_dictionary(kind) else kind


_WHERE = (
    Column("region", WORD, "Kemendagri code of the place, as deep as it is known: PP.RR.DD.VVVV"),
    Column("regency", WORD, "its first five characters: PP.RR"),
)
_SHOP = (
    Column("shop_id", WORD, "the shop"),
    Column("till_id", WORD, "the till"),
    Column("staff_id", WORD, "who sat at the till"),
)
_FAMILY = Column("family", TEXT, "keyed pseudonym of the family; null when nobody was found")

PURCHASES = Dataset(
    "purchases",
    "One row for each line of each purchase, approved or refused. A refusal without lines has one"
    " row with line -1.",
    "the shop's local day by which the purchase was judged",
    (
        Column("purchase_id", TEXT, "id of the purchase, the same in all its rows"),
        Column("line", SMALL, "place of the line, from 0; -1: the purchase names none"),
        Column("lines", SMALL, "how many lines the purchase has"),
        *_WHERE,
        *_SHOP,
        _FAMILY,
        Column("person", TEXT, "keyed pseudonym of the person who paid; null when unknown"),
        Column("family_district", WORD, "PP.RR.DD where the family lives"),
        Column("status", WORD, "APPROVED or DECLINED, as it was decided; returns are in `returns`"),
        Column("reason", WORD, "why it was refused"),
        Column("method", WORD, "the proof of who pays: KKS, PHONE, FACE, KTP, QR, ..."),
        Column("amount", MONEY, "rupiah of the whole purchase; count it on line 0 (or -1) alone"),
        Column(
            "balance_before",
            MONEY,
            "rupiah she could spend before; null of refusals, and in PostgreSQL",
        ),
        Column("sku", WORD, "the good; null when it is unknown"),
        Column("name", WORD, "its name"),
        Column("gtin", WORD, "the pack's bar code, when it was scanned"),
        Column("quantity_milli", COUNT, "thousandths of the unit"),
        Column("unit", WORD, "the unit of quantity and price"),
        Column("unit_price", MONEY, "rupiah for one unit"),
        Column("line_total", MONEY, "rupiah of the line"),
        Column("verdict", WORD, "OK, or why the line was refused"),
        Column("line_flags", WORD, "what is noted of the line, words with a blank between"),
        Column("ceiling", MONEY, "rupiah: the highest lawful price of one unit; null without one"),
        Column("ceiling_kind", WORD, "HET, HAP or LOCAL"),
        Column("regulation", WORD, "where the ceiling stands"),
        Column("flags", WORD, "what is noted of the purchase, words with a blank between"),
        Column("policy", WORD, "the policy version that judged it"),
        Column("price_book", WORD, "the catalogue version that judged it"),
        Column("number", TEXT, "the receipt's number"),
        Column("occurred_at", MOMENT, "when the till says it happened"),
        Column("decided_at", MOMENT, "when the engine decided: a report as of then knows it"),
        Column("local_time", LOCAL, "decided_at by the shop's clock"),
    ),
    ("regency", "shop_id", "decided_at", "purchase_id", "line"),
)

RETURNS = Dataset(
    "returns",
    "One row for each returned line of a void or reversal; one with line -1 when it names none.",
    "the day of the purchase (not of the return), so that both lie side by side",
    (
        Column("return_id", TEXT, "id of the void or reversal"),
        Column("purchase_id", TEXT, "what was returned"),
        Column("line", SMALL, "place of the line in the purchase; -1: no line is named"),
        Column("kind", WORD, "VOID by the shop's owner, REVERSAL by officers"),
        *_WHERE,
        Column("shop_id", WORD, "the shop"),
        _FAMILY,
        Column("quantity_milli", COUNT, "thousandths of the unit that came back"),
        Column("amount", MONEY, "rupiah of this line that came back"),
        Column("total", MONEY, "rupiah of the whole return, the same in all its rows"),
        Column("unusable", MONEY, "of the total: into a tranche that may not be spent any more"),
        Column("made_by", WORD, "which owner or officer"),
        Column("approved_by", WORD, "the second officer of a reversal"),
        Column("made_at", MOMENT, "when it was returned: a report as of then knows it"),
        Column("local_time", LOCAL, "made_at by the shop's clock"),
    ),
    ("regency", "shop_id", "made_at", "return_id", "line"),
)

ATTEMPTS = Dataset(
    "attempts",
    "One row for each attempt to prove who somebody is. Of the card only failures are kept:"
    " its successes are purchases.",
    "the shop's local day of the attempt",
    (
        Column("attempt_id", TEXT, "id of the attempt"),
        *_WHERE,
        *_SHOP,
        _FAMILY,
        Column("age_band", WORD, "age of the family's head that day: 0-29 30-44 45-59 60-74 75+"),
        Column("method", WORD, "KKS, PHONE, FACE, KTP, QR, DELEGATE, SUPERVISED"),
        Column("outcome", WORD, "IDENTIFIED, STEP_UP, NOT_IDENTIFIED, RETAKE, FAILED, ..."),
        Column("reason", WORD, "why it failed"),
        Column("failed", YES, "did it fail; a step-up that is merely asked for did not"),
        Column("scope", WORD, "among whom a face was searched"),
        Column("gallery_size", COUNT, "how many templates that were"),
        Column("score", REAL, "likeness of the best"),
        Column("margin", REAL, "and how far the next family was"),
        Column("fpir_estimate", REAL, "risk that a stranger is found in a gallery of this size"),
        Column("model_id", WORD, "the face model"),
        Column("quote_id", TEXT, "the quote that was open"),
        Column("tried_at", MOMENT, "when: a report as of then knows it"),
        Column("local_time", LOCAL, "tried_at by the shop's clock"),
    ),
    ("regency", "shop_id", "tried_at", "attempt_id"),
)

MOVEMENTS = Dataset(
    "movements",
    "One row for each leg on a family's tranche that is not a purchase of goods: disbursement"
    " (CREDIT), returns of credits, idle money to the treasury, voids, reversals, carried money.",
    "the local day of the family's region",
    (
        Column("txn_id", TEXT, "id of the movement; a disbursement: run and chunk"),
        Column("leg", COUNT, "place of the leg in its movement and shard"),
        Column("shard", SMALL, "shard of the family"),
        *_WHERE,
        _FAMILY,
        Column("kind", WORD, "CREDIT, RETURN, TREASURY, VOID, REVERSAL, CARRIED, PURCHASE"),
        Column("amount", MONEY, "rupiah, above zero into the tranche"),
        Column("programme", WORD, "the programme of the tranche"),
        Column("period", WORD, "its period"),
        Column("run_id", WORD, "the disbursement that made the tranche"),
        Column("custodian", WORD, "ENGINE or the bank that keeps the money"),
        Column("expires_on", DAY, "its last usable day"),
        Column("posted_at", MOMENT, "when: a report as of then knows it"),
    ),
    ("regency", "posted_at", "txn_id", "shard", "leg"),
)

OFFLINE_OUTCOMES = Dataset(
    "offline_outcomes",
    "One row for each sale without signal that has its last outcome, as its tablet signed it. The"
    " purchase that was made of it is in `purchases` too.",
    "the shop's local day of the sale; of receipt when the sale has no time",
    (
        Column("envelope_id", TEXT, "hash of what the tablet signed"),
        *_WHERE,
        Column("shop_id", WORD, "the shop of the tablet"),
        Column("till_id", WORD, "the till of the tablet"),
        Column("device_id", WORD, "the tablet"),
        Column("seq", COUNT, "its number in the tablet's chain"),
        _FAMILY,
        Column("purchase_id", TEXT, "the purchase that it names; another sale may have that name"),
        Column("outcome", WORD, "ACCEPTED, ACCEPTED_LATE, PAID_FROM_BALANCE, PROGRAMME_LOSS, ..."),
        Column("reason", WORD, "why the shop bears it"),
        Column("amount", MONEY, "rupiah that the tablet signed"),
        Column("taken", MONEY, "rupiah that were paid for it, whoever paid"),
        Column("flags", WORD, "what is noted of it, words with a blank between"),
        Column("source", WORD, "SYNC by the tablet, RESCAN or IMPORT by people"),
        Column("number", TEXT, "number of the receipt"),
        Column("sold_at", MOMENT, "when it was sold by the engine's time; null when nobody knows"),
        Column("received_at", MOMENT, "when it came"),
        Column("settled_at", MOMENT, "when it got its outcome: a report as of then knows it"),
        Column("local_time", LOCAL, "sold_at, else received_at, by the shop's clock"),
    ),
    ("regency", "shop_id", "settled_at", "envelope_id"),
)
DATASETS = {each.name: each for each in (PURCHASES, RETURNS, ATTEMPTS, MOVEMENTS, OFFLINE_OUTCOMES)}

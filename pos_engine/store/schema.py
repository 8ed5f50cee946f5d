"""Tables. Every primary key starts with the shard, but for the claim and the directory."""

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    Column,
    Date,
    Float,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    Text,
)
from sqlalchemy import text as sql_text

from pos_engine.store import schema_parts  # noqa: F401 - tables of the same metadata
from pos_engine.store.columns import Instant, metadata
from pos_engine.store.columns import key_column as _key
from pos_engine.store.columns import moment_column as _at
from pos_engine.store.columns import money_column as _money
from pos_engine.store.columns import shard_column as _shard
from pos_engine.store.columns import table as _table
from pos_engine.store.columns import text_column as _text

__all__ = ["Instant", "metadata"]  # what is made elsewhere and found here
OF_SHOPS = "account >= 'shop:' AND account < 'shop;'"  # written out: a partial index asks for it
NO_TRY = sql_text("tries_left <= 0")

# ---- the installation, its rules and its people --------------------------------------------
installation = _table("installation", _shard(), _key("name"), Column("value", Text, nullable=False))

catalogue = _table(
    "catalogue",
    _shard(),
    _key("version"),
    Column("files", JSON, nullable=False),
    _at("loaded_at"),
    _text("loaded_by"),
)

shop = _table(
    "shop",
    _shard(),
    _key("shop_id"),
    _text("name", 120),
    _text("region", 13),
    _text("status", 16),
    _at("created_at"),
)

till = _table(
    "till", _shard(), _key("till_id"), _text("shop_id"), _text("status", 16), _at("created_at")
)

device = _table(
    "device",
    _shard(),
    _key("device_id"),
    _text("till_id", nullable=True),
    _text("shop_id", nullable=True),
    Column("secret_hash", LargeBinary, nullable=False),
    _text("status", 16),
    _at("created_at"),
)

staff = _table(
    "staff",
    _shard(),
    _key("staff_id"),
    _text("name", 120),
    _text("role", 16),
    _text("shop_id", nullable=True),
    _text("region", 13, nullable=True),
    _text("pin_hash", 200),
    Column("tries_left", SmallInteger, nullable=False),
    _text("status", 16),
    _at("created_at"),
)

session = _table(
    "session",
    _shard(),
    _key("session_id"),
    _text("staff_id"),
    _text("device_id"),
    Column("refresh_hash", LargeBinary, nullable=False),
    Column("previous_hash", LargeBinary, nullable=True),
    _at("previous_until", nullable=True),
    _at("expires_at"),
    _at("ended_at", nullable=True),
    Index("session_staff", "staff_id"),
)

# ---- families and how they are known -------------------------------------------------------
family = _table(
    "family",
    _shard(),
    _key("kpm_id"),
    _text("region", 13),
    _text("home_shop_id"),
    _text("status", 16),
    _at("created_at"),
    _text("programme", 16, nullable=True),
    _text("registry_run", nullable=True),  # the import that brought it, and by which row
    Column("registry_row", Integer, nullable=True),
    # the galleries of a face search: a shop's families, then the village
    Index("family_home_shop", "home_shop_id"),
    Index("family_region", "region"),
)

person = _table(
    "person",
    _shard(),
    _key("person_id"),
    _text("kpm_id"),
    _text("name", 120),
    Column("birth_date", Date, nullable=True),
    _text("sex", 1, nullable=True),
    _text("role", 16),
    _at("created_at"),
    _text("nik_status", 16, nullable=True),
    Column("nik_sealed", LargeBinary, nullable=True),
    Index("person_family", "shard", "kpm_id"),
    Index("person_birth_date", "birth_date"),  # a face search that knows the birth date
)

# The directory: from a keyed hash of a number to the family. One row a number in the nation.
credential = _table(
    "credential",
    _key("kind"),
    Column("lookup_hmac", LargeBinary(32), primary_key=True),
    Column("shard", SmallInteger, nullable=False),
    _text("kpm_id"),
    _text("person_id"),
    _text("reference"),
    _at("created_at"),
)

card = _table(
    "card",
    _shard(),
    _key("card_id"),
    _text("kpm_id"),
    _text("person_id"),
    _text("last4", 4),
    _text("status", 16),
    _at("created_at"),
    _text("reason", 32, nullable=True),  # why it was not handed over
    Index("card_family", "shard", "kpm_id"),
    Index("card_created_at", "created_at"),  # the worker looks for those that ran out
)

pin = _table(
    "pin",
    _shard(),
    _key("kpm_id"),
    Column("verifier", LargeBinary(32), nullable=False),
    Column("tries_left", SmallInteger, nullable=False),
    _at("changed_at"),
    Index("pin_without_tries", "shard", "kpm_id", sqlite_where=NO_TRY, postgresql_where=NO_TRY),
)

phone = _table(
    "phone",
    _shard(),
    _key("phone_id"),
    _text("kpm_id"),
    _text("person_id"),
    Column("sealed", LargeBinary, nullable=False),
    _text("status", 16),
    _at("created_at"),
    _at("usable_from", nullable=True),  # of a number that replaces another
    Index("phone_family", "shard", "kpm_id"),
    Index("phone_usable_from", "usable_from"),
)

template = _table(
    "template",
    _shard(),
    _key("template_id"),
    _text("kpm_id"),
    _text("person_id"),
    _text("model_id"),
    Column("version", Integer, nullable=False),
    _text("source", 12),
    Column("sealed", LargeBinary, nullable=False),
    Column("quality", SmallInteger, nullable=False),
    # the log entry by which it is searched; none before it is in force and after it was revoked
    Column("number", BigInteger, nullable=True),
    _at("created_at"),
    _at("revoked_at", nullable=True),
    Index("template_family", "shard", "kpm_id"),
    Index("template_number", "number", unique=True),
)

# Who may be found by face, in one order for the whole nation: one row is the newest number, and
# its lock makes its holder the one writer, so that numbers are committed in order without holes.
template_head = _table("template_head", _shard(), Column("number", BigInteger, nullable=False))

template_log = _table(
    "template_log",
    _shard(),
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    _text("kind", 8),
    Column("enlisted", BigInteger, nullable=False),  # for REVOKED: the number that it ends
    _text("template_id"),
    _text("kpm_id"),
    _at("at"),
)

one_time_code = _table(
    "one_time_code",
    _shard(),
    _key("code_id"),
    _text("kpm_id"),
    _text("person_id"),
    _text("shop_id"),
    _text("purchase_id"),
    _money("amount_max"),
    Column("code_hmac", LargeBinary(32), nullable=False),
    Column("tries_left", SmallInteger, nullable=False),
    _at("sent_at"),
    _at("expires_at"),
    _at("used_at", nullable=True),
    Index("one_time_code_purchase", "shard", "kpm_id", "purchase_id"),
)

challenge = _table(
    "challenge",
    _shard(),
    _key("challenge_id"),
    _text("shop_id"),
    _text("till_id"),
    _text("action", 16),
    _at("expires_at"),
    _at("used_at", nullable=True),
)

payer_token_use = _table(
    "payer_token_use", _shard(), _key("token_id"), _text("purchase_id"), _at("used_at")
)

identity_attempt = _table(
    "identity_attempt",
    _shard(),
    _key("attempt_id"),
    _text("shop_id"),
    _text("till_id"),
    _text("staff_id"),
    _text("kpm_id", nullable=True),
    _text("method", 16),
    _text("outcome", 16),
    _text("reason", 32, nullable=True),
    _text("scope", 12, nullable=True),
    Column("gallery_size", Integer, nullable=True),
    Column("score", Float, nullable=True),
    Column("margin", Float, nullable=True),
    Column("fpir_estimate", Float, nullable=True),
    _text("model_id", nullable=True),
    _text("quote_id", nullable=True),
    _at("at"),
    Index("identity_attempt_family", "kpm_id", "at"),  # wrong birth dates of a day are counted
    Index("identity_attempt_till", "till_id", "at"),  # what a visit has tried, what a till fails
    Index("identity_attempt_shop", "shop_id", "at"),
)

# ---- money ---------------------------------------------------------------------------------
wallet = _table(
    "wallet",
    _shard(),
    _key("wallet_id"),
    _text("kpm_id"),
    _text("programme", 16),
    _text("period", 20),
    _money("credited"),
    _money("spent"),
    _money("held"),
    Column("expires_on", Date, nullable=False),
    _text("custodian", 16),
    _text("status", 16),
    _text("run_id"),
    CheckConstraint("credited >= 0 AND spent >= 0 AND held >= 0", name="wallet_not_negative"),
    CheckConstraint("spent + held <= credited", name="wallet_not_overdrawn"),
    Index("wallet_family", "shard", "kpm_id"),
    postgresql_with={"fillfactor": "80"},  # room for HOT updates of `spent`
)

purchase_claim = _table(
    "purchase_claim",
    Column("claim_shard", SmallInteger, primary_key=True, autoincrement=False),
    _key("purchase_id"),
    Column("content", LargeBinary(32), nullable=False),
    Column("home_shard", SmallInteger, nullable=False),
    _text("kpm_id", nullable=True),
    _text("shop_id"),
    Column("answer", Text, nullable=True),  # null: claimed, and to be decided at home
    Index(
        "purchase_claim_open",
        "claim_shard",
        "purchase_id",
        sqlite_where=sql_text("answer IS NULL"),
        postgresql_where=sql_text("answer IS NULL"),
    ),
)

purchase = _table(
    "purchase",
    _shard(),
    _key("purchase_id"),
    _text("kpm_id", nullable=True),
    _text("person_id", nullable=True),
    _text("shop_id"),
    _text("till_id"),
    _text("staff_id"),
    _text("region", 13),
    _text("status", 16),
    _text("reason", 32, nullable=True),
    _text("method", 16),
    _money("amount"),
    Column("lines", JSON, nullable=False),
    Column("flags", JSON, nullable=False),
    _text("policy"),
    _text("price_book"),
    _text("number"),
    Column("day", Date, nullable=False),
    _at("occurred_at"),
    _at("decided_at"),
    Index("purchase_family", "shard", "kpm_id"),  # what a family reads of her own
    Index("purchase_shop_day", "shop_id", "day"),
    Index("purchase_day", "day"),
)

posting = _table(
    "posting",
    _shard(),
    _key("txn_id"),
    Column("leg", SmallInteger, primary_key=True, autoincrement=False),
    _text("account", 100),
    _money("amount"),
    _text("kind", 16),
    _at("posted_at"),
    # A settlement reads one window of time. PostgreSQL keeps a few bytes for each hundred pages
    # (rows lie in the order of their time), SQLite an entry for each leg of a shop.
    Index(
        "posting_of_shops",
        "posted_at",
        sqlite_where=sql_text(OF_SHOPS),
        postgresql_using="brin",
        postgresql_with={"autosummarize": "on"},
    ),
)

outbox = _table(
    "outbox",
    _shard(),
    _key("event_id"),
    _text("kind", 32),
    _text("kpm_id", nullable=True),
    _text("subject_id"),
    _text("state", 12),
    Column("tries", SmallInteger, nullable=False),
    _at("created_at"),
    _at("done_at", nullable=True),
    Index("outbox_state", "state"),  # rows are taken by state, never by an id cursor
)

disbursement_run = _table(
    "disbursement_run",
    _shard(),
    _key("run_id"),
    _text("programme", 16),
    _text("period", 20),
    _text("file_sha256"),
    Column("expected_count", Integer, nullable=False),
    _money("expected_total"),
    Column("expires_on", Date, nullable=False),
    _text("status", 16),
    Column("papers", JSON, nullable=False),
    _text("made_by"),
    _text("approved_by", nullable=True),
    _at("created_at"),
    _at("approved_at", nullable=True),
)

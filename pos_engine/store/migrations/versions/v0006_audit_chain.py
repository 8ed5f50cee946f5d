"""The audit chain. Triggers announce each fact in its own transaction; older facts wait too."""

import sqlalchemy as sa
from alembic import op

from pos_engine.store.schema import Instant

revision = "0006"
down_revision = "0005"

# table, kind, subject, and which rows announce the fact
FACTS = (
    ("purchase", "PURCHASE", "purchase_id", "1 = 1"),
    ("posting", "MOVEMENT", "txn_id", "{row}.leg = 0"),
    ("catalogue", "CATALOGUE", "version", "1 = 1"),
    ("template_log", "TEMPLATE_LOG", "number", "1 = 1"),
    ("enrolment_event", "ENROLMENT_EVENT", "event_id", "1 = 1"),
    ("disbursement_run", "RUN", "run_id", "{row}.status <> 'STAGED'"),
)
CHANGING = ("disbursement_run",)  # the only one whose rows become a fact by an update


def _shard() -> sa.Column[int]:
    return sa.Column("shard", sa.SmallInteger(), autoincrement=False, nullable=False)


def _hash(name: str, *, nullable: bool = False) -> sa.Column[bytes]:
    return sa.Column(name, sa.LargeBinary(length=32), nullable=nullable)


def _number(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger(), autoincrement=False, nullable=False)


def _text(name: str, length: int = 64, *, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.String(length=length), nullable=nullable)


def upgrade() -> None:
    op.create_table(
        "audit_pending",
        _shard(),
        _text("kind"),
        _text("subject_id"),
        sa.PrimaryKeyConstraint("shard", "kind", "subject_id"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "audit_leaf",
        _shard(),
        _number("batch"),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        _text("kind", 16),
        _text("subject_id"),
        sa.Column("row_format", sa.SmallInteger(), nullable=False),
        _hash("row_hash"),
        _hash("receipt", nullable=True),
        _text("label", nullable=True),
        sa.PrimaryKeyConstraint("shard", "batch", "position"),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "audit_leaf_subject", "audit_leaf", ["shard", "kind", "subject_id"], unique=True
    )
    op.create_index("audit_leaf_receipt", "audit_leaf", ["receipt"], unique=False)
    op.create_index("audit_leaf_label", "audit_leaf", ["label"], unique=False)
    op.create_table(
        "audit_seal",
        _shard(),
        _number("n"),
        _hash("prev"),
        _hash("root"),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("sealed_at", Instant, nullable=False),
        _hash("hash"),
        sa.PrimaryKeyConstraint("shard", "n"),
        sqlite_with_rowid=False,
    )
    op.create_index("audit_seal_day", "audit_seal", ["day"], unique=False)
    op.create_table(
        "audit_day_shard",
        _shard(),
        sa.Column("day", sa.Date(), nullable=False),
        _hash("root"),
        sa.Column("seals", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("shard", "day"),
        sqlite_with_rowid=False,
    )
    op.create_index("audit_day_shard_day", "audit_day_shard", ["day"], unique=False)
    op.create_table(
        "audit_day",
        _shard(),
        sa.Column("day", sa.Date(), nullable=False),
        _hash("prev"),
        _hash("root"),
        _number("seals"),
        sa.Column("closed_at", Instant, nullable=False),
        _text("signature", 128),
        _text("key_id", 32),
        sa.PrimaryKeyConstraint("shard", "day"),
        sqlite_with_rowid=False,
    )
    announce = _announce_postgres if op.get_bind().dialect.name == "postgresql" else _announce
    for table, kind, subject, when in FACTS:
        changes = ["INSERT", *(["UPDATE"] if table in CHANGING else [])]
        for change in changes:
            announce(table, change, _waits(kind, subject, when))
        op.execute(_waits(kind, subject, when).format(source=table, row=table))


def _waits(kind: str, subject: str, when: str) -> str:
    """The statement that lets rows wait; `source` and `row` are filled in."""
    return (
        "INSERT INTO audit_pending (shard, kind, subject_id) "  # noqa: S608 - our own names
        f"SELECT shard, '{kind}', CAST({subject} AS VARCHAR(64)) FROM {{source}} WHERE {when} "
        "ON CONFLICT DO NOTHING"
    )


def _announce(table: str, change: str, waits: str) -> None:
    """SQLite: a trigger a row."""
    columns = {"posting": "leg", "disbursement_run": "status"}
    subject = waits.partition("CAST(")[2].partition(" AS")[0]
    names = [subject, *([columns[table]] if table in columns else [])]
    fresh = ", ".join(f"NEW.{name} AS {name}" for name in ("shard", *names))
    body = waits.format(source=f"(SELECT {fresh}) AS fresh", row="fresh")
    op.execute(
        f"CREATE TRIGGER audit_{table}_{change.lower()} AFTER {change} ON {table} BEGIN {body}; END"
    )


def _announce_postgres(table: str, change: str, waits: str) -> None:
    """PostgreSQL: one trigger a statement, however many rows it writes."""
    name = f"audit_{table}_{change.lower()}"
    body = waits.format(source="fresh", row="fresh")
    op.execute(
        f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN {body}; RETURN NULL; END $$"
    )
    op.execute(
        f"CREATE TRIGGER {name} AFTER {change} ON {table} REFERENCING NEW TABLE AS fresh "
        f"FOR EACH STATEMENT EXECUTE FUNCTION {name}()"
    )

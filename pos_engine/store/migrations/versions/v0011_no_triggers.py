"""The audit chain without triggers: who writes a fact announces it; one row a shard is the lock.

What waited when the triggers went still waits. A run is a fact from its approval on, and each step
of it is one: those of before wait for their seal now. And a table of how long answers took.
"""

import sqlalchemy as sa
from alembic import op

from pos_engine.store.schema import Instant

revision = "0011"
down_revision = "0010"

SHARDS = 1024
TRIGGERS = (
    ("purchase", "insert"),
    ("posting", "insert"),
    ("catalogue", "insert"),
    ("template_log", "insert"),
    ("enrolment_event", "insert"),
    ("disbursement_run", "insert"),
    ("disbursement_run", "update"),
)


def upgrade() -> None:
    on_postgres = op.get_bind().dialect.name == "postgresql"
    for table, change in TRIGGERS:
        name = f"audit_{table}_{change}"
        op.execute(f"DROP TRIGGER {name}" + (f" ON {table}" if on_postgres else ""))
        if on_postgres:
            op.execute(f"DROP FUNCTION {name}()")
    op.execute(
        "DELETE FROM audit_pending WHERE kind = 'RUN' AND subject_id IN "
        "(SELECT run_id FROM disbursement_run WHERE approved_at IS NULL)"
    )
    op.execute(
        "INSERT INTO audit_pending (shard, kind, subject_id) "
        "SELECT shard, 'RUN_EVENT', run_id || ':' || CAST(number AS VARCHAR(64)) "
        "FROM disbursement_event"
    )
    head = op.create_table(
        "audit_head",
        sa.Column("shard", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("n", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("shard"),
        sqlite_with_rowid=False,
    )
    op.bulk_insert(head, [{"shard": shard, "n": 0} for shard in range(SHARDS)])
    op.execute(
        "UPDATE audit_head SET n = COALESCE("
        "(SELECT MAX(n) FROM audit_seal WHERE audit_seal.shard = audit_head.shard), 0)"
    )
    op.create_table(
        "answer_latency",
        sa.Column("shard", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("process", sa.String(length=64), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("since", Instant, nullable=False),
        sa.Column("until", Instant, nullable=False),
        sa.Column("counts", sa.JSON(), nullable=False),
        sa.Column("turned_away", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("shard", "process", "number"),
        sqlite_with_rowid=False,
    )
    op.create_index("answer_latency_until", "answer_latency", ["until"], unique=False)

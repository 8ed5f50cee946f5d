"""What officers do with complaints: kinds, due dates, steps, photos."""

from datetime import timedelta

import sqlalchemy as sa
from alembic import op

from pos_engine.store.schema import Instant

revision = "0026"
down_revision = "0025"
ANSWER_WITHIN = timedelta(days=3)  # of complaints from before


def _text(name: str, length: int = 64, *, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.String(length=length), nullable=nullable)


def _shard() -> sa.Column[int]:
    return sa.Column("shard", sa.SmallInteger(), autoincrement=False, nullable=False)


def upgrade() -> None:
    """Complaints from before are of the kind OTHER, due three days after they came."""
    op.create_table(
        "complaint_case",
        _shard(),
        _text("complaint_id"),
        _text("kind", 12),
        _text("region", 13),
        _text("shop_id", nullable=True),
        _text("shop_region", 13, nullable=True),
        sa.Column("line", sa.SmallInteger(), nullable=True),
        _text("brought_by", nullable=True),
        sa.Column("due_at", Instant, nullable=False),
        sa.Column("escalated_at", Instant, nullable=True),
        _text("taken_by", nullable=True),
        _text("swap", 12, nullable=True),
        sa.PrimaryKeyConstraint("shard", "complaint_id"),
        sqlite_with_rowid=False,
    )
    op.create_index("complaint_case_due", "complaint_case", ["due_at"])
    op.create_index("complaint_case_shop", "complaint_case", ["shop_id", "swap"])
    op.create_table(
        "complaint_event",
        _shard(),
        _text("event_id"),
        _text("complaint_id"),
        sa.Column("number", sa.SmallInteger(), nullable=False),
        _text("kind", 16),
        _text("detail", 200, nullable=True),
        _text("by_id"),
        sa.Column("at", Instant, nullable=False),
        sa.PrimaryKeyConstraint("shard", "event_id"),
        sqlite_with_rowid=False,
    )
    op.create_index("complaint_event_of", "complaint_event", ["shard", "complaint_id"])
    op.create_table(
        "complaint_photo",
        _shard(),
        _text("complaint_id"),
        _text("media_type", 16),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("kept_at", Instant, nullable=False),
        sa.PrimaryKeyConstraint("shard", "complaint_id"),
        sqlite_with_rowid=False,
    )
    _cases_of_before()


def _cases_of_before() -> None:
    connection = op.get_bind()
    rows = connection.execute(
        sa.text(
            "SELECT c.shard, c.complaint_id, f.region, p.shop_id, p.region AS shop_region, "
            "c.opened_at FROM complaint c "
            "JOIN family f ON f.shard = c.shard AND f.kpm_id = c.kpm_id "
            "LEFT JOIN purchase p ON p.shard = c.shard AND p.purchase_id = c.purchase_id"
        ).columns(
            shard=sa.SmallInteger(),
            complaint_id=sa.String(),
            region=sa.String(),
            shop_id=sa.String(),
            shop_region=sa.String(),
            opened_at=Instant,
        )
    ).mappings()
    cases = sa.table(
        "complaint_case",
        *(sa.column(name) for name in ("shard", "complaint_id", "kind", "region", "shop_id")),
        sa.column("shop_region"),
        sa.column("due_at", Instant),
    )
    for row in rows.all():
        values = {name: row[name] for name in row if name != "opened_at"}
        due_at = row["opened_at"] + ANSWER_WITHIN
        connection.execute(cases.insert().values(kind="OTHER", due_at=due_at, **values))

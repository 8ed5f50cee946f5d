"""The order in which templates come into force and go: what an index in memory follows."""

import sqlalchemy as sa
from alembic import op

from pos_engine.store.schema import Instant

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    head = op.create_table(
        "template_head",
        sa.Column("shard", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("shard"),
        sqlite_with_rowid=False,
    )
    log = op.create_table(
        "template_log",
        sa.Column("shard", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("enlisted", sa.BigInteger(), nullable=False),
        sa.Column("template_id", sa.String(length=64), nullable=False),
        sa.Column("kpm_id", sa.String(length=64), nullable=False),
        sa.Column("at", Instant, nullable=False),
        sa.PrimaryKeyConstraint("shard", "number"),
        sqlite_with_rowid=False,
    )
    source = sa.Column("source", sa.String(length=12), server_default="ENROLMENT", nullable=False)
    op.add_column("template", source)
    op.add_column("template", sa.Column("number", sa.BigInteger(), nullable=True))
    _enlist_those_in_force(head, log)
    op.create_index("template_number", "template", ["number"], unique=True)


def _enlist_those_in_force(head: sa.Table, log: sa.Table) -> None:
    """Templates of before get their numbers in the order they were made."""
    bind = op.get_bind()
    template = sa.table(
        "template",
        sa.column("shard", sa.SmallInteger()),
        sa.column("template_id", sa.String()),
        sa.column("kpm_id", sa.String()),
        sa.column("number", sa.BigInteger()),
        sa.column("created_at", Instant()),
        sa.column("revoked_at", Instant()),
    )
    living = bind.execute(
        sa.select(
            template.c.shard, template.c.template_id, template.c.kpm_id, template.c.created_at
        )
        .where(template.c.revoked_at.is_(None))
        .order_by(template.c.created_at, template.c.template_id)
    ).all()
    for number, row in enumerate(living, 1):
        mine = (template.c.shard == row.shard, template.c.template_id == row.template_id)
        bind.execute(sa.update(template).where(*mine).values(number=number))
        entry = sa.insert(log).values(
            shard=0,
            number=number,
            kind="ENLISTED",
            enlisted=number,
            template_id=row.template_id,
            kpm_id=row.kpm_id,
            at=row.created_at,
        )
        bind.execute(entry)
    bind.execute(sa.insert(head).values(shard=0, number=len(living)))

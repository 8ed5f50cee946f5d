"""A claim may be committed before its answer is known: on several databases, before the debit."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    kept = {"sqlite_with_rowid": False}
    with op.batch_alter_table("purchase_claim", table_kwargs=kept) as batch:
        batch.alter_column("answer", existing_type=sa.Text(), nullable=True)
    op.create_index(
        "purchase_claim_open",
        "purchase_claim",
        ["claim_shard", "purchase_id"],
        unique=False,
        sqlite_where=sa.text("answer IS NULL"),
        postgresql_where=sa.text("answer IS NULL"),
    )

"""Attempts are looked up by family: three wrong birth dates in a day end that factor."""

from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.create_index("identity_attempt_family", "identity_attempt", ["kpm_id", "at"], unique=False)

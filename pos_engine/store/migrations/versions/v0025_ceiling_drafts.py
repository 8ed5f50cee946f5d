"""Drafts of ceilings and bans, signed by two people."""

revision = "0025"
down_revision = "0024"


def upgrade() -> None:
    """Nothing yet."""

"""Cases of what looks wrong, and what became of them."""

revision = "0024"
down_revision = "0023"


def upgrade() -> None:
    """Nothing yet."""

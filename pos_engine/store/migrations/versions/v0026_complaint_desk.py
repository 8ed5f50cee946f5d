"""What officers do with complaints, and calendars of release."""

revision = "0026"
down_revision = "0025"


def upgrade() -> None:
    """Nothing yet."""

"""Keys of devices, card secrets, and money reserved for selling without signal."""

revision = "0020"
down_revision = "0019"


def upgrade() -> None:
    """Nothing yet."""

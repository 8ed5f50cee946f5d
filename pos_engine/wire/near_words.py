"""Where to go next after a price above the ceiling: shops near that sold the good lawfully."""

from collections.abc import Sequence

NEAR = " Warung dekat yang menjual {item} dengan harga sah minggu ini: "
NAME_LENGTH_MAX = 40


def near_told(next_step: str, item: str, shops: Sequence[tuple[str, str]]) -> str:
    """The next step, then the shops by name and place; the step alone when there is none."""
    if not shops:
        return next_step
    named = ", ".join(f"{name[:NAME_LENGTH_MAX]} ({place})" for name, place in shops)
    return f"{next_step}{NEAR.format(item=item)}{named}."


def is_near_told(told: str, next_step: str, item: str) -> bool:
    """Is this the step, with or without shops behind it."""
    return told == next_step or told.startswith(f"{next_step}{NEAR.format(item=item)}")

"""What is wrong with a payment code: a stable name, the tag and the place in the text."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Issue:
    """One finding. `offset` counts characters (QRIS) or bytes (customer code) from the start.

    A `warning` is unusual in the field and no reason to refuse.
    """

    code: str
    tag: str
    offset: int
    warning: bool = False

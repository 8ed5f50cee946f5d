"""PINs that are guessed first: repeated, running or doubled digits, birth dates of the family."""

import itertools
from collections.abc import Iterable
from datetime import date

NIK_DAY_OF_WOMEN = 40  # what a NIK adds to the day of birth


def guessable(pin: str, births: Iterable[date] = ()) -> bool:
    """Would a stranger, or a neighbour who knows her birth date, try this PIN first."""
    return _patterned(pin) or any(pin in _written(born) for born in births)


def _patterned(pin: str) -> bool:
    """Repeated (111111), running (123456) or doubled (121212, 123123) digits."""
    steps = {(int(after) - int(before)) % 10 for before, after in itertools.pairwise(pin)}
    return steps in ({0}, {1}, {9}) or pin[:2] * 3 == pin or pin[:3] * 2 == pin


def _written(born: date) -> set[str]:
    """The ways people write a date with six digits, a NIK among them."""
    day, month, year, short = f"{born:%d}", f"{born:%m}", f"{born:%Y}", f"{born:%y}"
    return {
        day + month + short,
        month + day + short,
        short + month + day,
        short + day + month,
        year + month,
        month + year,
        f"{born.day + NIK_DAY_OF_WOMEN}{month}{short}",
    }

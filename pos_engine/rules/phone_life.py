"""A number that was silent long may belong to a stranger: operators give numbers away again."""

from datetime import datetime, timedelta

SILENT_AFTER = timedelta(days=90)
HEARD_STEP = timedelta(days=1)  # signs of life are written this often at most
CODE_LIFE_MAX = timedelta(minutes=10)  # of a one-time code from its sending


def silent(heard_at: datetime, now: datetime) -> bool:
    """Was nothing heard of this number for so long that it proves nobody by itself."""
    return now - heard_at > SILENT_AFTER


def worth_noting(heard_at: datetime, now: datetime) -> bool:
    """Is a sign of life to be written: not each one, and never of a number that was silent.

    A stranger who got the number gives signs of life too. A silent number is trusted again when
    her family proves it with a second proof.
    """
    return not silent(heard_at, now) and now - heard_at > HEARD_STEP


def code_end(sent_at: datetime, delivered_at: datetime | None, valid: timedelta) -> datetime:
    """The last moment of a code: `valid` from its delivery report, ten minutes at most."""
    latest = sent_at + CODE_LIFE_MAX
    return latest if delivered_at is None else min(latest, delivered_at + valid)

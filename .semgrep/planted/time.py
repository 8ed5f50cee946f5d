"""What the rules of time must catch."""

from datetime import UTC, date, datetime


def planted(seconds):
    # ruleid: no-naive-datetime
    now = datetime.utcnow()
    # ruleid: no-naive-datetime
    then = datetime.fromtimestamp(seconds)
    # ok: no-naive-datetime
    aware = datetime.fromtimestamp(seconds, UTC)
    return now, then, aware

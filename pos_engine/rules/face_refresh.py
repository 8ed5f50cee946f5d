"""When frames of a confirmed visit may join her templates: faces age, and relatives know PINs."""

from dataclasses import dataclass
from datetime import datetime, timedelta

# A sister who knows the PIN must not put her own face in: siblings score 0.5 to 0.7 and the mean of
# three frames against five pictures 0.88, so the bar is where one stranger in a million would pass.
FALSE_MATCH_RATE_MAX = 1e-6
QUALITY_MIN = 40
PAUSE = timedelta(days=30)
VISITS_MAX = 4  # in force of one person; the oldest goes


@dataclass(frozen=True, slots=True)
class Visit:
    """`false_match_rate` of the score with her *enrolled* face: visits do not vouch for visits."""

    live: bool
    quality: int
    false_match_rate: float
    newest_at: datetime
    now: datetime


def may_refresh(visit: Visit) -> bool:
    """A moving face, a good picture, surely hers, and not again within the month."""
    return (
        visit.live
        and visit.quality >= QUALITY_MIN
        and visit.false_match_rate <= FALSE_MATCH_RATE_MAX
        and visit.now - visit.newest_at >= PAUSE
    )

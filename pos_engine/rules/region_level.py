"""Levels of a Kemendagri code: how long the codes are that lie one level below another."""

LENGTHS = (2, 5, 8, 13)  # province, regency, district, village


def length_below(region: str | None) -> int:
    """The length of the codes below a region; a village has only itself below it."""
    own = len(region or "")
    return next((each for each in LENGTHS if each > own), LENGTHS[-1])


def parent(region: str) -> str:
    """The region around a region; of a province the nation."""
    shorter = [each for each in LENGTHS if each < len(region)]
    return region[: shorter[-1]] if shorter else ""

"""How far a row may go: only a verified or twice-signed source refuses food."""

from catalog.csv_table import Row

VERIFIED = "H"
CONFIDENCES = ("H", "M", "L")
OFFICERS_MIN = 2


def may_refuse(row: Row, confidence: str) -> bool:
    """Whether the row is verified or its `signed_by` names two officers, as `ana+budi`."""
    return confidence == VERIFIED or _signed(row.optional("signed_by"))


def _signed(signed_by: str) -> bool:
    officers = {officer.strip().casefold() for officer in signed_by.split("+")} - {""}
    return len(officers) >= OFFICERS_MIN

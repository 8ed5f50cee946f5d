"""Words of the registry: what may be said of a row, of a NIK, of a family's credit."""

from enum import StrEnum
from typing import NamedTuple


class Disposition(StrEnum):
    """What became of a row because of a finding; the heaviest counts."""

    REMARK = "REMARK"  # written as it is; somebody should look at it
    CORRECTED = "CORRECTED"  # written after a change that is named
    HELD = "HELD"  # the change waits; whoever was paid before stays payable


class NikStatus(StrEnum):
    """What is known of a person's NIK; final truth is a match with Dukcapil."""

    NONE = "NONE"
    FORMAT_OK = "FORMAT_OK"
    DUKCAPIL_MATCH = "DUKCAPIL_MATCH"
    MISMATCH = "MISMATCH"
    DOUBLE = "DOUBLE"
    DEAD = "DEAD"


class Code(StrEnum):
    """Everything that an import says of a row."""

    ROW_SHAPE = "ROW_SHAPE"
    ROW_NOT_TEXT = "ROW_NOT_TEXT"
    FAMILY_ID_BAD = "FAMILY_ID_BAD"
    NAME_BAD = "NAME_BAD"
    NAME_TIDIED = "NAME_TIDIED"
    BIRTH_DATE_BAD = "BIRTH_DATE_BAD"
    BIRTH_DATE_MISSING = "BIRTH_DATE_MISSING"
    SEX_UNKNOWN = "SEX_UNKNOWN"
    ROLE_UNKNOWN = "ROLE_UNKNOWN"
    STATUS_UNKNOWN = "STATUS_UNKNOWN"
    CONSENT_UNKNOWN = "CONSENT_UNKNOWN"
    REGION_UNKNOWN = "REGION_UNKNOWN"
    REGION_MAPPED = "REGION_MAPPED"
    REGION_CHANGED = "REGION_CHANGED"
    SHOP_LEFT_OUT = "SHOP_LEFT_OUT"
    PROGRAMME_BAD = "PROGRAMME_BAD"
    NIK_MISSING = "NIK_MISSING"
    NIK_TIDIED = "NIK_TIDIED"
    NIK_SPREADSHEET = "NIK_SPREADSHEET"
    NIK_INVALID = "NIK_INVALID"
    NIK_PLACE_UNKNOWN = "NIK_PLACE_UNKNOWN"
    NIK_DATE_DIFFERS = "NIK_DATE_DIFFERS"
    KK_LEFT_OUT = "KK_LEFT_OUT"
    PHONE_LEFT_OUT = "PHONE_LEFT_OUT"
    PHONE_TAKEN = "PHONE_TAKEN"
    PHONE_WAITS = "PHONE_WAITS"
    DEAD = "DEAD"
    MOVED = "MOVED"
    SUSPENDED = "SUSPENDED"
    MINOR = "MINOR"
    SAME_NIK = "SAME_NIK"
    SAME_KK = "SAME_KK"
    LOOKS_ALIKE = "LOOKS_ALIKE"


class Finding(NamedTuple):
    """One thing that is said of a row: of which field, and what it means for the row."""

    field: str
    code: Code
    disposition: Disposition


# For the correction file and the screen: what is wrong and what helps.
MEANINGS: dict[Code, str] = {
    Code.ROW_SHAPE: "the row has another number of cells than the header",
    Code.ROW_NOT_TEXT: "the row cannot be read as CSV",
    Code.FAMILY_ID_BAD: "1 to 64 plain characters are needed",
    Code.NAME_BAD: "a name of 1 to 120 characters with a letter in it is needed",
    Code.NAME_TIDIED: "spaces were tidied",
    Code.BIRTH_DATE_BAD: "not a day of the last 120 years: write 1980-08-15 or 15-08-1980",
    Code.BIRTH_DATE_MISSING: "no birth date: the age cannot be known",
    Code.SEX_UNKNOWN: "write L or P",
    Code.ROLE_UNKNOWN: "write PENGURUS, ANGGOTA or WAKIL",
    Code.STATUS_UNKNOWN: "this status is not known",
    Code.CONSENT_UNKNOWN: "write YA or TIDAK",
    Code.REGION_UNKNOWN: "no village has this Kemendagri code (PP.RR.DD.VVVV)",
    Code.REGION_MAPPED: "a code of an older year was replaced by today's",
    Code.REGION_CHANGED: "the family's village was another one",
    Code.SHOP_LEFT_OUT: "there is no such shop: the family has no home shop yet",
    Code.PROGRAMME_BAD: "1 to 16 plain characters",
    Code.NIK_MISSING: "without a NIK the village letter and two witnesses are needed",
    Code.NIK_TIDIED: "spaces, dots or dashes were taken out of the NIK",
    Code.NIK_SPREADSHEET: "a spreadsheet has rounded the number: export the column as text",
    Code.NIK_INVALID: "place, date or serial does not fit a NIK",
    Code.NIK_PLACE_UNKNOWN: "the NIK's district is not on today's list; old codes stay valid",
    Code.NIK_DATE_DIFFERS: "birth date or sex in the NIK differs from the row",
    Code.KK_LEFT_OUT: "not 16 digits: the family card number was left out",
    Code.PHONE_LEFT_OUT: "not an Indonesian mobile number: left out",
    Code.PHONE_TAKEN: "another family has this number: left out",
    Code.PHONE_WAITS: "replaces a number: in force after 72 hours",
    Code.DEAD: "died by this list: the family names another PENGURUS",
    Code.MOVED: "moved away by this list: import the row with the new village",
    Code.SUSPENDED: "suspending needs two officers and a reason: ewarong registry suspend",
    Code.MINOR: "a PENGURUS or WAKIL is 17 or older",
    Code.SAME_NIK: "another family has this NIK",
    Code.SAME_KK: "another family has this family card number",
    Code.LOOKS_ALIKE: "name and birth date are those of somebody in another family of the village",
}


_WEIGHT = list(Disposition)


def heaviest(findings: list[Finding]) -> Disposition | None:
    """What became of a row; None when nothing was said of it."""
    return max((each.disposition for each in findings), key=_WEIGHT.index) if findings else None

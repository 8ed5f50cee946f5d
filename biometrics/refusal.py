"""Why a picture was not turned into a template: one list of reasons, one value."""

from dataclasses import dataclass
from enum import StrEnum


class FaceReason(StrEnum):
    """Short codes; the engine owns the sentences shown to people.

    NO_FACE means FACE_NOT_DETECTED in the contract's words; BUSY and WORKER_FAILED mean
    "try again"; every other code is FACE_QUALITY with its own hint for the retake. COVERED asks
    nobody to unveil: the hint offers another method.
    """

    NOT_AN_IMAGE = "NOT_AN_IMAGE"
    UNSUPPORTED_FORMAT = "UNSUPPORTED_FORMAT"
    TOO_LARGE = "TOO_LARGE"
    TOO_SMALL = "TOO_SMALL"
    DAMAGED = "DAMAGED"
    NO_FACE = "NO_FACE"
    TWO_FACES = "TWO_FACES"
    CUT_OFF = "CUT_OFF"
    TOO_FAR = "TOO_FAR"
    NOT_UPRIGHT = "NOT_UPRIGHT"
    NOT_FRONTAL = "NOT_FRONTAL"
    TOO_DARK = "TOO_DARK"
    TOO_BRIGHT = "TOO_BRIGHT"
    BLURRED = "BLURRED"
    COVERED = "COVERED"
    NOT_SAME_PERSON = "NOT_SAME_PERSON"
    BUSY = "BUSY"
    WORKER_FAILED = "WORKER_FAILED"


@dataclass(frozen=True, slots=True)
class FaceRefusal:
    """A refusal is a value: `reason` for programs, `detail` for logs (never pixels or names)."""

    reason: FaceReason
    detail: str = ""

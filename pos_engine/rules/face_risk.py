"""When a face alone is enough: the risk of taking a stranger for her, against a budget."""

from dataclasses import dataclass
from enum import StrEnum

# Above this even a claim (which still needs a PIN or code) is no help: it would ask a stranger
# for another family's secret, and spend that family's tries.
CLAIM_FPIR_MAX = 0.05


class FaceVerdict(StrEnum):
    """What the best candidate of a search is good for."""

    IDENTIFIED = "IDENTIFIED"  # the face is proof enough
    STEP_UP = "STEP_UP"  # a claim: a second factor decides
    TOO_RISKY = "TOO_RISKY"  # in a gallery of this size such a score says nothing


@dataclass(frozen=True, slots=True)
class FaceEvidence:
    """What is known of a hit. `fpir` is estimated at the real size of the block searched.

    `live` says that a server-issued challenge was passed; `relative_close` that a second person
    of the same family scores as a match too (siblings and twins always step up).
    """

    live: bool
    fpir: float
    relative_close: bool


def judge_face(evidence: FaceEvidence, risk_budget: float) -> FaceVerdict:
    """Face alone only when it moved as asked, stands alone in its family, and risk allows it.

    A fact that cut the gallery (birth date, NIK) is already in `fpir` and counts for nothing more.
    """
    if evidence.fpir > CLAIM_FPIR_MAX:
        return FaceVerdict.TOO_RISKY
    if evidence.live and not evidence.relative_close and evidence.fpir <= risk_budget:
        return FaceVerdict.IDENTIFIED
    return FaceVerdict.STEP_UP

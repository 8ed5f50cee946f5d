"""When a face alone is enough."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pos_engine.rules.face_risk import CLAIM_FPIR_MAX, FaceEvidence, FaceVerdict, judge_face

BUDGET = 1e-3


@pytest.mark.parametrize(
    ("live", "fpir", "relative_close", "verdict"),
    [
        (True, 1e-4, False, FaceVerdict.IDENTIFIED),
        (True, BUDGET, False, FaceVerdict.IDENTIFIED),
        (True, 1.1e-3, False, FaceVerdict.STEP_UP),
        (False, 1e-9, False, FaceVerdict.STEP_UP),
        (True, 1e-9, True, FaceVerdict.STEP_UP),
        (True, CLAIM_FPIR_MAX, False, FaceVerdict.STEP_UP),
        (True, 0.051, False, FaceVerdict.TOO_RISKY),
        (False, 1.0, True, FaceVerdict.TOO_RISKY),
    ],
)
def test_the_verdict(live, fpir, relative_close, verdict):
    assert judge_face(FaceEvidence(live, fpir, relative_close), BUDGET) is verdict


@given(st.floats(0, 1), st.booleans())
def test_a_still_picture_never_identifies(fpir, relative_close):
    found = judge_face(FaceEvidence(live=False, fpir=fpir, relative_close=relative_close), BUDGET)
    assert found is not FaceVerdict.IDENTIFIED

"""Did a living head answer the challenge: rules over five points of 5 to 15 frames. Not certified.

They refuse a photograph for a turn. They do not refuse a screen that plays a recording of the
asked movement, a mask, or a photograph moved nearer when CLOSER was asked: that a nose stands out
cannot be seen in an approach of a few pixels. Hence `certified` is always False.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from biometrics.challenge import FRAMES_MAX, FRAMES_MIN, LIMITS, Action, LivenessLimits
from biometrics.face_motion import Step, parallax
from biometrics.frame_sequence import FrameSequence
from biometrics.quality import QualityLimits, judge
from biometrics.refusal import FaceReason, FaceRefusal
from biometrics.reply import Embedded

NOT_CERTIFIED: Final = "PAD not certified"
SIDE: Final = {Action.TURN_LEFT: -1, Action.TURN_RIGHT: 1}  # sign of `FaceGeometry.yaw`
# A frame that moved too much or turned too far may be left out; what hides a face may not.
MAY_BE_MISSING: Final = {FaceReason.BLURRED, FaceReason.NOT_FRONTAL}


class LivenessReason(StrEnum):
    """Why the answer did not convince; the engine owns the sentences."""

    TOO_FEW_FRAMES = "TOO_FEW_FRAMES"
    TOO_MANY_FRAMES = "TOO_MANY_FRAMES"
    NOT_SAME_PERSON = "NOT_SAME_PERSON"
    REPEATED_FRAMES = "REPEATED_FRAMES"
    JUMP = "JUMP"
    NOT_FRONTAL_FIRST = "NOT_FRONTAL_FIRST"
    WRONG_ACTION = "WRONG_ACTION"
    NO_MOTION = "NO_MOTION"
    FLAT = "FLAT"


@dataclass(frozen=True, slots=True)
class LivenessResult:
    """`measures` for the audit row; `passed` never means that an attack was ruled out."""

    passed: bool
    reason: LivenessReason | None
    measures: dict[str, float]
    certified: bool = field(default=False, init=False)


def usable_frames(answers: Sequence[Embedded | FaceRefusal]) -> list[Embedded] | FaceRefusal:
    """The frames that became templates, in order; the first refusal that is no mere slip."""
    for answer in answers:
        if isinstance(answer, FaceRefusal) and answer.reason not in MAY_BE_MISSING:
            return answer
    return [answer for answer in answers if isinstance(answer, Embedded)]


def frontal_frames(frames: Sequence[Embedded], limits: QualityLimits) -> list[Embedded]:
    """Those good enough to match: a turned head only proves life, it would spoil the template."""
    bound = LIMITS[frames[0].template.model_id].start_yaw_max if frames else 0.0
    good = [frame for frame in frames if judge(frame.measures, limits) is None]
    return [frame for frame in good if abs(frame.measures.yaw_ratio) <= bound]


def check_challenge(
    frames: Sequence[Embedded], action: Action, limits: LivenessLimits | None = None
) -> LivenessResult:
    """Judge frames in the order they were taken, of a pool asked with `Pose.FREE`.

    `limits` are by default those of the frames' model. Raises ValueError for a frame without
    points, KeyError for a model without limits, `ModelMismatch` for frames of two models.
    """
    count = {"frames": float(len(frames))}
    if len(frames) < FRAMES_MIN:
        return LivenessResult(passed=False, reason=LivenessReason.TOO_FEW_FRAMES, measures=count)
    if len(frames) > FRAMES_MAX:
        return LivenessResult(passed=False, reason=LivenessReason.TOO_MANY_FRAMES, measures=count)
    bounds = limits or LIMITS[frames[0].template.model_id]
    seen = FrameSequence.of(frames, bounds)
    reason, measures = _fault(seen, bounds), seen.measures()
    if reason is None and action is Action.CLOSER:
        reason = _closer_fault(seen, bounds)
    elif reason is None:
        reason, more = _turn_fault(seen, SIDE[action], bounds)
        measures |= more
    return LivenessResult(passed=reason is None, reason=reason, measures=measures)


# All comparisons below are written so that NaN fails.


def _fault(seen: FrameSequence, limits: LivenessLimits) -> LivenessReason | None:
    """What no action excuses."""
    near, first = seen.near_cosine, seen.first_cosine
    if not (near >= limits.near_cosine_min and first >= limits.first_cosine_min):
        return LivenessReason.NOT_SAME_PERSON
    if seen.distinct < limits.distinct_min:
        return LivenessReason.REPEATED_FRAMES
    if not all(_small(each, limits) for each in seen.steps):
        return LivenessReason.JUMP
    if not abs(seen.faces[0].yaw) <= limits.start_yaw_max:
        return LivenessReason.NOT_FRONTAL_FIRST
    return None


def _turn_fault(
    seen: FrameSequence, side: int, limits: LivenessLimits
) -> tuple[LivenessReason | None, dict[str, float]]:
    """`side` as in `SIDE`; the head may come back, but never go to the other side."""
    change = [side * each for each in seen.yaw_change]
    if not min(change) > -limits.turn_yaw_min:
        return LivenessReason.WRONG_ACTION, {}
    turned = [
        face
        for face, by in zip(seen.faces, change, strict=True)
        if by >= limits.turn_yaw_min and side * face.yaw >= limits.turned_yaw_min
    ]
    if len(turned) < limits.reached_frames_min:
        closer = _came_closer(seen, limits)
        return LivenessReason.WRONG_ACTION if closer else LivenessReason.NO_MOTION, {}
    aside = [face.aside for face in seen.faces]
    whole = max(aside) - min(aside)
    if not max(each.aside for each in seen.steps) <= limits.turn_step_share_max * whole:
        return LivenessReason.JUMP, {}
    depth = side * parallax(seen.at_rest, turned)
    return None if depth >= limits.parallax_min else LivenessReason.FLAT, {"parallax": depth}


def _closer_fault(seen: FrameSequence, limits: LivenessLimits) -> LivenessReason | None:
    """Nearer, looking into the camera all the time."""
    if not max(map(abs, seen.yaw_change)) <= limits.closer_yaw_max:
        return LivenessReason.WRONG_ACTION
    if _came_closer(seen, limits):
        return None
    away = min(seen.growth) <= 1 / limits.growth_min
    return LivenessReason.WRONG_ACTION if away else LivenessReason.NO_MOTION


def _came_closer(seen: FrameSequence, limits: LivenessLimits) -> bool:
    reached = [each for each in seen.growth if each >= limits.growth_min]
    return len(reached) >= limits.reached_frames_min


def _small(each: Step, limits: LivenessLimits) -> bool:
    return (
        each.shift <= limits.step_shift_max
        and each.scale <= limits.step_scale_max
        and each.aside <= limits.step_aside_max
        and each.roll_deg <= limits.step_roll_deg_max
    )

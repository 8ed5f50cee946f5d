"""What 5 to 15 frames say together: same face, new pictures, small steps, how far it moved."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Self

from biometrics.challenge import LivenessLimits
from biometrics.face_motion import FaceGeometry, Step, growth, points_shift_px, step
from biometrics.reply import Embedded
from biometrics.template import similarity


@dataclass(frozen=True, slots=True)
class FrameSequence:
    """Measured once, judged by `liveness`.

    `at_rest` are the first frame and those right after it in which no turn has begun;
    `yaw_change` (against their mean) and `growth` (against the first) have one number a frame.
    """

    faces: list[FaceGeometry]
    at_rest: list[FaceGeometry]
    near_cosine: float
    first_cosine: float
    distinct: int
    steps: list[Step]
    yaw_change: list[float]
    growth: list[float]

    @classmethod
    def of(cls, frames: Sequence[Embedded], limits: LivenessLimits) -> Self:
        """Raise ValueError for a frame without points, `ModelMismatch` for mixed models."""
        faces = [FaceGeometry.of(frame.points) for frame in frames]
        templates = [frame.template for frame in frames]
        at_rest = _at_rest(faces, limits.rest_yaw)
        rest_yaw = sum(face.yaw for face in at_rest) / len(at_rest)
        return cls(
            faces=faces,
            at_rest=at_rest,
            near_cosine=min(similarity(a, b) for a, b in pairwise(templates)),
            first_cosine=min(similarity(templates[0], each) for each in templates),
            distinct=_count_distinct(frames, faces, limits),
            steps=[step(a, b) for a, b in pairwise(faces)],
            yaw_change=[face.yaw - rest_yaw for face in faces],
            growth=[growth(faces[0], face) for face in faces],
        )

    def measures(self) -> dict[str, float]:
        """Name -> number, for the audit row."""
        return {
            "frames": float(len(self.faces)),
            "distinct_frames": float(self.distinct),
            "near_cosine": self.near_cosine,
            "first_cosine": self.first_cosine,
            "start_yaw": self.faces[0].yaw,
            "yaw_change_min": min(self.yaw_change),
            "yaw_change_max": max(self.yaw_change),
            "growth": max(self.growth),
            "step_shift": max(each.shift for each in self.steps),
            "step_scale": max(each.scale for each in self.steps),
            "step_aside": max(each.aside for each in self.steps),
        }


def _at_rest(faces: list[FaceGeometry], rest_yaw: float) -> list[FaceGeometry]:
    moved = [abs(face.yaw - faces[0].yaw) > rest_yaw for face in faces]
    return faces[: moved.index(True)] if any(moved) else faces


def _count_distinct(
    frames: Sequence[Embedded], faces: list[FaceGeometry], limits: LivenessLimits
) -> int:
    """How many frames are no copy, nor nearly one, of an earlier frame."""

    def is_copy(one: int, other: int) -> bool:
        alike = similarity(frames[one].template, frames[other].template)
        shift_px = points_shift_px(faces[one], faces[other])
        return alike >= limits.duplicate_cosine and shift_px <= limits.duplicate_shift_px

    seen: list[int] = []
    for index in range(len(frames)):
        if not any(is_copy(index, earlier) for earlier in seen):
            seen.append(index)
    return len(seen)

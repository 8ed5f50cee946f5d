"""Is this face good enough to match: measures as ISO/IEC 29794-5 names them, one refusal."""

from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from math import atan2, degrees, hypot
from typing import Final, TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from biometrics.align import SIDE_PX, align, similarity
from biometrics.decode import Pixels
from biometrics.detector import Face, Floats
from biometrics.refusal import FaceReason, FaceRefusal

Vector: TypeAlias = NDArray[np.float64]


class Pose(StrEnum):
    """FREE is for the frames of a liveness challenge: a turned head is what was asked for."""

    FRONTAL = "frontal"
    FREE = "free"


@dataclass(frozen=True, slots=True)
class Measures:
    """What was measured on one face; liveness reads the pose, the audit row keeps all of it.

    `inside_share` is how much of the skin lies in the picture; `yaw_ratio` is the nose's distance
    from the middle of the eyes in eye distances (positive: towards the left of the picture);
    `pitch_ratio` is the nose's height between eyes (0) and mouth (1); `sharpness` is the weaker of
    the two directions of edge energy, in percent of the dynamic range, so that neither dim light
    nor a hand moving sideways deceives it.
    """

    inside_share: float
    inter_eye_distance_px: float
    roll_deg: float
    yaw_ratio: float
    pitch_ratio: float
    luminance_mean: float
    dynamic_range: float
    sharpness: float
    detector_score: float

    def as_dict(self) -> dict[str, float]:
        """Name -> number, for the audit row and for the wire between processes."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class QualityLimits:
    """Bounds outside of which a retake is asked.

    The rightful must not be turned away for a dim shop: the defaults refuse what ruins the
    template and let pass what SFace bears.
    Set on some 350 LFW faces (cosine to the same face unspoilt, median): a sixth of the light
    0.88, passes; a twelfth 0.75, refused; blur of sigma 3 px at 43 px between the eyes 0.78,
    mostly passes; sigma 5 px 0.50 and 25 px of motion 0.34, refused. Untouched pictures reach
    sharpness 0.78 to 2.3, yaw up to 0.42, pitch 0.47 to 0.68. For a face that turned for a liveness
    challenge see `for_pose`; an enrolment may ask for more.
    """

    inside_share_min: float = 0.8  # at 0.78 one eye is on the edge
    inter_eye_distance_px_min: float = 24.0  # SFace's own crop has 35 px
    roll_deg_max: float = 20.0
    yaw_ratio_max: float = 0.45
    pitch_ratio_min: float = 0.30
    pitch_ratio_max: float = 0.80
    luminance_mean_min: float = 15.0
    luminance_mean_max: float = 225.0
    dynamic_range_min: float = 12.0
    sharpness_min: float = 0.5

    def for_pose(self, pose: "Pose") -> "QualityLimits":
        """These limits, with room for a turned head when the pose is free."""
        return self if pose is Pose.FRONTAL else replace(self, **TURNED)


def measure(picture: Pixels, face: Face) -> Measures:
    """All measures of one face of a full-resolution picture."""
    right, left, nose, mouth = _landmarks(face)
    across, eyes = left - right, (right + left) / 2
    distance = max(hypot(*across), 1e-6)
    along = across / distance
    down = np.array([-along[1], along[0]])
    depth = float((mouth - eyes) @ down)
    grey = cv2.cvtColor(align(picture, face.points), cv2.COLOR_RGB2GRAY).astype(np.float32)
    skin = grey[SKIN]
    dark, bright = np.percentile(skin, [5, 95])
    return Measures(
        inside_share=_inside_share(picture, face),
        inter_eye_distance_px=float(distance),
        roll_deg=degrees(atan2(across[1], across[0])),
        yaw_ratio=float((eyes - nose) @ along / distance),
        pitch_ratio=float((nose - eyes) @ down / (depth or 1e-6)),
        luminance_mean=float(skin.mean()),
        dynamic_range=float(bright - dark),
        sharpness=_edge_energy(grey) * 100 / max(float(bright - dark), 1.0),
        detector_score=face.score,
    )


def judge(measures: Measures, limits: QualityLimits) -> FaceRefusal | None:
    """The first thing the KPM can change: come closer, turn, light, hold still."""
    m, lim = measures, limits
    checks = (
        (m.inside_share < lim.inside_share_min, FaceReason.CUT_OFF,
         f"{m.inside_share:.0%} of the face in the picture"),
        (m.inter_eye_distance_px < lim.inter_eye_distance_px_min, FaceReason.TOO_FAR,
         f"eye distance {m.inter_eye_distance_px:.0f} px"),
        (abs(m.roll_deg) > lim.roll_deg_max, FaceReason.NOT_UPRIGHT, f"roll {m.roll_deg:.0f} deg"),
        (abs(m.yaw_ratio) > lim.yaw_ratio_max, FaceReason.NOT_FRONTAL, f"yaw {m.yaw_ratio:.2f}"),
        (not lim.pitch_ratio_min <= m.pitch_ratio <= lim.pitch_ratio_max, FaceReason.NOT_FRONTAL,
         f"pitch {m.pitch_ratio:.2f}"),
        (m.luminance_mean < lim.luminance_mean_min, FaceReason.TOO_DARK,
         f"luminance {m.luminance_mean:.0f}"),
        (m.luminance_mean > lim.luminance_mean_max, FaceReason.TOO_BRIGHT,
         f"luminance {m.luminance_mean:.0f}"),
        (m.dynamic_range < lim.dynamic_range_min, FaceReason.TOO_DARK,
         f"dynamic range {m.dynamic_range:.0f}"),
        (m.sharpness < lim.sharpness_min, FaceReason.BLURRED, f"sharpness {m.sharpness:.2f}"),
    )  # fmt: skip
    return next((FaceRefusal(why, detail) for bad, why, detail in checks if bad), None)


def _landmarks(face: Face) -> tuple[Vector, Vector, Vector, Vector]:
    """Right eye, left eye, nose, middle of the mouth as float64 vectors."""
    points = face.points.astype(np.float64)
    return points[0], points[1], points[2], (points[3] + points[4]) / 2


def _inside_share(picture: Pixels, face: Face) -> float:
    """YuNet guesses an eye that the edge of the picture has cut off; its place tells."""
    spots = np.argwhere(SKIN)[::23, ::-1].T  # x, y of some 250 points of the crop
    matrix = similarity(face.points)
    height, width = picture.shape[:2]
    x, y = np.linalg.solve(matrix[:, :2], spots - matrix[:, 2:])
    return float(((x >= 0) & (x < width) & (y >= 0) & (y < height)).mean())


def _edge_energy(grey: Floats) -> float:
    """Spread of second derivatives on the skin, of the direction that has less of them."""
    calm = cv2.GaussianBlur(grey, (0, 0), EDGE_SIGMA_PX)
    spread = [
        float(cv2.Sobel(calm, cv2.CV_32F, dx, dy, ksize=3)[SKIN].std())
        for dx, dy in ((2, 0), (0, 2))
    ]
    return min(spread) / 4  # the kernel's own weights sum to four


def _oval(side_px: int) -> NDArray[np.bool_]:
    """Mask of the skin in an aligned crop."""
    axis = (np.arange(side_px) + 0.5) / side_px - 0.5
    wide, high = OVAL_RADIUS
    inside: NDArray[np.bool_] = (axis[None] / wide) ** 2 + (axis[:, None] / high) ** 2 <= 1.0
    return inside


# A head turned by 45 degrees has yaw 0.3 (flat nose) to 0.7; beyond, YuNet loses the far eye.
# The eye distance shrinks with the cosine; frames to match are held to the usual limits again.
TURNED: Final = {
    "yaw_ratio_max": 0.9,
    "pitch_ratio_min": 0.2,
    "pitch_ratio_max": 0.9,
    "inter_eye_distance_px_min": 15.0,
}
EDGE_SIGMA_PX: Final = 1.5  # grain and JPEG blocks are finer than this, features of a face are not
OVAL_RADIUS: Final = (0.40, 0.48)  # share of the crop that is skin, without hair, scarf, wall
SKIN: Final = _oval(SIDE_PX)

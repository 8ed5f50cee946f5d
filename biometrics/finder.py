"""From a picture to the one face worth matching: detect, choose, check upright, judge."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import cv2
import numpy as np

from biometrics.align import align
from biometrics.decode import Pixels
from biometrics.detector import Detector, Face, Floats, Network, open_network
from biometrics.measures import measure
from biometrics.quality import Measures, Pose, QualityLimits, judge
from biometrics.refusal import FaceReason, FaceRefusal

DETECT_SIDE_PX: Final = 320
CLOSE_UP_SIDE_PX: Final = 128
# Measured on 150 LFW pairs pasted small into a large picture: points found again on a close-up of
# 1.6 boxes bring the mean genuine cosine from 0.656 back to 0.673; 2.0 boxes only to 0.666.
CLOSE_UP_BOXES: Final = 1.6
# The largest lead that a turned face's wrong way up had at a glance was 0.05.
CLEAR_LEAD: Final = 0.1
SECOND_FACE_AREA_MIN: Final = 0.5  # of the largest: smaller ones are passers-by or posters


@dataclass(frozen=True, slots=True, eq=False)
class FoundFace:
    """The chosen face in full-resolution pixels, its aligned crop, measures and quality 0-100."""

    face: Face
    crop: Pixels = field(repr=False)
    measures: Measures
    quality: int


class FaceFinder:
    """Engine-neutral first half: what every encoder is given."""

    def __init__(
        self, wide: Network, close_up: Network, limits: QualityLimits | None = None
    ) -> None:
        self._detector = Detector(wide)
        self._close_up = close_up
        self._limits = limits or QualityLimits()

    def find(self, picture: Pixels, pose: Pose = Pose.FRONTAL) -> FoundFace | FaceRefusal:
        """The one face of a picture, or why there is none to match."""
        chosen = choose(self._detector.detect(picture))
        if isinstance(chosen, FaceRefusal):
            return chosen
        face = self._look_closer(picture, chosen)
        if isinstance(face, FaceRefusal):
            return face
        crop = align(picture, face.points)
        measures = measure(picture, face, crop)
        refusal = judge(measures, self._limits.for_pose(pose))
        return refusal or FoundFace(face, crop, measures, quality_score(measures))

    def _look_closer(self, picture: Pixels, face: Face) -> Face | FaceRefusal:
        """Find the points again on a close-up, and see which way up the face is surest."""
        close_up, matrix = _close_up(picture, face, self._close_up.side_px)
        rows = self._close_up.rows(close_up)
        quarter = self._quarter_turns(close_up, _best_score(rows))
        if quarter:
            return FaceRefusal(FaceReason.NOT_UPRIGHT, f"turned by {90 * quarter} degrees")
        if not len(rows):
            return face
        points = (rows[0, 4:14].reshape(5, 2) - matrix[:, 2]) / matrix[0, 0]
        return Face(face.box, points.astype(np.float32), face.score)

    def _quarter_turns(self, close_up: Pixels, upright_score: float) -> int:
        """By how many quarters (0-3) the close-up must be turned until YuNet is surest.

        YuNet finds upside-down and lying faces too and gives them upright points (90 of 100 LFW
        faces turned by 180 degrees), so the points cannot tell; its score can. All four ways up
        are looked at in one picture, a quarter of it each; a way that upright does not clearly
        lead is looked at again at full size. Of 1,310 upright LFW faces each passed (1 in 13 after
        the second look); of 400 pictures turned by 90, 180 and 270 degrees none did.
        """
        glance = self._at_a_glance(close_up)
        scores = [upright_score, 0.0, 0.0, 0.0]
        for quarter in (1, 2, 3):
            if glance[quarter] > glance[0] - CLEAR_LEAD:
                turned = np.ascontiguousarray(np.rot90(close_up, quarter))
                scores[quarter] = _best_score(self._close_up.rows(turned))
        return max(range(4), key=scores.__getitem__)

    def _at_a_glance(self, close_up: Pixels) -> list[float]:
        """Score of each way up, 0 where no face was seen."""
        scores = [0.0] * 4
        for row in self._close_up.rows(_four_ways_up(close_up)):
            right, low = (row[:2] + row[2:4] / 2) >= close_up.shape[0] / 2
            tile = int(right) + 2 * int(low)
            scores[tile] = max(scores[tile], float(row[14]))
        return scores


def open_finder(folder: Path | None = None, limits: QualityLimits | None = None) -> FaceFinder:
    """A finder on YuNet; `folder` as in `models.model_path`. Raises `ModelsMissing`."""
    wide, close_up = (open_network(side, folder) for side in (DETECT_SIDE_PX, CLOSE_UP_SIDE_PX))
    return FaceFinder(wide, close_up, limits)


def choose(faces: list[Face]) -> Face | FaceRefusal:
    """The largest face; none, or a rival of similar size, is a refusal."""
    if not faces:
        return FaceRefusal(FaceReason.NO_FACE, "no face found")
    areas = sorted((_area(face) for face in faces), reverse=True)
    if len(areas) > 1 and areas[1] >= SECOND_FACE_AREA_MIN * areas[0]:
        return FaceRefusal(FaceReason.TWO_FACES, f"{len(faces)} faces, two of similar size")
    return max(faces, key=_area)


def quality_score(measures: Measures) -> int:
    """0-100, as good as its weakest measure; 100 at ICAO-like size, pose, light and sharpness."""
    shares = (
        measures.inter_eye_distance_px / 90,  # ISO/IEC 19794-5 asks for 90 px between the eyes
        1 - abs(measures.roll_deg) / 45,
        1 - abs(measures.yaw_ratio) / 0.8,
        measures.dynamic_range / 100,
        measures.sharpness / 1.5,
        measures.detector_score,
    )
    return round(100 * min(1.0, max(0.0, min(shares))))


def _close_up(picture: Pixels, face: Face, side_px: int) -> tuple[Pixels, Floats]:
    left, top, width, height = face.box
    scale = side_px / (CLOSE_UP_BOXES * max(width, height))
    middle_x, middle_y = left + width / 2, top + height / 2
    matrix = np.array(
        [
            [scale, 0, side_px / 2 - middle_x * scale],
            [0, scale, side_px / 2 - middle_y * scale],
        ],
        np.float32,
    )
    crop = cv2.warpAffine(picture, matrix, (side_px, side_px), flags=cv2.INTER_LINEAR)
    return np.asarray(crop, np.uint8), matrix


def _best_score(rows: Floats) -> float:
    return float(rows[0, 14]) if len(rows) else 0.0


def _four_ways_up(close_up: Pixels) -> Pixels:
    """The close-up at half its size, turned by 0, 90, 180 and 270 degrees: two rows of two."""
    half = close_up.shape[0] // 2
    small = cv2.resize(close_up, (half, half), interpolation=cv2.INTER_AREA)
    tiles = [np.rot90(small, quarter) for quarter in range(4)]
    return np.vstack([np.hstack(tiles[:2]), np.hstack(tiles[2:])])


def _area(face: Face) -> float:
    return face.box[2] * face.box[3]

"""What may be asked of the person before the camera, and the bounds an answer is held to."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from biometrics.thresholds import DLIB, SFACE

FRAMES_MIN: Final = 5
FRAMES_MAX: Final = 15


class Action(StrEnum):
    """Left and right are the person's own, in a picture as the camera made it.

    A till may mirror its preview; the frames it sends are not mirrored, or left becomes right.
    """

    TURN_LEFT = "TURN_LEFT"
    TURN_RIGHT = "TURN_RIGHT"
    CLOSER = "CLOSER"


@dataclass(frozen=True, slots=True)
class LivenessLimits:
    """Bounds of an answer; yaw and growth as in `face_motion`, cosines of the model in use.

    Chosen on made-up heads (five points, nose 18 to 35 mm before the eyes, pinhole camera of 550
    px, 350 to 600 mm away) and on one portrait turned by a made-up depth map; no living person yet.
    - Turns accepted with 1 / 2 px of error in the points: nose of 35 mm at 25 degrees 1.00 / 0.99;
      28 mm at 30 degrees 1.00 / 0.98; 22 mm at 35 degrees 0.99 / 0.95; a flat nose of 18 mm needs
      40 degrees, 0.99 / 0.90.
    - A photograph turned, tilted and sheared at random, 12,000 answers: parallax at most 0.064 with
      1 px and none accepted; 0.138 with 2 px and 11 accepted.
    - The portrait's cosine to the frame before was 0.79 or more, to the frontal frame 0.69 at 30
      degrees and 0.40 at 48: a larger turn costs the rightful a retake.
    How fast people turn was not measured: the bounds of a step are guesses.
    """

    near_cosine_min: float = 0.6  # to the frame before
    first_cosine_min: float = 0.36  # to the first, frontal frame; a pose costs cosine
    distinct_min: int = 4  # a slow camera may deliver a frame twice, a still is one frame
    duplicate_shift_px: float = 0.3
    duplicate_cosine: float = 0.995
    start_yaw_max: float = 0.18
    rest_yaw: float = 0.06  # this near to the first frame's yaw the turn has not begun
    turn_yaw_min: float = 0.20  # change
    turned_yaw_min: float = 0.10  # and on the asked side of the camera
    turn_step_share_max: float = 0.75  # of the whole turn in one step: two photographs spliced
    parallax_min: float = 0.12
    growth_min: float = 1.25
    closer_yaw_max: float = 0.18
    reached_frames_min: int = 2  # one frame may be a slip of the detector
    step_shift_max: float = 0.8
    step_scale_max: float = 1.35
    step_aside_max: float = 0.25
    step_roll_deg_max: float = 20.0


# dlib's cosines crowd near 1: 0.912 is its distance 0.60. The lower one is chosen, not measured.
LIMITS: Final = {
    SFACE.model_id: LivenessLimits(),
    DLIB.model_id: LivenessLimits(
        near_cosine_min=0.912, first_cosine_min=0.88, duplicate_cosine=0.9995
    ),
}

"""Made-up heads before a pinhole camera: five points in millimetres, turned, tilted, moved."""

from dataclasses import dataclass

import numpy as np

from biometrics.face_motion import FaceGeometry
from biometrics.quality import Measures
from biometrics.reply import Embedded, five_points
from biometrics.template import Template

FOCAL_PX = 550  # a tablet's 640 x 480 picture
PIVOT_MM = 90  # from the eyes back to the neck
LENGTH = 128


def head(nose_mm=28.0, mouth_mm=3.0):
    """Eyes 63 mm apart; `nose_mm` is how far the tip stands out before the eyes."""
    return np.array(
        [[-31.5, 0, 0], [31.5, 0, 0], [0, 36, nose_mm], [-26, 72.7, mouth_mm], [26, 72.7, mouth_mm]]
    )


PHOTOGRAPH = head(0, 0)


@dataclass(frozen=True)
class View:
    """`yaw_deg` positive: to the person's own right, which is the left of the picture."""

    yaw_deg: float = 0.0
    pitch_deg: float = 0.0
    roll_deg: float = 0.0
    distance_mm: float = 500.0
    shear: float = 0.0


def project(points, view, pivot_mm=PIVOT_MM):
    """5 x 2 pixels."""
    moved = np.add(points, (0, -36, pivot_mm)) @ _rotation(view).T - (0, 0, pivot_mm)
    x, y, z = moved.T
    depth = view.distance_mm - z
    return np.stack([320 + FOCAL_PX * (x + view.shear * y) / depth, 240 + FOCAL_PX * y / depth], 1)


def _rotation(view):
    y, p, r = np.radians([-view.yaw_deg, view.pitch_deg, view.roll_deg])
    yaw = np.array([[np.cos(y), 0, np.sin(y)], [0, 1, 0], [-np.sin(y), 0, np.cos(y)]])
    pitch = np.array([[1, 0, 0], [0, np.cos(p), -np.sin(p)], [0, np.sin(p), np.cos(p)]])
    roll = np.array([[np.cos(r), -np.sin(r), 0], [np.sin(r), np.cos(r), 0], [0, 0, 1]])
    return roll @ pitch @ yaw


def frame(points, seed=0, model_id="sface-2021dec"):
    """A frame with these five points (5 x 2 pixels) and the template of person `seed`."""
    vector = np.random.default_rng(seed).normal(size=LENGTH).astype(np.float32)
    geometry = FaceGeometry.of(five_points(points))
    measures = Measures(
        1, geometry.across, geometry.roll_deg, geometry.yaw, 0.5, 120, 100, 1, 0.9, 0, 0
    )
    return Embedded(Template.of(vector, model_id, 80), measures, five_points(points))


def frames(points, views, rng=None, noise_px=0.0, pivot_mm=PIVOT_MM):
    """A sequence of one person, with normal errors in the points."""
    rng = rng or np.random.default_rng(0)
    places = [project(points, view, pivot_mm) for view in views]
    return [frame(each + rng.normal(0, noise_px, each.shape)) for each in places]


def turn(to_deg, count=9, **more):
    """From the front to the side in even steps, then two frames held, as well as one can."""
    degrees = [*np.linspace(0, to_deg, count - 2), to_deg * 0.97, to_deg * 1.02]
    return [View(deg, **more) for deg in degrees]

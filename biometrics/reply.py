"""What a worker process answers, as bytes: plain JSON, so a subverted worker cannot run code."""

import json
import math
from base64 import b64decode, b64encode
from dataclasses import dataclass
from typing import Final, TypeAlias

from biometrics.detector import Floats
from biometrics.quality import Measures
from biometrics.refusal import FaceReason, FaceRefusal
from biometrics.template import Template

# x, y of right eye, left eye, nose, right and left corner of the mouth, as in `Face.points`.
FivePoints: TypeAlias = tuple[tuple[float, float], ...]
POINTS: Final = 5


@dataclass(frozen=True, slots=True)
class Embedded:
    """A picture that became a template, with what was measured on the face.

    `points` are pixels of the full picture; empty when nobody asked where the face was.
    """

    template: Template
    measures: Measures
    points: FivePoints = ()


def five_points(points: Floats) -> FivePoints:
    """A detector's 5 x 2 array as plain numbers."""
    return tuple((float(x), float(y)) for x, y in points)


def to_bytes(answer: Embedded | FaceRefusal) -> bytes:
    """One JSON object."""
    if isinstance(answer, FaceRefusal):
        return json.dumps({"reason": answer.reason, "detail": answer.detail}).encode()
    template = b64encode(answer.template.to_bytes()).decode()
    measures = answer.measures.as_dict()
    return json.dumps(
        {"template": template, "measures": measures, "points": answer.points}
    ).encode()


def from_bytes(data: bytes) -> Embedded | FaceRefusal:
    """Inverse of `to_bytes`. Raises ValueError, KeyError or TypeError for anything else."""
    fields = json.loads(data)
    if "reason" in fields:
        return FaceRefusal(FaceReason(fields["reason"]), str(fields["detail"]))
    template = Template.from_bytes(b64decode(fields["template"], validate=True))
    numbers = {name: float(number) for name, number in fields["measures"].items()}
    return Embedded(template, Measures(**numbers), _points(fields["points"]))


def _points(pairs: list[list[float]]) -> FivePoints:
    points = tuple((float(x), float(y)) for x, y in pairs)
    if len(points) not in {0, POINTS} or not all(math.isfinite(v) for xy in points for v in xy):
        raise ValueError("not five points")
    return points

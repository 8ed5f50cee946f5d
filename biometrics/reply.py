"""What a worker process answers, as bytes: plain JSON, so a subverted worker cannot run code."""

import json
from base64 import b64decode, b64encode
from dataclasses import dataclass

from biometrics.quality import Measures
from biometrics.refusal import FaceReason, FaceRefusal
from biometrics.template import Template


@dataclass(frozen=True, slots=True)
class Embedded:
    """A picture that became a template, with what was measured on the face."""

    template: Template
    measures: Measures


def to_bytes(answer: Embedded | FaceRefusal) -> bytes:
    """One JSON object."""
    if isinstance(answer, FaceRefusal):
        return json.dumps({"reason": answer.reason, "detail": answer.detail}).encode()
    template = b64encode(answer.template.to_bytes()).decode()
    return json.dumps({"template": template, "measures": answer.measures.as_dict()}).encode()


def from_bytes(data: bytes) -> Embedded | FaceRefusal:
    """Inverse of `to_bytes`. Raises ValueError, KeyError or TypeError for anything else."""
    fields = json.loads(data)
    if "reason" in fields:
        return FaceRefusal(FaceReason(fields["reason"]), str(fields["detail"]))
    template = Template.from_bytes(b64decode(fields["template"], validate=True))
    numbers = {name: float(number) for name, number in fields["measures"].items()}
    return Embedded(template, Measures(**numbers))

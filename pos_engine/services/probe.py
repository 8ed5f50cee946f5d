"""Pictures of the person before the camera: one template, and whether she moved as asked."""

from dataclasses import dataclass

from biometrics.challenge import Action
from biometrics.template import Template
from pos_engine.engine import Engine
from pos_engine.rules.reasons import Reason
from pos_engine.services.challenge import take_challenge
from pos_engine.services.faces import Unreadable, live_template, one_template
from pos_engine.services.payer import Place

# an approach cannot tell a face from a photograph of it: only a turn counts as life
TURNS = (Action.TURN_LEFT, Action.TURN_RIGHT)


@dataclass(frozen=True, slots=True)
class Probe:
    """A face to be compared; `live` when a turn of the head was asked for and seen."""

    template: Template
    live: bool


def take_probe(
    engine: Engine, place: Place, images: list[bytes], challenge_id: str | None
) -> Probe | Unreadable:
    """Use the challenge up, if there is one, then turn the pictures into one template."""
    if challenge_id is None:
        template, live = one_template(engine, images), False
    else:
        challenge = take_challenge(engine, challenge_id, place)
        if challenge is None:
            return Unreadable(Reason.FACE_NOT_LIVE, "Ulangi dari awal.", "unknown or late")
        action = Action(challenge.action)
        template, live = live_template(engine, images, action), action in TURNS
    return template if isinstance(template, Unreadable) else Probe(template, live)

"""Ask a person to move before the camera: a nonce of one till, for a short time, for one answer."""

import secrets
from datetime import timedelta

from biometrics.challenge import Action
from pos_engine.engine import Engine
from pos_engine.rules.ids import new_uuid7
from pos_engine.services.payer import Place
from pos_engine.store import challenges
from pos_engine.store.challenges import Challenge

# A turn shows that a nose stands out; an approach does not, so a photograph moved nearer passes it:
# CLOSER is understood, but it is not drawn.
ACTIONS = (Action.TURN_LEFT, Action.TURN_RIGHT)
LIFE = timedelta(seconds=60)


def issue_challenge(engine: Engine, place: Place) -> Challenge:
    """Draw an action that nobody can know before."""
    now = engine.now()
    new = Challenge(
        challenge_id=new_uuid7(now),
        shop_id=place.shop_id,
        till_id=place.till_id,
        action=secrets.choice(ACTIONS).value,
        expires_at=now + LIFE,
    )
    with engine.database.begin() as tx:
        challenges.add_challenge(tx, new)
    return new


def take_challenge(engine: Engine, challenge_id: str, place: Place) -> Challenge | None:
    """The challenge for its one answer; None when unknown, answered, late or of another till.

    It is used up at once, whatever the answer is worth: a second try needs a new draw.
    """
    now = engine.now()
    with engine.database.begin() as tx:
        taken = challenges.use_challenge(tx, challenge_id, now)
    if taken is None or taken.expires_at < now:
        return None
    mine = (taken.shop_id, taken.till_id) == (place.shop_id, place.till_id)
    return taken if mine else None

"""Made-up faces in a real database, enrolled as a service would."""

import numpy as np

from benchmarks.synthetic_gallery import SyntheticFaces
from biometrics.template import Template
from pos_engine.rules.ids import new_uuid7
from pos_engine.services.payer import CARD
from pos_engine.store import families, template_log, templates

MODEL = "sface-2021dec"
FACES = SyntheticFaces(7, chunk=40)
PEOPLE = FACES.people(0)


def face(number):
    return Template.of(PEOPLE.templates[number], MODEL, 80)


def again(number):
    """The same person, another picture."""
    rng = np.random.default_rng(number)
    return Template.of(FACES.captured(PEOPLE.centres[number : number + 1], rng)[0], MODEL, 80)


def head_of(engine, world, kpm_id):
    card = world.card if kpm_id == world.kpm_id else world.other_card
    with engine.database.read() as tx:
        return families.find_credential(tx, CARD, engine.keys.lookup(CARD, card))


def stored(tx, engine, seal, known, template):
    """A template that lies there and is not yet searched; returns its id."""
    version = templates.next_version(tx, known.kpm_id, known.person_id)
    bound = templates.binding(known.person_id, template.model_id, version)
    new = templates.SealedTemplate(
        new_uuid7(engine.now()), known.kpm_id, known.person_id, template.model_id,
        version, seal(template, bound), 80,
    )  # fmt: skip
    templates.add_template(tx, new, engine.now())
    return new.template_id


def enrol(engine, known, template):
    """In force, and its id."""
    with engine.database.begin() as tx:
        template_id = stored(tx, engine, engine.matcher.seal, known, template)
        template_log.enlist(tx, known.kpm_id, template_id, engine.now())
    return template_id


def revoke(engine, known, template_id):
    with engine.database.begin() as tx:
        return template_log.revoke(tx, known.kpm_id, template_id, engine.now())

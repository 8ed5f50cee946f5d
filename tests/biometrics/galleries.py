"""The kinds of gallery under one suite, and the plain float64 answer they are held against."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

import faiss
import numpy as np

from benchmarks.synthetic_gallery import SyntheticFaces
from biometrics.block import Key
from biometrics.block_gallery import BlockGallery
from biometrics.gallery import ExactGallery, GalleryEntry
from biometrics.nation_index import NationIndex
from biometrics.nation_rows import to_ids
from biometrics.scopes import NATION, Enrolment, Places
from biometrics.template import Template

faiss.omp_set_num_threads(1)  # a busy machine: its threads would wait for each other
MODEL = "sface-2021dec"
NOWHERE = Places()


def uuid(kind, number):
    return str(UUID(int=kind << 96 | number))


def enrolment(number, vector, person=None, places=NOWHERE):
    """Template `number` of a person, two persons a family."""
    person = number if person is None else person
    entry = GalleryEntry(uuid(1, number), uuid(2, person), uuid(3, person // 2), vector)
    return Enrolment(entry, places)


def probe(vector, model_id=MODEL):
    return Template.of(vector, model_id, 80)


def population(count, seed=11):
    """Synthetic people with siblings and twins, every tenth with a second template."""
    faces = SyntheticFaces(seed, chunk=count)
    people = faces.people(0)
    again = faces.captured(people.centres[::10], np.random.default_rng(seed), 3)
    enrolled = [enrolment(i, vector) for i, vector in enumerate(people.templates)]
    enrolled += [enrolment(count + i, vector, 10 * i) for i, vector in enumerate(again)]
    return enrolled, faces.captured(people.centres, np.random.default_rng(seed + 1))


def brute(enrolments, vector, k):
    """(person, score), best first, by float64 over everything."""
    best = {}
    matrix = np.array([one.entry.vector for one in enrolments], float)
    scores = matrix @ np.asarray(vector, float) if enrolments else []
    for one, score in zip(enrolments, scores, strict=True):
        person = one.entry.person_id
        best[person] = max(best.get(person, -2.0), float(score))
    return sorted(best.items(), key=lambda pair: -pair[1])[:k]


def exact(enrolments):
    return ExactGallery(MODEL, NATION, [one.entry for one in enrolments])


def float32(enrolments=()):
    return BlockGallery(MODEL, enrolments, int8_above=10**9)


def int8(enrolments=()):
    return BlockGallery(MODEL, enrolments, int8_above=0)


def nation_plain(enrolments=(), train_at=10**9):
    index = NationIndex(MODEL, capacity=64, train_at=train_at)
    if enrolments:
        keys = [Key(e.entry.template_id, e.entry.person_id, e.entry.family_id) for e in enrolments]
        index.load(np.stack([e.entry.vector for e in enrolments]), to_ids(keys))
    return index


def nation_scanned(enrolments=()):
    """Trained on the first thousand; smaller ones fall back to the plain scan, as in life."""
    return nation_plain(enrolments, train_at=1_000)


@dataclass(frozen=True)
class Kind:
    """`off` is how far its scores may be from float64."""

    make: object
    off: float


KINDS = {
    "exact": Kind(exact, 1e-6),
    "float32": Kind(float32, 1e-6),
    "int8": Kind(int8, 1e-6),
    "nation plain": Kind(nation_plain, 0.01),
    "nation scanned": Kind(nation_scanned, 0.01),
}
LIVE = {name: kind for name, kind in KINDS.items() if name != "exact"}
BORN = date(1980, 7, 1)

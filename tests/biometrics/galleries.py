"""The kinds of gallery under one suite, and the plain float64 answer they are held against."""

from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

import faiss
import numpy as np

from benchmarks.synthetic_gallery import SyntheticFaces
from biometrics.face_index import FaceIndex
from biometrics.gallery import GalleryEntry, Scope
from biometrics.scopes import NATION, Places, ScopeKind
from biometrics.stored_gallery import Stored, StoredGallery
from biometrics.template import Template
from biometrics.where import Owners
from tests.biometrics.exact_gallery import ExactGallery

faiss.omp_set_num_threads(1)  # a busy machine: its threads would wait for each other
MODEL = "sface-2021dec"
BORN = date(1980, 7, 1)
SHOP = Scope(ScopeKind.SHOP, "s-1")
VILLAGE = "35.07.13.2001"
HOME = Places("s-1", VILLAGE, BORN)


@dataclass(frozen=True)
class Enrolment:
    """A template and where its person is looked for."""

    entry: GalleryEntry
    places: Places = HOME

    @property
    def owner(self):
        return Owners.one(self.entry.person_id, self.entry.family_id, self.places)


def uuid(kind, number):
    return str(UUID(int=kind << 96 | number))


def enrolment(number, vector, person=None, places=HOME):
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


@dataclass
class Live:
    """An index beside the stored templates it follows: a log of its own."""

    index: FaceIndex
    stored: dict = field(default_factory=dict)

    def gallery(self):
        return StoredGallery(self.index, lambda numbers: [
            Stored(n, self.stored[n].entry) for n in numbers if n in self.stored
        ])  # fmt: skip

    def enlist(self, one, number=None):
        number = number or self.index.sequence + 1
        done = self.index.enlist(number, one.entry.vector, one.owner)
        if done == "APPLIED":
            self.stored[number] = one
        return done

    def revoke(self, enlisted, number=None):
        done = self.index.revoke(number or self.index.sequence + 1, enlisted)
        if done in ("APPLIED", "UNKNOWN"):
            self.stored.pop(enlisted, None)
        return done


def together(owners):
    """Many of one each."""
    return Owners(*([each[0] for each in column] for column in zip(*owners, strict=True)))


def live(enrolments=(), train_at=10**9):
    """Numbered from 1 in the order given."""
    made = Live(FaceIndex(MODEL, capacity=64, train_at=train_at))
    if enrolments:
        numbers = range(1, len(enrolments) + 1)
        vectors = np.stack([one.entry.vector for one in enrolments])
        made.index.load(vectors, numbers, together([one.owner for one in enrolments]))
        made.stored.update(zip(numbers, enrolments, strict=True))
    made.index.load_done(len(enrolments))
    return made


def scanned(enrolments=()):
    """Trained on the first thousand; smaller ones fall back to the plain scan, as in life."""
    return live(enrolments, train_at=1_000)


def exact(enrolments):
    return ExactGallery(MODEL, NATION, [one.entry for one in enrolments])


@dataclass(frozen=True)
class Kind:
    """How it is made and which scope holds everybody."""

    make: object
    scope: Scope


KINDS = {
    "exact": Kind(exact, NATION),
    "block": Kind(lambda enrolments: live(enrolments).gallery(), SHOP),
    "nation plain": Kind(lambda enrolments: live(enrolments).gallery(), NATION),
    "nation scanned": Kind(lambda enrolments: scanned(enrolments).gallery(), NATION),
}
LIVE = {
    "block": Kind(live, SHOP),
    "kecamatan": Kind(live, Scope(ScopeKind.KECAMATAN, "35.07.13")),
    "birth date": Kind(live, Scope(ScopeKind.BIRTH_DATE, "1980-07-01")),
    "nation plain": Kind(live, NATION),
    "nation scanned": Kind(scanned, NATION),
}

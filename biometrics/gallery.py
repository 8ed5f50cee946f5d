"""Who of a named set of people looks most like this probe: exact search, one Protocol for all."""

from dataclasses import dataclass, field
from typing import Final, Protocol

import numpy as np

from biometrics.detector import Floats
from biometrics.template import ModelMismatch, Template

CANDIDATES_MAX: Final = 50  # a reviewed list (NIST FRTE 1:N); a decision needs far fewer


@dataclass(frozen=True, slots=True)
class Scope:
    """The set that is searched: kind as in the contract (SHOP, VILLAGE, ...), key its id."""

    kind: str
    key: str


@dataclass(frozen=True, slots=True, eq=False)
class GalleryEntry:
    """One stored template of one person; a person may have several."""

    template_id: str
    person_id: str
    family_id: str
    vector: Floats = field(repr=False)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A person's best score (cosine) and the template that reached it."""

    template_id: str
    person_id: str
    family_id: str
    score: float
    model_id: str


class Gallery(Protocol):
    """What a later index must do too: exact over a scope, best score per person, sorted."""

    @property
    def model_id(self) -> str:
        """The only model whose probes may be searched here."""
        ...

    def search(self, probe: Template, scope: Scope, k: int) -> list[Candidate]:
        """At most k persons of the scope, best first. Raises `ModelMismatch`."""
        ...

    def size_families(self, scope: Scope) -> int:
        """Families in the scope: what is shown as the scope's size."""
        ...

    def size_templates(self, scope: Scope) -> int:
        """Comparisons one search makes: the N of the false-match risk."""
        ...


def must_fit(probe: Template, model_id: str, k: int) -> None:
    """Raise `ModelMismatch` for another model's probe, ValueError for a k out of bounds."""
    if probe.model_id != model_id:
        raise ModelMismatch(f"{probe.model_id} searched in a gallery of {model_id}")
    if not 1 <= k <= CANDIDATES_MAX:
        raise ValueError(f"k is 1 to {CANDIDATES_MAX}")


def must_be_unit(vectors: Floats) -> None:
    """Raise ValueError: a vector that is not of length 1 would win or lose unfairly."""
    # Written so that NaN fails too.
    if not np.all(np.abs(np.linalg.norm(vectors.astype(np.float64), axis=-1) - 1.0) <= 1e-3):  # noqa: PLR2004
        raise ValueError("gallery vectors must be of length 1")

"""The index finds who is near, the stored template says how near: no score comes from a cache."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from biometrics.face_index import FaceIndex
from biometrics.gallery import Candidate, GalleryEntry, Scope, must_fit
from biometrics.template import Template, cosine

# Persons looked up beyond those asked for: the index orders by cosines that are 0.003 off.
_SPARE: Final = 2


@dataclass(frozen=True, slots=True)
class Stored:
    """A template in force, under its number in the log."""

    number: int
    entry: GalleryEntry


class StoredGallery:
    """A `Gallery`. `stored` reads those of some numbers that are in force, in any order.

    So a revoked template is never found, however old the index is, and a damaged index can miss
    somebody but can make nobody look alike.
    """

    def __init__(
        self, index: FaceIndex, stored: Callable[[Sequence[int]], Sequence[Stored]]
    ) -> None:
        self.model_id = index.model_id
        self._index = index
        self._stored = stored

    def search(self, probe: Template, scope: Scope, k: int) -> list[Candidate]:
        """See `Gallery.search`."""
        must_fit(probe, self.model_id, k)
        near = self._index.nearest(probe.vector, scope, k + _SPARE)
        return self._scored(probe, [one.number for one in near])[:k]

    def size_families(self, scope: Scope) -> int:
        """See `Gallery.size_families`."""
        return self._index.sizes(scope).families

    def size_templates(self, scope: Scope) -> int:
        """See `Gallery.size_templates`."""
        return self._index.sizes(scope).templates

    def _scored(self, probe: Template, numbers: list[int]) -> list[Candidate]:
        entries = [one.entry for one in self._stored(numbers)] if numbers else []
        found = [
            Candidate(
                entry.template_id,
                entry.person_id,
                entry.family_id,
                cosine(probe.vector, entry.vector),
                self.model_id,
            )
            for entry in entries
        ]
        return sorted(found, key=lambda one: (-one.score, one.template_id))

"""The plain float32 answer over a handful of templates, to hold every other gallery against."""

import numpy as np

from biometrics.gallery import Candidate, must_be_unit, must_fit


class ExactGallery:
    """A small gallery of one scope, built for one request from decrypted templates."""

    def __init__(self, model_id, scope, entries):
        """Vectors must be float32 of length 1 and one dimension. Raises ValueError."""
        self.model_id = model_id
        self._scope = scope
        self._entries = list(entries)
        self._vectors = _stack(self._entries)
        self._families = len({entry.family_id for entry in self._entries})

    def search(self, probe, scope, k):
        """See `Gallery.search`; equal scores are ordered by template id, so answers repeat."""
        self._must_be_mine(scope)
        must_fit(probe, self.model_id, k)
        if not self._entries:
            return []
        scores = self._vectors @ probe.vector
        found = {}
        for index in _order(scores, self._entries):
            entry = self._entries[index]
            found.setdefault(entry.person_id, self._candidate(entry, float(scores[index])))
            if len(found) == k:
                break
        return list(found.values())

    def size_families(self, scope):
        """See `Gallery.size_families`."""
        self._must_be_mine(scope)
        return self._families

    def size_templates(self, scope):
        """See `Gallery.size_templates`."""
        self._must_be_mine(scope)
        return len(self._entries)

    def _candidate(self, entry, score):
        return Candidate(entry.template_id, entry.person_id, entry.family_id, score, self.model_id)

    def _must_be_mine(self, scope):
        """A search must never silently run over other people than the caller names."""
        if scope != self._scope:
            raise ValueError(f"this gallery holds {self._scope}, not {scope}")


def _stack(entries):
    """Entries x dimension."""
    if not entries:
        return np.zeros((0, 0), np.float32)
    vectors = np.stack([np.asarray(entry.vector, np.float32) for entry in entries])
    must_be_unit(vectors)
    return vectors


def _order(scores, entries):
    return sorted(range(len(entries)), key=lambda i: (-scores[i], entries[i].template_id))

"""Faces that nobody owns: template vectors with the spread that SFace showed on real people.

Recipe: x = normalise(m + sqrt(B) u + s sqrt(W) e), with |m| = 0.293 in a fixed direction, B = 0.572
between and W = 0.342 within people, u and e of unit total variance over some 110 of 128 directions,
and s log-normal (E s^2 = 1), its width chosen so that two single captures of one person score
0.65 +- 0.11 as measured on LFW. u has a sex x region cluster part; siblings and twins share a part
of u. It shows how an index behaves. It does not show what error rates real people will meet.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

MEAN_LENGTH: Final = 0.293
BETWEEN: Final = 0.572
WITHIN: Final = 0.342
CAPTURE_SPREAD: Final = 0.33  # of ln s
CLUSTERS: Final = 8  # 2 sexes x 4 regions
CLUSTER_SHARE: Final = 0.09  # of the variance between people: 5 % of all energy
SIBLINGS: Final = 0.04  # share of people with one sibling in the gallery
TWINS: Final = 0.003
SIBLING_LIKENESS: Final = (0.30, 0.50)  # cosine of u
TWIN_LIKENESS: Final = (0.60, 0.80)
CHUNK: Final = 100_000
_TILT: Final = 0.70  # spectrum from 1.7 to 0.3: an effective dimension of 110 of 128

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Chunk:
    """People x dimension: `centres` before any capture noise, `templates` of length 1.

    Related people stand next to each other, at 2i and 2i + 1; `kin` is 0 none, 1 sibling, 2 twin.
    """

    centres: Floats
    templates: Floats
    kin: NDArray[np.int8]


class SyntheticFaces:
    """Same seed, same people; each chunk of `chunk` people can be drawn on its own."""

    def __init__(
        self, seed: int, *, dimension: int = 128, captures: int = 3, chunk: int = CHUNK
    ) -> None:
        """A template is the mean of `captures` pictures; `chunk` is even."""
        rng = np.random.default_rng(seed)
        self.seed, self.dimension, self.captures, self.chunk = seed, dimension, captures, chunk
        turn, _ = np.linalg.qr(rng.standard_normal((dimension, dimension)))
        spectrum = np.linspace(1 + _TILT, 1 - _TILT, dimension) / dimension
        self._turn = (np.sqrt(spectrum)[:, None] * turn).astype(np.float32)
        mean = rng.standard_normal(dimension).astype(np.float32)
        self._mean = mean * np.float32(MEAN_LENGTH) / np.linalg.norm(mean)
        self._clusters = rng.standard_normal((CLUSTERS, dimension)).astype(np.float32)

    def people(self, number: int) -> Chunk:
        """Chunk `number`, from 0."""
        rng = np.random.default_rng([self.seed, number, 0])
        own = rng.standard_normal((self.chunk, self.dimension), dtype=np.float32)
        kin = self._related(rng, own)
        cluster = np.repeat(rng.integers(0, CLUSTERS, self.chunk // 2), 2)
        share = np.float32(CLUSTER_SHARE)
        own = np.sqrt(1 - share) * own + np.sqrt(share) * self._clusters[cluster]
        centres = self._mean + np.float32(np.sqrt(BETWEEN)) * (own @ self._turn)
        return Chunk(centres, self.captured(centres, rng, self.captures), kin)

    def captured(self, centres: Floats, rng: np.random.Generator, captures: int = 1) -> Floats:
        """Templates (length 1) of people seen anew in so many pictures each."""
        spread = rng.normal(-(CAPTURE_SPREAD**2), CAPTURE_SPREAD, (len(centres), captures)).astype(
            np.float32
        )
        # A sum of independent normal vectors is one normal vector: one draw does for all pictures.
        size = np.sqrt(WITHIN * np.exp(2 * spread).sum(axis=1, keepdims=True)) / captures
        noise = rng.standard_normal(centres.shape, dtype=np.float32) @ self._turn
        return unit(centres + size.astype(np.float32) * noise)

    def templates(self, count: int) -> Iterator[Floats]:
        """`count` templates in all, chunk by chunk."""
        for number, start in enumerate(range(0, count, self.chunk)):
            yield self.people(number).templates[: count - start]

    def probes(self, count: int, of: int) -> tuple[Floats, NDArray[np.int64]]:
        """Single pictures of people among the first `of`, and their numbers."""
        rng = np.random.default_rng([self.seed, 0, 1])
        whom = np.sort(rng.choice(of, count, replace=count > of))
        parts = []
        for number in np.unique(whom // self.chunk).tolist():
            mine = whom[whom // self.chunk == number] - number * self.chunk
            parts.append(self.captured(self.people(number).centres[mine], rng))
        return np.concatenate(parts), whom

    def _related(self, rng: np.random.Generator, own: Floats) -> NDArray[np.int8]:
        """Make some neighbours alike, in place; returns how each is related."""
        draw = rng.random(len(own) // 2)
        kin = np.select([draw < TWINS, draw < TWINS + SIBLINGS], [2, 1], 0).astype(np.int8)
        for kind, likeness in ((1, SIBLING_LIKENESS), (2, TWIN_LIKENESS)):
            first = 2 * np.flatnonzero(kin == kind)
            alike = rng.uniform(*likeness, (len(first), 1)).astype(np.float32)
            own[first + 1] = alike * own[first] + np.sqrt(1 - alike**2) * own[first + 1]
        return np.repeat(kin, 2)


def unit(vectors: Floats) -> Floats:
    """Rows scaled to length 1."""
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)

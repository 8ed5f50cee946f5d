"""Which pictures enrol a person and which probe her: drawn by a seed, never the same picture."""

from dataclasses import dataclass, field

import numpy as np

from biometrics.detector import Floats
from biometrics.labelled import Codes, LabelledTemplates, Mask
from biometrics.pairs import Faces


@dataclass(frozen=True, slots=True, eq=False)
class Draw:
    """One mean template a person: `enrolled` of k pictures, `probes` of m others.

    A probe of which no frame gave a face is a zero vector: it reaches no threshold, so its search
    fails, as at the till. Persons with too few pictures for both are on one of the sides only;
    `mated` are the codes of those on both. `failed_to_enrol` had k pictures but too few faces.
    """

    enrolled: Faces
    probes: Faces
    mated: Codes
    failed_to_enrol: int


def draw(
    data: LabelledTemplates,
    enrol: int,
    probe: int,
    rng: np.random.Generator,
    asking_rows: Mask | None = None,
) -> Draw:
    """Choose k = `enrol` and m = `probe` pictures of each person. Raises ValueError below 1.

    With `asking_rows` (n,) only these pictures probe, and the others enrol as far as they reach.
    """
    if enrol < 1 or probe < 1:
        raise ValueError("enrol and probe are 1 picture or more")
    may_ask = np.ones(len(data.vectors), bool) if asking_rows is None else asking_rows
    sides, usable = _Sides(), data.usable
    for person, rows in _rows_by_person(data.person).items():
        shuffled = rng.permutation(rows)
        shuffled = shuffled[np.argsort(may_ask[shuffled], kind="stable")]
        good = shuffled[usable[shuffled]][:enrol]
        sides.short += len(rows) >= enrol > len(good)
        enrolling = good if len(good) == enrol else good[:0]
        sides.take(person, data.vectors, enrolling, shuffled[may_ask[shuffled]], probe)
    return sides.drawn(data.vectors.shape[1])


@dataclass(slots=True)
class _Sides:
    """Pictures of each person while the draw goes on."""

    fixed: dict[int, Floats] = field(default_factory=dict)
    probing: dict[int, Floats] = field(default_factory=dict)
    mated: list[int] = field(default_factory=list)
    short: int = 0

    def take(
        self, person: int, vectors: Floats, enrolling: Codes, asking: Codes, probe: int
    ) -> None:
        """Rows `enrolling` (none: too few) and `probe` of the rows `asking`."""
        others = asking[~np.isin(asking, enrolling)]
        if enrolling.size:
            self.fixed[person] = vectors[enrolling]
            if len(others) >= probe:
                self.mated.append(person)
        # Too few for both: the same pictures may probe, against the gallery without this person.
        chosen = others if len(others) >= probe else asking
        if len(chosen) >= probe:
            self.probing[person] = vectors[chosen[:probe]]

    def drawn(self, dimension: int) -> Draw:
        mated = np.array(self.mated, np.int64)
        probes = _means(self.probing, dimension)
        return Draw(_means(self.fixed, dimension), probes, mated, self.short)


def _rows_by_person(person: Codes) -> dict[int, Codes]:
    if not person.size:  # every row was a suspect
        return {}
    order = np.argsort(person, kind="stable")
    codes, starts = np.unique(person[order], return_index=True)
    return dict(zip(codes.tolist(), np.split(order, starts[1:]), strict=True))


def _means(stacks: dict[int, Floats], dimension: int) -> Faces:
    """Average and re-normalise, as `template.mean_template` does; zero stays zero."""
    sums = [stack.sum(axis=0) for stack in stacks.values()]
    vectors = np.stack(sums) if sums else np.zeros((0, dimension), np.float32)
    norms = np.linalg.norm(vectors, axis=1, keepdims=True)
    unit = np.divide(vectors, norms, out=np.zeros_like(vectors), where=norms > 0)
    return Faces(unit, np.array(list(stacks), np.int64))

"""Templates whose true person is known: the only material an evaluation accepts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Self, TypeAlias

import numpy as np
from numpy.typing import NDArray

from biometrics.detector import Floats

Codes: TypeAlias = NDArray[np.int64]
Mask: TypeAlias = NDArray[np.bool_]

NORM_ERROR_MAX: Final = 1e-2  # float16 files are off by about 1e-4; more is another kind of data
PERSONS_MIN: Final = 2


class DataFault(ValueError):  # noqa: N818 - the name says what is wrong
    """The material cannot be evaluated; the message says why and what to do."""


@dataclass(frozen=True, slots=True, eq=False)
class LabelledTemplates:
    """`vectors` is float32 (n, d), each of length 1, or zero where no face could be acquired.

    `person` is (n,) of codes into `names`; `group` is (n,) of texts or `None`. `failures` counts
    pictures that gave no template by reason; each of them is one zero row.
    """

    vectors: Floats = field(repr=False)
    person: Codes = field(repr=False)
    names: tuple[str, ...] = field(repr=False)
    group: NDArray[np.str_] | None = field(default=None, repr=False)
    failures: Mapping[str, int] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()

    @classmethod
    def of(
        cls,
        vectors: Any,
        person: Any,
        group: Any = None,
        failures: Mapping[str, int] | None = None,
    ) -> Self:
        """Check outside arrays. Raises `DataFault` naming the first fault."""
        rows = _matrix(vectors)
        names, codes = _persons(person, len(rows))
        failed = dict(failures or {})
        rows, warnings = _unit(rows, sum(failed.values()))
        return cls(rows, codes, names, _groups(group, len(rows)), failed, warnings)

    @property
    def usable(self) -> Mask:
        """(n,): the picture gave a template."""
        return np.asarray(self.vectors.any(axis=1))

    def without(self, rows: Sequence[int]) -> Self:
        """The same material without some rows; person codes keep their meaning."""
        keep = np.ones(len(self.vectors), bool)
        keep[list(rows)] = False
        group = None if self.group is None else self.group[keep]
        return type(self)(
            self.vectors[keep], self.person[keep], self.names, group, self.failures, self.warnings
        )


def _matrix(vectors: Any) -> Floats:
    rows = np.asarray(vectors)
    if rows.ndim != 2 or not rows.size:  # noqa: PLR2004 - a table has two sides
        raise DataFault(f"embedding has the shape {rows.shape}; give one row a picture: (n, d)")
    if rows.dtype.kind not in "fiu":
        raise DataFault(f"embedding holds {rows.dtype}, not numbers; export float32")
    rows = rows.astype(np.float32)
    bad = np.flatnonzero(~np.isfinite(rows).all(axis=1))
    if bad.size:
        raise DataFault(f"embedding row {bad[0]} has NaN or infinity ({bad.size} rows); drop them")
    return rows


def _persons(person: Any, count: int) -> tuple[tuple[str, ...], Codes]:
    labels = np.asarray(person)
    if labels.shape != (count,):
        raise DataFault(f"person has the shape {labels.shape}; give one per embedding: ({count},)")
    if labels.dtype.kind not in "iuU":
        raise DataFault(f"person holds {labels.dtype}; give whole numbers or texts")
    names, codes = np.unique(labels, return_inverse=True)
    if len(names) < PERSONS_MIN:
        raise DataFault(f"{len(names)} person; false matches need two or more")
    return tuple(map(str, names)), codes.astype(np.int64)


def _groups(group: Any, count: int) -> NDArray[np.str_] | None:
    if group is None:
        return None
    labels = np.asarray(group)
    if labels.shape != (count,) or labels.dtype.kind not in "iuU":
        raise DataFault(
            f"group is {labels.dtype} of shape {labels.shape}; give one text per embedding"
        )
    return labels.astype(np.str_)


def _unit(rows: Floats, zeros_allowed: int) -> tuple[Floats, tuple[str, ...]]:
    """Rows of length 1; a warning when that changed more than rounding."""
    norms = np.linalg.norm(rows.astype(np.float64), axis=1)
    zero = norms == 0.0
    if int(zero.sum()) != zeros_allowed:
        raise DataFault(f"embedding has {zero.sum()} rows of zeros; drop pictures without a face")
    off = int((np.abs(norms[~zero] - 1.0) > NORM_ERROR_MAX).sum())
    said = (f"{off} embeddings were not of length 1 and have been normalised",) if off else ()
    unit = rows / np.where(zero, 1.0, norms)[:, None]
    return unit.astype(np.float32), said

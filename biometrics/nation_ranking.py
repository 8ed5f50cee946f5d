"""Rows with scores in, persons with names out."""

import numpy as np
from numpy.typing import NDArray

from biometrics.block import Key, best_persons
from biometrics.detector import Floats
from biometrics.gallery import Candidate
from biometrics.nation_rows import NationRows


def ranked(
    rows: NationRows, slots: NDArray[np.int64], scores: Floats, k: int, model_id: str
) -> list[Candidate]:
    """At most k persons of `slots` (living), best first; equal scores by template id.

    Names only the rows that can matter: a name costs more than a comparison. So of more than
    4 k equal scores those enrolled first are listed.
    """
    order = np.argsort(-scores, kind="stable")
    found: list[tuple[float, Key]] = []
    for start in range(0, order.size, 4 * k):
        some = order[start : start + 4 * k]
        found += [(-float(scores[i]), rows.key(int(slots[i]))) for i in some]
        if len({key.person_id for _, key in found}) > k:
            break
    return best_persons(sorted(found), k, model_id)

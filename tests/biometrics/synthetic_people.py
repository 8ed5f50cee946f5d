"""People made of numbers: a direction each, pictures around it; no face was used."""

import numpy as np

from biometrics.labelled import LabelledTemplates


def people(persons, pictures, *, noise=0.6, seed=7, dimension=128):
    """`pictures` of each person; the cosine of two of one person is about 1 / (1 + noise^2)."""
    rng = np.random.default_rng(seed)
    own = rng.standard_normal((persons, 1, dimension)) / np.sqrt(dimension)
    each = rng.standard_normal((persons, pictures, dimension)) / np.sqrt(dimension)
    vectors = (own + noise * each).reshape(-1, dimension)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return vectors.astype(np.float32), np.repeat(np.arange(persons), pictures)


def labelled(persons, pictures, **options):
    return LabelledTemplates.of(*people(persons, pictures, **options))

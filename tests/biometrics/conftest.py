"""One portrait for every face test: NASA's public-domain astronaut of scikit-image."""

from collections.abc import Iterator

import numpy as np
import pytest
import skimage.data

from biometrics.encoder import SFaceEncoder
from biometrics.finder import FaceFinder, open_finder
from biometrics.pool import FacePool


@pytest.fixture(scope="session")
def portrait() -> np.ndarray:
    picture = skimage.data.astronaut()
    picture.setflags(write=False)
    return picture


@pytest.fixture(scope="session")
def finder() -> FaceFinder:
    return open_finder()


@pytest.fixture(scope="session")
def sface(finder: FaceFinder) -> SFaceEncoder:
    return SFaceEncoder(finder)


@pytest.fixture(scope="session")
def pool() -> Iterator[FacePool]:
    with FacePool() as pool:
        pool.warm_up()
        yield pool

"""What one face costs: each step of our chain, and the whole beside face_recognition.

Run by `make bench`; add `-s` to pytest to see the ratio.
"""

import io
import json
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import cv2
import numpy as np
import pytest
import skimage.data
from PIL import Image

from biometrics.align import align
from biometrics.decode import decode
from biometrics.detector import Detector, open_network
from biometrics.encoder import SFaceEncoder
from biometrics.finder import DETECT_SIDE_PX, FoundFace, open_finder
from biometrics.pipeline import open_pipeline
from biometrics.pool import FacePool

Benchmark = Callable[..., Any]

# face_recognition runs in a child: it would let this process accept truncated pictures.
BASELINE = """
import io, json, statistics, sys, time, warnings
warnings.simplefilter("ignore")
import face_recognition
data, took_ms = sys.stdin.buffer.read(), []
for _ in range(8):
    start_s = time.perf_counter()
    picture = face_recognition.load_image_file(io.BytesIO(data))
    assert face_recognition.face_encodings(picture)
    took_ms.append(1000 * (time.perf_counter() - start_s))
print(json.dumps(statistics.median(took_ms[1:])))
"""


@pytest.fixture(scope="module")
def jpeg() -> bytes:
    """NASA's public-domain portrait as a tablet would send it: 640 x 640, about 80 kB."""
    picture = cv2.resize(skimage.data.astronaut(), (640, 640), interpolation=cv2.INTER_CUBIC)
    file = io.BytesIO()
    Image.fromarray(picture).save(file, "JPEG", quality=88)
    return file.getvalue()


@pytest.fixture(scope="module")
def picture(jpeg: bytes) -> np.ndarray:
    """The decoded portrait."""
    decoded = decode(jpeg)
    assert isinstance(decoded, np.ndarray)
    return decoded


@pytest.fixture(scope="module", autouse=True)
def one_thread() -> None:
    """As in a worker."""
    cv2.setNumThreads(1)


def test_decode(benchmark: Benchmark, jpeg: bytes) -> None:
    """JPEG to upright RGB."""
    benchmark(decode, jpeg)


def test_detect(benchmark: Benchmark, picture: np.ndarray) -> None:
    """YuNet on the reduced copy."""
    assert benchmark(Detector(open_network(DETECT_SIDE_PX)).detect, picture)


def test_find(benchmark: Benchmark, picture: np.ndarray) -> None:
    """Detect, look closer in four turns, measure, judge."""
    assert isinstance(benchmark(open_finder().find, picture), FoundFace)


def test_align(benchmark: Benchmark, picture: np.ndarray) -> None:
    """Five points onto 112 x 112."""
    benchmark(align, picture, _found(picture).face.points)


@pytest.mark.parametrize("precision", ["f32", "bf16"])
def test_embed(benchmark: Benchmark, picture: np.ndarray, precision: str) -> None:
    """SFace with its alignment, the face already found."""
    encoder = SFaceEncoder(precision=precision)
    benchmark(encoder.embed_found, picture, _found(picture))


def test_through_the_pool(benchmark: Benchmark, jpeg: bytes) -> None:
    """The whole chain as the engine calls it, with the way to the worker and back."""
    with FacePool() as pool:
        pool.warm_up()
        benchmark(pool.embed_many, [jpeg])


def test_chain_against_face_recognition(benchmark: Benchmark, jpeg: bytes) -> None:
    """Bytes to template, ours and face_recognition's defaults, same picture, same minute."""
    benchmark.pedantic(open_pipeline().run, args=(jpeg,), rounds=30, warmup_rounds=3)
    ours_ms = 1000 * benchmark.stats.stats.median
    answer = subprocess.run(
        [sys.executable, "-c", BASELINE], input=jpeg, capture_output=True, check=True
    )
    theirs_ms = json.loads(answer.stdout)
    benchmark.extra_info.update(face_recognition_ms=theirs_ms, ratio=theirs_ms / ours_ms)
    print(
        f"\nYuNet+SFace {ours_ms:.1f} ms, face_recognition {theirs_ms:.1f} ms: "
        f"{theirs_ms / ours_ms:.1f} times faster"
    )


def _found(picture: np.ndarray) -> FoundFace:
    found = open_finder().find(picture)
    assert isinstance(found, FoundFace)
    return found

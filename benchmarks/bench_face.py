"""What one face costs: each step of our chain, and the whole beside face_recognition.

Run by `make bench`. One thread, one 640 x 480 picture; best and median of the rounds, so that a
reader on a shared machine sees both. The last test prints all of them as a table with the CPU's
name, and the ratio to face_recognition measured within the same minute.
"""

import io
import json
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

import cv2
import numpy as np
import pytest
import skimage.data
from PIL import Image

from benchmarks.face_steps import Steps
from biometrics.decode import decode
from biometrics.pipeline import open_pipeline
from biometrics.pool import FacePool

Benchmark = Callable[..., Any]
ROUNDS = 60
FLOORS = {"f32": 100, "bf16": 160}  # faces/s/core, from the decoded picture
RATIO_FLOOR = 15

# face_recognition runs in a child: it would let this process accept truncated pictures.
BASELINE = """
import io, json, sys, time, warnings
warnings.simplefilter("ignore")
import face_recognition
picture, took_ms = face_recognition.load_image_file(io.BytesIO(sys.stdin.buffer.read())), []
for _ in range(8):
    start_s = time.perf_counter()
    assert face_recognition.face_encodings(picture)
    took_ms.append(1000 * (time.perf_counter() - start_s))
print(json.dumps(took_ms[1:]))
"""


@pytest.fixture(scope="module")
def jpeg() -> bytes:
    """NASA's public-domain portrait as a tablet would send it: 640 x 480, about 60 kB."""
    picture = cv2.resize(skimage.data.astronaut(), (640, 640), interpolation=cv2.INTER_CUBIC)
    file = io.BytesIO()
    Image.fromarray(picture[:480]).save(file, "JPEG", quality=88)
    return file.getvalue()


@pytest.fixture(scope="module")
def steps(jpeg: bytes) -> Steps:
    """Everything opened once, on one thread as in a worker."""
    cv2.setNumThreads(1)
    picture = decode(jpeg)
    assert isinstance(picture, np.ndarray)
    return Steps(jpeg, picture)


@pytest.mark.parametrize("name", Steps.NAMES)
def test_step(benchmark: Benchmark, steps: Steps, name: str) -> None:
    """One step alone; "inference" is OpenVINO without any of our code around it."""
    benchmark.pedantic(steps.step(name), rounds=ROUNDS, warmup_rounds=5)


def test_through_the_pool(benchmark: Benchmark, jpeg: bytes) -> None:
    """The whole chain as the engine calls it, with the way to the worker and back."""
    with FacePool() as pool:
        pool.warm_up()
        benchmark(pool.embed_many, [jpeg])


def test_chain_against_face_recognition(benchmark: Benchmark, jpeg: bytes, steps: Steps) -> None:
    """Decoded picture to template, ours and face_recognition's defaults, in the same minute."""
    benchmark.pedantic(open_pipeline().run, args=(jpeg,), rounds=10, warmup_rounds=2)
    answer = subprocess.run(
        [sys.executable, "-c", BASELINE], input=jpeg, capture_output=True, check=True
    )
    theirs_ms = json.loads(answer.stdout)
    print(f"\n{_cpu()}, one thread, one 640 x 480 picture, {ROUNDS} rounds")
    print(f"{'step':30} {'best ms':>8} {'median':>8} {'faces/s/core':>13}")
    best_ms = {}
    for name in Steps.NAMES:
        took_ms = _timed_ms(steps.step(name))
        best_ms[name] = min(took_ms)
        _say(name, took_ms)
    _say("face_recognition, defaults", theirs_ms)
    for precision, floor in FLOORS.items():
        ours_ms = best_ms[f"chain {precision}"]
        ratio = min(theirs_ms) / ours_ms
        benchmark.extra_info[f"ratio_{precision}"] = ratio
        print(
            f"{precision}: {1000 / ours_ms:.0f} faces/s/core (floor {floor}; inference alone "
            f"{1000 / best_ms[f'inference {precision}']:.0f}), {ratio:.1f} times face_recognition "
            f"(floor {RATIO_FLOOR})"
        )


def _timed_ms(act: Callable[[], object]) -> list[float]:
    took_ms = []
    for _ in range(5):
        act()
    for _ in range(ROUNDS):
        start_s = time.perf_counter()
        act()
        took_ms.append(1000 * (time.perf_counter() - start_s))
    return took_ms


def _say(name: str, took_ms: list[float]) -> None:
    best, middle = min(took_ms), median(took_ms)
    print(f"{name:30} {best:8.2f} {middle:8.2f} {1000 / best:6.0f} {1000 / middle:6.0f}")


def _cpu() -> str:
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    name = next(line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    flags = next((line for line in lines if line.startswith("flags")), "")
    known = [flag for flag in ("avx2", "avx512f", "avx512_bf16", "amx_bf16") if flag in flags]
    return f"{name} ({', '.join(known)})"

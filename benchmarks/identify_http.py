"""From the till's request to the answer: three frames, and a challenge of fifteen, over HTTP.

    python -m benchmarks.identify_http

Starts a sample installation of its own with the settings of the environment, asks one request
after another, and puts face_recognition's time for the same pictures beside it.
"""

import base64
import json
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.bench_face import BASELINE
from benchmarks.match_figures import cpu_name

PORT = 8791
ROUNDS = 40
START_S_MAX = 120


def main() -> None:
    """Print p50 and p99 of both requests."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "pos_engine.cli", "demo", "--port", str(PORT)]
        env = {"EWARONG_DATA_DIR": f"{folder}/data", "PYTHONPATH": str(Path.cwd())}
        server = subprocess.Popen(command, env=env, stdout=subprocess.DEVNULL)
        try:
            till = Till(Path(folder) / "data" / "demo.json")
            print(f"{cpu_name()}, server and client on the same machine, default settings")
            show("3 frames, the shop's families", till.still, till.picture)
            show("challenge of 15 frames", till.moving, till.picture)
        finally:
            server.terminate()
            server.wait()


def show(what: str, ask: Callable[[], Any], picture: bytes) -> None:
    """Times of one request, face_recognition beside it in the same minute."""
    answer, took_ms = ask(), []
    for _ in range(ROUNDS):
        start_s = time.perf_counter()
        ask()
        took_ms.append(1000 * (time.perf_counter() - start_s))
    p50, p99 = np.percentile(took_ms, [50, 99])
    child = subprocess.run(
        [sys.executable, "-c", BASELINE], input=picture, capture_output=True, check=True
    )
    one_ms = float(np.median(json.loads(child.stdout)))
    count = 15 if "15" in what else 3
    print(
        f"  {what}: {p50:.0f} / {p99:.0f} ms p50 / p99 ({answer['status']});"
        f" face_recognition alone on {count} such pictures {count * one_ms:.0f} ms:"
        f" {count * one_ms / p50:.1f} times"
    )


class Till:
    """A cashier of the sample shop who shows the one enrolled portrait."""

    def __init__(self, file: Path) -> None:
        """Waits until the server answers."""
        end_s = time.monotonic() + START_S_MAX
        while time.monotonic() < end_s:
            try:
                demo = json.loads(file.read_text())
                self._base = demo["base_url"]
                self._call("GET", "/health")
                break
            except (OSError, ValueError):
                time.sleep(0.5)
        kpm = next(each for each in demo["kpm"] if each["face"])
        staff = next(
            each
            for each in demo["staff"]
            if each["role"] == "KASIR" and each["shop_id"] == kpm["shop_id"]
        )
        self.picture = Path(kpm["face"]).read_bytes()
        self._till_id = staff["till_id"]
        names = ("device_id", "device_secret", "staff_id", "pin")
        session = self._call("POST", "/v1/sessions", {name: staff[name] for name in names})
        self._token = session["access_token"]

    def still(self) -> Any:
        """Three frames."""
        return self._identify(3)

    def moving(self) -> Any:
        """Fifteen frames of somebody who does not turn: all of them are looked at all the same."""
        drawn = self._call("POST", "/v1/payers/challenges", {"till_id": self._till_id})
        return self._identify(15, challenge_id=drawn["challenge_id"])

    def _identify(self, count: int, **more: str) -> Any:
        image = base64.b64encode(self.picture).decode()
        body = {"till_id": self._till_id, "method": "FACE", "images": [image] * count}
        return self._call("POST", "/v1/payers/identify", body | more)

    def _call(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        headers = {"Content-Type": "application/json"}
        if hasattr(self, "_token"):
            headers["Authorization"] = f"Bearer {self._token}"
        data = json.dumps(body).encode() if body is not None else None
        request = urllib.request.Request(  # noqa: S310 - our own server on this machine
            self._base + path, data, headers, method=method
        )
        with urllib.request.urlopen(request) as answer:  # noqa: S310 - the same
            return json.load(answer)


if __name__ == "__main__":
    main()

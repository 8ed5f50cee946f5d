"""Nothing is looked up on the network at run time: a running demo is watched."""

import base64
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import httpx2
import pytest

from pos_engine.engine import real_now
from pos_engine.rules.ids import new_uuid7

ADDRESS = re.compile(r'(?:inet_addr\("([^"]+)"|inet_pton\(AF_INET6, "([^"]+)")')
LOCAL = ("127.", "0.0.0.0", "::1", "::ffff:127.", "::")  # noqa: S104 - what may be seen, not bound
START_S_MAX = 90
CI = "CI" in os.environ  # noqa: TID251 - a gate asks where it runs; the product never does


def foreign(trace: str) -> set[str]:
    """The addresses in a trace that are not this machine."""
    seen = {one or other for one, other in ADDRESS.findall(trace)}
    return {address for address in seen if not address.startswith(LOCAL)}


def traced(program: list[str], trace: Path, environment: dict[str, str]) -> subprocess.Popen[bytes]:
    strace = shutil.which("strace")
    if strace is None:
        missing = "strace is missing: sudo apt-get install -y strace"
        pytest.fail(missing) if CI else pytest.skip(missing)
    watch = [strace, "-f", "-qq", "-e", "trace=connect,sendto,sendmsg", "-o", str(trace)]
    return subprocess.Popen(
        [*watch, *program], env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )


def children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


@pytest.fixture
def environment(tmp_path):
    return {"PATH": "/usr/bin:/bin", "HOME": str(tmp_path), "EWARONG_DATA_DIR": str(tmp_path / "d")}


def test_the_watcher_sees_a_planted_look_up(tmp_path, environment):
    """The checker first catches a fault: a program that asks a name server."""
    planted = (
        "import socket; s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM);"
        "s.connect(('192.0.2.1', 53))"
    )
    process = traced([sys.executable, "-c", planted], tmp_path / "trace", environment)
    process.wait(timeout=30)
    assert foreign((tmp_path / "trace").read_text()) == {"192.0.2.1"}


@pytest.mark.proof
def test_a_day_of_the_demo_asks_nobody(tmp_path, environment):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    program = [sys.executable, "-m", "pos_engine.cli", "demo", "--port", str(port)]
    process = traced(program, tmp_path / "trace", environment)
    try:
        sell(f"http://127.0.0.1:{port}", tmp_path / "d" / "demo.json")
    finally:
        for child in children(process.pid):  # strace keeps the signal for itself
            os.kill(child, signal.SIGTERM)
        process.wait(timeout=30)
    trace = (tmp_path / "trace").read_text()
    assert foreign(trace) == set()
    assert trace  # the watcher was there


def sell(base_url: str, sample_file: Path) -> None:
    """Log in, identify the portrait, buy by card: every part that could look something up."""
    deadline = time.monotonic() + START_S_MAX
    with httpx2.Client(base_url=base_url, timeout=60) as client:
        while time.monotonic() < deadline:
            try:
                client.get("/health").raise_for_status()
                break
            except httpx2.TransportError:
                time.sleep(0.2)
        sample = json.loads(sample_file.read_text())
        cashier, person = sample["staff"][0], sample["kpm"][0]
        login = {name: cashier[name] for name in ("device_id", "device_secret", "staff_id", "pin")}
        token = client.post("/v1/sessions", json=login).json()["access_token"]
        client.headers["Authorization"] = f"Bearer {token}"
        picture = base64.b64encode(Path(person["face"]).read_bytes()).decode()
        face = {"till_id": cashier["till_id"], "method": "FACE", "images": [picture]}
        assert client.post("/v1/payers/identify", json=face).json()["status"] == "STEP_UP"
        now = real_now()
        body = {
            "till_id": cashier["till_id"],
            "occurred_at": now.isoformat(),
            "payer": {"method": "KKS", "card": person["card"], "pin": person["pin"]},
            "lines": [{"sku": "BERAS-MEDIUM", "quantity_milli": 1000, "unit_price": 13_000}],
        }
        answer = client.put(f"/v1/purchases/{new_uuid7(now)}", json=body).json()
        assert answer["status"] == "APPROVED", answer
        assert client.get("/till/").status_code == 200

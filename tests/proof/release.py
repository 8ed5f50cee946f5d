"""The proof of a release: every part of the harness, its counts, and the page that tells them.

    python -m tests.proof.release [--cuts N] [--histories N] [--inputs N] [--kills N] [--pg-kills N]
                                  [--seed N] [--parts cuts linear fuzz storms planted]

It writes docs/proof-last.json and PROOF.md. Exit 1 when anything was lost, doubled or missed.
"""

import argparse
import json
import multiprocessing
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path
from typing import Any

import apsw
from argon2 import PasswordHasher

from pos_engine.engine import real_now
from pos_engine.keys import create_key_file, load_keys
from pos_engine.services import slow_hash
from tests.proof import fuzzing, histories, mutants, power_cuts, proof_page, storm
from tests.world import Clock, make_engine, populate

ROOT = Path(__file__).parents[2]
LAST = ROOT / "docs" / "proof-last.json"
PACKAGES = ("sqlalchemy", "psycopg", "starlette", "uvicorn", "cryptography")


def say(text: str) -> None:
    """Progress, with the time."""
    print(f"{time.strftime('%H:%M:%S')}  {text}", flush=True)


def cuts(how: argparse.Namespace, folder: Path) -> dict[str, Any]:
    """Power cuts at FULL, and the control: NORMAL has to lose."""
    full = power_cuts.run(how.cuts, _made(folder / "full"), how.seed)
    normal = power_cuts.run(max(20, how.cuts // 20), _made(folder / "normal"), how.seed, "NORMAL")
    return {"full": asdict(full), "normal": asdict(normal)}


def linear(how: argparse.Namespace, folder: Path) -> dict[str, Any]:
    """Histories of the engine, and of accounts with planted faults."""
    create_key_file(folder / "keys.json")
    keys = load_keys(folder / "keys.json")
    engine = make_engine(f"sqlite:///{folder / 'shop.db'}", keys, Clock())
    engine.database.upgrade()
    world = populate(engine)
    found = histories.run(engine, world, how.histories, how.seed)
    engine.close()
    planted = {
        fault: histories.run_planted(fault, 100, how.seed).violations for fault in ("race", "stale")
    }
    found.examples = [repr(each) for each in found.examples]
    return asdict(found) | {"planted": planted}


def fuzz(how: argparse.Namespace, _folder: Path) -> dict[str, Any]:
    """Every reader, an equal share of the inputs each."""
    all_of_them = fuzzing.readers()
    share = -(-how.inputs // len(all_of_them))
    fed = [
        fuzzing.feed(each, share, how.seed, how.seconds / len(all_of_them)) for each in all_of_them
    ]
    return {"readers": [asdict(each) for each in fed]}


def storms(how: argparse.Namespace, folder: Path) -> dict[str, Any]:
    """Kill storms on both databases."""
    found = {}
    for kind, kills in (("sqlite", how.kills), ("postgresql", how.pg_kills)):
        if kills:
            done = storm.run(kind, kills, _made(folder / kind), how.seed, say)
            found[kind] = asdict(done) | {"restart_p99_s": done.restart_p99_s, "restart_s": []}
    return found


def planted(_how: argparse.Namespace, _folder: Path) -> dict[str, Any]:
    """Every mutant against the check that must catch it."""
    return {"mutants": mutants.run(), "listed": len(mutants.MUTANTS)}


PARTS: dict[str, Callable[[argparse.Namespace, Path], dict[str, Any]]] = {
    "cuts": cuts,
    "linear": linear,
    "fuzz": fuzz,
    "storms": storms,
    "planted": planted,
}


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder


def arguments() -> argparse.Namespace:
    """The size of each part; what is not named is a run of about half an hour."""
    said = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0] if __doc__ else "")
    said.add_argument("--cuts", type=int, default=500)
    said.add_argument("--histories", type=int, default=500)
    said.add_argument("--inputs", type=int, default=1_000_000)
    said.add_argument("--seconds", type=float, default=300, help="of fuzzing, at most")
    said.add_argument("--kills", type=int, default=60)
    said.add_argument("--pg-kills", type=int, default=20)
    said.add_argument("--seed", type=int, default=20261122)
    said.add_argument("--parts", nargs="*", choices=list(PARTS), default=list(PARTS))
    return said.parse_args()


def main() -> int:
    """Run the parts that are asked for; figures of the others stay as they were measured."""
    how = arguments()
    slow_hash._hasher = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    report = json.loads(LAST.read_text()) if LAST.exists() else {}
    for name in how.parts:
        say(f"{name} begins")
        with tempfile.TemporaryDirectory(prefix=f"proof-{name}-") as folder:
            began = time.monotonic()
            found = PARTS[name](how, Path(folder))
        stamp = {"at": real_now().isoformat(timespec="seconds"), "seed": how.seed}
        stamp |= {"took_s": round(time.monotonic() - began), "load": round(os.getloadavg()[0], 1)}
        report[name] = found | stamp
        report["versions"] = versions()
        LAST.write_text(json.dumps(report, indent=1) + "\n")
        (ROOT / "PROOF.md").write_text(proof_page.page(report))
        say(f"{name}: {report[name]['took_s']} s")
    wrong = proof_page.wrong(report)
    say("everything held" if not wrong else "; ".join(wrong))
    return 1 if wrong else 0


def versions() -> dict[str, str]:
    """What was proven with what."""
    commit = subprocess.run(
        ["git", "describe", "--always", "--dirty"],  # noqa: S607 - whichever is installed
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    made = {"commit": commit.stdout.strip(), "python": platform.python_version()}
    made |= {
        "sqlite under the cuts": apsw.sqlite_lib_version(),
        "cores": str(multiprocessing.cpu_count()),
    }
    return made | {name: version(name) for name in PACKAGES}


if __name__ == "__main__":
    sys.exit(main())

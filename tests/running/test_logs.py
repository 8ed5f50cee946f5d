"""What a process of ours writes as its log: JSON, in UTC, without the words of a fault."""

import ast
import json
import subprocess
import sys
from pathlib import Path

import pytest

from pos_engine.logs import ALLOWED

ROOT = Path(__file__).parents[2]
NIK = "3507135508800001"
PROGRAM = f"""
import logging
import structlog
from pos_engine.logs import configure

log = structlog.get_logger()  # before, as all modules do
configure("info")
structlog.contextvars.bind_contextvars(request_id="r-1")
log.debug("too.quiet")
log.info("sold", count=1, why="a\\nb", customer="Siti", reason="NIK {NIK}")
logging.getLogger("library").warning("pool of %s is full", "SIZE")
logging.getLogger("library").info("about itself")
try:
    raise ValueError("{NIK}")
except ValueError:
    log.exception("broken")
    logging.getLogger("uvicorn.error").exception("Exception in ASGI application")
"""


@pytest.fixture(scope="module")
def lines():
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], env={"PYTHONPATH": str(ROOT)}, capture_output=True,
        text=True, check=True,
    )  # fmt: skip
    assert done.stdout == ""
    assert NIK not in done.stderr
    return [json.loads(line) for line in done.stderr.splitlines()]


def test_a_line_is_json_in_utc_with_the_id_of_its_request(lines):
    sold = lines[0]
    assert (sold["event"], sold["level"], sold["count"]) == ("sold", "info", 1)
    assert sold["request_id"] == "r-1"
    assert sold["timestamp"].endswith("Z")


def test_a_line_break_stays_inside_of_its_line(lines):
    assert lines[0]["why"] == "a\nb"


def test_libraries_log_the_same_way(lines):
    assert (lines[1]["level"], lines[1]["request_id"]) == ("warning", "r-1")
    assert "about itself" not in json.dumps(lines)


def test_a_fault_is_told_without_its_message(lines):
    assert len(lines) == 4
    for told in lines[2:]:
        assert told["fault"] == "ValueError"
        assert told["at"][-1].startswith("<string>:")
        assert "exception" not in told


def test_what_is_not_allowed_by_name_is_left_out_and_long_numbers_too(lines):
    assert lines[0]["left_out"] == ["customer"]
    assert "Siti" not in json.dumps(lines)
    assert lines[0]["reason"] == "NIK #"


def test_a_library_tells_its_sentence_without_the_values(lines):
    assert lines[1]["event"] == "library: pool of %s is full"


def test_every_word_that_we_log_is_allowed():
    """A key that is not would be lost in silence."""
    used = set()
    for path in [*(ROOT / "pos_engine").rglob("*.py"), *(ROOT / "biometrics").rglob("*.py")]:
        text = path.read_text()
        for node in ast.walk(ast.parse(text)) if "structlog" in text else ():
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and node.func.attr in {"debug", "info", "warning", "error", "exception"}
                and isinstance(node.func.value, ast.Name)
                and node.func.value.id in {"log", "logger"}
            ):
                used |= {each.arg for each in node.keywords if each.arg} - {"exc_info"}
    assert used
    assert used <= ALLOWED, used - ALLOWED

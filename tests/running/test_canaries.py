"""Made-up numbers, names and a face go in by every door; they come to light nowhere."""

import base64
import json
import logging
import random
import re
import tempfile
from urllib.parse import quote

import pytest
import structlog
from fastapi.testclient import TestClient

from pos_engine.logs import configure
from pos_engine.rules.ids import new_uuid7
from pos_engine.store.schema import metadata
from pos_engine.web.app import create_app
from tests.web.conftest import log_in
from tests.world import NOW

SEED = 2026
FACE = random.Random(SEED).randbytes(48)
CANARIES = {
    "PAN": "6221559900112238",
    "PIN": "731946",
    "NIK": "3273994402781234",
    "PHONE": "+6285799001122",
    "NAME": "Kenarikuning Uji",
    "FACE": base64.b64encode(FACE).decode(),
}
ROLES = ("KASIR", "PEMILIK", "DINSOS", "KEMENSOS", "PENDAMPING")
STRANGE = "01900000-0000-7000-8000-000000000000"


def forms_of(canary):
    """A canary as it may lie somewhere: plain, base64 at each of three places, hex, UTF-16."""
    plain = canary.encode()
    yield plain
    yield plain.hex().encode()
    yield plain.hex().upper().encode()
    yield canary.encode("utf-16-le")
    yield canary.encode("utf-16-be")
    yield json.dumps(canary).strip('"').encode()
    yield quote(canary, safe="").encode()
    for shift in range(3):
        whole = base64.b64encode(b"\0" * shift + plain)
        yield whole[4 if shift else 0 : -4]  # the letters that its neighbours do not change


NEEDLES = [
    (name, form)
    for name, canary in CANARIES.items()
    for form in [*forms_of(canary), *((FACE, FACE.hex().encode()) if name == "FACE" else ())]
    if len(form) >= 6
]


def leaks(text):
    """Which canaries lie in these bytes. Six digits alone are no PIN: within a longer number."""
    found = set()
    for name, form in NEEDLES:
        if form in text and (name != "PIN" or re.search(rb"(?<!\d)" + form + rb"(?!\d)", text)):
            found.add(name)
    return found


def filled(schema, parts, depth=0):
    """A body of the right shape with canaries in every field that takes text."""
    if "$ref" in schema:
        return filled(parts[schema["$ref"].rsplit("/", 1)[1]], parts, depth)
    for key in ("anyOf", "oneOf", "allOf"):
        if key in schema:
            return filled(schema[key][0], parts, depth)
    kind = schema.get("type")
    if kind == "object" and depth < 5:
        return {
            name: CANARIES[fitting(name)]
            if "string" in json.dumps(each.get("type", ""))
            else filled(each, parts, depth + 1)
            for name, each in schema.get("properties", {}).items()
        }
    if kind == "array":
        return [filled(schema.get("items", {}), parts, depth + 1)] if depth < 5 else []
    return {"integer": 1, "number": 1, "boolean": True}.get(kind, CANARIES["NAME"])


def fitting(field):
    """The canary that belongs there; a name anywhere else."""
    for word, canary in (("card", "PAN"), ("pin", "PIN"), ("nik", "NIK"), ("phone", "PHONE")):
        if word in field:
            return canary
    return {"msisdn": "PHONE", "from": "PHONE", "code": "PIN", "images": "FACE"}.get(field, "NAME")


def requests_of(document, seed):
    """Each operation with canaries in the right places and in wrong ones."""
    dice = random.Random(seed)
    parts = document.get("components", {}).get("schemas", {})
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            canary = dice.choice(list(CANARIES.values()))
            plain = re.sub(r"\{\w+\}", STRANGE, path)
            strange = re.sub(r"\{\w+\}", quote(canary, safe=""), path)
            content = operation.get("requestBody", {}).get("content", {})
            schema = next(iter(content.values()), {}).get("schema", {})
            body = filled(schema, parts) if schema else dict(CANARIES)
            yield method, plain, {"json": body}
            yield method, strange, {"json": dict(CANARIES), "params": CANARIES}
            broken = json.dumps(CANARIES)[: dice.randrange(20, 160)].encode()
            yield method, plain, {"content": broken, "headers": {"X-Told": CANARIES["NIK"]}}


@pytest.fixture
def kind():
    return "sqlite"


@pytest.fixture
def heard(tmp_path, monkeypatch):
    """Logs as the engine writes them, to a file; temporary files in a folder of this test."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    root = logging.getLogger()
    before = (root.handlers[:], root.level, structlog.get_config())
    file = (tmp_path / "log").open("w+b", buffering=0)

    class Stream:
        def write(self, text):
            return file.write(text.encode())

        def flush(self):
            file.flush()

    configure("debug", Stream())
    yield (tmp_path / "log").read_bytes
    root.handlers[:], root.level = before[0], before[1]
    structlog.configure(**before[2])
    file.close()


def everywhere(engine, client, heard, tmp_path, capfd):
    """All that is left after the requests, by where."""
    with engine.database.read() as tx:
        rows = [row for table in metadata.sorted_tables for row in tx.execute(table.select())]
    dump = b"\n".join(
        value if isinstance(value, bytes) else repr(value).encode() for row in rows for value in row
    )
    files = {
        f"file {path.name}": path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()
    }
    out, err = capfd.readouterr()
    return files | {
        "log": heard(),
        "database": dump,
        "metrics": client.get("/metrics").content,
        "output": out.encode() + err.encode(),
    }


def send_all(client, roles, document, seed):
    """Every request by every role in turn; what problem answers say again, and how many went."""
    told, count = [], 0
    for number, (method, path, how) in enumerate(requests_of(document, seed)):
        bearer = roles[number % len(roles)]
        headers = how.get("headers", {}) | ({"Authorization": f"Bearer {bearer}"} if bearer else {})
        answer = client.request(method, path, **(how | {"headers": headers}))
        count += 1
        if answer.status_code >= 400 and (found := leaks(answer.content)):
            told.append((method, path, answer.status_code, found))
        assert answer.status_code < 500 or answer.status_code == 503, (method, path)
    return told, count


def test_a_planted_leak_is_found_in_each_form():
    for name, canary in CANARIES.items():
        for form in forms_of(canary):
            if len(form) >= 6:
                assert name in leaks(b"before" + form + b"behind"), (name, form)
    assert leaks(b"nothing") == set()
    assert "PIN" not in leaks(b"1" + CANARIES["PIN"].encode() + b"9")


def test_a_log_line_that_leaks_is_caught(heard):
    logging.getLogger("library").warning("he said " + CANARIES["NAME"])  # noqa: G003 - the plant
    assert leaks(heard()) == {"NAME"}
    log = structlog.get_logger()
    log.warning("x", customer=CANARIES["NAME"], why=CANARIES["NIK"], reason=CANARIES["PHONE"])
    assert leaks(heard()) == {"NAME"}


def test_canaries_sent_to_every_endpoint_are_found_nowhere(engine, world, heard, tmp_path, capfd):
    app = create_app(engine)
    with TestClient(app, base_url="http://127.0.0.1", raise_server_exceptions=False) as client:
        roles = [None] + [log_in(client, world.staff[role])["access_token"] for role in ROLES]
        told, count = send_all(client, roles, app.openapi(), SEED)
        assert count > 300
        assert told == []
        found = {
            where: leaks(text)
            for where, text in everywhere(engine, client, heard, tmp_path, capfd).items()
        }
        assert {where: each for where, each in found.items() if each} == {}


@pytest.mark.proof
@pytest.mark.plants  # no table is left to look into
def test_canaries_stay_hidden_when_the_database_is_gone(engine, world, heard, tmp_path, capfd):
    app = create_app(engine)
    with TestClient(app, base_url="http://127.0.0.1", raise_server_exceptions=False) as client:
        bearer = [log_in(client, world.staff["KASIR"])["access_token"], None]
        with engine.database.begin() as tx:
            metadata.drop_all(tx)
        told, _ = send_all(client, bearer, app.openapi(), new_uuid7(NOW))
        assert told == []
        assert leaks(heard()) == set()
        assert leaks("".join(capfd.readouterr()).encode()) == set()

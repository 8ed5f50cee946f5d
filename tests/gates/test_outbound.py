"""Every connection that leaves this machine, and that no request can say where it goes."""

import ast
import functools
from pathlib import Path

import pytest

from pos_engine.settings import Settings
from pos_engine.telco.aggregator import no_redirects

ROOT = Path(__file__).parents[2]
PACKAGES = ("pos_engine", "biometrics", "catalog", "warung_client")
OPENS = {
    "create_connection", "open_connection", "urlopen", "HTTPConnection", "HTTPSConnection",
    "connect_tcp", "ClientSession", "build_opener",
}  # fmt: skip
CLIENTS = {"requests", "httpx", "httpx2", "aiohttp", "urllib3", "urllib.request", "http.client",
           "smtplib", "ftplib", "smpp34"}  # fmt: skip
# Who opens a connection, and where its address comes from: settings or a file of the operator.
OUTBOUND = {
    "pos_engine/telco/aggregator.py": "EWARONG_SMS_URL",
    "pos_engine/telco/smpp.py": "EWARONG_SMPP_HOST",
    "pos_engine/switch/link.py": "EWARONG_BANK_LINKS",
}
LISTEN_ONLY = {"pos_engine/telco/simulator.py"}  # the simulated operator: a server


@functools.cache
def opens_connections() -> frozenset[str]:
    found = set()
    for package in PACKAGES:
        for file in (ROOT / package).rglob("*.py"):
            text = file.read_text()
            if not any(word in text for word in OPENS | CLIENTS):
                continue  # parsing all of them takes a quarter of a minute
            tree = ast.parse(text)
            calls = {
                getattr(node.func, "attr", None) or getattr(node.func, "id", "")
                for node in ast.walk(tree)
                if isinstance(node, ast.Call)
            }
            imported = {
                alias.name
                for node in ast.walk(tree)
                if isinstance(node, ast.Import)
                for alias in node.names
            } | {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
            clients = {
                each for each in imported if each in CLIENTS or each.split(".")[0] in CLIENTS
            }
            if calls & OPENS or clients:
                found.add(file.relative_to(ROOT).as_posix())
    return frozenset(found)


def test_connections_are_opened_by_known_files_only():
    assert opens_connections() - set(OUTBOUND) - LISTEN_ONLY == set()


def test_no_service_and_no_route_opens_one():
    """What a request reaches hands texts and messages to queues; the lines know their addresses."""
    assert not {
        each for each in opens_connections()
        if each.startswith(("pos_engine/services/", "pos_engine/web/", "pos_engine/rules/"))
    }  # fmt: skip


def test_their_addresses_are_settings():
    for setting in set(OUTBOUND.values()):
        assert setting.removeprefix("EWARONG_").lower() in Settings.model_fields


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_an_answer_of_an_aggregator_cannot_send_us_elsewhere(status):
    """The opener follows nobody: what a redirect says is an error like any other."""
    handlers = [type(each).__name__ for each in no_redirects().handlers]
    assert "HTTPRedirectHandler" not in handlers
    assert not any(hasattr(each, f"http_error_{status}") for each in no_redirects().handlers)

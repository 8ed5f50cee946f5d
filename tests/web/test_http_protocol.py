"""A real socket: heads that are too large, too many, too slow; bodies and pictures over a limit."""

import json
import socket
import threading
import time

import pytest
import uvicorn

from pos_engine.web import http_protocol
from pos_engine.web.app import create_app
from pos_engine.web.http_protocol import HEAD_BYTES_MAX, HEADERS_MAX, TARGET_BYTES_MAX
from pos_engine.web.limits import BODY_BYTES_MAX

START_S_MAX = 30


@pytest.fixture
def port(engine):
    """The app behind the server's own parser, as `ewarong serve` starts it."""
    config = uvicorn.Config(
        create_app(engine),
        port=0,
        http="pos_engine.web.http_protocol:LimitedHttp",
        ws="none",
        log_config=None,
        log_level="critical",
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    deadline = time.monotonic() + START_S_MAX
    while not server.started and time.monotonic() < deadline:
        time.sleep(0.01)
    yield server.servers[0].sockets[0].getsockname()[1]
    server.should_exit = True
    thread.join()


def said(port: int, *parts: bytes, pause_s: float = 0.0) -> tuple[int, dict[str, str], bytes]:
    """What is answered to these bytes: status, headers, body."""
    with socket.create_connection(("127.0.0.1", port), timeout=20) as line:
        for part in parts:
            try:
                line.sendall(part)
            except (BrokenPipeError, ConnectionResetError):
                break  # it has made up its mind
            time.sleep(pause_s)
        heard = b""
        while chunk := _next(line):
            heard += chunk
            head, found, body = heard.partition(b"\r\n\r\n")
            if found and len(body) >= _length(head):
                break
    status, *lines = head.decode().split("\r\n")
    headers = {name.lower(): value for name, value in (each.split(": ", 1) for each in lines)}
    return int(status.split(" ")[1]), headers, body


def _next(line: socket.socket) -> bytes:
    try:
        return line.recv(65_536)
    except ConnectionResetError:
        return b""


def _length(head: bytes) -> int:
    for each in head.lower().split(b"\r\n"):
        if each.startswith(b"content-length:"):
            return int(each.split(b":")[1])
    return 0


def refused(answer, status: int) -> None:
    found, headers, body = answer
    assert found == status
    assert headers["content-type"] == "application/problem+json"
    assert headers["x-content-type-options"] == "nosniff"
    assert json.loads(body)["status"] == status


def alive(port: int) -> bool:
    return said(port, b"GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n")[0] == 200


@pytest.mark.parametrize(
    ("head", "status"),
    [
        (b"GET /health/live HTTP/1.1\r\nX: " + b"a" * HEAD_BYTES_MAX + b"\r\n\r\n", 431),
        (b"GET /health/live HTTP/1.1\r\n" + b"X: a\r\n" * (HEADERS_MAX + 1) + b"\r\n", 431),
        (b"GET /health/live?" + b"a" * TARGET_BYTES_MAX + b" HTTP/1.1\r\n\r\n", 414),
        (b"\x00\x01\x02 nonsense\r\n\r\n", 400),
    ],
    ids=["long header", "many headers", "long address", "no http"],
)
def test_a_head_over_a_limit_is_refused_and_the_server_lives(port, head, status):
    refused(said(port, head), status)
    assert alive(port)


def test_a_head_that_never_ends_is_refused_while_it_grows(port):
    endless = [b"GET /health/live HTTP/1.1\r\nX: "] + [b"a" * 4_096] * 8
    refused(said(port, *endless, pause_s=0.02), 431)
    assert alive(port)


def test_a_head_that_does_not_come_is_not_waited_for(port, monkeypatch):
    monkeypatch.setattr(http_protocol, "HEAD_S_MAX", 0.2)
    monkeypatch.setattr(http_protocol, "LOOK_S", 0.1)
    began = time.monotonic()
    refused(said(port, b"GET /health/live HTTP/1.1\r\nHost: x\r\n"), 408)
    assert time.monotonic() - began < 10
    assert alive(port)


def test_a_body_that_stops_half_way_is_not_waited_for(port, monkeypatch):
    monkeypatch.setattr(http_protocol, "BODY_PAUSE_S_MAX", 0.2)
    monkeypatch.setattr(http_protocol, "LOOK_S", 0.1)
    half = b"POST /v1/sessions HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{"
    with socket.create_connection(("127.0.0.1", port), timeout=20) as line:
        line.sendall(half)
        line.settimeout(10)
        assert line.recv(100) == b""
    assert alive(port)


@pytest.mark.parametrize("path", ["/v1/sessions", "/cek", "/gateway/sms", "/v1.0/qr/qr-mpm-query"])
@pytest.mark.parametrize("chunked", [False, True], ids=["declared", "chunked"])
def test_a_body_over_its_limit_is_413_on_every_kind_of_route(port, path, chunked):
    kind = b"application/x-www-form-urlencoded" if path == "/cek" else b"application/json"
    head = b"POST %s HTTP/1.1\r\nHost: x\r\nContent-Type: %s\r\n" % (path.encode(), kind)
    body = b"a" * (BODY_BYTES_MAX + 1)
    if chunked:
        sent = head + b"Transfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n0\r\n\r\n" % (len(body), body)
    else:
        sent = head + b"Content-Length: %d\r\n\r\n%s" % (len(body), body)
    answer = said(port, sent)
    assert answer[0] == 413
    assert json.loads(answer[2])["code"] == "BODY_TOO_LARGE"
    assert "content-security-policy" in answer[1]


def test_two_lengths_are_no_request(port):
    twice = (
        b"POST /v1/sessions HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}"
    )
    assert said(port, twice)[0] == 400


def test_trace_is_not_answered_with_what_was_sent(port):
    status, _, body = said(port, b"TRACE / HTTP/1.1\r\nHost: x\r\nX-Secret: 1\r\n\r\n")
    assert status == 405
    assert b"X-Secret" not in body

"""A phone behind Debian's Kannel (fakesmsc, bearerbox, smsbox) and the signed hooks.

Kannel speaks plain HTTP; the bridge in this file is what an aggregator's adapter does: it signs.
"""

import json
import shutil
import socket
import subprocess
import threading
import time
import urllib.parse
import urllib.request
from contextlib import ExitStack, closing
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from pos_engine.rules.ids import new_uuid7
from pos_engine.services.identify import identify_phone
from pos_engine.store.schema import one_time_code
from pos_engine.telco.aggregator import AggregatorLine, AggregatorSettings
from pos_engine.telco.run import start
from pos_engine.wire.gateway import holds, sign
from tests.phones import SECRET, asked_of, with_queue
from tests.sim.psp import serving
from tests.world import MSISDN

BEARERBOX, SMSBOX = shutil.which("bearerbox", path="/usr/sbin"), "/usr/sbin/smsbox"
FAKESMSC = Path("/usr/lib/kannel/test/fakesmsc")
pytestmark = [
    pytest.mark.proof,
    pytest.mark.skipif(
        BEARERBOX is None or not FAKESMSC.exists(),
        reason="needs Debian's kannel and kannel-extras: apt-get install kannel kannel-extras",
    ),
]
WAIT_S = 30.0
CONFIG = """
group = core
admin-port = {admin}
smsbox-port = {box}
admin-password = admin
box-allow-ip = "127.0.0.1"

group = smsc
smsc = fake
smsc-id = FAKE
port = {fake}
connect-allow-ip = 127.0.0.1

group = smsbox
bearerbox-host = 127.0.0.1
sendsms-port = {send}

group = sendsms-user
username = us
password = pw
user-allow-ip = "127.0.0.1"
max-messages = 1

group = sms-service
keyword = default
catch-all = true
max-messages = 0
get-url = "http://127.0.0.1:{bridge}/mo?from=%p&text=%a&id=%I"
"""


@pytest.fixture
def kind():
    return "sqlite"


def free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def until(condition):
    end = time.monotonic() + WAIT_S
    while not (found := condition()):
        assert time.monotonic() < end, "nothing happened"
        time.sleep(0.1)
    return found


class Bridge(BaseHTTPRequestHandler):
    """Kannel's plain calls as signed ones, and ours as Kannel's."""

    ours, kannel, own, clock, forged = "", "", "", None, 0

    def do_GET(self):
        path, _, query = self.path.partition("?")
        asked = {name: values[0] for name, values in urllib.parse.parse_qs(query).items()}
        if path == "/mo":
            body = {"from": asked["from"], "text": asked["text"], "message_id": asked["id"]}
            self._signed("/gateway/sms", body)
        else:
            status = "DELIVERED" if asked["status"] == "1" else "ON_ITS_WAY"
            self._signed("/gateway/reports", {"reports": [{"id": asked["id"], "status": status}]})
        self._answer({})

    def do_POST(self):
        raw = self.rfile.read(int(self.headers["Content-Length"]))
        stamp, signature = self.headers["X-Timestamp"], self.headers["X-Signature"]
        if not holds(SECRET, signature, stamp, "POST", "/mt", raw):
            type(self).forged += 1
        text = json.loads(raw)
        report = f"{self.own}/dlr?id={text['message_id']}&status=%d"
        asked = {
            "username": "us", "password": "pw", "from": text["sender"], "to": text["to"],
            "text": text["text"], "dlr-mask": "31", "dlr-url": report,
        }  # fmt: skip
        address = f"{self.kannel}?{urllib.parse.urlencode(asked)}"
        with urllib.request.urlopen(address) as answer:  # noqa: S310 - our own machine
            assert answer.status in (200, 202)
        self._answer({"id": text["message_id"]})

    def _signed(self, path, body):
        raw, stamp = json.dumps(body).encode(), str(int(type(self).clock().timestamp()))
        headers = {"X-Timestamp": stamp, "X-Signature": sign(SECRET, stamp, "POST", path, raw)}
        call = urllib.request.Request(self.ours + path, raw, headers)  # noqa: S310
        with urllib.request.urlopen(call) as got:  # noqa: S310
            assert got.status == 200

    def _answer(self, body):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(json.dumps(body).encode())

    def log_message(self, *_):
        """Nothing: a number stands in the path."""


@pytest.fixture
def kannel(engine, clock, tmp_path):
    """The engine behind a bridge behind Kannel; what a phone texts, and what it shows."""
    engine = with_queue(engine)
    ports = {name: free_port() for name in ("admin", "box", "fake", "send", "bridge")}
    config = tmp_path / "kannel.conf"
    config.write_text(CONFIG.format(**ports))
    Bridge.kannel = f"http://127.0.0.1:{ports['send']}/cgi-bin/sendsms"
    Bridge.own, Bridge.clock = f"http://127.0.0.1:{ports['bridge']}", staticmethod(clock)
    with ExitStack() as stack:
        Bridge.ours = stack.enter_context(serving(engine))
        server = ThreadingHTTPServer(("127.0.0.1", ports["bridge"]), Bridge)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        stack.callback(server.server_close)
        stack.callback(server.shutdown)
        for program in (BEARERBOX, SMSBOX):
            log = stack.enter_context((tmp_path / f"{Path(program).name}.log").open("wb"))
            process = subprocess.Popen([program, "-v", "4", config], stdout=log, stderr=log)
            stack.callback(process.wait, 20)
            stack.callback(process.terminate)
            time.sleep(1.5)
        line = AggregatorLine(AggregatorSettings(f"{Bridge.own}/mt", SECRET, "1500"))
        stack.callback(start(engine, line))

        def phone(*texts):
            out = stack.enter_context((tmp_path / "phone.log").open("wb"))
            words = [f"{MSISDN} 1500 text {each}" for each in texts]
            command = [str(FAKESMSC), "-r", str(ports["fake"]), "-m", str(len(texts)), *words]
            process = subprocess.Popen(command, stdout=out, stderr=out)
            stack.callback(process.wait, 20)
            stack.callback(process.terminate)
            return lambda: (tmp_path / "phone.log").read_text(errors="replace")

        yield engine, phone


def test_a_phone_behind_kannel_asks_and_gets_its_code(kannel, world):
    engine, phone = kannel
    shown = phone("Saldo")
    until(lambda: "Rp200.000" in urllib.parse.unquote_plus(shown()))
    identify_phone(engine, asked_of(engine, world), MSISDN, new_uuid7(engine.now()), 67_000)
    until(lambda: "kode belanja" in urllib.parse.unquote_plus(shown()))

    def reported():
        with engine.database.read() as tx:
            [code] = tx.execute(one_time_code.select()).all()
        return (code.expires_at - code.sent_at).total_seconds() == 180

    until(reported)
    assert Bridge.forged == 0

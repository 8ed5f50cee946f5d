"""https in the shop's own network: who may read the keys, which names, and what tablets see."""

import ssl
import stat
import threading
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.request import urlopen

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from typer.testing import CliRunner

from pos_engine.cli import app, local_ca
from pos_engine.cli.ca_page import CERTIFICATE, ca_page
from pos_engine.cli.local_ca import LocalCaError, TlsFiles, fingerprint, make_certificates, names_of

NOW = datetime.now(UTC)  # certificates are checked against the machine's clock


@pytest.fixture
def files(tmp_path):
    made = TlsFiles(tmp_path / "tls")
    make_certificates(made, ["kasir.local", "127.0.0.1"], NOW, new_ca=False)
    return made


def answer_over_tls(files, host="127.0.0.1"):
    """The status of one request to a server with these files, checked against their authority."""

    class Empty(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(204)
            self.end_headers()

        def log_message(self, *args):
            pass

    here = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    here.load_cert_chain(files.leaf, files.leaf_key)
    there = ssl.create_default_context(cafile=files.ca)
    with ThreadingHTTPServer(("127.0.0.1", 0), Empty) as server:
        server.socket = here.wrap_socket(server.socket, server_side=True)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            url = f"https://{host}:{server.server_address[1]}/"
            with urlopen(url, context=there, timeout=10) as answer:
                return answer.status
        finally:
            server.shutdown()


def test_keys_are_readable_by_their_owner_alone(files):
    for key in (files.ca_key, files.leaf_key):
        assert stat.S_IMODE(key.stat().st_mode) == 0o600
    assert stat.S_IMODE(files.folder.stat().st_mode) == 0o700


def test_who_trusts_the_authority_trusts_the_server(files):
    assert answer_over_tls(files) == 204


def test_a_renewed_certificate_needs_no_visit_to_the_tablets(files):
    before = files.ca.read_bytes(), files.leaf.read_bytes()
    assert not make_certificates(files, ["10.0.0.7", "127.0.0.1"], NOW, new_ca=False)
    assert files.ca.read_bytes() == before[0]
    assert files.leaf.read_bytes() != before[1]
    assert names_of(files) == ["10.0.0.7", "127.0.0.1"]
    assert answer_over_tls(files) == 204


def test_another_authority_only_when_asked(files):
    before = fingerprint(files)
    assert make_certificates(files, ["kasir.local"], NOW, new_ca=True)
    assert fingerprint(files) != before


@pytest.mark.parametrize("host", ["bank.co.id", "8.8.8.8", "kasir", "2001:db8::1", "x..local", ""])
def test_names_of_others_are_refused_before_anything_is_written(tmp_path, host):
    files = TlsFiles(tmp_path / "tls")
    with pytest.raises(LocalCaError):
        make_certificates(files, [host], NOW, new_ca=False)
    assert not files.folder.exists()


def test_a_stolen_authority_cannot_play_somebody_else(files, monkeypatch):
    """Name constraints: what it signs for a name outside the own network is refused by clients."""
    authority = x509.load_pem_x509_certificate(files.ca.read_bytes())
    signer = serialization.load_pem_private_key(files.ca_key.read_bytes(), None)
    key = serialization.load_pem_private_key(files.leaf_key.read_bytes(), None)
    names = [x509.DNSName("bank.co.id"), local_ca._local("127.0.0.1")]
    forged = local_ca._leaf(key, names, authority, signer, NOW)
    files.leaf.write_bytes(forged.public_bytes(serialization.Encoding.PEM) + files.ca.read_bytes())
    with pytest.raises(OSError, match="permitted subtree violation"):
        answer_over_tls(files)


def test_tablets_get_the_authority_by_plain_http(files):
    with ca_page(files, "127.0.0.1", 0, "http://kasir.local:8080/", "https://kasir.local/") as port:
        base = f"http://127.0.0.1:{port}"
        with urlopen(base + "/", timeout=10) as page:  # noqa: S310 - our own server
            text = page.read().decode()
        assert fingerprint(files) in text
        assert "https://kasir.local/" in text
        with urlopen(base + CERTIFICATE, timeout=10) as certificate:  # noqa: S310 - our own server
            assert certificate.headers["Content-Type"] == "application/x-x509-ca-cert"
            assert certificate.read() == files.ca.read_bytes()
        with urlopen(base + "/qr.svg", timeout=10) as picture:  # noqa: S310 - our own server
            assert b"<svg" in picture.read()
        with pytest.raises(OSError, match="404"):
            urlopen(base + "/ca.key", timeout=10)  # noqa: S310 - our own server


def test_the_command_says_what_it_made(tmp_path, monkeypatch):
    monkeypatch.setenv("EWARONG_DATA_DIR", str(tmp_path))
    run = CliRunner().invoke(app, ["tls", "init", "--host", "kasir.test"])
    assert run.exit_code == 0
    assert "kasir.test" in run.output
    assert fingerprint(TlsFiles(tmp_path / "tls")) in run.output.replace("\n", "")
    again = CliRunner().invoke(app, ["tls", "init", "--json"])
    assert '"new_ca": false' in again.output


def test_serving_without_a_certificate_says_what_to_do(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("EWARONG_DATA_DIR", str(tmp_path))
    run = CliRunner().invoke(app, ["serve", "--tls"])
    assert run.exit_code == 1
    assert "tls init" in run.output + capsys.readouterr().err

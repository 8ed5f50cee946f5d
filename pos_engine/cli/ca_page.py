"""The page where a tablet gets the shop's certificate authority: plain http, three addresses."""

import html
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import qrcode
import qrcode.image.svg

from pos_engine.cli.local_ca import TlsFiles, fingerprint

CERTIFICATE = "/ewarong-ca.crt"
PICTURE = "/qr.svg"
IDLE_S_MAX = 20
PAGE = """<!doctype html><html lang="id"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Pasang e-warong</title></head><body><main><h1>Pasang e-warong di tablet ini</h1>
<ol><li>Unduh <a href="{certificate}">sertifikat warung</a>.</li>
<li>Buka Setelan, cari "Sertifikat CA", lalu pilih berkas yang baru diunduh.</li>
<li>Cocokkan sidik jarinya dengan yang tertulis di komputer warung:<br><code>{print}</code></li>
<li>Buka <a href="{till}">{till}</a>, lalu pilih "Pasang aplikasi" di menu peramban.</li></ol>
<p>Sertifikat ini hanya berlaku untuk alamat di jaringan warung sendiri.</p>
<p><img src="{picture}" width="240" height="240" alt="Kode QR halaman ini"></p></main></body></html>
"""


def qr_svg(text: str) -> bytes:
    """A code that opens this page on another tablet."""
    code = qrcode.QRCode(border=4)
    code.add_data(text)
    picture = code.make_image(image_factory=qrcode.image.svg.SvgPathFillImage)
    content: bytes = picture.to_string()
    return content


@contextmanager
def ca_page(files: TlsFiles, host: str, port: int, own_url: str, till_url: str) -> Iterator[int]:
    """Serves the page as long as the context lasts; gives the port that listens."""
    page = PAGE.format(
        certificate=CERTIFICATE,
        picture=PICTURE,
        print=fingerprint(files),
        till=html.escape(till_url, quote=True),
    )
    answers = {
        "/": (page.encode(), "text/html; charset=utf-8"),
        CERTIFICATE: (files.ca.read_bytes(), "application/x-x509-ca-cert"),
        PICTURE: (qr_svg(own_url), "image/svg+xml"),
    }

    class Answer(BaseHTTPRequestHandler):
        """Three files and nothing else."""

        timeout = IDLE_S_MAX
        server_version = "ewarong"
        sys_version = ""

        def do_GET(self) -> None:
            """The page, the certificate or the code."""
            content, kind = answers.get(self.path, (b"", ""))
            self.send_response(HTTPStatus.OK if content else HTTPStatus.NOT_FOUND)
            if kind:
                self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(content)))
            self.send_header("X-Content-Type-Options", "nosniff")
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_args: object) -> None:
            """Who fetches a certificate is nobody's business."""

    with ThreadingHTTPServer((host, port), Answer) as server:
        thread = threading.Thread(target=server.serve_forever, name="ca-page", daemon=True)
        thread.start()
        try:
            yield server.server_address[1]
        finally:
            server.shutdown()
            thread.join()

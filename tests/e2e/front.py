"""A server before the demo engine: a test stops it, starts it, gives it other files."""

import gc
import shutil
import threading
import time
import warnings
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import uvicorn
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request as Asked
from starlette.responses import Response
from starlette.routing import Mount, Route

from pos_engine.web.app import HEADERS
from pos_engine.web.limits import SecureHeaders
from pos_engine.web.till_files import TillFiles
from warung_client import ASSETS

START_S_MAX = 20
PASSED_ON = ("authorization", "content-type", "if-none-match")
METHODS = ["GET", "POST", "PUT", "DELETE"]


class Front:
    """The till's files from a copy of its folder; everything else from the engine behind."""

    def __init__(self, folder: Path, engine_url: str, port: int, **options: Any) -> None:
        self.folder = Path(shutil.copytree(ASSETS, folder))
        self.port, self._options = port, options
        self._engine_url = engine_url
        self.base_url = f"{'https' if options else 'http'}://127.0.0.1:{port}"
        self._server: uvicorn.Server | None = None
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Listen; returns when it does."""
        routes = [
            Mount("/till", TillFiles(self.folder)),
            Route("/{path:path}", self._behind, methods=METHODS),
        ]
        app = SecureHeaders(Starlette(routes=routes), HEADERS)
        config = uvicorn.Config(
            app,
            host="127.0.0.1",
            port=self.port,
            log_level="error",
            loop="asyncio",  # uvloop leaves handles open when its thread ends
            timeout_graceful_shutdown=1,
            **self._options,
        )
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, daemon=True)
        self._thread.start()
        deadline = time.monotonic() + START_S_MAX
        while not self._server.started:
            if time.monotonic() > deadline:
                raise TimeoutError("the front did not start")
            time.sleep(0.02)

    def stop(self) -> None:
        """Nobody answers any more, and open connections are cut."""
        if self._server is None or self._thread is None:
            return
        self._server.should_exit = True
        self._thread.join(START_S_MAX)
        self._server = None
        with (
            warnings.catch_warnings()
        ):  # what the browser kept open is cut here, and nobody's fault later
            warnings.simplefilter("ignore", ResourceWarning)
            gc.collect()

    def change(self) -> None:
        """Another version of the till: one of its files says the same in other bytes."""
        words = self.folder / "words.js"
        words.write_text(words.read_text(encoding="utf-8") + "\n// newer\n", encoding="utf-8")

    async def _behind(self, asked: Asked) -> Response:
        body = await asked.body()
        return await run_in_threadpool(self._forward, asked, body)

    def _forward(self, asked: Asked, body: bytes) -> Response:
        query = f"?{asked.url.query}" if asked.url.query else ""
        request = Request(  # noqa: S310 - our own server
            f"{self._engine_url}{asked.url.path}{query}", data=body or None, method=asked.method
        )
        for name in PASSED_ON:
            if name in asked.headers:
                request.add_header(name, asked.headers[name])
        try:
            with urlopen(request, timeout=30) as answer:  # noqa: S310 - our own server
                return _same(answer.status, answer.headers, answer.read())
        except HTTPError as error:
            with error:
                return _same(error.code, error.headers, error.read())
        except OSError:
            return Response(status_code=HTTPStatus.BAD_GATEWAY)


def _same(status: int, headers: Any, content: bytes) -> Response:
    kept = {
        name: value
        for name, value in headers.items()
        if name.lower() in ("content-type", "etag", "retry-after", "cache-control")
    }
    return Response(content, status, kept)

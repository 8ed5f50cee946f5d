"""The till's files under `/till/`: packed once, answered from memory, one version in a page."""

import re
import threading
from http import HTTPStatus
from pathlib import Path

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers, QueryParams
from starlette.responses import RedirectResponse, Response
from starlette.types import Receive, Scope, Send

from warung_client.packing import PAGE, WORKER, Served, Shell, pack

NAMED_BY_VERSION = "public, max-age=31536000, immutable"
ASKED_EACH_TIME = "no-cache"
UNWANTED = re.compile(r";\s*q=0(?:\.0*)?\s*$")
FILES_MAX = 1_000  # of the folder; more is a folder that is not the till's


class TillFiles:
    """ASGI app of one folder. A folder that changed is packed again when the page is asked for."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = threading.Lock()
        self._shell: Shell | None = None
        self._seen: frozenset[tuple[str, int, int]] = frozenset()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer GET and HEAD."""
        if scope["type"] != "http":
            return
        answer = await run_in_threadpool(self._answer, scope)
        await answer(scope, receive, send)

    def shell(self, *, look: bool = True) -> Shell:
        """What is served now; with `look` a folder that changed is read again."""
        with self._lock:
            if self._shell is None or look:
                seen = self._fingerprint()
                if self._shell is None or seen != self._seen:
                    self._shell, self._seen = pack(self._folder), seen
            return self._shell

    def _fingerprint(self) -> frozenset[tuple[str, int, int]]:
        found = frozenset(
            (str(path), stat.st_mtime_ns, stat.st_size)
            for path in self._folder.rglob("*")
            if path.is_file() and (stat := path.stat())
        )
        if len(found) > FILES_MAX:
            raise RuntimeError(f"{self._folder} holds {len(found)} files, at most {FILES_MAX}")
        return found

    def _answer(self, scope: Scope) -> Response:
        if scope["method"] not in ("GET", "HEAD"):
            return Response(
                status_code=HTTPStatus.METHOD_NOT_ALLOWED, headers={"Allow": "GET, HEAD"}
            )
        path = str(scope["path"]).removeprefix(scope.get("root_path", ""))
        if path == "":
            return RedirectResponse(scope["root_path"] + "/")
        name = path.lstrip("/") or PAGE
        shell = self.shell(look=name in (PAGE, WORKER))
        served = shell.files.get(name)
        asked_version = QueryParams(scope["query_string"]).get("v")
        if served is None or asked_version not in (None, shell.version):
            # a page of another version is told so rather than given a file that does not fit
            return Response(status_code=HTTPStatus.NOT_FOUND, headers={"Cache-Control": "no-store"})
        kept = NAMED_BY_VERSION if asked_version else ASKED_EACH_TIME
        return _file(served, Headers(scope=scope), kept)


def _file(served: Served, asked: Headers, kept: str) -> Response:
    content, encoding = _encoded(served, asked.get("accept-encoding", ""))
    etag = served.etag if not encoding else f'{served.etag[:-1]}-{encoding}"'
    headers = {"ETag": etag, "Cache-Control": kept, "Vary": "Accept-Encoding"}
    if etag in asked.get("if-none-match", ""):
        return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=headers)
    if encoding:
        headers["Content-Encoding"] = encoding
    # given as a header: Starlette would add a second charset to a media type
    return Response(content, headers=headers | {"Content-Type": served.media_type})


def _encoded(served: Served, accepted: str) -> tuple[bytes, str]:
    """The smallest twin the browser understands."""
    names = {
        part.split(";")[0].strip() for part in accepted.split(",") if not UNWANTED.search(part)
    }
    if "br" in names and served.brotli is not None:
        return served.brotli, "br"
    if "gzip" in names and served.gzip is not None:
        return served.gzip, "gzip"
    return served.content, ""

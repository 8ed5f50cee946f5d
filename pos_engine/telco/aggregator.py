"""An aggregator's HTTP interface: texts leave as signed JSON; the rest comes by our own hooks."""

import asyncio
import json
import ssl
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import lru_cache
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

from pos_engine.engine import real_now
from pos_engine.services.outgoing import Handed, Outgoing, Taken
from pos_engine.telco.line import Bound, Came, LineDownError, StepCame
from pos_engine.wire.gateway import SECRET_LENGTH_MIN, sign

CALLS_MAX = 16  # texts under way at once
CALL_S_MAX = 15.0
ANSWER_BYTES_MAX = 16_384
BUSY = {HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE}
FOR_GOOD = {HTTPStatus.BAD_REQUEST, HTTPStatus.NOT_FOUND, HTTPStatus.UNPROCESSABLE_ENTITY}


@dataclass(frozen=True, slots=True, repr=False)
class AggregatorSettings:
    """Where texts are posted, by which secret, in whose name."""

    url: str
    secret: str
    sender: str


class AggregatorLine:
    """Texts by HTTP: `{"to","text","message_id","sender"}`, answered by `{"id"}`."""

    name = "http"
    window = CALLS_MAX

    def __init__(self, settings: AggregatorSettings) -> None:
        self._settings = settings

    async def open(self) -> Bound:
        """Nothing is bound; a wrong address or secret is found at once."""
        own = self._settings
        if urlsplit(own.url).scheme not in ("http", "https"):
            raise LineDownError("EWARONG_SMS_URL is no http address")
        if len(own.secret) < SECRET_LENGTH_MIN:
            raise LineDownError(f"EWARONG_GATEWAY_SECRET needs {SECRET_LENGTH_MIN} characters")
        return AggregatorBound(own)


class AggregatorBound:
    """Calls under way."""

    def __init__(self, settings: AggregatorSettings) -> None:
        self._settings = settings
        self._threads = ThreadPoolExecutor(CALLS_MAX, "aggregator")

    async def hand_over(self, outgoing: Outgoing) -> Handed:
        """Post a text in a thread."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, self._post, outgoing)

    async def next(self) -> Came:
        """Nothing ever comes this way."""
        nothing: asyncio.Future[Came] = asyncio.get_running_loop().create_future()
        return await nothing

    async def show(self, step: StepCame, text: str, *, end: bool) -> bool:  # noqa: ARG002
        """Dialogues are answered in their own calls."""
        return False

    async def close(self) -> None:
        """Let the calls end."""
        self._threads.shutdown(wait=False)

    def _post(self, outgoing: Outgoing) -> Handed:
        own, message_id = self._settings, outgoing.text.message_id
        body = json.dumps(
            {
                "to": outgoing.to,
                "text": outgoing.words,
                "message_id": message_id,
                "sender": own.sender,
            }
        ).encode()
        timestamp = str(int(real_now().timestamp()))
        path = urlsplit(own.url).path or "/"
        headers = {
            "Content-Type": "application/json",
            "X-Timestamp": timestamp,
            "X-Signature": sign(own.secret, timestamp, "POST", path, body),
        }
        call = urllib.request.Request(own.url, body, headers)  # noqa: S310 - http or https, above
        try:
            with no_redirects().open(call, timeout=CALL_S_MAX) as answer:
                said = json.loads(answer.read(ANSWER_BYTES_MAX))
        except urllib.error.HTTPError as error:
            return Handed(outgoing, _taken(error.code), reason=f"HTTP {error.code}")
        except (OSError, ValueError) as error:
            return Handed(outgoing, Taken.UNCLEAR, reason=type(error).__name__)
        return Handed(outgoing, Taken.ACCEPTED, _id(said, message_id))


@lru_cache(1)
def no_redirects() -> urllib.request.OpenerDirector:
    """Opens http and https and goes where the settings say, never where an answer says."""
    opener = urllib.request.OpenerDirector()
    for handler in (
        urllib.request.HTTPHandler(),
        urllib.request.HTTPSHandler(context=ssl.create_default_context()),
        urllib.request.HTTPErrorProcessor(),
        urllib.request.HTTPDefaultErrorHandler(),
    ):
        opener.add_handler(handler)
    return opener


def _id(said: Any, ours: str) -> str:
    """The aggregator's number of the text, or ours when it has none."""
    told = said.get("id") if isinstance(said, dict) else None
    return told[:64] if isinstance(told, str) and told else ours


def _taken(status: int) -> Taken:
    if status in BUSY:
        return Taken.BUSY
    return Taken.REFUSED if status in FOR_GOOD else Taken.UNCLEAR

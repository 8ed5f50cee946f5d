"""A load of prepared requests over raw asyncio connections: so many in flight, or so many a second.

With a rate the load is open: a request is due when it is due, however slow the answers are, and its
time counts from then.
"""

import asyncio
import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from pos_engine.services.authorize import PurchaseRequest
from pos_engine.services.payer import CardProof, PhoneProof

CONNECTIONS_MAX = 400
TASKS_MAX = 20_000  # requests that are due and not answered: what comes then is not sent
NOT_SENT = "not sent: too many wait"
WINDOW_S = 30
LATE_S = 0.05


@dataclass
class Heard:
    """What came back: seconds to each approval, and everything else by its first line."""

    seconds: list[float] = field(default_factory=list)
    bad: dict[str, int] = field(default_factory=dict)
    took: float = 0.0
    late: float = 0.0  # seconds for which the load itself was not ready

    def add(self, other: "Heard") -> None:
        """What another window heard too."""
        self.seconds += other.seconds
        for kind, count in other.bad.items():
            self.bad[kind] = self.bad.get(kind, 0) + count

    def at(self, share: float) -> float:
        """A quantile in milliseconds."""
        if not self.seconds:
            return float("nan")
        ordered = sorted(self.seconds)
        return ordered[min(len(ordered) - 1, int(len(ordered) * share))] * 1000

    @property
    def rate(self) -> float:
        return len(self.seconds) / self.took


def request_bytes(request: PurchaseRequest, token: str) -> bytes:
    """The purchase as a till sends it."""
    proof = request.proof
    if isinstance(proof, CardProof):
        payer = {"method": "KKS", "card": proof.card, "pin": proof.pin}
    elif isinstance(proof, PhoneProof):
        payer = {"method": "PHONE", "msisdn": proof.msisdn, "code": proof.code}
    else:
        payer = {"token": proof.token}
    lines = [
        {"sku": line.sku, "quantity_milli": line.quantity_milli, "unit_price": line.unit_price}
        for line in request.lines
    ]
    body = json.dumps(
        {
            "till_id": request.till_id,
            "occurred_at": request.occurred_at.isoformat(),
            "payer": payer,
            "lines": lines,
        }
    ).encode()
    head = (
        f"PUT /v1/purchases/{request.purchase_id} HTTP/1.1\r\nHost: localhost\r\n"
        f"Authorization: Bearer {token}\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


class _Connection(asyncio.Protocol):
    """One till: sends a request, waits for the whole answer."""

    def __init__(self) -> None:
        self._read, self._left, self._answer = b"", -1, None

    def connection_made(self, transport) -> None:
        self._transport = transport

    def send(self, content: bytes) -> asyncio.Future:
        self._answer = asyncio.get_running_loop().create_future()
        self._transport.write(content)
        return self._answer

    def data_received(self, data: bytes) -> None:
        self._read += data
        head, found, body = self._read.partition(b"\r\n\r\n")
        if not found:
            return
        if self._left < 0:
            start = head.lower().index(b"content-length:") + 15
            self._left = int(head[start:].split(b"\r\n", 1)[0])
        if len(body) >= self._left:
            whole, self._read, self._left = self._read, b"", -1
            self._answer.set_result(whole)

    def connection_lost(self, _error) -> None:
        if self._answer is not None and not self._answer.done():
            self._answer.set_result(b"connection lost")


def _note(heard: Heard, answer: bytes, since: float) -> None:
    if b'"status":"APPROVED"' in answer:
        heard.seconds.append(time.perf_counter() - since)
    else:
        kind = answer.split(b"\r\n", 1)[0].decode()
        heard.bad[kind] = heard.bad.get(kind, 0) + 1


async def _connected(port: int, count: int) -> list[_Connection]:
    loop = asyncio.get_running_loop()
    made = [await loop.create_connection(_Connection, "127.0.0.1", port) for _ in range(count)]
    return [protocol for _, protocol in made]


async def in_flight(port: int, contents: list[bytes], level: int) -> Heard:
    """Each of `level` connections sends its next when it has its answer."""
    heard, waiting = Heard(), iter(contents)
    tills = await _connected(port, level)

    async def till(connection: _Connection) -> None:
        for content in waiting:
            since = time.perf_counter()
            _note(heard, await connection.send(content), since)

    start = time.perf_counter()
    await asyncio.gather(*(till(each) for each in tills))
    heard.took = time.perf_counter() - start
    return heard


async def at_rate(
    port: int,
    next_contents: Callable[[], list[bytes]],
    rate: float,
    told: Callable[[Heard], None],
) -> Heard:
    """One request every 1/rate seconds, whatever became of those before; time from when due.

    `next_contents` gives requests in parts, the last one empty: no more than two are in memory.
    `told` hears of each window of WINDOW_S. A load that is not ready is no fault of the server's:
    the clock stands still for it, and `late` says how long.
    """
    whole, window, free = Heard(), Heard(), asyncio.Queue()
    for each in await _connected(port, CONNECTIONS_MAX):
        free.put_nowait(each)

    async def buy(content: bytes, due: float) -> None:
        connection = await free.get()
        _note(window, await connection.send(content), due)
        free.put_nowait(connection)

    loop, tasks, number = asyncio.get_running_loop(), set(), 0
    contents = await loop.run_in_executor(None, next_contents)
    start = began = time.perf_counter()
    while contents:
        following = loop.run_in_executor(None, next_contents)
        for content in contents:
            due = start + number / rate
            number += 1
            if (early := due - time.perf_counter()) > 0:
                await asyncio.sleep(early)
            if len(tasks) >= TASKS_MAX:
                window.bad[NOT_SENT] = window.bad.get(NOT_SENT, 0) + 1
                await asyncio.sleep(0)
                continue
            task = asyncio.ensure_future(buy(content, due))
            tasks.add(task)
            task.add_done_callback(tasks.discard)
            if time.perf_counter() - began >= WINDOW_S:
                window, began = _closed(window, whole, began, told), time.perf_counter()
        asked = time.perf_counter()
        contents = await following
        late = time.perf_counter() - max(asked, start + number / rate)
        if late > LATE_S:
            start += late
            whole.late += late
    await asyncio.gather(*tasks)
    _closed(window, whole, began, told)
    whole.took = time.perf_counter() - start
    return whole


def _closed(window: Heard, whole: Heard, began: float, told: Callable[[Heard], None]) -> Heard:
    window.took = time.perf_counter() - began
    if window.seconds or window.bad:
        told(window)
    whole.add(window)
    return Heard()

"""An operator on this machine: takes texts, reports their delivery, lets phones text and dial."""

import asyncio
import itertools
from collections import deque
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any

import smpp34

from pos_engine.wire import gsm7, smpp
from pos_engine.wire.delivery import PSSR_INDICATION, PSSR_RESPONSE, USSR_CONFIRM

TEXTS_REMEMBERED = 10_000
SHORT_NUMBER = "1500"


@dataclass(frozen=True, slots=True)
class Shown:
    """What a phone shows."""

    to: str
    text: str
    ussd: bool = False
    end: bool = False


@dataclass(slots=True)
class Simulator:
    """A SMSC by smpp34's server. `status_of` answers each text; 0 takes it."""

    port: int
    host: str = "127.0.0.1"
    report_after_s: float | None = 0.0  # None: no reports at all
    report_word: str = "DELIVRD"
    status_of: Callable[[smpp34.SubmitSmEvent], int] = lambda _event: smpp.ESME_ROK
    on_text: Callable[[Shown], None] = lambda _shown: None
    texts: deque[Shown] = field(default_factory=lambda: deque(maxlen=TEXTS_REMEMBERED))
    bound: list[smpp34.Esme] = field(default_factory=list)
    _server: smpp34.Server | None = None
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)
    _numbers: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1))

    async def start(self) -> None:
        """Listen."""
        self._server = smpp34.Server(self.host, self.port, system_id="EWARONGSIM")
        await self._server.start()
        self._keep(self._run(self._server))

    async def stop(self) -> None:
        """Say goodbye to everybody and stop listening."""
        for each in self.bound:
            try:
                await asyncio.wait_for(each.unbind(), 1.0)
            except (smpp34.SmppError, TimeoutError):
                continue
        for task in self._tasks:
            task.cancel()
        if self._server is not None:
            await self._server.stop()

    async def text(self, sender: str, text: str) -> bool:
        """A phone texts; was it taken."""
        answer = await self.bound[-1].deliver_sm(
            SHORT_NUMBER, gsm7.encode(text), source_addr=sender.lstrip("+"), source_addr_ton=1
        )
        return bool(answer.is_success)

    async def dial(self, sender: str, typed: str, *, session: int = 1, begin: bool) -> bool:
        """A phone dials, or answers a menu."""
        operation = PSSR_INDICATION if begin else USSR_CONFIRM
        answer = await self.bound[-1].deliver_sm(
            SHORT_NUMBER,
            gsm7.encode(typed),
            source_addr=sender.lstrip("+"),
            source_addr_ton=1,
            service_type="USSD",
            tlvs=[
                smpp34.Tlv(smpp.TLV_USSD_SERVICE_OP, bytes((operation,))),
                smpp34.Tlv(smpp.TLV_ITS_SESSION_INFO, bytes((session, 0))),
            ],
        )
        return bool(answer.is_success)

    async def _run(self, server: smpp34.Server) -> None:
        sessions: dict[str, smpp34.Esme] = {}
        while True:
            event = await server.next()
            if isinstance(event, smpp34.Esme):
                sessions[event.session_id] = event
                self.bound.append(event)
            elif isinstance(event, smpp34.SubmitSmEvent):
                self._take(event, sessions[event.session_id])
            else:
                gone = sessions.pop(event.session_id, None)
                if gone in self.bound:
                    self.bound.remove(gone)

    def _take(self, event: smpp34.SubmitSmEvent, esme: smpp34.Esme) -> None:
        status = self.status_of(event)
        if status != smpp.ESME_ROK:
            event.reject(status)
            return
        number = f"{next(self._numbers):x}"
        event.accept(number)
        operation = next(
            (each.value for each in event.tlvs if each.tag == smpp.TLV_USSD_SERVICE_OP), b""
        )
        shown = Shown(
            f"+{event.destination_addr}",
            gsm7.decode(event.short_message),
            ussd=bool(operation),
            end=operation == bytes((PSSR_RESPONSE,)),
        )
        self.texts.append(shown)
        self.on_text(shown)
        if event.registered_delivery and self.report_after_s is not None:
            self._keep(self._report(esme, event.destination_addr, number))

    async def _report(self, esme: smpp34.Esme, number: str, message_id: str) -> None:
        if self.report_after_s:
            await asyncio.sleep(self.report_after_s)
        words = f"id:{message_id} sub:001 dlvrd:001 stat:{self.report_word} err:000 text:"
        try:
            await esme.deliver_sm(
                SHORT_NUMBER, words.encode(), source_addr=number, source_addr_ton=1, esm_class=4
            )
        except smpp34.SmppError:
            return  # the line is gone, and its reports with it

    def _keep(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

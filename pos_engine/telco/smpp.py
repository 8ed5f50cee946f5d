"""SMPP 3.4 by smpp34: bind as transceiver, hand texts over with a report asked for, read the rest.

Framing, the window, enquire_link and response timers are the library's: after 30 s without an
answer, half the queue's lease, it says ESME_RSYSERR. It acknowledges what comes before we have
written it, so a text that comes while this process dies is lost.
"""

import asyncio
from dataclasses import dataclass

import smpp34

from pos_engine.engine import real_now
from pos_engine.rules.ids import new_uuid7
from pos_engine.services.outgoing import Handed, Outgoing, Taken
from pos_engine.telco.line import Bound, Came, Ended, LineDownError, StepCame, TextCame
from pos_engine.wire import gsm7, smpp
from pos_engine.wire.delivery import (
    PSSR_INDICATION,
    PSSR_RESPONSE,
    USSR_CONFIRM,
    USSR_REQUEST,
    is_report,
    read_report,
    read_text,
)

CONNECT_S_MAX = 10.0
BUSY = {smpp.ESME_RTHROTTLED, smpp.ESME_RMSGQFUL}
# What will not get better: the same text to the same number is refused again (§5.1.3).
FOR_GOOD = {smpp.ESME_RINVMSGLEN, smpp.ESME_RINVSRCADR, smpp.ESME_RINVDSTADR}
INBOUND_MAX = 4_096


@dataclass(frozen=True, slots=True, repr=False)
class SmppSettings:
    """Where the SMSC is and who we are."""

    host: str
    port: int
    system_id: str
    password: str
    sender: str
    window: int = 50
    tls: bool = False


class SmppLine:
    """A line by SMPP."""

    name = "smpp"

    def __init__(self, settings: SmppSettings) -> None:
        self._settings = settings
        self.window = settings.window

    async def open(self) -> Bound:
        """Bind as a transceiver."""
        own = self._settings
        client = smpp34.Client(
            own.host,
            own.port,
            own.system_id,
            own.password,
            bind_type="TRX",
            tls=own.tls,
            window_size=own.window,
            inbound_capacity=INBOUND_MAX,
            connect_timeout_ms=int(CONNECT_S_MAX * 1000),
        )
        try:
            smsc = await asyncio.wait_for(client.connect(), CONNECT_S_MAX)
        except (smpp34.SmppError, OSError, TimeoutError) as error:
            raise LineDownError(type(error).__name__) from None
        return SmppBound(client, smsc, own.sender)


class SmppBound:
    """A bound session."""

    def __init__(self, client: smpp34.Client, smsc: smpp34.Smsc, sender: str) -> None:
        self._client, self._smsc, self._sender = client, smsc, sender
        digits = sender.isdigit()
        self._ton = smpp.TON_UNKNOWN if digits else smpp.TON_NAME
        self._npi = smpp.NPI_ISDN if digits else smpp.NPI_UNKNOWN

    async def hand_over(self, outgoing: Outgoing) -> Handed:
        """Submit a text; the operator's refusals are answers, not faults."""
        try:
            answer = await self._smsc.submit_sm(
                outgoing.to.lstrip("+"),
                gsm7.encode(outgoing.words),
                source_addr=self._sender,
                source_addr_ton=self._ton,
                source_addr_npi=self._npi,
                dest_addr_ton=smpp.TON_INTERNATIONAL,
                dest_addr_npi=smpp.NPI_ISDN,
                registered_delivery=smpp.REPORT_ASKED,
            )
        except (smpp34.SmppError, OSError) as error:
            return Handed(outgoing, Taken.UNCLEAR, reason=type(error).__name__)
        if answer.is_success:
            return Handed(outgoing, Taken.ACCEPTED, (answer.message_id or "")[:64] or None)
        return Handed(outgoing, _taken(answer.command_status), reason=f"{answer.command_status:#x}")

    async def next(self) -> Came:
        """The next deliver_sm as what it means to us."""
        event = await self._smsc.next()
        if isinstance(event, smpp34.Disconnected):
            return Ended()
        return came(event)

    async def show(self, step: StepCame, text: str, *, end: bool) -> bool:
        """A menu that asks for a key, or the last word of the dialogue."""
        operation = PSSR_RESPONSE if end else USSR_REQUEST
        tlvs = [smpp34.Tlv(smpp.TLV_USSD_SERVICE_OP, bytes((operation,)))]
        if step.reply_with is not None:
            tlvs.append(smpp34.Tlv(smpp.TLV_ITS_SESSION_INFO, step.reply_with))
        try:
            answer = await self._smsc.submit_sm(
                step.sender.lstrip("+"),
                gsm7.encode(text),
                source_addr=self._sender,
                source_addr_ton=self._ton,
                source_addr_npi=self._npi,
                service_type="USSD",
                dest_addr_ton=smpp.TON_INTERNATIONAL,
                dest_addr_npi=smpp.NPI_ISDN,
                tlvs=tlvs,
            )
        except (smpp34.SmppError, OSError):
            return False
        return bool(answer.is_success)

    async def close(self) -> None:
        """Unbind; a line that is gone already is closed."""
        try:
            await asyncio.wait_for(self._smsc.unbind(), 1.0)
            await asyncio.wait_for(self._client.stop(), 1.0)
        except (smpp34.SmppError, OSError, TimeoutError):
            return


def _taken(status: int) -> Taken:
    if status in BUSY:
        return Taken.BUSY
    return Taken.REFUSED if status in FOR_GOOD else Taken.UNCLEAR


def came(event: smpp34.DeliverSmEvent) -> Came:
    """A deliver_sm: a report, a step of a dialogue, or a text."""
    tlvs = {each.tag: each.value for each in event.tlvs}
    body = event.short_message or tlvs.get(smpp.TLV_MESSAGE_PAYLOAD, b"")
    if is_report(event.esm_class):
        state = tlvs.get(smpp.TLV_MESSAGE_STATE, b"")
        told_id = tlvs.get(smpp.TLV_RECEIPTED_MESSAGE_ID)
        return read_report(body, told_id, state[0] if state else None)
    operation = tlvs.get(smpp.TLV_USSD_SERVICE_OP, b"")
    sender = f"+{event.source_addr.lstrip('+')}"
    text = read_text(body, event.data_coding, event.esm_class)
    if operation[:1] in (bytes((PSSR_INDICATION,)), bytes((USSR_CONFIRM,))):
        info = tlvs.get(smpp.TLV_ITS_SESSION_INFO)
        number = info[0] if info else 0
        begins = operation[0] == PSSR_INDICATION
        return StepCame(f"{sender} {number}", sender, text or "", begins, info)
    if operation or text is None:
        return None
    return TextCame(new_uuid7(real_now()), sender, text)

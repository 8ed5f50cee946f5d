"""An EDC terminal over real TCP: it signs on as a till, and gets the tills' own answers."""

import asyncio
import random
import threading
from contextlib import closing, contextmanager, suppress
from dataclasses import replace

import pytest

from pos_engine.edc.server import BAD_MESSAGES_MAX, TerminalServer
from pos_engine.rules.ids import shard_of
from pos_engine.services.bank_question import terminal_of
from pos_engine.services.bank_reversals import settle_due
from pos_engine.services.install import revoke_device
from pos_engine.services.prove import check_ledger
from pos_engine.store import ledger, reversals
from pos_engine.switch.dialects import shipped_dialect
from pos_engine.switch.simulated import Mode
from pos_engine.wire.iso8583 import Message
from pos_engine.wire.iso_frame import Unframer, framed
from pos_engine.wire.iso_messages import Key, balances, original_elements, transmission
from pos_engine.wire.terminal_notes import written_line
from tests.banking import KSN, PAN, PIN_BLOCK, banked, call_of, money_at
from tests.sim.bank import playing
from tests.world import BALANCE, NOW, PIN, rice

OURS = shipped_dialect("terminal")
PRICE = 67_000
SQLITE = pytest.mark.parametrize("kind", ["sqlite"])


class Terminal:
    """One terminal on a socket, plain and blocking."""

    def __init__(self, port, world):
        self.name = terminal_of(world.till_id)
        self._world = world
        self._loop = asyncio.new_event_loop()
        self._reader, self._writer = self._loop.run_until_complete(
            asyncio.open_connection("127.0.0.1", port)
        )
        self._unframer = Unframer(OURS.frame)
        self._ready = []

    def close(self):
        self._writer.close()
        with suppress(OSError):
            self._loop.run_until_complete(self._writer.wait_closed())
        self._loop.close()

    def send(self, raw):
        self._writer.write(raw)

    def say(self, message):
        self.send(framed(OURS.frame, OURS.codec.pack(message)))
        return self.hear()

    def hear(self):
        """The next message; None when the other side hung up."""
        while not self._ready:
            try:
                data = self._loop.run_until_complete(
                    asyncio.wait_for(self._reader.read(65_536), 15)
                )
            except ConnectionError:  # it hung up before we had said everything
                data = b""
            if not data:
                return None
            self._ready += [OURS.codec.unpack(body) for body in self._unframer.feed(data)]
        return self._ready.pop(0)

    def sign_on(self, **changed):
        staff = self._world.staff["KASIR"]
        told = {
            "DEV": staff["device_id"],
            "KEY": staff["device_secret"],
            "STAFF": staff["staff_id"],
            "SPIN": staff["pin"],
        } | changed
        notes = ";".join(f"{name}={value}" for name, value in told.items())
        return self.say(self.network("001", notes)).get(39)

    def network(self, code, notes=""):
        fields = {7: transmission(NOW), 11: "000001", 32: "1", 41: self.name, 70: code, 63: notes}
        return Message("0800", {n: value for n, value in fields.items() if value})

    def sale(self, trace, *lines, amount=PRICE, more="", **fields):
        """0200 with rice by our own card."""
        basket = ";".join(map(written_line, lines or (rice(),)))
        told = {
            2: self._world.card,
            3: "000000",
            4: OURS.amount(amount),
            7: transmission(NOW),
            11: trace,
            32: "1",
            41: self.name,
            63: f"{basket};{more or f'PIN={PIN}'}",
        } | {int(name[2:]): value for name, value in fields.items()}
        return Message("0200", {n: value for n, value in told.items() if value})

    def reversal(self, sale, mti="0400"):
        key = Key.of(sale)
        kept = {n: sale.fields[n] for n in (3, 4, 7, 11, 32, 41)}
        return Message(mti, kept | {90: original_elements("0200", key)})


@contextmanager
def serving(engine):
    """The server behind a real socket, in a thread."""
    loop, server = asyncio.new_event_loop(), TerminalServer(engine)
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    port = asyncio.run_coroutine_threadsafe(server.start("127.0.0.1", 0), loop).result(5)
    try:
        yield port
    finally:
        asyncio.run_coroutine_threadsafe(server.close(), loop).result(5)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(5)
        loop.close()


@pytest.fixture
def terminal(engine, world):
    with serving(engine) as port, closing(Terminal(port, world)) as found:
        yield found
    assert check_ledger(engine).good


def left(engine, kpm_id="KPM-1"):
    with engine.database.read() as tx:
        return sum(each.left for each in ledger.tranches_of(tx, kpm_id, lock=False))


def test_a_terminal_sells_once_by_the_same_rules(terminal, engine, world):
    assert terminal.sign_on() == "00"
    sale = terminal.sale("000101")
    told, again = terminal.say(sale), terminal.say(replace(sale, mti="0201"))
    assert (told.mti, told.get(39), len(told.get(38))) == ("0210", "00", 6)
    assert again == told
    assert balances(OURS, told) == {"02": BALANCE - PRICE}
    assert left(engine) == BALANCE - PRICE
    above = terminal.say(terminal.sale("000102", rice(unit_price=99_000), amount=495_000))
    assert (above.get(39), "13.500" in above.get(63)) == ("57", True)
    other = terminal.say(terminal.sale("000101", rice(1000), amount=13_400))
    assert other.get(39) == "94"  # the same key for another basket
    assert left(engine) == BALANCE - PRICE


def test_a_terminal_takes_back_what_it_did_not_hear_once(terminal, engine, world):
    assert terminal.sign_on() == "00"
    sale = terminal.sale("000201")
    assert terminal.say(terminal.reversal(sale)).get(39) == "25"  # nothing is known of it
    assert terminal.say(sale).get(39) == "00"
    for mti in ("0400", "0401", "0420"):
        assert terminal.say(terminal.reversal(sale, mti)).get(39) == "00"
    assert left(engine) == BALANCE
    refused = terminal.sale("000202", rice(unit_price=99_000), amount=495_000)
    assert terminal.say(refused).get(39) == "57"
    assert terminal.say(terminal.reversal(refused)).get(39) == "21"
    with engine.database.read() as tx:
        rows = list(tx.execute(reversals.reversal.select()))
    assert len(rows) == 1


@SQLITE
def test_who_has_not_signed_on_gets_nothing(terminal, engine):
    assert terminal.say(terminal.sale("000301")).get(39) == "58"
    assert terminal.sign_on(SPIN="000000") == "05"
    assert terminal.sign_on(KEY="wrong") == "05"
    assert terminal.say(terminal.sale("000302")).get(39) == "58"
    assert terminal.sign_on() == "00"
    stranger = terminal.sale("000303", de41="STRANGER")
    assert terminal.say(stranger).get(39) == "58"
    assert terminal.say(terminal.network("301")).get(39) == "00"
    assert terminal.say(terminal.network("002")).get(39) == "00"
    assert terminal.say(terminal.sale("000304")).get(39) == "58"
    assert left(engine) == BALANCE


@SQLITE
def test_a_revoked_terminal_is_out_at_once(terminal, engine, world):
    assert terminal.sign_on() == "00"
    revoke_device(engine, world.staff["KASIR"]["device_id"])
    assert terminal.say(terminal.sale("000401")).get(39) == "58"
    assert left(engine) == BALANCE


@SQLITE
@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"amount": PRICE - 1}, "13"),
        ({"more": "PIN=12"}, "30"),
        ({"more": "COLOUR=1"}, "30"),
        ({"de2": ""}, "30"),
        ({"de2": "6013010000000002"}, "30"),
        ({"de2": PAN}, "30"),
        ({"de3": "200000"}, "12"),
        ({"de7": "1332000000"}, "30"),
        ({"de7": "1119000000"}, "12"),
        ({"de11": ""}, "30"),
        ({"more": "PIN=000000"}, "55"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_sold(terminal, engine, changed, code):
    assert terminal.sign_on() == "00"
    assert terminal.say(terminal.sale("000501", **changed)).get(39) == code
    assert left(engine) == BALANCE


@SQLITE
def test_a_sum_without_a_basket_buys_nothing(terminal, engine):
    assert terminal.sign_on() == "00"
    told = terminal.say(terminal.sale("000601", de63=f"PIN={PIN}"))
    assert told.get(39) == "30"
    assert left(engine) == BALANCE


@SQLITE
def test_a_balance_is_told_to_who_proves_herself(terminal):
    assert terminal.sign_on() == "00"
    asked = terminal.sale("000701", de3="310000", de63=f"PIN={PIN}")
    assert balances(OURS, terminal.say(asked)) == {"02": BALANCE}
    wrong = terminal.say(terminal.sale("000702", de3="310000", de63="PIN=000000"))
    assert (wrong.get(39), wrong.get(54)) == ("55", "")
    bank = terminal.sale("000703", de3="310000", de2=PAN, de52=PIN_BLOCK, de63=f"KSN={KSN}")
    assert terminal.say(bank).get(39) == "12"


@SQLITE
def test_nonsense_is_hung_up_on_and_the_next_terminal_is_served(engine, world):
    with serving(engine) as port:
        with closing(Terminal(port, world)) as bad:
            bad.send(framed(OURS.frame, b"garbage") * BAD_MESSAGES_MAX)
            assert bad.hear() is None
        with closing(Terminal(port, world)) as lost:
            lost.send(b"\xff\xff")
            assert lost.hear() is None
        with closing(Terminal(port, world)) as good:
            assert good.sign_on() == "00"


@SQLITE
def test_mutated_messages_never_leave_a_terminal_hanging(engine, world):
    """Bytes of a sale, changed at random: an answer, or the line ends; nothing is sold twice."""
    chance, ended = random.Random(8583), 0
    with serving(engine) as port:
        terminal = Terminal(port, world)
        assert terminal.sign_on() == "00"
        for number in range(24):
            raw = bytearray(OURS.codec.pack(terminal.sale(f"{number % 12:06d}")))
            for _ in range(chance.randint(1, 3)):
                raw[chance.randrange(len(raw))] = chance.randrange(256)
            terminal.send(framed(OURS.frame, bytes(raw)))
            if terminal.say(terminal.network("301")) is None:
                ended += 1
                terminal.close()
                terminal = Terminal(port, world)
                assert terminal.sign_on() == "00"
        terminal.close()
    assert ended < 8
    assert left(engine) in {BALANCE, BALANCE - PRICE, BALANCE - 2 * PRICE}
    assert check_ledger(engine).good


def test_a_banks_card_at_a_terminal_is_paid_and_taken_back_at_the_bank(engine, world):
    with playing() as five:
        ready = banked(engine, world, five)
        bri = five["BRI"]
        with closing(ready.banks), serving(ready) as port, closing(Terminal(port, world)) as edc:
            assert edc.sign_on() == "00"
            sale = edc.sale("000801", de2=PAN, de52=PIN_BLOCK, more=f"KSN={KSN}")
            assert edc.say(sale).get(39) == "00"
            assert bri.debited() == PRICE
            assert edc.say(edc.reversal(sale)).get(39) == "00"
            bri.mode = Mode.ANSWER
            assert settle_due(ready) == 1
        assert bri.debited() == 0
    spent = money_at(engine, "BRI")
    assert spent[1:] == (0, 0)
    with engine.database.read() as tx:
        [row] = tx.execute(reversals.reversal.select())
    assert call_of(engine, row.reverses_id).state == "REVERSED"
    assert row.shard == shard_of(world.kpm_id)
    assert check_ledger(engine).good

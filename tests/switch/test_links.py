"""The links file, the breaker, and one link on its own: what is refused, bounded and given up."""

import asyncio
import time
from datetime import UTC, datetime

import pytest

from pos_engine.cli.bank import links_text
from pos_engine.switch.banks import Banks
from pos_engine.switch.breaker import Breaker
from pos_engine.switch.config import LinksError, read_links
from pos_engine.switch.dialects import dialect_in, dialect_named, shipped_dialect
from pos_engine.switch.link import Heard
from pos_engine.switch.simulated import Mode
from pos_engine.wire.iso_fields import IsoError
from pos_engine.wire.iso_messages import Asking, Key, purchase_message, transmission
from tests.sim.bank import playing

NOW = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)
GOOD = '[BRI]\nhost = "127.0.0.1"\nport = 7001\nacquirer = "360001"\n'


def test_a_links_file_names_banks_and_takes_the_dialect_of_the_same_name(tmp_path):
    file = tmp_path / "links.toml"
    file.write_text(links_text({"BRI": 7001, "BNI": 7002}))
    bri, bni = read_links(file)
    assert (bri.bank, bri.port, bri.acquirer, bri.dialect.name) == ("BRI", 7001, "360001", "bri")
    assert bni.dialect.values.reversal == "0420"


def test_an_installation_brings_a_dialect_of_its_own(tmp_path):
    (tmp_path / "own.toml").write_text('title = "ours"\n[values]\necho = "302"\n')
    file = tmp_path / "links.toml"
    file.write_text(f'{GOOD}dialect = "own.toml"\nanswer_s = 2\n')
    [link] = read_links(file)
    assert (link.dialect.title, link.dialect.values.echo, link.answer_s) == ("ours", "302", 2)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "names 1 to 32 banks"),
        ("= 1", "is no TOML"),
        ("BRI = 3", r"\[BRI\]: a table"),
        ("[bri]\nport = 1", r"\[bri\]: a table"),
        (f"{GOOD}colour = 3", "colour: is no value"),
        ('[BRI]\nport = 7001\nacquirer = "1"', "host and port are needed"),
        ('[BRI]\nhost = "h"\nport = 7001\nacquirer = "x"', "acquirer"),
        (GOOD.replace("7001", "0"), "port: 1 to 65535"),
        (GOOD.replace("7001", "true"), "port: 1 to 65535"),
        (f"{GOOD}in_flight = 1.5", "in_flight"),
        (f"{GOOD}answer_s = 9", "answer_s: 0.05 to 8"),
        (f"{GOOD}answer_s = 7.0\nconnect_s = 7.0", "together at most 8"),
        (f'{GOOD}dialect = "martian"', "dialect: field martian"),
        (f'{GOOD}dialect = "martian.toml"', "cannot be read"),
    ],
)
def test_a_wrong_links_file_names_bank_and_value(tmp_path, text, why):
    file = tmp_path / "links.toml"
    file.write_text(text)
    with pytest.raises(LinksError, match=why):
        read_links(file)


def test_a_file_that_is_not_there_is_told(tmp_path):
    with pytest.raises(LinksError, match="cannot be read"):
        read_links(tmp_path / "none.toml")
    with pytest.raises(IsoError, match="cannot be read"):
        dialect_in(tmp_path / "none.toml")
    (tmp_path / "big.toml").write_bytes(b"#" * 70_000)
    with pytest.raises(IsoError, match="larger than"):
        dialect_named("big.toml", tmp_path)


def test_a_breaker_opens_after_failures_in_a_row_lets_one_try_and_closes():
    breaker = Breaker(failures=2, pause_s=10)
    assert breaker.enter(0)
    breaker.failed(0)
    breaker.answered()
    breaker.failed(1)
    assert breaker.enter(1)
    breaker.failed(1)
    assert breaker.open
    assert not breaker.enter(10.9)
    assert breaker.enter(11)
    assert not breaker.enter(11)  # one tries
    breaker.gave_up()
    assert breaker.enter(11)
    breaker.failed(12)
    assert not breaker.enter(21.9)
    assert breaker.enter(22)
    breaker.answered()
    assert breaker.enter(22)
    assert not breaker.open


def question(number, dialect=None):
    key = Key(transmission(NOW), f"{number:06d}", "00000360001", "ABCD2345")
    asking = Asking(key, NOW, 1_000, "021", "EW1234567890123", "", f"{number:012d}", "TOKEN-1")
    return purchase_message(dialect or shipped_dialect("bri"), asking)


@pytest.fixture(scope="module")
def five():
    with playing() as played:
        yield played


@pytest.fixture
def bri(five):
    bank = five["BRI"]
    bank.mode, bank.delay_s = Mode.ANSWER, 0.3
    return bank


def heard(banks, *numbers):
    asked = [banks.ask("BRI", question(number)) for number in numbers]
    return [each.result(10).heard for each in asked]


def test_answers_find_their_question_however_they_are_mixed(five, bri):
    banks = five.links(lambda: NOW, "BRI")
    try:
        asked = [(n, banks.ask("BRI", question(n))) for n in range(1, 41)]
        told = [(n, reply.result(10).message.get(11)) for n, reply in asked]
    finally:
        banks.close()
    assert told == [(n, f"{n:06d}") for n in range(1, 41)]


def test_more_than_a_bank_may_have_waiting_is_not_sent(five, bri):
    bri.mode = Mode.DELAY
    banks = five.links(lambda: NOW, "BRI", in_flight=3)
    try:
        assert heard(banks, *range(101, 106)).count(Heard.NOT_SENT) == 2
        assert heard(banks, 201) == [Heard.ANSWERED]
    finally:
        banks.close()


def test_the_same_key_twice_at_once_is_asked_once(five, bri):
    bri.mode = Mode.DELAY
    banks = five.links(lambda: NOW, "BRI")
    try:
        assert sorted(heard(banks, 301, 301)) == [Heard.ANSWERED, Heard.NOT_SENT]
    finally:
        banks.close()


def test_who_waits_when_we_close_hears_that_nobody_answered(five, bri):
    bri.mode = Mode.DROP
    banks = five.links(lambda: NOW, "BRI", answer_s=5)
    waiting = banks.ask("BRI", question(401))
    time.sleep(0.2)
    banks.close()
    assert waiting.result(1).heard is Heard.NO_ANSWER
    assert banks.ask("BRI", question(402)).result(1).heard is Heard.NOT_SENT
    assert not banks.may_ask("BRI")


def test_a_line_that_is_cut_is_opened_again(five, bri):
    banks = five.links(lambda: NOW, "BRI", connections=1, failures=50)
    try:
        assert heard(banks, 501) == [Heard.ANSWERED]
        five.stop("BRI")
        assert heard(banks, 502)[0] is not Heard.ANSWERED
        five.again("BRI")
        assert heard(banks, 503) == [Heard.ANSWERED]
    finally:
        banks.close()


def test_a_quiet_line_is_asked_whether_it_lives(five, bri):
    banks = five.links(lambda: NOW, "BRI", connections=1, echo_s=0.05)
    try:
        assert heard(banks, 601) == [Heard.ANSWERED]
        before = bri.counts["0800"]
        time.sleep(0.3)
        assert bri.counts["0800"] > before + 1
    finally:
        banks.close()


def test_a_bank_that_talks_nonsense_keeps_nobody(tmp_path):
    """It answers with bytes that are no message, then with a length that cannot be."""

    async def nonsense(reader, writer):
        await reader.read(100)
        writer.write(b"\x00\x03abc\xff\xff")
        await reader.read(100)
        writer.close()

    async def ask():
        server = await asyncio.start_server(nonsense, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        file = tmp_path / "links.toml"
        file.write_text(GOOD.replace("7001", str(port)) + "answer_s = 0.3\nconnect_s = 0.3\n")
        banks = Banks(read_links(file), lambda: NOW)
        try:
            reply = await asyncio.wrap_future(banks.ask("BRI", question(1)))
        finally:
            await asyncio.to_thread(banks.close)
            server.close()
        return reply.heard

    assert asyncio.run(ask()) is Heard.NOT_SENT

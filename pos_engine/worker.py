"""The background worker: notices leave after the commit, faces get in force, facts are sealed.

Holds and allowances end when their time is over, money that waits is announced, banks hear
reversals again; at night the rules of what looks wrong run.
"""

import threading
import time
from collections.abc import Callable

import structlog

from pos_engine.engine import Engine
from pos_engine.services import anomaly_nightly, bank_reversals, ceiling_follow, lake_follow
from pos_engine.services.allowance_end import end_due
from pos_engine.services.audit import close_finished, seal_pending
from pos_engine.services.card_jobs import expire_cards, stop_cards_without_tries
from pos_engine.services.claim_sweep import finish_claims
from pos_engine.services.complaint_desk import escalate_overdue
from pos_engine.services.enrolment_force import activate_due
from pos_engine.services.hold import HOLDS_DUE_MAX, time_out_due
from pos_engine.services.idle import announce_shard, shards_to_announce
from pos_engine.services.notify import drain
from pos_engine.services.phones import activate_due_phones
from pos_engine.services.retention import sweep
from pos_engine.services.sync_review import hold_old_gaps
from pos_engine.store.allowances import ALLOWANCES_DUE_MAX
from pos_engine.store.audit import Closed
from pos_engine.store.database import ConflictError, UnavailableError

PAUSE_S = 0.5  # between two looks at an empty outbox
END_S_MAX = 5.0  # for what it is doing; then the process ends without it
FACES_EVERY_S = 30.0  # between two looks for faces and numbers whose cool-down is over
SEAL_EVERY_S = 60.0  # between two rounds of the audit chain
HOLDS_EVERY_S = 30.0  # between two looks for holds whose time is over
SWEEP_EVERY_S = 60.0  # between two looks for answers that are at home only, and blocked PINs
IDLE_EVERY_S = 6 * 3600.0  # between two looks for money that waits, old rows and old cards

log = structlog.get_logger()


def run(engine: Engine, stop: threading.Event) -> None:
    """Drain the outbox until `stop` is set; a database that is gone is tried again."""
    ends = [
        bank_reversals.start(engine),
        lake_follow.start(engine),
        ceiling_follow.start(engine),
        anomaly_nightly.start(engine),
    ]
    try:
        _run(engine, stop)
    finally:
        for end in ends:
            end()


def _run(engine: Engine, stop: threading.Event) -> None:
    faces_next = seal_next = holds_next = idle_next = sweep_next = 0.0
    idle_shards: list[int] = []
    while not stop.is_set():
        try:
            if time.monotonic() >= faces_next:
                activate_due(engine)
                activate_due_phones(engine)
                faces_next = time.monotonic() + FACES_EVERY_S
            if time.monotonic() >= seal_next:
                more = _seal(engine)
                seal_next = time.monotonic() + (0.0 if more else SEAL_EVERY_S)
            if time.monotonic() >= holds_next:
                more = time_out_due(engine) == HOLDS_DUE_MAX
                more = end_due(engine) == ALLOWANCES_DUE_MAX or more
                holds_next = time.monotonic() + (0.0 if more else HOLDS_EVERY_S)
            if time.monotonic() >= idle_next:
                expire_cards(engine)
                sweep(engine, dry_run=False)
                idle_shards = shards_to_announce(engine)
                idle_next = time.monotonic() + IDLE_EVERY_S
            if idle_shards:
                announce_shard(engine, idle_shards.pop())  # one a round: notices go on leaving
            if time.monotonic() >= sweep_next:
                finish_claims(engine)
                stop_cards_without_tries(engine)
                hold_old_gaps(engine)
                escalate_overdue(engine)
                sweep_next = time.monotonic() + SWEEP_EVERY_S
            drained = _drain(engine)
        except (UnavailableError, ConflictError):
            log.warning("worker.database_unavailable")
            stop.wait(PAUSE_S * 4)
            continue
        if drained == 0 and not idle_shards:
            stop.wait(PAUSE_S)


def _drain(engine: Engine) -> int:
    """Deliver what waits in each database; how many left."""
    return sum(drain(each).done for each in engine.each_database())


def _seal(engine: Engine) -> bool:
    """One round of sealing, database by database; is there more to seal at once."""
    more = [_seal_one(each) for each in engine.each_database()]
    return any(more)


def _seal_one(engine: Engine) -> bool:
    """One round of sealing, then yesterday's root: each database has its own."""
    more = seal_pending(engine).more
    if not more and isinstance(closed := close_finished(engine), Closed):
        log.info("audit.day_closed", day=str(closed.day.day), root=closed.day.root.hex())
    return more


def start(engine: Engine) -> Callable[[], None]:
    """Run the worker in a thread of this process; call what is returned to stop it and wait."""
    stop = threading.Event()
    thread = threading.Thread(target=run, args=(engine, stop), name="worker", daemon=True)
    thread.start()

    def end() -> None:
        stop.set()
        thread.join(END_S_MAX)

    return end

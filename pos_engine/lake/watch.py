"""Who waits for a long question to the lake is told how far it is."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

import duckdb

LOOK_EVERY_S = 0.5
Tell = Callable[[float], None]
_TELL: ContextVar[Tell | None] = ContextVar("lake_tell", default=None)


@contextmanager
def told(tell: Tell) -> Iterator[None]:
    """Questions of this block tell their percent, now and then, from a thread of their own."""
    token = _TELL.set(tell)
    try:
        yield
    finally:
        _TELL.reset(token)


@contextmanager
def watched(connection: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """Tell of what this connection does in the block; nothing when nobody waits."""
    tell = _TELL.get()
    if tell is None:
        yield
        return
    connection.execute("SET enable_progress_bar = true")
    connection.execute("SET enable_progress_bar_print = false")
    over = threading.Event()
    thread = threading.Thread(target=_look, args=(connection, tell, over), daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def _look(connection: duckdb.DuckDBPyConnection, tell: Tell, over: threading.Event) -> None:
    while not over.wait(LOOK_EVERY_S):
        percent = connection.query_progress()
        if percent >= 0:  # below zero: not known yet
            tell(percent)

"""A packed body is opened whole, within its limit, or refused by its kind of fault."""

import gzip

import pytest

from pos_engine.wire.packed_body import NotOpened, opened

BODY = b'{"envelopes":[]}' * 200
LIMIT = len(BODY)


def test_a_body_comes_out_as_it_was_packed():
    assert opened(gzip.compress(BODY), "gzip", LIMIT) == BODY
    assert opened(BODY, "", LIMIT) == opened(BODY, "identity", LIMIT) == BODY
    assert opened(gzip.compress(b""), "gzip", LIMIT) == b""


def test_a_small_packed_body_that_unfolds_to_a_giant_is_not_unfolded():
    bomb = gzip.compress(b"0" * 50_000_000)
    assert opened(bomb, "gzip", LIMIT) is NotOpened.TOO_LARGE
    assert opened(gzip.compress(BODY), "gzip", LIMIT - 1) is NotOpened.TOO_LARGE


PACKED = gzip.compress(BODY, mtime=0)
DAMAGED = {
    "nothing": b"",
    "plain": b"plain text",
    "no end": PACKED[:-3],
    "half": PACKED[:40],
    "more behind": PACKED + b"x",
    "two members": PACKED + PACKED,
    "wrong sum": PACKED[:-8] + b"\0" * 8,
}


@pytest.mark.parametrize("raw", DAMAGED.values(), ids=DAMAGED)
def test_a_damaged_body_is_said_so(raw):
    assert opened(raw, "gzip", LIMIT) is NotOpened.DAMAGED


def test_other_packings_are_unknown():
    assert opened(BODY, "br", LIMIT) is NotOpened.UNKNOWN_ENCODING
    assert opened(BODY, "gzip, gzip", LIMIT) is NotOpened.UNKNOWN_ENCODING

"""What SNAP signs and answers."""

import hashlib
import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pos_engine.rules.reasons import Reason
from pos_engine.wire import snap

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)


@given(json_values)
def test_white_space_between_values_is_never_signed(value):
    tight = json.dumps(value, separators=(",", ":")).encode()
    assert snap.minified(json.dumps(value, indent=3).encode()) == tight
    assert snap.minified(tight) == tight


@given(st.binary(max_size=300))
def test_no_body_breaks_it(raw):
    assert len(snap.minified(raw)) <= len(raw)


def test_a_text_that_never_ends_is_read_once():
    raw = b'"\\' * 120_000
    started = time.monotonic()
    snap.minified(raw)
    assert time.monotonic() - started < 1


def test_what_is_signed():
    assert snap.text_for_token("KEY", "T") == b"KEY|T"
    text = snap.text_for_call("POST", "/v1.0/qr", "TOK", b'{ "a" : "b c" }', "T")
    digest = hashlib.sha256(b'{"a":"b c"}').hexdigest()
    assert text.decode() == f"POST:/v1.0/qr:TOK:{digest}:T"


@pytest.mark.parametrize("reason", Reason)
def test_every_reason_has_a_response_code_of_seven_digits(reason):
    code = snap.case_of(reason).code(snap.Service.CPM)
    assert len(code) == 7
    assert code.isdigit()


@pytest.mark.parametrize(
    ("value", "currency", "amount"),
    [
        ("67000.00", "IDR", 67_000),
        ("67000", "IDR", None),
        ("67000.50", "IDR", None),
        ("-1.00", "IDR", None),
        ("67000.00", "USD", None),
    ],
)
def test_sums(value, currency, amount):
    assert snap.rupiah(value, currency) == amount


def test_moments_need_their_offset():
    assert snap.moment("2026-11-21T10:00:00+07:00") is not None
    assert snap.moment("2026-11-21T10:00:00") is None
    assert snap.moment("yesterday") is None
    assert snap.amount_json(5) == {"value": "5.00", "currency": "IDR"}

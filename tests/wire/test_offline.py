"""The bytes of the offline protocol: canonical JSON, stickers, signed requests, papers, words."""

import json
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pos_engine.rules.allowances import NoAllowance
from pos_engine.services.sync_review import Decision
from pos_engine.wire.allowance import Limits, Promise, Verifier, document_of
from pos_engine.wire.canonical import (
    DEPTH_MAX,
    INTEGER_MAX,
    CanonicalError,
    canonical,
    envelope_hash,
    from_base64url,
    to_base64url,
)
from pos_engine.wire.card_qr import CARD_REF_LETTERS, CardQr, card_ref, read_card_qr
from pos_engine.wire.device_header import HEADER_LENGTH_MAX, DeviceHeader, read_device_header
from pos_engine.wire.offline_told import DECIDED_TOLD, decided_told
from pos_engine.wire.offline_words import NOT_PUT_ASIDE, REASONS, reserved_told, taken_back

SIGNATURE = "s" * 86
texts = st.text(st.characters(exclude_categories=["Cs"]))
keys = st.text(st.characters(max_codepoint=127))
values = st.recursive(
    st.none() | st.booleans() | st.integers(-INTEGER_MAX, INTEGER_MAX) | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=3),
    max_leaves=6,
)


def nested(levels):
    return [nested(levels - 1)] if levels else 1


class TestCanonical:
    def test_keys_are_sorted_and_nothing_is_escaped_that_need_not_be(self):
        """What a tablet writes with sorted keys and JSON.stringify."""
        value = {"b": [True, None, 'é"\\\n\x01\x7f'], "a": -3, "B": {}}
        written = '{"B":{},"a":-3,"b":[true,null,"é\\"\\\\\\n\\u0001\x7f"]}'
        assert canonical(value) == written.encode()

    @given(values)
    def test_it_reads_back_and_is_the_only_way_to_write_it(self, value):
        text = canonical(value)
        assert json.loads(text) == value
        assert canonical(json.loads(text)) == text

    @pytest.mark.parametrize(
        "value",
        [
            1.0,
            {"x": float("nan")},
            INTEGER_MAX + 1,
            -INTEGER_MAX - 1,
            {"é": 1},
            {1: 1},
            "\ud800",
            {"k": ["\udfff"]},
            b"x",
            {1, 2},
            nested(DEPTH_MAX + 1),
        ],
    )
    def test_what_has_no_canonical_form_is_refused_without_an_echo(self, value):
        with pytest.raises(CanonicalError) as caught:
            canonical(value)
        assert str(value) not in str(caught.value)

    def test_it_may_be_as_deep_as_an_envelope_needs(self):
        assert canonical(nested(DEPTH_MAX)).startswith(b"[[[[[[[[1")
        assert canonical((1, 2)) == b"[1,2]"

    @given(st.binary(max_size=80))
    def test_base64url_has_one_spelling(self, raw):
        text = to_base64url(raw)
        assert "=" not in text
        assert from_base64url(text) == raw
        assert from_base64url(text, len(raw)) == raw
        assert from_base64url(text, len(raw) + 1) is None

    @pytest.mark.parametrize("text", ["A", "AB", "AA==", "A+A/", "é", "AA\n", "****"])
    def test_what_is_no_base64url_is_nothing(self, text):
        assert from_base64url(text) is None

    def test_an_envelope_is_named_by_body_and_signature(self):
        name = envelope_hash({"seq": 1}, "sig")
        assert len(name) == 43
        assert name != envelope_hash({"seq": 1}, "sih")
        assert name != envelope_hash({"seq": 2}, "sig")
        with pytest.raises(CanonicalError):
            envelope_hash({}, "é")


class TestSticker:
    QR = CardQr("aZ09_-aZ09_-aZ09", bytes(range(16)))

    def test_it_reads_what_it_writes_and_shows_nothing_by_itself(self):
        assert read_card_qr(self.QR.text) == self.QR
        assert self.QR.token not in repr(self.QR)

    @pytest.mark.parametrize(
        "text",
        [
            "",
            "9991000000000009",
            "EWK2:aaaaaaaaaaaaaaaa:AAAAAAAAAAAAAAAAAAAAAA",
            "EWK1:aaaaaaaaaaaaaaaa:AAAAAAAAAAAAAAAAAAAAA",
            "EWK1:aaaaaaaaaaaaaaaa:AAAAAAAAAAAAAAAAAAAAAB",  # 16 bytes are not written so
            "EWK1:aaaaaaaaaaaaaaaa:AAAAAAAAAAAAAAAAAAAAAA\n",
            "EWK1:éaaaaaaaaaaaaaaa:AAAAAAAAAAAAAAAAAAAAAA",
        ],
    )
    def test_what_is_no_sticker_is_nothing(self, text):
        assert read_card_qr(text) is None

    def test_a_card_is_called_by_a_name_that_prints_no_sticker(self):
        assert len(card_ref(self.QR.token)) == CARD_REF_LETTERS
        assert card_ref(self.QR.token) not in self.QR.text
        assert card_ref("a" * 16) != card_ref("b" * 16)


class TestSignedRequest:
    def test_it_names_device_time_nonce_and_signature(self):
        header = DeviceHeader("0192-a", "1700000000000", "n" * 16, SIGNATURE)
        text = f"Device 0192-a.1700000000000.{'n' * 16}.{SIGNATURE}"
        assert read_device_header(text) == header
        signed = header.signed_text("POST", "/v1/offline/batches", b"{}").decode().split("\n")
        assert signed[:4] == ["POST", "/v1/offline/batches", "1700000000000", "n" * 16]
        assert len(signed[4]) == 64

    @pytest.mark.parametrize(
        "text",
        [
            "",
            "Bearer x",
            f"Device a.1.{'n' * 15}.{SIGNATURE}",
            f"Device a.x.{'n' * 16}.{SIGNATURE}",
            f"Device a.1.{'n' * 16}.{SIGNATURE}s",
            f"Device {'a' * HEADER_LENGTH_MAX}.1.{'n' * 16}.{SIGNATURE}",
        ],
    )
    def test_anything_else_is_nobodys(self, text):
        assert read_device_header(text) is None


def test_a_shop_is_told_what_officers_decided():
    assert decided_told(None, "Diterima.") == "Diterima."
    assert decided_told("CLEAR", "Diterima.").endswith("belanja ini. Diterima.")
    assert "ditanggung warung" in decided_told("SHOP_PAYS", "Diterima.")
    assert "Diterima." not in decided_told("HERS", "Diterima.")
    assert {each.value for each in Decision} == set(DECIDED_TOLD)


def test_the_paper_of_an_allowance_has_the_names_of_the_protocol():
    at = datetime(2026, 11, 21, 3, 0, 0, 123_000, tzinfo=UTC)
    promise = Promise(
        allowance_id="A",
        kpm_ref="k" * 16,
        card_ref="c" * 22,
        name="S*** W******",
        shop_id="S",
        device_id="D",
        amount_max=100_000,
        not_before=at,
        not_after=at,
        price_book="P",
        verifier=Verifier(2, 19_456, 1, bytes(32)),
        limits=Limits(100_000, 20, [("BERAS-MEDIUM", 10_000)], remote=False),
        kid="kid",
    )
    paper = document_of(promise)
    moment = "2026-11-21T03:00:00.123+00:00"
    assert paper == {
        "v": 1,
        "alw": "A",
        "kpm_ref": "k" * 16,
        "card_ref": "c" * 22,
        "name": "S*** W******",
        "shop": "S",
        "device": "D",
        "amount_max": 100_000,
        "not_before": moment,
        "not_after": moment,
        "catalog": "P",
        "methods": ["KKS_QR", "PIN"],
        "verifier": {"alg": "argon2id", "t": 2, "m_kib": 19_456, "p": 1, "hash": "A" * 43},
        "limits": {
            "tx_max": 100_000,
            "tx_count": 20,
            "daily": [["BERAS-MEDIUM", 10_000]],
            "remote": False,
        },
        "time_anchor": moment,
        "kid": "kid",
    }
    assert canonical(paper)
    kin = document_of(replace(promise, not_by=("staff-1",)))
    assert kin == paper | {"not_by": ["staff-1"]}


def test_every_no_is_said_with_what_helps():
    for why in NoAllowance:
        sentence, next_step = NOT_PUT_ASIDE[why]
        assert sentence.endswith(".")
        assert next_step.endswith(".")
        assert why in REASONS
    told = reserved_told(100_000, "Warung Bu Sri", date(2026, 11, 28))
    assert "Rp100.000" in told[0]
    assert "Warung Bu Sri" in told[0]
    assert "28 Nov 2026" in told[0]
    assert "tarik kembali" in told[1]
    assert "Rp5.000" in taken_back(5_000, "Warung Bu Sri")

"""Build and read a dynamic QRIS, beside qriskit's own reading of the same text.

Target: build + read at most 200 microseconds. Run with `make bench`.
"""

import qriskit

from pos_engine.wire.qris import parse
from pos_engine.wire.qris_build import Merchant, build, reference_of
from pos_engine.wire.qris_cpm import parse_cpm

MERCHANT = Merchant(
    domain="ID.CO.EXAMPLE.WWW",
    mpan="936009990000000001",
    merchant_id="MID0001",
    criteria="UMI",
    nmid="ID1020304050607",
    mcc="5411",
    name="Warung Bu Sri",
    city="KAB MALANG",
    postal_code="65111",
)
REFERENCE = reference_of("0199a1b2-c3d4-7abc-8def-0123456789ab")
PAYLOAD = build(MERCHANT, amount=67_000, reference=REFERENCE)
CUSTOMER = (
    "hQVDUFYwMWFFTwegAAAGAiAgUAdRUklTQ1BNWgqTYAkUMBAFMXIPXy0EaWRlbmMen3QbY2hlcXVlOjk1Njc3MjQ5NTA5MD"
    "UxODk4MDc0"
)


def test_build_and_read(benchmark):
    def both():
        return parse(build(MERCHANT, amount=67_000, reference=REFERENCE))

    assert benchmark(both).valid


def test_baseline_qriskit_validate(benchmark):
    assert benchmark(qriskit.validate, PAYLOAD) == []


def test_baseline_qriskit_parse_strict(benchmark):
    assert benchmark(qriskit.parse, PAYLOAD, strict=True) is not None


def test_customer_code(benchmark):
    assert benchmark(parse_cpm, CUSTOMER).valid

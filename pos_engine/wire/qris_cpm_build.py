"""Write a customer-presented QRIS: base64 of BER-TLV (EMVCo CPM), as `qris_cpm` reads it."""

import base64

from pos_engine.wire.qris_cpm import AID, NNS_DIGITS, VERSION

LABEL = b"QRISCPM"
PAN_DIGITS_AFTER_NNS = 10
_SHORT_LENGTH_MAX, _ONE_BYTE_LENGTH_MAX = 0x7F, 0xFF


def build_cpm(nns: str, issuer_data: str) -> str:
    """A code of the provider with this NNS (8 digits); `issuer_data` goes into 9F74.

    The number after the NNS is the same for everybody: it must tell nobody whose code it is.
    """
    if len(nns) != NNS_DIGITS or not nns.isdigit():
        raise ValueError("an NNS has 8 digits")
    pan = bytes.fromhex(nns + "0" * PAN_DIGITS_AFTER_NNS)
    token = _element("63", _element("9F74", issuer_data.encode("ascii")))
    application = _element("4F", AID) + _element("50", LABEL) + _element("5A", pan) + token
    code = _element("85", VERSION) + _element("61", application)
    return base64.b64encode(code).decode()


def _element(tag: str, value: bytes) -> bytes:
    length = len(value)
    if length <= _SHORT_LENGTH_MAX:
        size = bytes([length])
    elif length <= _ONE_BYTE_LENGTH_MAX:
        size = bytes([0x81, length])
    else:
        size = b"\x82" + length.to_bytes(2)
    return bytes.fromhex(tag) + size + value

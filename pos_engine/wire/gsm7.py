"""The default alphabet of GSM (3GPP TS 23.038 §6.2.1): what every phone shows, one septet each.

SMPP carries it as one octet a septet, never packed.
"""

SEPTETS_MAX = 160


class _Octets(dict[int, str]):
    """The octets of letters as letters of Latin-1, for `str.translate`: all in one go."""

    def __missing__(self, letter: int) -> str:
        return "?"


_BASIC = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\x1bÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_ESCAPE = 0x1B
_TWICE = {
    "\f": 0x0A, "^": 0x14, "{": 0x28, "}": 0x29, "\\": 0x2F, "[": 0x3C, "~": 0x3D, "]": 0x3E,
    "|": 0x40, "€": 0x65,
}  # fmt: skip
_SEPTET_OF = {letter: code for code, letter in enumerate(_BASIC) if code != _ESCAPE}
_OCTETS_OF = _Octets(
    {ord(letter): chr(code) for letter, code in _SEPTET_OF.items()}
    | {ord(letter): chr(_ESCAPE) + chr(code) for letter, code in _TWICE.items()}
)
_LETTER_OF_TWICE = {code: letter for letter, code in _TWICE.items()}


def septets(text: str) -> int | None:
    """How many septets a text takes; None when a letter is not in the alphabet."""
    if any(each not in _SEPTET_OF and each not in _TWICE for each in text):
        return None
    return sum(1 if each in _SEPTET_OF else 2 for each in text)


def encode(text: str) -> bytes:
    """The octets of a text; a letter that no phone shows becomes a question mark."""
    return text.translate(_OCTETS_OF).encode("latin-1")


def decode(octets: bytes) -> str:
    """The text of octets from the street: what is no septet becomes a blank."""
    letters, escaped = [], False
    for octet in octets:
        if escaped:
            letters.append(_LETTER_OF_TWICE.get(octet, " "))
            escaped = False
        elif octet == _ESCAPE:
            escaped = True
        else:
            letters.append(_BASIC[octet] if octet < len(_BASIC) else " ")
    return "".join(letters)

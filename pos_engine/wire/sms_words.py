"""What a person texts: a word, in any case, with blanks, signs and a slip of the finger."""

import re
from dataclasses import dataclass
from enum import StrEnum

TEXT_READ_MAX = 480  # letters that are looked at; three parts of a long message
_NOT_A_WORD = re.compile(r"[^a-z0-9]+")


class Word(StrEnum):
    """What may be asked by SMS."""

    SALDO = "SALDO"
    KODE = "KODE"
    LAPOR = "LAPOR"
    STOP = "STOP"
    MULAI = "MULAI"
    HARGA = "HARGA"
    BANTUAN = "BANTUAN"  # also whatever is not understood


# Said instead of the word itself: short forms, and what other services taught people.
ALIASES = {
    "saldo": Word.SALDO, "sal": Word.SALDO, "sisa": Word.SALDO, "ceksaldo": Word.SALDO,
    "kode": Word.KODE, "kod": Word.KODE, "otp": Word.KODE, "mintakode": Word.KODE,
    "lapor": Word.LAPOR, "laporan": Word.LAPOR, "lapr": Word.LAPOR, "aduan": Word.LAPOR,
    "bukansaya": Word.LAPOR, "penipuan": Word.LAPOR,
    "stop": Word.STOP, "berhenti": Word.STOP,
    "mulai": Word.MULAI, "start": Word.MULAI,
    "harga": Word.HARGA, "hrg": Word.HARGA, "cekharga": Word.HARGA,
    "bantuan": Word.BANTUAN, "help": Word.BANTUAN, "info": Word.BANTUAN, "menu": Word.BANTUAN,
}  # fmt: skip
_SLIP_LENGTH_MIN = 4  # shorter words are too near to each other


@dataclass(frozen=True, slots=True, repr=False)
class Asked:
    """A word and what came after it. `understood` False: the help is the answer."""

    word: Word
    rest: str = ""
    understood: bool = True


def read(text: str) -> Asked:
    """The word that a text means. Nothing that a person sends is an error."""
    lowered = text[:TEXT_READ_MAX].strip().lower()
    parts = [each for each in _NOT_A_WORD.split(lowered) if each]
    if not parts:
        return Asked(Word.BANTUAN, understood=False)
    if len(parts) > 1 and (both := ALIASES.get(parts[0] + parts[1])):
        return Asked(both, " ".join(parts[2:]))
    if (said := _word(parts[0])) is not None:
        return Asked(said, " ".join(parts[1:]))
    spelled = "".join(parts)  # s a l d o
    if (said := ALIASES.get(spelled)) is not None:
        return Asked(said)
    return Asked(Word.BANTUAN, understood=False)


def _word(said: str) -> Word | None:
    """The word that is meant: itself, or the only one that is a slip away."""
    if said in ALIASES:
        return ALIASES[said]
    if len(said) < _SLIP_LENGTH_MIN:
        return None
    near = {
        word
        for alias, word in ALIASES.items()
        if word is not Word.STOP  # `stok` must not silence the notices of a family
        and len(alias) >= _SLIP_LENGTH_MIN
        and _one_slip(said, alias)
    }
    return near.pop() if len(near) == 1 else None


def _one_slip(said: str, meant: str) -> bool:
    """One letter more, less, other, or two neighbours turned."""
    if abs(len(said) - len(meant)) > 1:
        return False
    start = next(
        (n for n, (a, b) in enumerate(zip(said, meant, strict=False)) if a != b),
        min(len(said), len(meant)),
    )
    left, right = said[start:], meant[start:]
    turned = left[1:2] + left[:1] + left[2:]
    return right in (left[1:], turned) or right[1:] in (left, left[1:])

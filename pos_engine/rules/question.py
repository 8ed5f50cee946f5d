"""A question that a neighbour answers at once and a program must first understand."""

from collections.abc import Sequence
from typing import NamedTuple

NUMBERS = ("nol", "satu", "dua", "tiga", "empat", "lima", "enam", "tujuh", "delapan", "sembilan")
DAYS = ("Senin", "Selasa", "Rabu", "Kamis", "Jumat", "Sabtu", "Minggu")
FOOD = ("beras", "telur", "tempe", "tahu", "jagung", "sagu", "bayam", "pisang", "ikan", "wortel")
THINGS = ("sandal", "payung", "sapu", "kursi", "batu", "sepeda", "lampu", "bantal", "ember")
KINDS = 3
DRAWS = 4  # random numbers that one question needs


class Question(NamedTuple):
    """What is asked, and the answer in its plain form."""

    text: str
    answer: str


def make_question(draws: Sequence[int]) -> Question:
    """A question from random numbers (DRAWS of them, not negative)."""
    kind, first, second, third = draws[:DRAWS]
    if kind % KINDS == 0:
        one, other = 1 + first % 9, 1 + second % 9
        return Question(
            f"Ibu membeli {NUMBERS[one]} butir telur, lalu {NUMBERS[other]} butir lagi. "
            "Berapa butir semuanya?",
            str(one + other),
        )
    if kind % KINDS == 1:
        at = first % len(DAYS)
        return Question(f"Hari apa dua hari sesudah {DAYS[at]}?", DAYS[(at + 2) % 7].lower())
    odd = THINGS[first % len(THINGS)]
    words = [FOOD[(second + n) % len(FOOD)] for n in range(3)]
    words.insert(third % 4, odd)
    return Question(f"Mana yang bukan bahan makanan: {', '.join(words)}?", odd)


def plain_answer(text: str) -> str:
    """An answer as people type it: any case, spaces around, a number in words."""
    word = text.strip().strip(".!").casefold()
    return str(NUMBERS.index(word)) if word in NUMBERS else word

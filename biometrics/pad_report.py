"""How often attacks got through and the living were turned away, in the words of ISO/IEC 30107-3.

A presentation attack instrument species ("print", "replay", ...) has its own APCER; averaging over
species would hide the one that works, so the worst is the headline.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from biometrics.liveness import NOT_CERTIFIED
from biometrics.statistics import Rate

JsonObject: TypeAlias = dict[str, object]


class Kind(StrEnum):
    """What a presentation was in truth."""

    BONAFIDE = "bonafide"
    ATTACK = "attack"


# Species, kind, and whether it was taken for alive; None when there was no answer (no face, blur).
Row: TypeAlias = tuple[str, Kind, bool | None]


@dataclass(frozen=True, slots=True)
class SpeciesRates:
    """One species: `error` is APCER (or BPCER), `no_response` APNRR (or BPNRR).

    The error counts presentations that were answered; a non-response stands in the other rate
    only: it is no error of classification, and counting it as a stopped attack would flatter.
    """

    species: str
    error: Rate
    no_response: Rate


@dataclass(frozen=True, slots=True)
class PadReport:
    """`attacks` by species, by name; `bonafide` is None when none was shown."""

    attacks: tuple[SpeciesRates, ...]
    bonafide: SpeciesRates | None

    @property
    def worst(self) -> SpeciesRates | None:
        """The headline: the highest APCER, and of equals the one known least well."""
        answered = [each for each in self.attacks if each.error.trials]
        ranked = sorted(answered, key=lambda each: (each.error.value, each.error.interval[1]))
        return ranked[-1] if ranked else None

    def to_json(self) -> JsonObject:
        """All counts; `certified` is False always."""
        return {
            "certified": False,
            "note": NOT_CERTIFIED,
            "worst_species": self.worst.species if self.worst else None,
            "APCER": {each.species: rate_json(each.error) for each in self.attacks},
            "APNRR": {each.species: rate_json(each.no_response) for each in self.attacks},
            "BPCER": rate_json(self.bonafide.error) if self.bonafide else None,
            "BPNRR": rate_json(self.bonafide.no_response) if self.bonafide else None,
        }


def rate_json(rate: Rate) -> JsonObject:
    """A rate of no trials has no value; 0 would read as "never fooled"."""
    return {**rate.to_json(), "value": rate.value if rate.trials else None}


def pad_report(rows: Iterable[Row]) -> PadReport:
    """Count presentations. Raises ValueError for an attack species called bonafide."""
    attacks: dict[str, list[bool | None]] = defaultdict(list)
    genuine: list[bool | None] = []
    for species, kind, accepted in rows:
        if kind is Kind.BONAFIDE:
            genuine.append(accepted)
        elif species == Kind.BONAFIDE:
            raise ValueError("an attack species cannot be called bonafide")
        else:
            attacks[species].append(accepted)
    return PadReport(
        tuple(_rates(name, attacks[name], wrong=True) for name in sorted(attacks)),
        _rates(Kind.BONAFIDE, genuine, wrong=False) if genuine else None,
    )


def _rates(species: str, outcomes: list[bool | None], *, wrong: bool) -> SpeciesRates:
    answered = [each for each in outcomes if each is not None]
    errors, silent = answered.count(wrong), len(outcomes) - len(answered)
    return SpeciesRates(
        species,
        Rate(errors, len(answered), len(answered)),
        Rate(silent, len(outcomes), len(outcomes)),
    )

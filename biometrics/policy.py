"""Scores in, decision out: 1:1 verification, 1:N identification, and the risk of a false hit."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import expm1, log, log1p

import numpy as np

from biometrics.gallery import Candidate
from biometrics.template import ModelMismatch
from biometrics.thresholds import Thresholds


@dataclass(frozen=True, slots=True)
class Accepted:
    """1:1: the claimed person."""

    score: float


@dataclass(frozen=True, slots=True)
class Review:
    """1:1: not sure; take a second picture, then another factor."""

    score: float


@dataclass(frozen=True, slots=True)
class Rejected:
    """1:1: not the claimed person, as far as this face tells; another method, never no food."""

    score: float


@dataclass(frozen=True, slots=True)
class Match:
    """1:N: one family stands out. `margin` to the next family, `fpir` for a stranger's hit."""

    candidate: Candidate
    margin: float
    fpir: float


@dataclass(frozen=True, slots=True)
class Ambiguous:
    """1:N: high enough, but another family is nearly as like."""

    candidate: Candidate
    rival: Candidate
    margin: float


@dataclass(frozen=True, slots=True)
class NoMatch:
    """1:N: nobody high enough; `best_score` is `None` for an empty gallery."""

    best_score: float | None


def verify(score: float, thresholds: Thresholds) -> Accepted | Review | Rejected:
    """1:1: is this the person who is claimed. `score` is a cosine of the thresholds' model."""
    if score >= thresholds.verify_accept:
        return Accepted(score)
    return Review(score) if score >= thresholds.verify_review else Rejected(score)


def identify(
    candidates: Sequence[Candidate], gallery_size: int, thresholds: Thresholds
) -> Match | Ambiguous | NoMatch:
    """1:N: who of the gallery is this, if anybody.

    `candidates` as `Gallery.search` gives them, with k large enough to hold a second family;
    `gallery_size` is the number of comparisons made (`size_templates`). Raises `ModelMismatch`.
    """
    foreign = {candidate.model_id for candidate in candidates} - {thresholds.model_id}
    if foreign:
        raise ModelMismatch(f"{sorted(foreign)} judged by thresholds of {thresholds.model_id}")
    ranked = sorted(candidates, key=lambda candidate: -candidate.score)
    if not ranked or not ranked[0].score >= thresholds.identify_accept:
        return NoMatch(ranked[0].score if ranked else None)
    best = ranked[0]
    # Persons of one family share one wallet, so a sister who looks alike is no rival.
    rival = next((other for other in ranked if other.family_id != best.family_id), None)
    margin = best.score - (rival.score if rival else 0.0)
    if rival and margin < thresholds.margin:
        return Ambiguous(best, rival, margin)
    return Match(best, margin, fpir_estimate(best.score, gallery_size, thresholds))


def false_match_rate(score: float, thresholds: Thresholds) -> float:
    """Share of strangers who reach `score` in one comparison, population factor included.

    Straight lines between the measured points on a logarithmic scale; beyond the last point the
    rate stays, because a tail nobody has counted must not make a risk look small.
    """
    scores, rates = zip(*thresholds.fmr_points, strict=True)
    rate = float(np.exp(np.interp(score, scores, [log(rate) for rate in rates])))
    return min(1.0, rate * thresholds.population_factor)


def fpir_estimate(score: float, gallery_size: int, thresholds: Thresholds) -> float:
    """Chance that somebody not in the gallery reaches `score` with anyone: 1 - (1 - FMR)^N.

    Comparisons are taken as independent (ISO/IEC 19795-1 words; NIST FRTE 1:N practice).
    """
    if gallery_size < 0:
        raise ValueError("a gallery has no negative size")
    rate = false_match_rate(score, thresholds)
    if gallery_size == 0 or rate >= 1.0:
        return float(gallery_size > 0)
    return -expm1(gallery_size * log1p(-rate))  # exact for rates far below the float's epsilon

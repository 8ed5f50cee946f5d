"""Reading a calibration file back: outside data, so each fault is named before it can do harm."""

import json
from dataclasses import fields
from itertools import pairwise
from math import isfinite
from typing import Any, Final

from biometrics.calibration import FORMAT, Calibration, CalibrationFault
from biometrics.tail import Tail

_KINDS: Final[dict[Any, tuple[type, ...]]] = {str: (str,), int: (int,), float: (int, float)}


def load_calibration(text: str, model_id: str) -> Calibration:
    """`text` is the file's JSON. Raises `CalibrationFault`, also for another model's file."""
    try:
        facts = json.loads(text)
    except ValueError as error:
        raise CalibrationFault(f"no calibration file: not JSON ({error})") from None
    if not isinstance(facts, dict) or facts.pop("format", None) != FORMAT:
        raise CalibrationFault(f"no calibration file of format {FORMAT}: calibrate again")
    points = _points(facts.pop("fmr_points", None))
    tail = Tail(**_checked(Tail, facts.pop("tail", None), "tail."))
    known: dict[str, Any] = {"fmr_points": points, "tail": tail}
    calibration = Calibration(**known, **_checked(Calibration, facts, "", without=set(known)))
    _sound(calibration, model_id)
    return calibration


def _checked(kind: type, facts: Any, prefix: str, without: set[str] | None = None) -> Any:
    """The facts, when they are exactly the plain fields of `kind`."""
    wanted: dict[str, Any] = {field.name: field.type for field in fields(kind)}
    for name in without or ():
        del wanted[name]
    given = facts if isinstance(facts, dict) else {}
    if given.keys() != wanted.keys():
        wrong = sorted(prefix + name for name in given.keys() ^ wanted.keys())
        raise CalibrationFault(f"missing or unknown in the calibration: {', '.join(wrong)}")
    for name, value in given.items():
        numeric = not isinstance(value, str)
        bad = not isinstance(value, _KINDS[wanted[name]]) or isinstance(value, bool)
        if bad or (numeric and not isfinite(value)):
            raise CalibrationFault(f"{prefix}{name} is {value!r}, not {wanted[name].__name__}")
    return given


def _points(value: Any) -> tuple[tuple[float, float], ...]:
    """Score rising, rate falling, at least two: what `Thresholds` and its interpolation need."""
    pairs = value if isinstance(value, list) else []
    sound = all(
        isinstance(pair, list) and len(pair) == 2 and all(map(_number, pair))  # noqa: PLR2004
        for pair in pairs
    )
    if len(pairs) < 2 or not sound:  # noqa: PLR2004 - a line has two ends
        raise CalibrationFault("fmr_points are not pairs of score and rate")
    points = tuple((float(score), float(rate)) for score, rate in pairs)
    for (score, rate), (higher, lower) in pairwise(points):
        if not (score < higher and rate >= lower):
            raise CalibrationFault(f"fmr_points: at score {higher:g} the rate must have fallen")
    if not all(-1 <= score <= 1 and 0 < rate <= 1 for score, rate in points):
        raise CalibrationFault("fmr_points: scores are cosines, rates are above 0 and at most 1")
    return points


def _number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and isfinite(value)


def _sound(calibration: Calibration, model_id: str) -> None:
    if calibration.model_id != model_id:
        raise CalibrationFault(
            f"the calibration is of model {calibration.model_id}, in use is {model_id}: "
            "calibrate with the model in use"
        )
    if calibration.population_factor < 1:
        raise CalibrationFault(f"population_factor is {calibration.population_factor}, at least 1")
    if min(calibration.persons, calibration.impostors) < 1:
        raise CalibrationFault("the calibration is of nobody")

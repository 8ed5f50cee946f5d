"""A counted rate is never shown without its interval."""

from dataclasses import dataclass
from math import exp, expm1, isclose, lgamma, log, log1p
from typing import Final

CONFIDENCE: Final = 0.95
_STEPS_MAX: Final = 500
_TINY: Final = 1e-300


@dataclass(frozen=True, slots=True)
class Rate:
    """`events` of `trials`; `independent` is how many of the trials say something new.

    Searches of one person repeated against other galleries sharpen the mean, not the interval, so
    the interval is that of `independent` trials (ISO/IEC 19795-1: test subjects, not attempts).
    """

    events: int
    trials: int
    independent: int

    @property
    def value(self) -> float:
        """Events by trials; 0 when nothing was tried (the interval then is 0 to 1)."""
        return self.events / self.trials if self.trials else 0.0

    @property
    def interval(self) -> tuple[float, float]:
        """Clopper-Pearson, 95 %, two-sided; for no events the rule of three, see there."""
        count = min(self.independent, self.trials)
        return clopper_pearson(self.value * count, count)

    def covers(self, rate: float) -> bool:
        """Whether a predicted rate lies in the interval."""
        low, high = self.interval
        return low <= rate <= high

    def to_json(self) -> dict[str, float]:
        """All there is to check the rate."""
        low, high = self.interval
        return {
            "value": self.value,
            "low": low,
            "high": high,
            "events": self.events,
            "trials": self.trials,
            "independent": self.independent,
        }


def rule_of_three(trials: int) -> float:
    """Upper 95 % limit (one-sided, exact) of a rate of which no event was seen: about 3 / n."""
    return 1.0 if trials == 0 else -expm1(log(1 - CONFIDENCE) / trials)


def clopper_pearson(events: float, trials: int) -> tuple[float, float]:
    """Exact 95 % limits of a proportion. `events` may be a fraction of a repeated trial."""
    if not 0 <= events <= trials:
        raise ValueError(f"{events} events of {trials} trials")
    if events == 0:
        return 0.0, rule_of_three(trials)
    if events == trials:
        return 1.0 - rule_of_three(trials), 1.0
    side = (1 - CONFIDENCE) / 2
    low = _beta_quantile(side, events, trials - events + 1)
    return low, _beta_quantile(1 - side, events + 1, trials - events)


def _beta_quantile(probability: float, a: float, b: float) -> float:
    """By bisection on a logarithmic scale, because rates of 1e-7 need their digits too."""
    low, high = log(1e-18), 0.0
    while not isclose(low, high, rel_tol=1e-12, abs_tol=1e-12):
        middle = (low + high) / 2
        if beta_cdf(exp(middle), a, b) < probability:
            low = middle
        else:
            high = middle
    return exp((low + high) / 2)


def beta_cdf(x: float, a: float, b: float) -> float:
    """Regularised incomplete beta function (continued fraction of Lentz)."""
    if x <= 0 or x >= 1:
        return float(x >= 1)
    front = exp(lgamma(a + b) - lgamma(a) - lgamma(b) + a * log(x) + b * log1p(-x))
    if x < (a + 1) / (a + b + 2):
        return front * _fraction(x, a, b) / a
    return 1 - front * _fraction(1 - x, b, a) / b


def _fraction(x: float, a: float, b: float) -> float:
    c, d = 1.0, 1 / _off_zero(1 - (a + b) * x / (a + 1))
    value = d
    for step in range(1, _STEPS_MAX):
        even = step * (b - step) * x / ((a + 2 * step - 1) * (a + 2 * step))
        odd = -(a + step) * (a + b + step) * x / ((a + 2 * step) * (a + 2 * step + 1))
        before = value
        for term in (even, odd):
            d = 1 / _off_zero(1 + term * d)
            c = _off_zero(1 + term / c)
            value *= c * d
        if isclose(before, value, rel_tol=1e-13):
            break
    return value


def _off_zero(value: float) -> float:
    return value if abs(value) > _TINY else _TINY

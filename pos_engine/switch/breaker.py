"""A breaker: who does not answer is left alone for a while, then asked by one, then by all."""

from dataclasses import dataclass


@dataclass(slots=True)
class Breaker:
    """Closed while the bank answers. Times are seconds of a clock that only goes forward.

    After `failures` in a row it opens for `pause_s`; then one question goes out to try.
    """

    failures: int
    pause_s: float
    _failed: int = 0
    _opened_at: float | None = None
    _trying: bool = False

    def may_ask(self, now: float) -> bool:
        """Would a question be let through now; nothing changes."""
        if self._opened_at is None:
            return True
        return not self._trying and now - self._opened_at >= self.pause_s

    def enter(self, now: float) -> bool:
        """Let a question through, or not; the one that tries is noted."""
        if not self.may_ask(now):
            return False
        self._trying = self._opened_at is not None
        return True

    def answered(self) -> None:
        """It answers: whatever it said."""
        self._failed, self._opened_at, self._trying = 0, None, False

    def failed(self, now: float) -> None:
        """It did not answer, or could not be reached."""
        self._failed += 1
        self._trying = False
        if self._failed >= self.failures:
            self._opened_at = now

    def gave_up(self) -> None:
        """A question that was let through never went out: nothing is known."""
        self._trying = False

    @property
    def open(self) -> bool:
        """Is it left alone."""
        return self._opened_at is not None

"""How often a name may ask: counted in this process alone, forgotten soon, never written.

The counting is that of `limits`; its own storage in memory keeps every name until its window ends,
however many there are, and starts a thread: strangers choose their names, so ours is bounded.
"""

import threading
import time
from collections import OrderedDict

from limits import RateLimitItemPerSecond
from limits.storage import Storage
from limits.strategies import FixedWindowRateLimiter

ADDRESSES_REMEMBERED_MAX = 10_000
USED_REMEMBERED_MAX = 100_000


class BoundedMemory(Storage):
    """Counts of the names that asked last: at most `names_max`, the one silent longest leaves."""

    STORAGE_SCHEME = None

    def __init__(self, names_max: int) -> None:
        super().__init__()
        self._names_max = names_max
        self._seen: OrderedDict[str, tuple[int, float]] = OrderedDict()  # count, end of window
        self._lock = threading.Lock()

    @property
    def base_exceptions(self) -> type[Exception]:
        """What may go wrong here: nothing that a caller should hear of."""
        return ValueError

    def incr(self, key: str, expiry: float, amount: int = 1) -> int:
        """Count; the window begins with its first."""
        now = time.monotonic()
        with self._lock:
            count, until = self._seen.get(key, (0, 0.0))
            if until <= now:
                count, until = 0, now + expiry
            self._seen[key] = (count + amount, until)
            self._seen.move_to_end(key)
            if len(self._seen) > self._names_max:
                self._seen.popitem(last=False)
            return count + amount

    def get(self, key: str) -> int:
        """How many were counted in the window that is open."""
        count, until = self._seen.get(key, (0, 0.0))
        return count if until > time.monotonic() else 0

    def get_expiry(self, key: str) -> float:
        """When the window ends, by `time.monotonic`."""
        return self._seen.get(key, (0, 0.0))[1]

    def check(self) -> bool:
        """Memory is always there."""
        return True

    def reset(self) -> int:
        """Forget everybody."""
        with self._lock:
            count = len(self._seen)
            self._seen.clear()
            return count

    def clear(self, key: str) -> None:
        """Forget one."""
        with self._lock:
            self._seen.pop(key, None)


class Rate:
    """At most `times` in `window_s` seconds for each name; a name's window begins when it asks."""

    def __init__(
        self, times: int, window_s: float, names_max: int = ADDRESSES_REMEMBERED_MAX
    ) -> None:
        self._item = RateLimitItemPerSecond(times, max(1, round(window_s)))
        self._limiter = FixedWindowRateLimiter(BoundedMemory(names_max))

    def allow(self, name: str) -> bool:
        """Count one more; False when there were too many."""
        return self._limiter.hit(self._item, name)

    def forget(self, name: str) -> None:
        """Begin anew for this name."""
        self._limiter.clear(self._item, name)

    def wait_s(self, name: str) -> int:
        """Whole seconds until this name may ask again, at least one."""
        ends = self._limiter.get_window_stats(self._item, name).reset_time
        return max(1, round(ends - time.monotonic() + 0.5))


class UsedOnce:
    """Names that were used up; the oldest are forgotten after they have run out."""

    def __init__(self) -> None:
        self._used: OrderedDict[str, None] = OrderedDict()
        self._lock = threading.Lock()

    def use(self, name: str) -> bool:
        """True the first time."""
        with self._lock:
            if name in self._used:
                return False
            self._used[name] = None
            if len(self._used) > USED_REMEMBERED_MAX:
                self._used.popitem(last=False)
            return True

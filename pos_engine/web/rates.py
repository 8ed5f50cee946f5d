"""How often an address may ask: counted in this process alone, forgotten soon, never written."""

import threading
import time
from collections import OrderedDict, deque

ADDRESSES_REMEMBERED_MAX = 10_000
USED_REMEMBERED_MAX = 100_000


class Rate:
    """At most `times` in `window_s` seconds for each name."""

    def __init__(self, times: int, window_s: float) -> None:
        self._times, self._window_s = times, window_s
        self._seen: OrderedDict[str, deque[float]] = OrderedDict()
        self._lock = threading.Lock()

    def allow(self, name: str) -> bool:
        """Count one more; False when there were too many."""
        now = time.monotonic()
        with self._lock:
            seen = self._seen.setdefault(name, deque(maxlen=self._times))
            self._seen.move_to_end(name)
            if len(self._seen) > ADDRESSES_REMEMBERED_MAX:
                self._seen.popitem(last=False)
            if len(seen) == self._times and now - seen[0] < self._window_s:
                return False
            seen.append(now)
            return True


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

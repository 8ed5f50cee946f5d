"""The blocks that were searched lately, up to so many templates in all."""

from collections import OrderedDict
from collections.abc import Iterable
from threading import Lock
from typing import Final

from biometrics.block import Block
from biometrics.gallery import Scope

ROWS_MAX: Final = 1_000_000  # some 150 MB


class BlockCache:
    """Drops the one that was not asked for longest. For any number of threads."""

    def __init__(self, rows_max: int = ROWS_MAX) -> None:
        """Empty."""
        self._rows_max = rows_max
        self._blocks: OrderedDict[Scope, Block] = OrderedDict()
        self._rows = 0
        self._lock = Lock()

    def get(self, scope: Scope) -> Block | None:
        """The block of a scope if it is here."""
        with self._lock:
            if scope in self._blocks:
                self._blocks.move_to_end(scope)
            return self._blocks.get(scope)

    def put(self, scope: Scope, block: Block) -> None:
        """Keep a block; an empty one is not worth the place that strangers' names would fill."""
        with self._lock:
            if block.count == 0 or scope in self._blocks:
                return
            self._blocks[scope] = block
            self._rows += block.count
            while self._rows > self._rows_max and len(self._blocks) > 1:
                _, dropped = self._blocks.popitem(last=False)
                self._rows -= dropped.count

    def drop(self, scopes: Iterable[Scope]) -> None:
        """Somebody came or went there."""
        with self._lock:
            for scope in scopes:
                if (block := self._blocks.pop(scope, None)) is not None:
                    self._rows -= block.count

    def clear(self) -> None:
        """Forget all."""
        with self._lock:
            self._blocks.clear()
            self._rows = 0

"""A Merkle tree as in RFC 6962 and the chain over its roots: one hash stands for many facts."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum

HASH_BYTES = 32
EMPTY_ROOT = hashlib.sha256(b"").digest()
NO_HASH = bytes(HASH_BYTES)  # what stands before the first link of a chain


class Side(StrEnum):
    """On which side the neighbour of a step stands."""

    LEFT = "L"
    RIGHT = "R"


@dataclass(frozen=True, slots=True)
class Step:
    """One step from a leaf towards the root: the neighbour, and its side."""

    side: Side
    neighbour: bytes


def leaf_hash(content: bytes) -> bytes:
    """The hash of a fact. Its first byte keeps it apart from every inner node."""
    return hashlib.sha256(b"\x00" + content).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of an inner node."""
    return hashlib.sha256(b"\x01" + left + right).digest()


@dataclass(frozen=True, slots=True)
class _Part:
    """A perfect subtree. `holds` when the wanted leaf is below it."""

    size: int
    root: bytes
    holds: bool


@dataclass(slots=True)
class Tree:
    """A tree that is fed leaf after leaf; it remembers some thirty hashes, never the leaves."""

    _parts: list[_Part] = field(default_factory=list)
    _path: list[Step] = field(default_factory=list)

    def add(self, leaf: bytes, *, wanted: bool = False) -> None:
        """Append a leaf hash; the path of the one that is `wanted` is kept."""
        part = _Part(1, leaf, wanted)
        while self._parts and self._parts[-1].size == part.size:
            part = _joined(self._parts.pop(), part, self._path)
        self._parts.append(part)

    def finish(self) -> tuple[bytes, tuple[Step, ...]]:
        """The root, and the path of the wanted leaf to it; the tree may grow on afterwards."""
        path = list(self._path)
        if not self._parts:
            return EMPTY_ROOT, ()
        *others, part = self._parts
        for left in reversed(others):
            part = _joined(left, part, path)
        return part.root, tuple(path)


def _joined(left: _Part, right: _Part, path: list[Step]) -> _Part:
    if left.holds:
        path.append(Step(Side.RIGHT, right.root))
    elif right.holds:
        path.append(Step(Side.LEFT, left.root))
    root = node_hash(left.root, right.root)
    return _Part(left.size + right.size, root, left.holds or right.holds)


def root_of(leaves: Iterable[bytes]) -> bytes:
    """The root over leaf hashes in their order."""
    tree = Tree()
    for leaf in leaves:
        tree.add(leaf)
    return tree.finish()[0]


def climbed(leaf: bytes, path: Iterable[Step]) -> bytes:
    """The root that a leaf and its path lead to."""
    root = leaf
    for step in path:
        neighbour = step.neighbour
        root = node_hash(neighbour, root) if step.side is Side.LEFT else node_hash(root, neighbour)
    return root

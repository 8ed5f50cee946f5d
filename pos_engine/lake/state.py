"""What the lake holds and how far it has read: the fold of its manifests, one a batch."""

import hashlib
import re
from contextlib import suppress
from datetime import datetime
from pathlib import Path

import msgspec

from pos_engine.lake import folder
from pos_engine.lake.folder import MANIFESTS, LakeError

FORMAT = 1
CHECKPOINT_EVERY = 200  # manifests; what lies before the last checkpoint but one is taken away
LOOKS_MAX = 5  # at a folder that is written meanwhile
WRITE, COMPACT, ROLLUP, REBUILD = "WRITE", "COMPACT", "ROLLUP", "REBUILD"
_NAME = re.compile(r"(\d{10})\.(json|state)")


class LakeDamagedError(LakeError):
    """Something in the lake is not as it was written. The message names the file and the cure."""


class LiveFile(msgspec.Struct, frozen=True):
    """A file that counts. `newest_us` is the newest fact in it, microseconds since 1970 UTC."""

    path: str  # below the lake's folder
    dataset: str
    day: str
    province: str  # empty: of all provinces
    rows: int
    bytes: int
    sha256: str
    version: int
    newest_us: int
    tier: int = 0  # how often its rows were merged
    sources: str = ""  # of a rollup: the hash of the names that it was counted from


class Feed(msgspec.Struct):
    """What of the engine's facts a batch took. Keys are `database/shard`.

    `links` are the newest links of the audit chain that are read, each with its hash; `early` are
    facts taken before their seal, `sealed` those of them whose link is read now; `events` are
    rows of the outbox, `seeded` the shards whose attempts from before the lake are in it, `kinds`
    the kinds of facts (`database/kind`) that came later and are read from the beginning by now.
    """

    links: dict[str, tuple[int, str]] = {}
    early: list[str] = []
    sealed: list[str] = []
    events: list[str] = []
    seeded: dict[str, int] = {}
    kinds: list[str] = []


class Manifest(msgspec.Struct):
    """One step of the lake: what was read and which files come and go. Whole or not there."""

    format: int
    number: int
    previous: str  # the hash of the manifest before: none is missing
    kind: str
    written_at: datetime
    feed: Feed
    add: list[LiveFile]
    remove: list[str]


class State(msgspec.Struct):
    """The fold of all manifests up to `number`."""

    number: int = 0
    hash: str = ""
    written_at: datetime | None = None
    links: dict[str, tuple[int, str]] = {}
    early: set[str] = set()
    events: list[str] = []  # of the newest batch: they may still stand in the outbox
    seeded: dict[str, int] = {}
    kinds: set[str] = set()
    files: dict[str, LiveFile] = {}
    removed: list[str] = []  # since the checkpoint: they may still lie there

    def apply(self, manifest: Manifest, text_hash: str) -> None:
        """One manifest more."""
        feed = manifest.feed
        self.number, self.hash = manifest.number, text_hash
        self.written_at = manifest.written_at
        self.links.update(feed.links)
        self.early.update(feed.early)
        self.early.difference_update(feed.sealed)
        self.seeded.update(feed.seeded)
        self.kinds.update(feed.kinds)
        if manifest.kind == WRITE:
            self.events = feed.events
        for path in manifest.remove:
            self.files.pop(path, None)
            self.removed.append(path)
        self.files.update({each.path: each for each in manifest.add})

    def of(self, dataset: str, day: str = "", province: str = "") -> list[LiveFile]:
        """The files of a dataset, of a day and province when they are named, by path."""
        return sorted(
            (
                each
                for each in self.files.values()
                if each.dataset == dataset
                and (not day or each.day == day)
                and (not province or each.province == province)
            ),
            key=lambda each: each.path,
        )


def load_state(lake: Path) -> State:
    """The lake as its newest manifest leaves it; an empty one when there is none."""
    for look in range(LOOKS_MAX):
        try:
            return _load(lake)
        except FileNotFoundError:  # a writer took old manifests away meanwhile
            if look == LOOKS_MAX - 1:
                raise damaged(lake / MANIFESTS, "changes faster than it can be read") from None
    raise AssertionError  # pragma: no cover - the loop returns or raises


Stamp = tuple[int, int, int, int]  # number, inode, modified, size of the newest manifest
_FOLDED: dict[Path, tuple[Stamp, State]] = {}
_FOLDED_MAX = 4


def folded(lake: Path) -> State:
    """The same for readers, who must not change it: manifests that were folded before are kept."""
    try:
        newest = max((number for number, kind in _names(lake) if kind == "json"), default=0)
        stamp, state = _FOLDED.get(lake, (None, State()))
        if stamp is not None and stamp == _stamp(lake, stamp[0]):
            if newest == state.number:
                return state
            if newest > state.number:
                return _kept(lake, _continued(lake, state, newest))
    except (FileNotFoundError, LakeDamagedError):
        pass  # the whole of it says what is the matter
    return _kept(lake, load_state(lake))


def _stamp(lake: Path, number: int) -> Stamp:
    """Tells a manifest from another of its number in a lake that was written anew."""
    found = manifest_path(lake, number).stat()
    return (number, found.st_ino, found.st_mtime_ns, found.st_size)


def _continued(lake: Path, state: State, newest: int) -> State:
    """With the manifests that came since; who holds the older one keeps it as it was."""
    later = msgspec.structs.replace(
        state,
        links=dict(state.links),
        early=set(state.early),
        seeded=dict(state.seeded),
        kinds=set(state.kinds),
        files=dict(state.files),
        removed=list(state.removed),
    )
    for number in range(state.number + 1, newest + 1):
        _fold(later, manifest_path(lake, number))
    return later


def _kept(lake: Path, state: State) -> State:
    with suppress(FileNotFoundError):  # a checkpoint may stand where its manifest is gone
        _FOLDED[lake] = (_stamp(lake, state.number), state)
    while len(_FOLDED) > _FOLDED_MAX:
        _FOLDED.pop(next(iter(_FOLDED)), None)
    return state


def _load(lake: Path) -> State:
    names = _names(lake)
    manifests = sorted(number for number, kind in names if kind == "json")
    state = _checkpoint(lake, sorted((n for n, kind in names if kind == "state"), reverse=True))
    for number in manifests:
        if number <= state.number:
            continue
        path = manifest_path(lake, number)
        if number != state.number + 1:
            raise damaged(path, f"the manifest before it, {state.number + 1}, is missing")
        _fold(state, path)
    return state


def _names(lake: Path) -> list[tuple[int, str]]:
    place = lake / MANIFESTS
    if not place.is_dir():
        return []
    found = (_NAME.fullmatch(each.name) for each in place.iterdir())
    return [(int(each[1]), each[2]) for each in found if each]


def _checkpoint(lake: Path, numbers: list[int]) -> State:
    """The newest whole checkpoint; one that is broken is passed over for the one before."""
    for number in numbers:
        try:
            return msgspec.json.decode(state_path(lake, number).read_bytes(), type=State)
        except msgspec.DecodeError:
            continue
    return State()


def _fold(state: State, path: Path) -> None:
    raw = path.read_bytes()
    try:
        manifest = msgspec.json.decode(raw, type=Manifest)
    except msgspec.DecodeError:
        raise damaged(path, "it is no manifest any more") from None
    if manifest.format > FORMAT:
        raise LakeError(f"{path} is of a newer version of this program.")
    if manifest.previous != state.hash:
        raise damaged(path, "it does not follow the manifest before it")
    state.apply(manifest, hashlib.sha256(raw).hexdigest())


def damaged(path: Path, why: str) -> LakeDamagedError:
    """What to say of a file that cannot be used, with the cure."""
    return LakeDamagedError(
        f"{path}: {why}. Move the lake's folder away and run `ewarong lake write`: "
        "everything is written again from the database."
    )


def append(lake: Path, state: State, manifest: Manifest) -> None:
    """Write a manifest, which is the moment from which its batch counts, and fold it."""
    text = msgspec.json.encode(manifest).decode()
    folder.put_text(manifest_path(lake, manifest.number), text)
    state.apply(manifest, hashlib.sha256(text.encode()).hexdigest())


def checkpoint(lake: Path, state: State) -> None:
    """Write the fold, and take away what lies before the last checkpoint but one."""
    state.removed = []
    folder.put_text(state_path(lake, state.number), msgspec.json.encode(state).decode())
    numbers = sorted(number for number, kind in _names(lake) if kind == "state")
    for number, kind in _names(lake):
        if len(numbers) > 1 and number < numbers[-2] + (kind == "json"):
            _path(lake, number, kind).unlink(missing_ok=True)


def manifest_path(lake: Path, number: int) -> Path:
    """Where a manifest stands."""
    return _path(lake, number, "json")


def state_path(lake: Path, number: int) -> Path:
    """Where a checkpoint stands."""
    return _path(lake, number, "state")


def _path(lake: Path, number: int, kind: str) -> Path:
    return lake / MANIFESTS / f"{number:010d}.{kind}"

"""Which database each of the 1 024 shards lives in, read from a file of `first last url` lines."""

from dataclasses import dataclass

from pos_engine.rules.ids import SHARDS

DATABASES_MAX = 64
WORDS = 3  # first, last, url


class ShardMapError(Exception):
    """The map does not name one database for each shard. The message says where; never a url."""


@dataclass(frozen=True, slots=True, repr=False)
class ShardMap:
    """`urls` of the databases; the first has shard 0. `places` says for each shard which it is."""

    urls: tuple[str, ...]
    places: tuple[int, ...]

    def database_of(self, shard: int) -> int:
        """The place of a shard's database in `urls`."""
        return self.places[shard]


def read_shard_map(text: str) -> ShardMap:
    """Read a map. Empty lines and lines that begin with # are skipped."""
    owners: dict[int, str] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        if line.strip() and not line.lstrip().startswith("#"):
            first, last, url = _line(number, line)
            for shard in range(first, last + 1):
                if shard in owners:
                    raise ShardMapError(f"line {number}: shard {shard} has a database already")
                owners[shard] = url
    missing = next((shard for shard in range(SHARDS) if shard not in owners), None)
    if missing is not None:
        raise ShardMapError(f"shard {missing} has no database")
    urls = tuple(dict.fromkeys(owners[shard] for shard in range(SHARDS)))
    if len(urls) > DATABASES_MAX:
        raise ShardMapError(f"{len(urls)} databases: at most {DATABASES_MAX}")
    places = {url: place for place, url in enumerate(urls)}
    return ShardMap(urls, tuple(places[owners[shard]] for shard in range(SHARDS)))


def _line(number: int, line: str) -> tuple[int, int, str]:
    words = line.split()
    if len(words) != WORDS or not (words[0].isdecimal() and words[1].isdecimal()):
        raise ShardMapError(f"line {number}: write `first last url`")
    first, last = int(words[0]), int(words[1])
    if not first <= last < SHARDS:
        raise ShardMapError(f"line {number}: shards go from 0 to {SHARDS - 1}, the first first")
    return first, last, words[2]

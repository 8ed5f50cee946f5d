"""The open databases of a shard map, each with its own group commit."""

from dataclasses import dataclass

from pos_engine.store.database import Database
from pos_engine.store.group_commit import GroupCommit
from pos_engine.store.shard_map import ShardMap


@dataclass(frozen=True, slots=True)
class Home:
    """A database and the queue in front of it."""

    database: Database
    commits: GroupCommit


@dataclass(frozen=True, slots=True)
class Homes:
    """Every database; the first also has what is the same for all: shops, staff, directory."""

    shard_map: ShardMap
    all: tuple[Home, ...]

    def of(self, shard: int) -> Home:
        """Where a shard lives."""
        return self.all[self.shard_map.database_of(shard)]

    def close_others(self) -> None:
        """Answer what waits, then give the connections back; not those of the first."""
        for each in self.all[1:]:
            each.commits.close()
        for each in self.all[1:]:
            each.database.close()

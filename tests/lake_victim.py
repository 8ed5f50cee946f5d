"""A consumer in a process of its own that is killed: small batches, merging and counting.

python -m tests.lake_victim DATABASE_URL KEY_FILE LAKE
"""

import sys
from dataclasses import replace
from pathlib import Path

from pos_engine.engine import real_now
from pos_engine.keys import load_keys
from pos_engine.lake import compact
from pos_engine.services import lake_follow, lake_write
from tests.world import make_engine


def say(word: str) -> None:
    sys.stdout.write(f"{word}\n")
    sys.stdout.flush()


def main(url: str, key_file: str, lake: str) -> None:
    lake_write.FACTS_AT_ONCE = 4
    compact.MERGE_AT = 3
    lake_follow.COUNT_EVERY_S = lake_follow.COMPACT_EVERY_S = 0.0
    engine = replace(make_engine(url, load_keys(Path(key_file)), real_now), lake=Path(lake))
    follower = lake_follow.Follower(engine)
    say("ready")
    while True:
        wrote = follower.step()
        if not wrote.more and not wrote.facts:
            say("idle")


if __name__ == "__main__":
    main(*sys.argv[1:])

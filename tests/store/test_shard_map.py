"""The shard map: every shard has one database, and a fault is named by its line, never by a url."""

import pytest

from pos_engine.engine import NotReadyError, Settings, open_engine, shard_map_of
from pos_engine.keys import create_key_file
from pos_engine.rules.ids import SHARDS
from pos_engine.store.shard_map import ShardMapError, read_shard_map

SECRET = "postgresql://u:rahasia@a/x"


def test_each_shard_has_its_database():
    found = read_shard_map(f"# the west\n0 99 b\n600 1023 {SECRET}\n\n100 599 b\n")
    assert found.urls == ("b", SECRET)
    assert [found.database_of(shard) for shard in range(SHARDS)] == [0] * 600 + [1] * 424
    assert "rahasia" not in repr(found)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "shard 0 has no database"),
        (f"0 511 {SECRET}\n513 1023 {SECRET}", "shard 512 has no database"),
        (f"0 512 {SECRET}\n512 1023 {SECRET}", "line 2: shard 512 has a database already"),
        (f"0 1024 {SECRET}", "line 1: shards go from 0 to 1023"),
        (f"9 3 {SECRET}", "line 1: shards go from 0 to 1023"),
        (f"0 1023 {SECRET} more", "line 1: write `first last url`"),
        (f"-1 1023 {SECRET}", "line 1: write `first last url`"),
        ("\n".join(f"{n} {n} u{n}" for n in range(SHARDS)), "1024 databases: at most 64"),
    ],
    ids=["empty", "hole", "twice", "too far", "backwards", "words", "negative", "too many"],
)
def test_a_bad_map_is_refused_by_name(text, told):
    with pytest.raises(ShardMapError, match=told) as refused:
        read_shard_map(text)
    assert "rahasia" not in str(refused.value)


def settings(tmp_path, text):
    (tmp_path / "map").write_text(text)
    first = f"sqlite:///{tmp_path / 'one.db'}"
    return Settings(shard_map=tmp_path / "map", database_url=first, data_dir=tmp_path)


def test_the_first_database_is_that_of_the_other_setting(tmp_path):
    with pytest.raises(NotReadyError, match="shard 0 must live in EWARONG_DATABASE_URL"):
        shard_map_of(settings(tmp_path, "0 1023 sqlite:///elsewhere.db"))
    with pytest.raises(NotReadyError, match="cannot be read"):
        shard_map_of(Settings(shard_map=tmp_path / "nowhere"))
    same = settings(tmp_path, f"0 1023 sqlite:///{tmp_path / 'one.db'}")
    assert shard_map_of(same) is None, "one database needs no map"


def test_a_command_of_one_database_refuses_several(tmp_path):
    one, two = (f"sqlite:///{tmp_path / name}.db" for name in ("one", "two"))
    chosen = settings(tmp_path, f"0 511 {one}\n512 1023 {two}")
    create_key_file(chosen.keys_path)
    with pytest.raises(NotReadyError, match="works on one database"):
        open_engine(chosen, faces=False)
    engine = open_engine(chosen, faces=False, several=True)
    assert [each.database.dialect for each in engine.each_database()] == ["sqlite", "sqlite"]
    engine.close()

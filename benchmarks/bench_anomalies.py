"""The anomaly rules: planted shops found, honest shops flagged, seconds a rule.

    python benchmarks/bench_anomalies.py [--shops 6000] [--plants 1] [--seed 1] [--lake FOLDER]

Three SYNTHETIC months of `anomaly_world` (its honest confusers and its plants are written there)
go through the lake and every rule. Printed: plants of 70 % bad behaviour with less than 1 % of the
honest shops above them after one month, plants of 20 % with a case by month 3, honest shops with a
case, by rule and by any, and which; baseline: the same by start values alone, whatever the peers
do. Seconds are the wall's and the processor's. `--lake` times the rules on a month of `bench_lake`.
"""

import argparse
import tempfile
import time
from collections import Counter
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pyarrow as pa
from anomaly_world import make_world, write_month

from pos_engine.lake.anomalies import (
    NATIONAL,
    SHOP,
    Given,
    load_rules,
    measure_nation,
    measure_shops,
    prepared,
    provinces_of,
)
from pos_engine.lake.anomaly_judge import judge
from pos_engine.lake.state import load_state

MONTHS = ("2026-01", "2026-02", "2026-03")  # the middle of February begins Ramadan; Nyepi in March


class Clock:
    """Seconds by the wall and by the processor, summed by name: others may use the machine."""

    def __init__(self):
        self.wall, self.cpu = Counter(), Counter()

    @contextmanager
    def of(self, name):
        began, cpu = time.perf_counter(), time.process_time()
        yield
        self.wall[name] += time.perf_counter() - began
        self.cpu[name] += time.process_time() - cpu


def measured(lake, period, rules, given, clock):
    """Every rule over a month; `clock` gets what each took."""
    state, tables = load_state(lake), []
    for province in provinces_of(state, period):
        with clock.of("shared"):
            opened = prepared(lake, state, period, province, given)
            snapshot = opened.__enter__()  # its making is measured apart from its use
        try:
            for rule in rules.values():
                with clock.of(rule.name):
                    tables.append(measure_shops(snapshot, rule))
            for name in NATIONAL:
                with clock.of(name):
                    tables.append(measure_nation(snapshot, name))
        finally:
            opened.__exit__(None, None, None)
    return pa.concat_tables(tables)


def scores(world, judged):
    """By shop: its highest score, and the rules that found it."""
    best, found = np.zeros(world.size), [set() for _ in range(world.size)]
    for each in judged:
        if each.kind != SHOP:
            continue
        at = int(each.subject_id[5:])
        worth = each.score if each.found else each.score / 1_000
        best[at] = max(best[at], worth)
        if each.found:
            found[at].add(each.rule)
    return best, found


def plants(world, share):
    return np.flatnonzero(np.isclose(world.share, share))


def say_plants(what, world, which, good):
    """How many of them, and of which rules the others are."""
    missed = Counter(str(world.bad[at]) for at in which if not good(at))
    hits = len(which) - sum(missed.values())
    told = ", ".join(f"{rule} {count}" for rule, count in sorted(missed.items()))
    print(f"{what:<58} {hits}/{len(which)} = {hits / max(len(which), 1):.1%}"
          + (f"   missed: {told}" if told else ""), flush=True)  # fmt: skip


def say_honest(what, world, found):
    honest = np.flatnonzero(world.bad == "")
    each = Counter(rule for at in honest for rule in found[at])
    flagged = [at for at in honest if found[at]]
    worst = each.most_common(1)
    told = ", ".join(f"{rule} {count}" for rule, count in each.most_common())
    kinds = Counter(str(world.kind[at]) for at in flagged)
    print(f"{what}: {len(flagged)}/{len(honest)} = {len(flagged) / len(honest):.2%} by any rule")
    if worst:
        print(f"  worst rule {worst[0][0]}: 1 in {len(honest) / worst[0][1]:,.0f}   all: {told}")
        print(f"  which shops: {dict(kinds)}", flush=True)


def start_values(world, rules, table):
    """The baseline: every value at or above its start, whatever the peers do."""
    found = [set() for _ in range(world.size)]
    columns = ("rule", "kind", "subject_id", "k", "n", "value")
    for rule, kind, subject, k, n, value in zip(
        *(table[name].to_pylist() for name in columns), strict=True
    ):
        own = rules[rule]
        if kind == SHOP and value >= own.start and k >= own.least_k and n >= own.least_n:
            found[int(subject[5:])].add(rule)
    return found


def say_seconds(clock, rows, shops, months=1):
    """Each rule's own time, and what all of them share; and as much of 80 million lines."""
    print(f"\nseconds on {rows:,} lines of {shops:,} shops, one month (80 M lines: if linear)")
    for name, took in sorted(clock.cpu.items(), key=lambda each: -each[1]):
        wall, cpu = clock.wall[name] / months, took / months
        print(f"  {name:<8} wall {wall:7.2f}  cpu {cpu:7.2f}   80 M lines, two cores: "
              f"{cpu / 2 * 80e6 / rows:6.1f}")  # fmt: skip


def lines_of(lake, period):
    state = load_state(lake)
    return sum(each.rows for each in state.of("purchases") if each.day.startswith(period))


def world_bench(folder, chosen):
    _, rules = load_rules()
    world = make_world(chosen.shops, {0.7: chosen.plants, 0.2: chosen.plants}, seed=chosen.seed)
    months, clock = {}, Clock()
    for at, period in enumerate(MONTHS):
        began = time.perf_counter()
        given = write_month(world, folder / "lake", period)
        made_s = time.perf_counter() - began
        months[period] = measured(folder / "lake", period, rules, given, clock)
        began = time.perf_counter()
        judged = list(judge(list(rules.values()), months))
        print(f"\n{period}: {lines_of(folder / 'lake', period):,} lines made in {made_s:.0f} s, "
              f"judged in {time.perf_counter() - began:.1f} s")  # fmt: skip
        best, found = scores(world, judged)
        bar = np.sort(best[world.bad == ""])[::-1][world.size // 100]  # 1 % honest stand above it
        top = set(np.flatnonzero(best > bar).tolist())
        if at == 0:
            say_plants("70 % plants in the top 1 %, month 1 (want 95 %)", world,
                       plants(world, 0.7), lambda which, top=top: which in top)  # fmt: skip
        say_plants("70 % plants with a case", world, plants(world, 0.7),
                   lambda which, found=found: bool(found[which]))  # fmt: skip
        say_plants("70 % plants with a case of their own rule", world, plants(world, 0.7),
                   lambda which, found=found: world.bad[which] in found[which])  # fmt: skip
        say_plants("20 % plants with a case (want 80 % by month 3)", world, plants(world, 0.2),
                   lambda which, found=found: bool(found[which]))  # fmt: skip
        say_honest("honest shops with a case", world, found)
        plain = start_values(world, rules, months[period])
        say_plants("baseline, start values alone: 20 % plants", world, plants(world, 0.2),
                   lambda which, plain=plain: bool(plain[which]))  # fmt: skip
        say_honest("baseline, start values alone: honest", world, plain)
    say_seconds(clock, lines_of(folder / "lake", MONTHS[0]), world.size, len(MONTHS))


def lake_bench(lake):
    """A month of bench_lake: how long, not what."""
    _, rules = load_rules()
    clock = Clock()
    table = measured(lake, "2026-11", rules, Given(), clock)
    say_seconds(clock, lines_of(lake, "2026-11"), len(table["subject_id"].unique()))
    began = time.perf_counter()
    count = sum(1 for _ in judge(list(rules.values()), {"2026-11": table}))
    print(f"  comparing {count:,} measures: {time.perf_counter() - began:.1f} s")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--shops", type=int, default=6_000)
    parser.add_argument("--plants", type=int, default=1, help="of each rule and share")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--lake", type=Path)
    chosen = parser.parse_args()
    if chosen.lake:
        lake_bench(chosen.lake)
        return
    with tempfile.TemporaryDirectory(prefix="bench-anomalies-") as folder:
        world_bench(Path(folder), chosen)


if __name__ == "__main__":
    main()

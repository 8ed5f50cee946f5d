"""Import of made-up persons on SQLite in rows a second, and a diff of two lists.

    python benchmarks/bench_registry.py [ROWS_IMPORTED] [ROWS_OF_EACH_LIST]

A yardstick beside it says how busy the machine is: ten million additions in this process.
"""

import random
import resource
import sys
import tempfile
import time
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from lokal import wilayah

from pos_engine.engine import Settings, open_engine
from pos_engine.keys import create_key_file
from pos_engine.services import registry_import
from pos_engine.services.registry_diff import Targets, diff
from tests.registry_files import FIRST, HEAD, LAST, nik

ROWS, LIST_ROWS = 200_000, 1_000_000
ADDITIONS = 10_000_000


def yardstick():
    began, total = time.process_time(), 0
    for number in range(ADDITIONS):
        total += number
    return time.process_time() - began


def write_list(path, rows):
    rng = random.Random(1)  # noqa: S311 - made-up people
    villages = [
        village.code
        for district in wilayah.list_wilayah("35.07")
        for village in wilayah.list_wilayah(district.code)
    ]
    with path.open("w") as file:
        file.write(f"{HEAD}\n")
        written = family = 0
        while written < rows:
            family += 1
            village = rng.choice(villages)
            place = village[:8].replace(".", "")
            kk = f"{place}{rng.randint(1, 28):02d}{rng.randint(1, 12):02d}10{family % 9999 + 1:04d}"
            for member in range(min(rng.randint(1, 5), rows - written)):
                written += 1
                born = date(1945, 1, 1) + timedelta(days=rng.randrange(20_000))
                sex = rng.choice("LP")
                name = f"{rng.choice(FIRST)} {rng.choice(FIRST)} {rng.choice(LAST)}"
                role = "ANGGOTA" if member else "PENGURUS"
                phone = "" if member else f"08123{family:07d}"
                number = nik(village, born, sex, written % 9999 + 1)
                file.write(
                    f"F{family:09d},{kk},{number},{name},{born},{sex},{role},{village},,{phone},"
                    "BPNT,AKTIF\n"
                )


def bench_import(folder, rows):
    create_key_file(folder / "keys.json")
    settings = Settings(data_dir=folder, face_engine="off")
    engine = open_engine(settings, faces=False)
    engine.database.upgrade()
    file = folder / "list.csv"
    write_list(file, rows)
    phases = {}
    real = registry_import.match_villages

    def match(engine, run):
        phases["rows"] = time.perf_counter() - began, time.process_time() - cpu
        return real(engine, run)

    registry_import.match_villages = match
    began, cpu = time.perf_counter(), time.process_time()
    done = registry_import.import_registry(engine, file, "bench")
    whole = time.perf_counter() - began, time.process_time() - cpu
    registry_import.match_villages = real
    for name, (wall, used) in {**phases, "with doubles": whole}.items():
        print(f"{name}: {rows / wall:,.0f} rows/s, {used / rows * 1e6:.0f} us of processor a row")
    print(f"accepted {done.run.accepted}, held {done.run.held}")
    engine.close()


def bench_diff(folder, rows):
    a, b = folder / "a.csv", folder / "b.csv"
    write_list(a, rows)
    with a.open() as lines, b.open("w") as out:
        out.writelines(line for number, line in enumerate(lines) if number % 1000 != 7)
    began, cpu = time.perf_counter(), time.process_time()
    done = diff(a, b, Targets(html=folder / "d.html", csv=folder / "d.csv"))
    print(
        f"diff {rows:,} x 2: {time.perf_counter() - began:.1f} s, "
        f"{time.process_time() - cpu:.1f} s of processor, {done}"
    )


def main():
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else ROWS
    list_rows = int(sys.argv[2]) if len(sys.argv) > 2 else LIST_ROWS
    print(f"{datetime.now(UTC):%Y-%m-%d}, yardstick {yardstick():.2f} s")
    with tempfile.TemporaryDirectory() as folder:
        if rows:
            bench_import(Path(folder), rows)
        if list_rows:
            bench_diff(Path(folder), list_rows)
    print(f"yardstick {yardstick():.2f} s")
    print(f"memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MiB")


if __name__ == "__main__":
    main()

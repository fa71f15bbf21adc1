#!/usr/bin/env python3
"""What pawl sync from PostgreSQL costs, as ratios within the same run, to what is as bare as it can be (postgres_floor.c).

    bench/postgres.py [PART...] [--build build] [--rows 10000000] [--runs 3] [--folder DIR] [--out FILE]

The parts (all, when none is named):

    first        the first sync of a table of 5 columns, against COPY over two connections decoded into DuckDB, and against COPY to
                 nowhere over one
    wide         the same of a table of 40 columns of mixed types, a tenth of the rows
    texts        the same of a table of texts of 1 KiB, a tenth of the rows
    short        the first sync of the first table with max_snapshot 5s
    incremental  1 of 100 rows changed, against COPY of those by the index, staged, and DELETE + INSERT
    unchanged    nothing changed

A server of its own is started, on the same cores. Contender and floor run in turn; medians are compared. Times are wall times of
whole processes, unless they are said to be of statements.
"""
import argparse
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "tests" / "integration")]

# pylint: disable=wrong-import-position
from measure import Measure
from postgres_server import PASSWORD, Server, find_programs

BEHIND = 3.2  # seconds, after which a row is behind the cursor of a sync that sees it
MOMENT = "timestamptz '2024-01-01' + i * interval '1 ms' AS updated_at"

WIDE = [("bigint", "i * {}"), ("int", "(i * {}) % 100000"), ("double precision", "i * 0.5 + {}"), ("numeric(12,2)", "i % 1000000 + {}"),
        ("text", "'value ' || (i * {}) % 5000"), ("timestamptz", "timestamptz '2020-01-01' + i * {} * interval '1 s'"),
        ("date", "date '2020-01-01' + (i * {} % 2000)::int"), ("bool", "(i + {}) % 3 = 0")]


def wide_columns():
    """38 of them, and every seventh value of each but the first eight is NULL."""
    for number in range(38):
        kind, value = WIDE[number % len(WIDE)]
        value = value.format(number + 1)
        if number >= len(WIDE):
            value = f"CASE WHEN (i + {number}) % 7 > 0 THEN {value} END"
        yield f"({value})::{kind} AS c{number}"


TABLES = {
    "items": (1, ["'name ' || (i * 7919) % 100000 AS name", "'user' || i || '@example.com' AS mail", "'note ' || i % 1000 AS note"]),
    "wide": (10, list(wide_columns())),
    "texts": (10, ["repeat(md5(i::text), 32) AS body"]),
}


class Bench(Measure):
    def __init__(self, options, folder, server):
        super().__init__(options, folder, "postgres_floor")
        self.server, self.made = server, set()
        self.environment = {**server.environment(), "PGDATABASE": "bench"}

    # ---- running -----------------------------------------------------------------------------------------------------

    def pawl(self, target, table, expect, **settings):
        job = {"source": self.server.url("bench"), "destination": target, **settings,
               "defaults": {"clock": "database", "key": "updated_at"}, "tables": {table: {}}}
        (self.folder / "job.yaml").write_text(json.dumps(job), encoding="utf-8")
        return self.sync(["job.yaml"], expect, PGPASSWORD=PASSWORD)

    def floor(self, file, *steps):
        """(label, SQL)...: the wall seconds of the process, and those of all cores."""
        settings = [("settings", "SET memory_limit='128MiB'; SET preserve_insertion_order=false; SET checkpoint_threshold='256MB'")]
        command = [self.floor_program, file, *(f"{label}={sql}" for label, sql in settings + list(steps))]
        start = time.perf_counter()
        out = subprocess.run(command, cwd=self.folder, env=self.environment, stdout=subprocess.PIPE, check=True).stdout
        wall = time.perf_counter() - start
        labels = json.loads(out)
        del labels["peak_memory_bytes"]
        return wall, sum(times["cpu_seconds"] for times in labels.values())

    # ---- data --------------------------------------------------------------------------------------------------------

    def table(self, name):
        """The number of its rows."""
        share, columns = TABLES[name]
        rows = self.options.rows // share
        if name not in self.made:
            print(f"making {name}", file=sys.stderr)
            self.server.run("bench", f"CREATE TABLE {name} AS SELECT i AS id, {', '.join([*columns, MOMENT])} "
                                     f"FROM generate_series(1::bigint, {rows}) i",
                            f"ALTER TABLE {name} ADD PRIMARY KEY (id), ALTER updated_at SET NOT NULL",
                            f"CREATE INDEX ON {name} (updated_at, id)", f"VACUUM ANALYZE {name}")
            self.made.add(name)
        return rows


def median(values):
    return statistics.median(values)


class Turns:
    """What contenders took, run by run."""

    def __init__(self):
        self.walls, self.cpus = {}, {}

    def add(self, name, wall, cpu):
        self.walls.setdefault(name, []).append(wall)
        self.cpus.setdefault(name, []).append(cpu)

    def ratio(self, name, floor, of_cpu=False):
        times = self.cpus if of_cpu else self.walls
        return median(times[name]) / median(times[floor])


# ---- parts -----------------------------------------------------------------------------------------------------------


def first_sync(bench, part, table):
    rows, turns = bench.table(table), Turns()
    for _ in range(bench.options.runs):
        turns.add("nowhere", *bench.floor(bench.file("nowhere.db"), ("copy", f"FROM postgres_nowhere('SELECT * FROM {table}')")))
        turns.add("floor", *bench.floor(bench.file("floor.db"), ("copy", f"CREATE TABLE {table} AS FROM postgres_table('{table}', '2')")))
        wall, cpu, _ = bench.pawl(bench.file("target.db"), table, rows)
        turns.add("pawl", wall, cpu)
    for name, title in [("nowhere", "COPY to nowhere"), ("floor", "COPY over two connections into DuckDB"), ("pawl", "pawl")]:
        bench.tell(f"{part}: {title}, the process", median(turns.walls[name]), "s")
    bench.tell(f"{part}: pawl's rate / that of COPY into DuckDB", 1 / turns.ratio("pawl", "floor"), "x", 0.85, at_least=True)
    bench.tell(f"{part}: the same in seconds of the client's cores", 1 / turns.ratio("pawl", "floor", True), "x")
    bench.tell(f"{part}: pawl's rate / that of COPY to nowhere", 1 / turns.ratio("pawl", "nowhere"), "x", 0.5, at_least=True)
    bench.tell_peak(part)
    return median(turns.walls["pawl"])


def first(bench):
    first_sync(bench, "first", "items")


def wide(bench):
    first_sync(bench, "wide", "wide")


def texts(bench):
    first_sync(bench, "texts", "texts")


def watch_snapshots(bench, is_over, ret_longest):
    """The longest transaction of Pawl's, as the server saw it."""
    session = bench.server.session("bench")
    while not is_over.is_set():
        seen = session.run("SELECT extract(epoch FROM max(clock_timestamp() - xact_start)) FROM pg_stat_activity "
                           "WHERE application_name = 'pawl'")
        ret_longest.append(float(seen[0] or 0))
        time.sleep(0.05)
    session.close()


def short(bench):
    rows, walls, longest, is_over = bench.table("items"), {"5m": [], "5s": []}, [], threading.Event()
    for _ in range(bench.options.runs):
        walls["5m"].append(bench.pawl(bench.file("target.db"), "items", rows)[0])
        is_over.clear()
        watcher = threading.Thread(target=watch_snapshots, args=(bench, is_over, longest))
        watcher.start()
        walls["5s"].append(bench.pawl(bench.file("target.db"), "items", rows, max_snapshot="5s")[0])
        is_over.set()
        watcher.join()
    bench.tell("short: max_snapshot 5s, the process", median(walls["5s"]), "s")
    bench.tell("short: times as long as in one snapshot", median(walls["5s"]) / median(walls["5m"]), "x")
    bench.tell("short: the longest transaction at the source", max(longest), "s", 5)
    bench.tell_peak("short")


def incremental(bench):
    rows, turns = bench.table("items"), Turns()
    bench.pawl(bench.file("target.db"), "items", rows)
    bench.floor(bench.file("floor.db"), ("copy", "CREATE TABLE items AS FROM postgres_table('items', '2')"))
    for run in range(bench.options.runs):
        mark = bench.server.run("bench", "SELECT clock_timestamp()").strip()
        bench.server.run("bench", f"UPDATE items SET note = note || '!', updated_at = clock_timestamp() WHERE id % 100 = {run}")
        time.sleep(BEHIND)
        turns.add("floor", *bench.floor(
            "floor.db", ("read", "CREATE TEMP TABLE staged AS FROM "
                                 f"postgres_query('SELECT * FROM items WHERE updated_at >= ''{mark}'' ORDER BY updated_at')"),
            ("apply", "BEGIN; DELETE FROM items USING staged WHERE items.id = staged.id; INSERT INTO items FROM staged; COMMIT")))
        wall, cpu, _ = bench.pawl("target.db", "items", rows // 100)
        turns.add("pawl", wall, cpu)
    bench.tell("incremental: COPY by index, DELETE + INSERT, the process", median(turns.walls["floor"]), "s")
    bench.tell("incremental: pawl, the process", median(turns.walls["pawl"]), "s")
    bench.tell("incremental: pawl / that", turns.ratio("pawl", "floor"), "x", 1.5)
    bench.tell("incremental: the same in seconds of the client's cores", turns.ratio("pawl", "floor", True), "x")
    bench.tell_peak("incremental")


def unchanged(bench):
    rows, walls, cpus = bench.table("items"), [], []
    bench.pawl(bench.file("target.db"), "items", rows)
    time.sleep(BEHIND)
    for _ in range(3 * bench.options.runs + 1):
        wall, cpu, _ = bench.pawl("target.db", "items", 0)
        walls.append(wall)
        cpus.append(cpu)
    bench.tell("unchanged: the process, median", median(walls[1:]) * 1000, "ms", 100)
    bench.tell("unchanged: the process, at best", min(walls[1:]) * 1000, "ms")
    bench.tell("unchanged: seconds of the client's cores", median(cpus[1:]) * 1000, "ms")
    bench.peak = 0


# ---- main ------------------------------------------------------------------------------------------------------------

PARTS = {"first": first, "wide": wide, "texts": texts, "short": short, "incremental": incremental, "unchanged": unchanged}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts", nargs="*", metavar="PART", help=", ".join(PARTS))
    parser.add_argument("--build", default="build")
    parser.add_argument("--rows", type=int, default=10_000_000)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--folder", help="where the warehouses are made; the server's data is in TMPDIR")
    parser.add_argument("--out", metavar="FILE", help="write the figures as JSON too")
    options = parser.parse_args()
    if not set(options.parts) <= set(PARTS):
        parser.error(f"the parts are {', '.join(PARTS)}")
    programs = find_programs()
    if programs is None:
        print("there is no PostgreSQL server to measure with")
        sys.exit(77)
    server = Server(programs, "shared_buffers=1GB", "max_wal_size=8GB")
    server.timeout = 1200
    try:
        server.run("postgres", "CREATE DATABASE bench")
        with tempfile.TemporaryDirectory(dir=options.folder) as folder:
            bench = Bench(options, folder, server)
            for part in options.parts or PARTS:
                PARTS[part](bench)
            bench.write()
    finally:
        server.stop()


main()

#!/usr/bin/env python3
"""What pawl sync costs, as ratios to DuckDB alone within the same run.

    bench/sync.py [PART...] [--build build] [--rows 10000000] [--runs 5] [--folder DIR] [--out FILE]
    bench/sync.py growth --sizes 1000000,10000000,100000000 --docs docs

The parts (all but growth, when none is named):

    first        DuckDB to DuckDB, the first sync, against CREATE TABLE AS
    incremental  1 of 100 rows changed, against a staged DELETE + INSERT, MERGE and INSERT OR REPLACE
    unchanged    nothing changed: one table, and 100 tables
    equal        a table whose keys are all equal, and a table of which every row changed: memory
    sqlite       SQLite to DuckDB, the first sync and one without changes
    growth       1,000 changed rows in tables of growing size; writes a table and a plot with --docs

Contender and floor run in turn; medians are compared. Times are wall times of whole processes, unless they are said to be of
statements. With --folder the data sets are kept there for the next run.
"""
import argparse, collections, json, os, pathlib, shutil, sqlite3, statistics, subprocess, sys, tempfile

import page
from measure import MIB, Measure

COLUMNS = "id BIGINT PRIMARY KEY, name VARCHAR, mail VARCHAR, n INTEGER, d DOUBLE, updated_at TIMESTAMP NOT NULL"
NAMES = "id, name, mail, n, d, updated_at"
BEGINNING = "TIMESTAMP '2024-01-01'"


def rows_sql(rows, updated_at):
    return (f"SELECT i, 'name ' || (i * 7919) % 100000, 'user' || i || '@example.com', (i * 2654435761) % 1000000, i * 0.25, "
            f"{updated_at} FROM range({rows}) r(i)")


class Bench(Measure):
    def __init__(self, options, folder):
        super().__init__(options, folder, "duck_floor")

    # ---- running -----------------------------------------------------------------------------------------------------

    def pawl(self, source, target, *arguments, expect=None):
        return self.sync(["--from", source, "--to", target, *arguments], expect)

    def duck(self, file, *steps):
        """DuckDB alone: steps are (label, SQL); (seconds by label, seconds of all cores by label)."""
        command = [self.floor_program, file, *(f"{label}={sql}" for label, sql in steps)]
        out = subprocess.run(command, cwd=self.folder, stdout=subprocess.PIPE, check=True).stdout
        labels = json.loads(out)
        self.duck_peak = labels.pop("peak_memory_bytes")
        return ({label: times["seconds"] for label, times in labels.items()},
                {label: times["cpu_seconds"] for label, times in labels.items()})

    def made(self, name, make):
        """A file that is made once, under another name first: one that was left half made is none."""
        if not (self.folder / name).exists():
            print(f"making {name}", file=sys.stderr)
            make(self.file(name + ".new"))
            (self.folder / (name + ".new")).rename(self.folder / name)
        return name

    # ---- data --------------------------------------------------------------------------------------------------------

    def source(self, rows, updated_at=f"{BEGINNING} + to_milliseconds(i)", kind="items"):
        return self.made(f"{kind}-{rows}.db", lambda file: self.duck(
            file, ("make", f"CREATE TABLE items ({COLUMNS})"), ("make", f"INSERT INTO items {rows_sql(rows, updated_at)}")))

    def change(self, file, step, moment):
        """Every step-th row is updated; the new keys are distinct, and above all others."""
        self.duck(file, ("change", f"UPDATE items SET n = n + 1, updated_at = TIMESTAMP '{moment}' + to_microseconds(id) "
                                   f"WHERE id % {step} = {step // 2}"))

    def sqlite_source(self, rows):
        def make(file):
            connection = sqlite3.connect(self.folder / file, isolation_level=None)
            connection.execute("PRAGMA journal_mode = OFF")
            connection.execute("CREATE TABLE items (id INTEGER PRIMARY KEY, name TEXT, mail TEXT, n INTEGER, d REAL, "
                               "updated_at DATETIME NOT NULL)")
            connection.execute("BEGIN")
            connection.execute(
                f"WITH RECURSIVE r(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM r WHERE i + 1 < {rows}) INSERT INTO items "
                "SELECT i, "
                "'name ' || (i * 7919) % 100000, 'user' || i || '@example.com', (i * 2654435761) % 1000000, i * 0.25, "
                "strftime('%Y-%m-%d %H:%M:%S', 1704067200 + i / 10, 'unixepoch') FROM r")
            connection.execute("COMMIT")
            connection.execute("CREATE INDEX items_updated_at ON items (updated_at)")
            connection.close()
        return self.made(f"items-{rows}.sqlite", make)


def median(values):
    return statistics.median(values)


def settings(rows=0):
    """What Pawl gives its engine by default, for a table of which any row may be replaced: see ENGINE_EIGHTHS in
    src/replicate/plan/plan.c, and src/destination/duckdb/replica_memory.c."""
    memory_mib = max(128, 45 + rows // 30720 // 4)
    return [("settings", f"SET memory_limit='{memory_mib}MiB'; SET preserve_insertion_order=false; "
                         "SET checkpoint_threshold='256MB'")]


def attach(source):
    return ("attach", f"ATTACH '{source}' AS source (READ_ONLY)")


# ---- parts -----------------------------------------------------------------------------------------------------------


def first(bench):
    rows, source = bench.options.rows, bench.source(bench.options.rows)
    walls, cpus, floors, floor_cpus = [], [], [], []
    for _ in range(bench.options.runs):
        seconds, cpu = bench.duck(bench.file("floor.db"), *settings(), attach(source),
                                  ("copy", "CREATE TABLE items AS SELECT * FROM source.items"))
        floors.append(seconds["copy"])
        floor_cpus.append(cpu["copy"])
        wall, cpu, _ = bench.pawl(source, bench.file("target.db"), expect=rows)
        walls.append(wall)
        cpus.append(cpu)
    bench.tell("first: CREATE TABLE AS", median(floors), "s")
    bench.tell("first: pawl, the process", median(walls), "s")
    bench.tell("first: pawl / CREATE TABLE AS", median(walls) / median(floors), "x", 1.3)
    bench.tell("first: the same in seconds of all cores", median(cpus) / median(floor_cpus), "x")
    bench.tell_peak("first")


# What brings the staged rows x into the table items: without a primary key, as Pawl keeps it, or with one.
APPLY = {
    "staged": ["BEGIN", "DELETE FROM items AS t USING x WHERE t.id = x.id", "INSERT INTO items SELECT * FROM x", "COMMIT"],
    "merge": ["MERGE INTO items AS t USING x ON t.id = x.id WHEN MATCHED THEN UPDATE SET name = x.name, mail = x.mail, "
              "n = x.n, d = x.d, updated_at = x.updated_at WHEN NOT MATCHED THEN INSERT"],
    "replace": ["INSERT OR REPLACE INTO items SELECT * FROM x"],
}


def floor(bench, times, name, rows, base, source, cursor):
    """The changed rows, staged and applied in DuckDB's own words. Those for a primary key do not run in Pawl's memory limit."""
    seconds, cpu = bench.duck(bench.file("floor.db", base), *(settings(rows) if name == "staged" else []), attach(source),
                              ("stage", f"CREATE TEMP TABLE x AS SELECT * FROM source.items WHERE updated_at >= {cursor}"),
                              *(("apply", sql) for sql in APPLY[name]))
    times[name].append(seconds["stage"] + seconds["apply"])
    times[name + " apply"].append(seconds["apply"])
    times[name + " session"].append(sum(seconds.values()))
    times[name + " cpu"].append(sum(cpu.values()))


def changed_source(bench, rows, step):
    """(a source with changes, the warehouse before them, the same with a primary key, the cursor between)"""
    cursor = f"{BEGINNING} + to_milliseconds({rows - 1})"
    base, source = f"base-{rows}-{step}.db", f"changed-{rows}-{step}.db"
    if not (bench.folder / source).exists():
        shutil.copyfile(bench.folder / bench.source(rows), bench.folder / source)
        bench.pawl(source, bench.file(base), expect=rows)
        bench.change(source, step, "2024-06-01")
    keyed = None
    if rows <= bench.options.keyed_rows:
        keyed = bench.made(f"keyed-{rows}.db", lambda file: bench.duck(
            file, ("make", f"CREATE TABLE items ({COLUMNS})"), attach(bench.source(rows)),
            ("make", "INSERT INTO items SELECT * FROM source.items")))
    return source, base, keyed, cursor


def compare_incremental(bench, rows, step, runs):
    """Medians: `pawl` is the whole process, others are statements, `apply` without reading, `session` is all but exec."""
    source, base, keyed, cursor = changed_source(bench, rows, step)
    changed = len(range(step // 2, rows, step)) + ((rows - 1) % step != step // 2)  # the row with the newest key comes again
    times = collections.defaultdict(list)
    for _ in range(runs):
        wall, cpu, report = bench.pawl(source, bench.file("target.db", base), expect=changed)
        times["pawl"].append(wall)
        times["pawl cpu"].append(cpu)
        times["pawl session"].append(report["elapsed_seconds"])
        times["pawl apply"].append(report["tables"][0]["applying_seconds"])
        floor(bench, times, "staged", rows, base, source, cursor)
        if keyed is not None:
            floor(bench, times, "merge", rows, keyed, source, cursor)
            floor(bench, times, "replace", rows, keyed, source, cursor)
    return {name: median(values) for name, values in times.items()}


def incremental(bench):
    times = compare_incremental(bench, bench.options.rows, 100, bench.options.runs)
    bench.tell("incremental: pawl, the process", times["pawl"], "s")
    bench.tell("incremental: staged DELETE + INSERT, the statements", times["staged"], "s")
    bench.tell("incremental: pawl / the statements", times["pawl"] / times["staged"], "x")
    bench.tell("incremental: pawl / the same, opening and closing", times["pawl session"] / times["staged session"], "x", 1.5)
    bench.tell("incremental: the same in seconds of all cores", times["pawl cpu"] / times["staged cpu"], "x")
    for name, title in (("merge", "MERGE INTO"), ("replace", "INSERT OR REPLACE")):
        if name in times:
            bench.tell(f"incremental: {title} a keyed table / pawl, applying", times[name + " apply"] / times["pawl apply"], "x", 5, True)
            bench.tell(f"incremental: {title} a keyed table / pawl, with reading", times[name] / times["pawl"], "x")
            bench.tell(f"incremental: {title} / DELETE + INSERT, applying", times[name + " apply"] / times["staged apply"], "x")
    bench.tell_peak("incremental")


def time_unchanged(bench, source, target, what, limit_ms):
    runs = [bench.pawl(source, target, expect=0) for _ in range(max(bench.options.runs * 4, 3))]
    bench.tell(f"{what}, the process", median([wall for wall, _, _ in runs]) * 1000, "ms", limit_ms)
    bench.tell(f"{what}, seconds of all cores", median([cpu for _, cpu, _ in runs]) * 1000, "ms")


def unchanged(bench):
    rows, tables = bench.options.rows, bench.options.tables
    source = bench.source(rows)
    bench.pawl(source, bench.file("target.db"), expect=rows)
    bench.peak = 0
    time_unchanged(bench, source, "target.db", "unchanged: 1 table", 60)

    source = changed_source(bench, rows, 100)[0]
    bench.pawl(source, bench.file("target.db"), expect=rows)
    bench.peak = 0
    time_unchanged(bench, source, "target.db", "unchanged: 1 table, of which 1 of 100 rows was updated", 60)

    source = bench.made(f"many-{tables}.db", lambda file: bench.duck(file, *(
        ("make", f"CREATE TABLE table_{t} ({COLUMNS}); "
                 f"INSERT INTO table_{t} {rows_sql(1000, BEGINNING + ' + to_milliseconds(i)')}") for t in range(tables))))
    bench.pawl(source, bench.file("target.db"), expect=tables * 1000)
    time_unchanged(bench, source, "target.db", f"unchanged: {tables} tables", 500)
    bench.tell_peak("unchanged")


def equal(bench):
    rows = bench.options.rows
    source = bench.file("equal.db", bench.source(rows, BEGINNING, "equal"))
    for what, expect in (("equal keys: first", rows), ("equal keys: unchanged", 0)):
        bench.tell(what, bench.pawl(source, "target.db" if expect == 0 else bench.file("target.db"), expect=expect)[0], "s")
        bench.tell_peak(what)
    bench.duck(source, ("change", f"UPDATE items SET n = n + 1 WHERE id = {rows // 2}"))
    bench.tell("equal keys: one row changed", bench.pawl(source, "target.db")[0], "s")
    bench.tell_peak("equal keys: one row changed")
    bench.duck(source, ("change", "UPDATE items SET n = n + 1, updated_at = TIMESTAMP '2024-06-01'"))
    bench.tell("equal keys: all rows changed", bench.pawl(source, "target.db", expect=rows)[0], "s")
    bench.tell_peak("equal keys: all rows changed")

    source = bench.file("all.db", bench.source(rows))
    bench.pawl(source, bench.file("target.db"), expect=rows)
    bench.change(source, 1, "2024-06-01")
    bench.peak = 0
    bench.tell("all rows changed, in distinct order", bench.pawl(source, "target.db", expect=rows)[0], "s")
    bench.tell_peak("all rows changed, in distinct order")


def sqlite(bench):
    rows = bench.options.rows
    source = "sqlite:" + bench.sqlite_source(rows)
    walls = [bench.pawl(source, bench.file("target.db"), expect=rows)[0] for _ in range(bench.options.runs)]
    bench.tell("sqlite: first, pawl, the process", median(walls), "s")
    bench.tell("sqlite: first", rows / median(walls) / 1e6, "M rows/s", 1.5, True)
    bench.tell_peak("sqlite: first")
    bench.pawl(source, "target.db")  # which notes what the rows of the newest key look like
    time_unchanged(bench, source, "target.db", "sqlite: unchanged", 60)
    bench.tell_peak("sqlite: unchanged")


# ---- growth ----------------------------------------------------------------------------------------------------------

CONTENDERS = [("pawl", "pawl sync (the process)", "#0a6"), ("staged", "DELETE + INSERT (statements)", "#888"),
              ("merge", "MERGE INTO (statements)", "#c40"), ("replace", "INSERT OR REPLACE (statements)", "#06c")]


def growth(bench):
    sizes = [int(size) for size in bench.options.sizes.split(",")]
    found = {}
    for rows in sizes:
        found[rows] = compare_incremental(bench, rows, max(rows // 1000, 1), bench.options.runs)
        for name, title, _ in CONTENDERS:
            if name in found[rows]:
                bench.tell(f"growth: 1,000 of {rows:,} changed: {title}", found[rows][name] * 1000, "ms")
    bench.tell_peak("growth")
    table, plot = tabulate(found), draw(found)
    if bench.options.docs is not None:
        page.write(pathlib.Path(bench.options.docs), "growth", table, plot)


def tabulate(found):
    lines = ["| rows | " + " | ".join(title for _, title, _ in CONTENDERS) + " |", "|" + " ---: |" * (len(CONTENDERS) + 1)]
    for rows, times in found.items():
        cells = [f"{times[name] * 1000:,.0f} ms" if name in times else "not measured" for name, _, _ in CONTENDERS]
        lines.append(f"| {rows:,} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def draw(found):
    """Milliseconds by rows, both axes logarithmic."""
    from math import ceil, floor, log10
    values = [times[name] * 1000 for times in found.values() for name, _, _ in CONTENDERS if name in times]
    low, high = floor(log10(min(values))), ceil(log10(max(values)))
    left, right = log10(min(found)), max(log10(max(found)), log10(min(found)) + 1)
    x = lambda rows: 70 + (log10(rows) - left) / (right - left) * 420
    y = lambda ms: 320 - (log10(ms) - low) / (high - low) * 290
    plot = page.Plot(760, 370)
    plot.text(70, 18, "1,000 changed rows: milliseconds by rows of the table")
    for power in range(low, high + 1):
        plot.line([(70, y(10 ** power)), (490, y(10 ** power))])
        plot.text(62, y(10 ** power) + 4, f"{10 ** power:,}", "end")
    for rows in found:
        plot.line([(x(rows), 30), (x(rows), 320)])
        plot.text(x(rows), 340, f"{rows:,}", "middle")
    for place, (name, title, color) in enumerate(CONTENDERS):
        points = [(x(rows), y(times[name] * 1000)) for rows, times in found.items() if name in times]
        plot.line(points, color, 2)
        for point in points:
            plot.dot(*point, color)
        plot.dot(520, 60 + 24 * place, color)
        plot.text(532, 64 + 24 * place, title)
    return plot


# ---- main ------------------------------------------------------------------------------------------------------------

PARTS = {"first": first, "incremental": incremental, "unchanged": unchanged, "equal": equal, "sqlite": sqlite, "growth": growth}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts", nargs="*", metavar="PART", help=", ".join(PARTS))
    parser.add_argument("--build", default="build")
    parser.add_argument("--rows", type=int, default=10_000_000)
    parser.add_argument("--tables", type=int, default=100, help="tables of the part `unchanged`")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--sizes", default="1000000,10000000,100000000", help="rows of the tables of the part `growth`")
    parser.add_argument("--keyed-rows", type=int, default=10_000_000, help="most rows of a table for MERGE, INSERT OR REPLACE")
    parser.add_argument("--folder", help="keep the data sets here")
    parser.add_argument("--docs", metavar="DIR", help="where benchmarks.md is, to write the growth into")
    parser.add_argument("--out", metavar="FILE", help="write the figures as JSON too")
    options = parser.parse_args()
    if not set(options.parts) <= set(PARTS):
        parser.error(f"the parts are {', '.join(PARTS)}")
    with tempfile.TemporaryDirectory() as temporary:
        if options.folder is not None:
            os.makedirs(options.folder, exist_ok=True)
        bench = Bench(options, options.folder or temporary)
        for part in options.parts or [name for name in PARTS if name != "growth"]:
            PARTS[part](bench)
        bench.write()


main()

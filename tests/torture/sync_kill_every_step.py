"""pawl sync is killed at each of its steps in turn (base/step.h), and then run again: nothing is lost, nothing is there twice.

What a killed sync left is what was there at its last commit, rows and state together. What the next sync makes of it is what an
undisturbed sync makes. Every fourth of these next syncs is killed too, elsewhere, and followed by one more.
"""
import re
import shutil
import signal
import sys

import tap
from harness import PAWL, case, equal
from sync_harness import Pair

TABLE = "CREATE TABLE t (id INTEGER PRIMARY KEY, updated_at TIMESTAMP, v VARCHAR)"
NO_KEY = "CREATE TABLE t (id INTEGER, updated_at TIMESTAMP, v VARCHAR)"
EXACT = {"clock": "database", "key_zone": "UTC"}

# What differs from run to run, and, in the end, what tells only how a sync came to its end.
TIMES = ["source_now", "host_now", "synced_at", "horizon"]
WAYS = ["tail_hash", "tail_rows", "rows_written"]


def at(number):
    return f"2024-05-01 00:{number // 60:02}:{number % 60:02}"


def rows(numbers, key, word):
    return [(number, at(key(number)), word) for number in numbers]


def backfill(pair):
    pair.source(TABLE)
    pair.insert("t", rows(range(11), lambda number: 20 - number, "v") + [(50, None, "v")])
    return None


def incremental(pair):
    pair.source(TABLE)
    pair.insert("t", rows(range(12), lambda number: number, "v"))
    return lambda: (pair.insert("t", rows(range(3, 13), lambda number: 30 + number % 4, "w") + [(50, None, "w")], replace=True))


def append(pair):
    pair.settings.update(mode="append", **EXACT)
    pair.source(NO_KEY)
    pair.insert("t", rows([1, 1, 2, 3], lambda number: number, "v"))
    return lambda: pair.insert("t", rows([3, 3, 4, 4, 5, 6, 7, 8, 9, 9, 9], lambda number: number, "w") + [(3, at(3), "v")])


def append_from_nothing(pair):
    pair.settings.update(mode="append", **EXACT)
    pair.source(NO_KEY)
    pair.insert("t", rows([1, 1, 2, 3, 3, 3, 4, 5], lambda number: number, "v"))
    return None


def replace(pair):
    pair.settings.update(mode="replace")
    pair.source(TABLE)
    pair.insert("t", rows(range(9), lambda number: number, "v"))
    return lambda: pair.source("DELETE FROM t WHERE id < 3", "UPDATE t SET v = 'w' WHERE id > 5")


def full_refresh(pair):
    changes = incremental(pair)
    return lambda: (changes(), pair.source("DELETE FROM t WHERE id < 2"))


def schema_change(pair):
    changes = incremental(pair)
    return lambda: (changes(), pair.source("ALTER TABLE t ADD COLUMN a INTEGER DEFAULT 5", "ALTER TABLE t ADD COLUMN b VARCHAR",
                                           f"UPDATE t SET updated_at = '{at(50)}' WHERE id < 3"))


# Of SQLite those that read in another way: what writes is the same.
SCENARIOS = {"backfill": backfill, "incremental": incremental, "append": append, "append from nothing": append_from_nothing,
             "replace": replace, "full refresh": full_refresh, "schema change": schema_change}
OF_SQLITE = ["backfill", "incremental", "append"]
OPTIONS = {"full refresh": ["--full-refresh", "t"]}


def contents(pair, without=()):
    """The tables, their columns and rows, and the state but for times. Nothing when there is no warehouse yet."""
    if not pair.warehouse.exists():
        return []
    names = [row["name"] for row in pair.select("SELECT schema_name || '.' || table_name AS name FROM duckdb_tables()")]
    parts = ["SELECT 'column' AS what, concat_ws(' ', table_name, column_name, data_type) AS \"text\" FROM duckdb_columns() "
             "WHERE schema_name = 'main' AND NOT internal"]
    if "_pawl.state" in names:
        parts.append(f"SELECT 'state', CAST(s AS VARCHAR) FROM (SELECT * EXCLUDE ({', '.join([*TIMES, *without])}) FROM _pawl.state) s")
    parts += [f"SELECT '{name}', CAST(r AS VARCHAR) FROM {name} r" for name in names if name.startswith("main.")]
    return [(row["what"], row["text"]) for row in pair.select(" UNION ALL ".join(parts) + " ORDER BY ALL")]


def check_commit(before, after):
    """Rows and state move together: a commit that brings rows says how far they go."""
    rows_of = [[row for row in found if row[0].startswith("main.")] for found in (before, after)]
    states = [[row for row in found if row[0] == "state"] for found in (before, after)]
    assert rows_of[0] == rows_of[1] or states[0] != states[1], f"rows came, and the state stayed:\n{before}\n{after}"


class Scenario:
    """A sync that is killed at step after step, each time from the same warehouse."""

    def __init__(self, folder, kind, name):
        folder.mkdir()
        self.pair = Pair(folder, kind)
        self.pair.settings = {"window_rows": 5}
        self.options = OPTIONS.get(name, [])
        change = SCENARIOS[name](self.pair)
        self.start = folder / "start"
        if change is not None:
            self.pair.sync()
            shutil.copy(self.pair.warehouse, self.start)
            change()
        self.restore()
        self.committed = contents(self.pair)
        lines = self.run(0, PAWL_TRACE_STEPS="1").stderr
        self.steps = re.findall(r"^step \d+: (.*)$", lines, re.MULTILINE)
        self.wanted = contents(self.pair, WAYS)
        self.pair.same("t")

    def run(self, status, **environment):
        name = self.pair.job()
        return self.pair.run(PAWL, "sync", name, *self.options, status=status, environment=environment)

    def restore(self):
        for file in [self.pair.warehouse, *self.pair.folder.glob("warehouse.duckdb.*")]:
            file.unlink(missing_ok=True)
        if self.start.exists():
            shutil.copy(self.start, self.pair.warehouse)

    def kill(self, _, number):
        pair, step = self.pair, self.steps[number - 1]
        pair.history.clear()
        try:
            self.restore()
            self.run(-signal.SIGKILL, PAWL_KILL_AT=str(number))
            left = contents(pair)
            if step == "replica: after the commit":
                check_commit(self.committed, left)
                self.committed = left
            equal(left, self.committed)
            if number % 4 == 0:
                self.run(None, PAWL_KILL_AT=str(number // 2 + 1))
            self.run(0)
            equal(contents(pair, WAYS), self.wanted)
        except Exception as error:
            error.add_note("\n".join(pair.history))
            raise


def main(folder):
    """Of a kind of source, those scenarios that are the share of so many: "duckdb 1/2"."""
    kind = sys.argv[1]
    share, shares = map(int, sys.argv[2].split("/"))
    for name in (list(SCENARIOS) if kind == "duckdb" else OF_SQLITE)[share - 1::shares]:
        scenario = Scenario(folder / name.replace(" ", "_"), kind, name)
        assert len(scenario.steps) > 10, scenario.steps
        for number, step in enumerate(scenario.steps, 1):
            case(f"{kind}, {name}, killed at step {number}: {step}", scenario.kill, number)
    tap.main()


if __name__ == "__main__":
    import pathlib
    import tempfile
    with tempfile.TemporaryDirectory(prefix="pawl-test-") as temporary:
        main(pathlib.Path(temporary))

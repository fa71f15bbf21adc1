"""tests/integration/sync_harness.py: a source and a warehouse of one's own, `pawl sync` between them, and a look at both.

    from sync_harness import both, equal

    @both
    def a_new_row_arrives(pair):
        pair.source("CREATE TABLE t (id INTEGER PRIMARY KEY, updated_at TIMESTAMP, v VARCHAR)",
                    "INSERT INTO t VALUES (1, '2024-01-01 00:00:00', 'x')")
        pair.sync()
        pair.same("t")

@both makes a test for each kind of source, @duckdb and @sqlite for one; @both(times=[...]) gives the function one value of the
list more, as a test for each. What a sync copies is said by keyword, as in a file:
pair.sync(key="updated_at", window_rows=2), or for several tables by tables={"t": {...}}.

Values are compared as text, so that nothing is rounded on the way: the source's own (of SQLite, those that Python's module
gives) with those that tests/tools/duck_sql.c prints.
"""
import datetime
import json
import os
import re
import signal
import sqlite3
import subprocess

import tap
from harness import BUILD, PAWL, SANITIZERS, Box, case, contains, equal

DUCK_SQL = BUILD / "tests/tools/duck_sql"

# pylint: disable=unused-import
__all__ = ["Pair", "PAWL", "both", "case", "contains", "duckdb", "equal", "HAS_HOOKS", "now", "sqlite", "tap"]


def now(seconds=0.0, form="%Y-%m-%d %H:%M:%S.%f"):
    """The time of UTC, and so many seconds, as a text."""
    return (datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=seconds)).strftime(form)


def find_hooks():
    """Whether the program obeys PAWL_KILL_AT."""
    files = [PAWL, *(BUILD / "src").glob("libpawl.so*")]
    return any(b"PAWL_KILL_AT" in file.read_bytes() for file in files if file.is_file())


HAS_HOOKS = find_hooks()


class Run:
    """What a sync left: its result as JSON, and what it said."""

    def __init__(self, finished):
        self.status, self.lines = finished.returncode, finished.stderr
        self.result = json.loads(finished.stdout) if finished.stdout else None
        self.tables = {} if self.result is None else {
            table["source_name"].split(".", 1)[1]: table for table in self.result["tables"]}
        self.errors = re.findall(r"^error: (.*)", self.lines, re.MULTILINE)
        self.hints = re.findall(r"^hint: (.*)", self.lines, re.MULTILINE)
        # Without times and colours: "WARNING main.t: ...".
        self.said = [re.sub(r"^\d\d:\d\d:\d\d\.\d{3} (\w+) +", r"\1 ", line) for line in self.lines.splitlines()]

    def table(self, name="t"):
        return self.tables[name]

    def warnings(self):
        return [line.split(" ", 1)[1] for line in self.said if line.startswith("WARNING ")]


class Pair(Box):
    """A folder with a source and a warehouse."""

    def __init__(self, folder, kind):
        super().__init__(folder)
        self.kind = kind
        self.file = folder / ("shop.duckdb" if kind == "duckdb" else "shop.sqlite")
        self.warehouse = folder / "warehouse.duckdb"
        self.settings = {}  # of every sync of this test, unless they are given anew

    # ---- the source

    def source(self, *statements):
        """Runs SQL at the source, in one transaction for each statement."""
        if self.kind == "duckdb":
            self.duck(self.file, *statements)
        else:
            with self.connect() as connection:
                for statement in statements:
                    connection.executescript(statement)
            connection.close()
        self.history.append("source: " + "; ".join(statements)[:2000])

    def connect(self):
        """To a SQLite source; each statement is a transaction, unless it begins one."""
        return sqlite3.connect(self.file, isolation_level=None)

    def duck(self, file, *statements):
        """Runs SQL on a DuckDB file."""
        finished = subprocess.run([str(DUCK_SQL), str(file)], input=";\n".join(statements), capture_output=True, text=True,
                                  env={**os.environ, **SANITIZERS}, check=False, timeout=120)
        assert finished.returncode == 0, f"{statements}\n{finished.stderr}"

    def hold(self, file):
        """A process that has a DuckDB file open to write, until its standard input is closed."""
        process = subprocess.Popen([str(DUCK_SQL), str(file)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                                   env={**os.environ, **SANITIZERS})
        equal(process.stdout.readline(), "open\n")
        return process

    def insert(self, table, rows, replace=False):
        """Rows as lists of Python's values; None is NULL. With `replace`, those of the same primary key go."""
        text = ", ".join("(" + ", ".join(literal(value) for value in row) + ")" for row in rows)
        self.source(f"INSERT {'OR REPLACE ' if replace else ''}INTO {table} VALUES {text}")

    # ---- syncing

    def job(self, tables=None, job=None, **settings):
        """Writes the job's file and returns its name."""
        settings = {**self.settings, **settings}
        job = {**settings.pop("job", {}), **(job or {})}
        content = {"source": f"{self.kind}:{self.file.name}", "destination": self.warehouse.name, "defaults": settings}
        if tables is not None:
            content["tables"] = tables
        content.update(job)
        (self.folder / "job.yaml").write_text(json.dumps(content), encoding="utf-8")
        return "job.yaml"

    # pylint: disable=too-many-arguments
    def sync(self, *options, status=0, environment=None, tables=None, job=None, **settings):
        name = self.job(tables, job, **settings)
        run = Run(self.run(PAWL, "sync", name, "--json", *options, status=status, environment=environment))
        if status == 0:
            equal(run.result["status"], "succeeded")
            equal({table["outcome"] for table in run.result["tables"]}, {"done"})
        return run

    def fails(self, error, *options, hint=None, **settings):
        """A sync that must fail with that error; `error` may be a part of it, with '...' at its ends."""
        run = self.sync(*options, status=1, **settings)
        equal(run.result["status"], "failed")
        equal(len(run.errors), 1)
        if error.startswith("..."):
            contains(run.errors[0], error.strip("."))
        else:
            equal(run.errors[0], error)
        if hint is not None:
            equal(run.hints, [hint])
        return run

    def stop(self, *options, **settings):
        """A sync that stops before its end, behind what it committed."""
        run = self.sync(*options, status=1, **settings)
        equal((run.result["status"], run.result["error"]["message"]),
              ("stopped", "stopped before the end; what is committed is kept"))
        return run

    def kill(self, step, number=1, options=(), **settings):
        """A sync that dies when it passes the step of that name for the n-th time."""
        if not HAS_HOOKS:
            raise tap.Skip("this build has no steps to be killed at")
        self.kill_if_can(step, number, options, **settings)

    def kill_if_can(self, step, number=1, options=(), **settings):
        """The same, for a test that is worth running without."""
        if not HAS_HOOKS:
            return
        name = self.job(**settings)
        self.run(PAWL, "sync", name, "--json", *options, status=-signal.SIGKILL,
                 environment={"PAWL_KILL_AT": f"{number} {step}"})

    def start_sync(self, environment=None, options=(), **settings):
        """Starts a sync and goes on."""
        name = self.job(**settings)
        return subprocess.Popen([str(PAWL), "sync", name, "--json", *options], cwd=self.folder, stdin=subprocess.DEVNULL,
                                env={**os.environ, **SANITIZERS, **(environment or {})}, stdout=subprocess.PIPE,
                                stderr=subprocess.PIPE, text=True)

    # ---- looking

    def select(self, sql, file=None):
        """The rows of a statement on a DuckDB file (the warehouse), as dicts of texts."""
        finished = subprocess.run([str(DUCK_SQL), "--query", str(file or self.warehouse)], capture_output=True, text=True,
                                  input=f"FROM (SELECT CAST(COLUMNS(*) AS VARCHAR) FROM ({sql})) AS r SELECT CAST(to_json(r) AS VARCHAR)",
                                  env={**os.environ, **SANITIZERS}, check=False, timeout=120)
        assert finished.returncode == 0, f"{sql}\n{finished.stderr}"
        return [json.loads(line) for line in finished.stdout.splitlines()]

    def there(self, table, columns="*", where="true"):
        """The rows of the source, as lists of texts, in their order."""
        if self.kind == "duckdb":
            return texts_of(self.select(f"SELECT {columns} FROM {table} WHERE {where}", self.file))
        connection = self.connect()
        found = [[text_of(value) for value in row] for row in connection.execute(f"SELECT {columns} FROM {table} WHERE {where}")]
        connection.close()
        return sorted(found, key=order_of)

    def here(self, table, columns="*", where="true"):
        """The rows of the warehouse, as lists of texts, in their order."""
        return texts_of(self.select(f"SELECT {columns} FROM {table} WHERE {where}"))

    def same(self, table, target=None, columns="*", where="true"):
        """The table is the source's, row by row, and as often."""
        there, here = self.there(table, columns, where), self.here(target or table, columns, where)
        if there != here:
            missing = [row for row in there if row not in here]
            wrong = [row for row in here if row not in there]
            raise AssertionError(f"{table}: {len(there)} rows at the source, {len(here)} in the warehouse\n"
                                 f"  missing {missing[:20]}\n  of no row {wrong[:20]}")

    def state(self, table="t"):
        """The row of _pawl.state."""
        found = self.select(f"SELECT * FROM _pawl.state WHERE table_name = '{table}'")
        equal(len(found), 1)
        return found[0]

    def types(self, name):
        return {row["column_name"]: row["data_type"] for row in self.select(
            "SELECT column_name, data_type FROM duckdb_columns() WHERE schema_name <> '_pawl' AND table_name = "
            f"'{name}' ORDER BY column_index")}


# ---- values as text --------------------------------------------------------------------------------------------------

def literal(value):
    if value is None:
        return "NULL"
    if isinstance(value, (int, float)):
        return str(value)
    if isinstance(value, bytes):
        return f"X'{value.hex()}'"
    return "'" + value.replace("'", "''") + "'"


def text_of(value):
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bytes):
        return "".join(chr(byte) if 32 <= byte < 127 and byte not in b"'\"\\" else f"\\x{byte:02X}" for byte in value)
    if isinstance(value, float):
        return repr(value)
    return str(value).lower() if isinstance(value, bool) else str(value)


def order_of(row):
    return [(value is not None, value or "") for value in row]


def texts_of(rows):
    return sorted(([text_of(value) for value in row.values()] for row in rows), key=order_of)


# ---- tests -----------------------------------------------------------------------------------------------------------

def add(function, kinds, times):
    name = function.__name__.replace("_", " ").replace(" ", "_", 1)  # tie_01 ...
    for kind in kinds:
        for value in times or [None]:
            def run(box, kind=kind, value=value):
                pair = Pair(box.folder, kind)
                pair.history = box.history
                function(pair, *([] if times is None else [value]))
            case(f"{name} ({kind}{'' if times is None else ', ' + str(value)})", run)
    return function


def decorator(kinds):
    def decorate(function=None, times=None):
        if function is None:
            return lambda given: add(given, kinds, times)
        return add(function, kinds, times)
    return decorate


both, duckdb, sqlite = decorator(["duckdb", "sqlite"]), decorator(["duckdb"]), decorator(["sqlite"])

"""tests/conformance/test_types.py: a value of every type, as it arrives. The values are in types/<driver>.txt:

    # a comment
    ! SQL that is run at the source before
    DECIMAL(4,2) -> DECIMAL(4,2)        the type of a column at the source, and in the warehouse; "-> ..." is left out where
        '-99.99' => -99.99              they are the same. Then, behind a tab, values in the source's SQL, and their text.

A text that begins with a quotation mark is JSON's, NULL is none, "md5 ..." is the digest of a long one. "INTEGER as unix_s ->
TIMESTAMP" has a format. "-> !message" is a type whose value must fail the table with an error that has these words.

Each value travels in four ways: by the first copy; by a sync of what changed, to another row; by a copy of the whole table; and
with a sync that finds nothing new, it is looked at and left alone. Every type has a row with NULL as well.
"""
import functools
import hashlib
import json
import pathlib
import sys
import tempfile

import tap
from harness import case, contains, equal
from sync_harness import Pair

FOLDER = pathlib.Path(__file__).parent / "types"


class Type:
    """A column, and the values that it is tried with: pairs of SQL and text."""

    def __init__(self, number, line):
        declared, _, arrives = line.partition(" -> ") if " -> " in line else (line, "", line)
        self.declared, _, self.format = declared.partition(" as ")
        self.error = arrives[1:] if arrives.startswith("!") else None
        self.arrives, self.values, self.table = arrives, [("NULL", None)], f"t{number:02}"

    def rows(self, turn):
        """Rows (id, SQL of the value, its text): each turn gives each row another value."""
        count = len(self.values)
        return [(i, *self.values[(i + turn) % count]) for i in range(count)]


def text_of(written):
    if written.startswith('"'):
        return json.loads(written)
    return None if written == "NULL" else written


@functools.cache
def read_types(kind):
    """The types of the file, and the statements before them."""
    types, statements = [], []
    for line in (FOLDER / f"{kind}.txt").read_text(encoding="utf-8").split("\n"):
        if line.startswith("! "):
            statements.append(line[2:])
        elif line.startswith("\t"):
            sql, _, text = line[1:].partition(" => ")
            types[-1].values.append((sql, text_of(text)))
        elif line.strip() and not line.startswith("#"):
            types.append(Type(len(types), line))
    return types, statements


def insert(of, turn, day):
    return f"INSERT INTO {of.table} VALUES " + ", ".join(
        f"({i}, '2024-01-{day:02} 00:00:00', {sql})" for i, sql, _ in of.rows(turn))


def make(pair, types, statements):
    if pair.kind == "duckdb":  # in a file that may have all that this DuckDB knows
        pair.duck(pair.folder / "scratch", f"ATTACH '{pair.file}' AS made (STORAGE_VERSION 'latest')",
                  "CREATE TABLE made.t (id INTEGER)")
        pair.source("DROP TABLE t")
    for of in types:
        statements = statements + [
            f"CREATE TABLE {of.table} (id INTEGER PRIMARY KEY, updated_at TIMESTAMP, c {of.declared})", insert(of, 0, 1)]
    pair.source(*statements)


def change(pair, types):
    statements = []
    for of in types:
        statements += [f"DELETE FROM {of.table}", insert(of, 1, 2)]
    pair.source(*statements)


def digest(text):
    return text if text is None or len(text) <= 400 else "md5 " + hashlib.md5(text.encode()).hexdigest()


def look(pair, types, warehouse):
    """By table: its type in the warehouse, and its rows as (id, text)."""
    found = {of.table: (set(), []) for of in types}
    for row in pair.select(" UNION ALL ".join(
            f"SELECT '{of.table}' AS t, id, typeof(c) AS type, CAST(c AS VARCHAR) AS c FROM {of.table}" for of in types),
                           warehouse):
        found[row["t"]][0].add(row["type"])
        found[row["t"]][1].append((int(row["id"]), digest(row["c"])))
    return {table: (types, sorted(rows, key=lambda row: row[0])) for table, (types, rows) in found.items()}


class Journey:
    """All values of a kind of source, on their four ways."""

    def __init__(self, kind):
        self.types, statements = read_types(kind)
        self.folder = tempfile.TemporaryDirectory(prefix="pawl-test-")  # pylint: disable=consider-using-with
        self.pair = pair = Pair(pathlib.Path(self.folder.name), kind)
        self.runs, self.found = {}, {}
        make(pair, self.types, statements)
        self.go("first copy")
        change(pair, self.types)
        self.go("changes")
        self.go("nothing new")
        self.go("whole copy", "--full-refresh", "*")
        pair.warehouse = pathlib.Path(self.folder.name) / "other.duckdb"
        self.go("replaced", mode="replace")

    def go(self, name, *options, **settings):
        tables = {of.table: {"formats": {"c": of.format}} if of.format else {} for of in self.types}
        self.runs[name] = self.pair.sync(*options, status=None, tables=tables, **settings)
        whole = [of for of in self.types if self.runs[name].table(of.table)["error"] is None]
        self.found[name] = look(self.pair, whole, self.pair.warehouse)

    def check(self, of, name, turn):
        result = self.runs[name].table(of.table)
        if of.error is not None:
            contains(result["error"]["message"], of.error)
            return
        equal(result["error"], None)
        types, rows = self.found[name][of.table]
        equal((name, rows), (name, [(i, text) for i, _, text in of.rows(turn)]))
        equal((name, types), (name, {of.arrives}))


@functools.cache
def travel(kind):
    try:
        return Journey(kind), None
    except Exception as error:  # pylint: disable=broad-except
        return None, error  # each test fails for it, but it is tried once


def journey(kind):
    travelled, error = travel(kind)
    if error is not None:
        raise error
    return travelled


def arrives(_, kind, of):
    travelled = journey(kind)
    travelled.check(of, "first copy", 0)
    for name in "changes", "nothing new", "whole copy", "replaced":
        travelled.check(of, name, 1)
    if of.error is None:
        equal(travelled.runs["nothing new"].table(of.table)["rows_written"], 0)


# ---- columns and tables that are not as others -----------------------------------------------------------------------

def travels(box, kind, columns, inserted, options=""):
    """A table of such columns, in all ways; rows are compared as text."""
    pair = Pair(box.folder, kind)
    pair.history = box.history
    names = ", ".join(inserted)
    pair.source(f"CREATE TABLE t (id INTEGER PRIMARY KEY, updated_at TIMESTAMP, {columns}) {options}",
                f"INSERT INTO t (id, updated_at, {names}) VALUES (1, '2024-01-01 00:00:00', {', '.join(inserted.values())})")
    pair.sync()
    pair.same("t")
    pair.source(f"INSERT INTO t (id, updated_at, {names}) SELECT 2, '2024-01-02 00:00:00', {names} FROM t")
    pair.sync()
    pair.same("t")
    equal(len(pair.here("t")), 2)
    pair.sync("--full-refresh", "t")
    pair.same("t")


ODD_TABLES = [
    ("duckdb", "a generated column", "a INTEGER, b INTEGER GENERATED ALWAYS AS (a * 2) VIRTUAL, c VARCHAR",
     {"a": "5", "c": "'x'"}, ""),
    ("duckdb", "a column named rowid", "rowid INTEGER, c VARCHAR", {"rowid": "5", "c": "'x'"}, ""),
    ("sqlite", "generated columns", "a INTEGER, b INTEGER GENERATED ALWAYS AS (a * 2) VIRTUAL, "
     "c TEXT GENERATED ALWAYS AS (a || 'x') STORED, d TEXT", {"a": "5", "d": "'x'"}, ""),
    ("sqlite", "a table without rowid", "c TEXT", {"c": "'x'"}, "WITHOUT ROWID"),
    ("sqlite", "columns named as the rowid", "rowid INTEGER, oid TEXT, _rowid_ TEXT", {"rowid": "5", "oid": "'x'"}, ""),
]

KIND = sys.argv[1]
for tried in read_types(KIND)[0]:
    case(f"{tried.table} {tried.declared} {tried.format}".strip(), arrives, KIND, tried)
for kind_of_table, name_of_table, *table in ODD_TABLES:
    if kind_of_table == KIND:
        case(name_of_table, travels, KIND, *table)
tap.main()

"""tests/integration/harness.py: runs connectors in a folder of their own and looks at what they left.

    from harness import equal, table, test, upsert

    @test
    def an_upsert_adds_a_row(box):
        box.sync(upsert("t", id=1, a="x"), schema=[table("t", "id", id="LONG", a="STRING")])
        equal(box.table("t"), [dict(id=1, a="x")])

The connector is tests/connectors/scripted.c, which is told what to do by the operations given. When a test fails, the output of
every program that it ran is shown.
"""
import decimal
import json
import os
import pathlib
import re
import subprocess

import tap

BUILD = pathlib.Path(os.environ["PAWL_BUILD"])
PAWL = BUILD / "src/pawl"
PROGRAMS = {name: BUILD / folder / name for folder, name in [
    ("tests/connectors", "scripted"), ("tests/connectors", "inferred"), ("examples", "customers"),
    ("examples", "customers_keyset"), ("examples", "ledger")]}

# Sanitizers: LeakSanitizer makes a leaking program's exit status 23, and so its test fails.
SANITIZERS = {"ASAN_OPTIONS": "abort_on_error=0", "UBSAN_OPTIONS": "print_stacktrace=1:halt_on_error=1"}


# ---- what a script says ----------------------------------------------------------------------------------------------

def value(thing):
    """A Python value as the script writes it; a dict is a value that is written already."""
    if isinstance(thing, decimal.Decimal):
        return {"decimal": str(thing)}
    if isinstance(thing, bytes):
        return {"binary": thing.hex()}
    if isinstance(thing, int) and not isinstance(thing, bool) and thing >= 2**63:
        return {"unsigned": str(thing)}
    return thing


def pairs(fields):
    return [[name, value(thing)] for name, thing in (fields.items() if isinstance(fields, dict) else fields)]


def on_row(name):
    """An operation whose fields are given by keyword, or as a dict or pairs when the names are no Python ones."""
    def operation(table_name, fields=None, **named):
        return {"op": name, "table": table_name, "fields": pairs(named if fields is None else fields)}
    return operation


upsert, update, delete = on_row("upsert"), on_row("update"), on_row("delete")


def upserts(table_name, key, first, last, **fields):
    return {"op": "upserts", "table": table_name, "key": key, "first": first, "last": last, "fields": pairs(fields)}


def truncate(table_name):
    return {"op": "truncate", "table": table_name}


def checkpoint(fields=None, **named):
    return {"op": "checkpoint", "fields": pairs(named if fields is None else fields)}


def checkpoint_json(text):
    return {"op": "checkpoint_json", "json": text}


def say(op, text, **more):
    """warning, fail, log and schema_fail: operations with a text."""
    return {"op": op, "text": text, **more}


def get(op, kind, key="", **more):
    """A getter of the configuration or state, which logs what it got."""
    return {"op": op, "kind": kind, "key": key, **more}


def table(table_name, primary_key=None, columns=None, **named):
    """A declaration; `primary_key` is a name or several with blanks between, or a list of them."""
    if isinstance(primary_key, str):
        primary_key = primary_key.split()
    columns = named if columns is None else columns
    columns = list(columns.items()) if isinstance(columns, dict) else columns
    return {"op": "table", "table": table_name, "primary_key": primary_key, "columns": columns}


# ---- running ---------------------------------------------------------------------------------------------------------

class Sync:
    """What a run left: its report as JSON, and its lines."""

    def __init__(self, finished, is_json):
        self.status, self.out, self.lines = finished.returncode, finished.stdout, finished.stderr
        self.report = json.loads(self.out) if is_json and self.out else None
        self.error = re.findall(r"^error: (.*)", self.lines, re.MULTILINE)
        self.hint = re.findall(r"^hint: (.*)", self.lines, re.MULTILINE)
        # Without times and colours: "INFO pawl: ...".
        self.log = [re.sub(r"^\d\d:\d\d:\d\d\.\d{3} (\w+) +", r"\1 ", line) for line in self.lines.splitlines()]


class Box:
    def __init__(self, folder):
        self.folder, self.history = folder, []

    def run(self, *command, status=0, environment=None, **options):
        """Runs a program in the box's folder and expects its exit status; None means any."""
        command = [str(word) for word in command]
        environment = {**os.environ, **SANITIZERS, **(environment or {})}
        finished = subprocess.run(command, cwd=self.folder, env=environment, stdin=subprocess.DEVNULL, capture_output=True,
                                  text=True, encoding="utf-8", errors="surrogateescape", timeout=120, check=False, **options)
        self.history.append(f"$ {' '.join(command)}\n{finished.stdout}{finished.stderr}[exit status {finished.returncode}]")
        if status is not None:
            equal(finished.returncode, status)
        return finished

    def script(self, *operations, schema=None, **configuration):
        """Writes the script and the configuration that names it; returns the arguments to run it."""
        lines = ([{"op": "schema", "tables": schema}] if schema else []) + list(operations)
        script = self.folder / f"script{len(self.history)}.jsonl"
        script.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
        settings = self.folder / f"script{len(self.history)}.json"
        settings.write_text(json.dumps({"script": str(script), **configuration}), encoding="utf-8")
        return ["debug", "--configuration", settings]

    # pylint: disable=too-many-arguments
    def sync(self, *operations, schema=None, status=0, program=None, options=(), environment=None, configuration=None):
        """Runs the script. Without a schema, the connector is the one that has no schema function."""
        program = PROGRAMS[program or ("scripted" if schema else "inferred")]
        arguments = self.script(*operations, schema=schema, **(configuration or {}))
        sync = Sync(self.run(program, *arguments, "--json", *options, status=status, environment=environment), True)
        equal(sync.report["status"], "failed" if status else "succeeded")
        equal(sync.report["error"] is None, status == 0)
        return sync

    def fails(self, *operations, error, hint=None, **options):
        """Runs the script, which must fail with that error, printed once."""
        sync = self.sync(*operations, status=1, **options)
        equal(sync.error, [error])
        if hint is not None:
            equal(sync.hint, [hint])
        equal(sync.report["error"]["message"], error)
        return sync

    def start(self, *command, **options):
        """Starts a program and goes on."""
        return subprocess.Popen([str(word) for word in command], cwd=self.folder, env={**os.environ, **SANITIZERS},
                                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **options)

    # ---- looking

    def query(self, sql, *options, warehouse="files/warehouse.db", status=0):
        return self.run(PAWL, "query", warehouse, sql, *options, status=status)

    def rows(self, sql, warehouse="files/warehouse.db"):
        """A list of dicts. Numbers with a point are decimal.Decimal: exactly what was printed."""
        return json.loads(self.query(sql, "--format", "json", warehouse=warehouse).stdout, parse_float=decimal.Decimal)

    def table(self, name, warehouse="files/warehouse.db"):
        """The rows in their order, without the columns that are added; deleted ones with deleted=True."""
        result = []
        for row in self.rows(f"SELECT * EXCLUDE (_fivetran_synced) FROM tester.{quoted(name)} ORDER BY ALL", warehouse):
            if row.pop("_fivetran_deleted"):
                row["deleted"] = True
            result.append(row)
        return result

    def types(self, name):
        """Of the table's columns but those that are added: name to DuckDB's type."""
        return {row["column_name"]: row["data_type"] for row in self.rows(
            "SELECT column_name, data_type FROM duckdb_columns() WHERE schema_name = 'tester' AND table_name = "
            f"'{name}' AND column_name NOT IN ('_fivetran_synced', '_fivetran_deleted') ORDER BY column_index")}

    def tables(self):
        return [row["table_name"] for row in self.rows(
            "SELECT table_name FROM duckdb_tables() WHERE schema_name = 'tester' ORDER BY table_name")]

    def saved_state(self):
        """The state in the warehouse, or None."""
        rows = self.rows("SELECT state FROM _pawl.connector_state WHERE schema_name = 'tester'")
        return rows[0]["state"] if rows else None

    def state_file(self, name="files/state.json"):
        return (self.folder / name).read_text(encoding="utf-8")


# ---- testing ---------------------------------------------------------------------------------------------------------

def test(function):
    """A test that gets a box."""
    return case(function.__name__.replace("_", " "), function)


def case(name, function, *arguments):
    def run(folder):
        box = Box(folder)
        try:
            function(box, *arguments)
        except tap.Skip:
            raise
        except Exception as error:
            error.add_note("\n".join(box.history))
            raise
    tap.case(name, run)
    return function


def equal(actual, expected):
    assert actual == expected, f"\n  actual   {actual!r}\n  expected {expected!r}"


def contains(text, part):
    assert part in text, f"\n  {text!r}\n  does not contain {part!r}"


def quoted(name):
    return '"' + name.replace('"', '""') + '"'

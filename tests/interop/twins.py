"""tests/interop/twins.py: one script, run twice: by the connector that is made with the official SDK (scripted/connector.py), under
`pawl debug FOLDER`, and by the one in C (tests/connectors/scripted.c). What they leave can be compared.

    python, c = twins.both(box, upsert("t", k=1), schema=[table("t", "k", k="LONG")])
    equal(twins.dump(box, twins.PYTHON), twins.dump(box, twins.C))
"""
import json
import pathlib
import sys

import peers
from harness import PAWL, PROGRAMS, Sync

HERE = pathlib.Path(__file__).parent
PYTHON, C = "python", "c"  # folders, each with a warehouse and a state

try:
    INTERPRETER = peers.official_python()
except peers.Missing as why:
    print(f"1..0 # SKIP {why}")
    sys.exit(0)


def files(side, options=()):
    return ["--json", "--warehouse", f"{side}/warehouse.db", "--state", f"{side}/state.json", *options]


def debug(box, folder, *arguments, status=0, options=(), environment=None):
    """Runs a project in Python."""
    return Sync(box.run(PAWL, "debug", folder, "--python", INTERPRETER, *arguments, *files(PYTHON, options), status=status,
                        environment=environment), True)


def in_python(box, *operations, schema=None, status=0, options=(), **configuration):
    """The script by the official SDK; a schema that is none is no schema()."""
    arguments = box.script(*operations, schema=schema, **configuration)[1:]
    return debug(box, HERE / "scripted", *arguments, status=status, options=options,
                 environment={} if any(line["op"] == "schema" for line in operations) or schema else {"WITHOUT_SCHEMA": "1"})


def in_c(box, *operations, schema=None, status=0, options=(), **configuration):
    arguments = box.script(*operations, schema=schema, **configuration)
    return Sync(box.run(PROGRAMS["scripted" if schema else "inferred"], *arguments, *files(C, options), status=status), True)


def both(box, *operations, **options):
    return in_python(box, *operations, **options), in_c(box, *operations, **options)


def dump(box, side):
    """All that is in the tables of a warehouse, as text, but for the times of the syncs: {table: (columns, rows)}."""
    warehouse = f"{side}/warehouse.db"
    tables = {}
    for column in box.rows("SELECT table_name, column_name, data_type, is_nullable, column_default FROM duckdb_columns() "
                           "WHERE schema_name = 'tester' ORDER BY table_name, column_index", warehouse):
        tables.setdefault(column.pop("table_name"), ([], []))[0].append(column)
    selects = [f"SELECT '{name}' AS \"table\", COLUMNS(*)::VARCHAR FROM tester.\"{name}\"" for name in tables]
    for row in box.rows(" UNION ALL BY NAME ".join(selects) + " ORDER BY ALL", warehouse) if tables else []:
        columns, rows = tables[row["table"]]
        rows.append({column["column_name"]: row[column["column_name"]] for column in columns
                     if column["column_name"] != "_fivetran_synced"})
    return tables


def state(box, side):
    return json.loads(box.state_file(f"{side}/state.json"))

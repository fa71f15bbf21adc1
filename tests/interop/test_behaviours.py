"""The behaviours of Fivetran's SDK, a test for each row of behaviours.py, which the official SDK and C run."""
import functools
import itertools
import json
import pathlib
import re
import tempfile

import tap
import twins
from behaviours import TABLE
from harness import Box, case, checkpoint, contains, equal
from twins import C, PYTHON

RUN = {PYTHON: twins.in_python, C: twins.in_c}
FOLDER = tempfile.TemporaryDirectory(prefix="pawl-test-")  # of what is shared; goes with this process


def python_schema(row):
    return [] if row.python_schema is None else [{"op": "schema", "python": row.python_schema}]


# ---- rows that share their runs ------------------------------------------------------------------------------------------

@functools.cache
def shared(side, has_schema):
    """What is in the warehouse after the syncs of all rows that can be run together."""
    rows = [row for _, row in TABLE if not row.is_alone and (side == PYTHON or row.c is not None)
            and has_schema == (row.schema is not None or row.python_schema is not None)]
    box = Box(pathlib.Path(tempfile.mkdtemp(dir=FOLDER.name)))
    schema = [table for row in rows for table in row.schema or []]
    declared = [line for row in rows for line in python_schema(row)] if side == PYTHON else []
    try:
        for syncs in itertools.zip_longest(*[row.syncs for row in rows], fillvalue=[]):
            RUN[side](box, *declared, *itertools.chain(*syncs), checkpoint(n=1), schema=schema or None)
        return twins.dump(box, side)
    except Exception as error:
        error.add_note("\n".join(box.history))
        raise


# ---- rows that are run by themselves ---------------------------------------------------------------------------------------

def run_alone(box, side, row):
    if row.given is not None:
        (box.folder / side).mkdir()
        (box.folder / side / "state.json").write_text(json.dumps(row.given), encoding="utf-8")
    for number, operations in enumerate(row.syncs, 1):
        fails = row.error is not None and number == len(row.syncs)
        sync = RUN[side](box, *python_schema(row), *operations, schema=row.schema, status=1 if fails else 0, options=row.options,
                         **row.configuration)
    return sync


def check_run(box, side, row, sync):
    if row.error is not None:
        contains(sync.report["error"]["message"] if sync.report else sync.error[0], row.error)
    for name, content in (row.report or {}).items():
        equal((name, sync.report[name]), (name, content))
    for part in row.said or []:
        assert any(part in line for line in sync.log), (part, sync.log)
    if row.state is not None:
        equal(twins.state(box, side), row.state)


# ---- tables ------------------------------------------------------------------------------------------------------------

def as_text(value):
    return str(value).lower() if isinstance(value, bool) else value if value is None else str(value)


def expected_row(row):
    cells = {name: as_text(value) for name, value in row.items() if name != "deleted"}
    return {**cells, "_fivetran_deleted": as_text(row.get("deleted", False))}


def check_rows(rows, expected):
    ids = [row.pop("_fivetran_id") for row in rows if "_fivetran_id" in row]
    assert all(re.fullmatch("[0-9a-f]{64}", each) for each in ids) and len(set(ids)) == len(ids), ids
    in_order = functools.partial(sorted, key=functools.partial(json.dumps, sort_keys=True))
    equal(in_order(rows), in_order(map(expected_row, expected)))


def check_tables(tables, row):
    for name, rows in row.rows.items():
        check_rows([dict(each) for each in tables[name][1]], rows)
    for name, types in row.types.items():
        found = {column["column_name"]: column["data_type"] for column in tables[name][0]}
        equal(found, {**types, "_fivetran_deleted": "BOOLEAN", "_fivetran_synced": "TIMESTAMP WITH TIME ZONE"})


def check(box, row):
    assert row.why is not None or row.c == {} or row.error is not None, "it differs in C, and nobody says why"
    for side in (PYTHON, C):
        if side == C and row.c is None:
            continue
        expected = row.expected(side == C)
        if row.is_alone:
            check_run(box, side, expected, run_alone(box, side, expected))
            check_tables(twins.dump(box, side) if expected.rows or expected.types else {}, expected)
        else:
            check_tables(shared(side, row.schema is not None or row.python_schema is not None), expected)


for each_section, each_row in TABLE:
    case(f"{each_section}: {each_row.name}", check, each_row)

tap.main()

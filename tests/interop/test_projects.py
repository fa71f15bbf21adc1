"""Servers that nobody here wrote: connectors made with the official SDK, under `pawl debug FOLDER`. The warehouses and states that
they leave are those of the same connectors in C."""
import limits
import tap
import twins
from harness import (PROGRAMS, checkpoint, checkpoint_json, contains, delete, equal, say, table, test, truncate, update, upsert,
                     upserts)
from twins import C, PYTHON


def same(box, python, c):
    """Two syncs ended alike: in reports, warehouses and states."""
    for name in ("status", "operations", "schema_changes", "checkpoints", "warnings", "rows_committed", "rows_discarded", "state"):
        equal((name, python.report[name]), (name, c.report[name]))
    equal(twins.dump(box, PYTHON), twins.dump(box, C))
    equal(box.state_file(f"{PYTHON}/state.json"), box.state_file(f"{C}/state.json"))


@test
def customers(box):
    for upsert_count in (3, 0):
        python = twins.debug(box, twins.HERE / "customers")
        c = twins.Sync(box.run(PROGRAMS["customers"], "debug", *twins.files(C)), True)
        same(box, python, c)
        equal((python.report["operations"]["upserts"], python.report["checkpoints"]), (upsert_count, 1))
        for line in ("Example: Source Examples - Common Patterns - Key Based Replication",
                     "fetching records from `customer` table modified after "):
            contains(python.lines, line)
            contains(c.lines, line)
    equal([row["customer_id"] for row in twins.dump(box, PYTHON)["customers"][1]], ["2", "4", "5"])
    equal(twins.state(box, PYTHON), {"last_updated_at": "2024-03-16T16:40:29Z"})


@test
def every_type_at_its_limits(box):
    same(box, *twins.both(box, *limits.script(), checkpoint(n=1), schema=limits.SCHEMA))
    rows = twins.dump(box, PYTHON)["limits"][1]
    for name in ("long", "decimal", "whole", "date", "string", "xml", "json"):
        values = [None if row[name][1] is None else str(row[name][1][1]) for row in limits.rows()]
        equal((name, [row[name] for row in sorted(rows, key=lambda row: int(row["row"]))]), (name, values))


ROWS = table("rows", "k part", k="LONG", part="STRING", a="STRING", b="DOUBLE")
GONE = table("gone", "k", k="LONG", a="STRING")
LOG = table("log", None, at="UTC_DATETIME", line="STRING")


@test
def every_operation(box):
    first = [upserts("rows", "k", 1, 250, part="x", a="first", b=0.1), upsert("rows", k=1, part="y", a="other", b=None),
             upserts("gone", "k", 1, 10, a="first"), upsert("log", at="2024-02-29T12:00:00.5+02:00", line="one"),
             upsert("log", at="2024-02-29 10:00:00.5Z", line="one"), say("warning", "look here"), checkpoint(n=1),
             update("rows", k=2, part="x", a="patched"), update("rows", k=2, part="z", a="nobody"), delete("rows", k=3, part="x"),
             delete("rows", k=3, part="z"), upsert("rows", k=4, part="x"), delete("rows", k=5, part="x"),
             upsert("rows", k=5, part="x", b=5.0),
             truncate("gone"), upsert("gone", k=1, a="back"), update("gone", k=2, a="changed"), delete("gone", k=1),
             checkpoint(n=2)]
    second = [upsert("gone", k=3, a="back"), truncate("rows"), upsert("rows", k=6, part="x", a=None, b=6.0),
              checkpoint_json('{"n": 3, "deep": {"list": [1, null, true, "x"]}}')]
    schema = [ROWS, GONE, LOG]
    python, c = twins.both(box, *first, schema=schema)
    same(box, python, c)
    equal(python.report["operations"], {"upserts": 266, "updates": 3, "deletes": 4, "truncates": 1})
    equal((python.report["warnings"], python.report["checkpoints"]), (1, 2))
    contains(python.lines, "look here")
    same(box, *twins.both(box, *second, schema=schema))
    tables = twins.dump(box, PYTHON)
    live = [row for row in tables["rows"][1] if row["_fivetran_deleted"] == "false"]
    equal(live, [{"k": "6", "part": "x", "a": None, "b": "6.0", "_fivetran_deleted": "false"}])
    equal((len(tables["rows"][1]), len(tables["gone"][1]), len(tables["log"][1])), (251, 10, 1))
    equal([row["k"] for row in tables["gone"][1] if row["_fivetran_deleted"] == "false"], ["3"])


@test
def a_connector_that_raises_keeps_what_it_checkpointed(box):
    script = [upserts("gone", "k", 1, 150, a="x"), checkpoint(n=1), upserts("gone", "k", 151, 300, a="x")]
    python = twins.in_python(box, *script, {"op": "raise", "text": "no more"}, schema=[GONE], status=1)
    c = twins.in_c(box, *script, say("fail", "no more"), schema=[GONE], status=1)
    same(box, python, c)
    equal((len(twins.dump(box, PYTHON)["gone"][1]), twins.state(box, PYTHON)), (150, {"n": 1}))
    equal(c.error, ["no more"])
    contains(python.error[0], "failed while executing update() error: no more")
    assert "crash report" not in python.lines, python.lines


tap.main()

"""A sync is killed at each of its steps in turn (base/step.h), and then run again: nothing is lost, nothing is there twice.

At every step: what the killed sync left is a state and the rows that belong to it; and what the next sync makes of it is what
an undisturbed sync makes, in the warehouse and in state.json. Every third of these next syncs is killed too, elsewhere, and
followed by one more.
"""
import pathlib
import re
import signal
import sys
import tempfile

import tap
from harness import PROGRAMS, Box, checkpoint, delete, equal, table, truncate, update, upsert, upserts

SCHEMA = [table("orders", "id", id="LONG", price="DECIMAL(9,2)", note="STRING"),
          table("lines", "order line", order="LONG", line="INT", amount="INT")]
PARTS = table("parts", "name")

# What is done between two checkpoints. A column that appears or widens sends the rows so far to the staging table.
FIRST = [PARTS, upserts("orders", "id", 1, 40, price=5),
         *[upsert("lines", order=i, line=n, amount=i * n) for i in (1, 2) for n in (1, 2)],
         upsert("parts", name="bolt", stock=5), upsert("parts", name="nut", stock=7, origin="here"),
         update("parts", name="bolt", stock=6), checkpoint(done=1)]
SECOND = [upserts("orders", "id", 31, 60, price=6), update("orders", id=1, note="patched"), delete("orders", id=2),
          update("orders", id=99, note="nobody"), upsert("parts", name="bolt", stock=0.5), delete("parts", name="nut"),
          update("parts", name="nut", origin="there"), update("lines", order=1, line=2, amount=70000), checkpoint(done=2)]
THIRD = [upsert("orders", id=3, note="third"), upsert("orders", id=100, extra=True), truncate("orders"),
         update("orders", id=100, price=1), upsert("orders", {"id": 4, "note": "revived", "late": 1}), truncate("lines"),
         upsert("lines", order=7, line=1), delete("lines", order=7, line=1), upsert("lines", order=1, line=1, amount=9),
         checkpoint(done=3)]
LAST = [upsert("orders", id=101), update("orders", id=100, note="the last")]


def run(box, script, *options, status=0, **environment):
    arguments = box.script(*script, schema=SCHEMA, resume="true")
    return box.run(PROGRAMS["scripted"], *arguments, *options, status=status, environment=environment)


def contents(box, tables=None):
    """Everything but times: the state, the columns with their types, the rows. Nothing when there is no warehouse yet."""
    if not (box.folder / "files/warehouse.db").exists():
        return []
    sources = ["SELECT 'column' AS what, concat_ws(' ', table_name, column_name, data_type) AS \"text\" FROM duckdb_columns() "
               "WHERE schema_name = 'tester'"]
    for name in tables or tables_of(box):
        if name == "_pawl.connector_state":
            sources.append(f"SELECT 'state', state FROM {name}")
        elif name.startswith("tester."):
            rows = f"SELECT * EXCLUDE (_fivetran_synced) FROM {name}"
            sources.append(f"SELECT '{name}', CAST(row AS VARCHAR) FROM ({rows}) AS row")
    return [(row["what"], row["text"]) for row in box.rows(" UNION ALL ".join(sources) + " ORDER BY ALL")]


def tables_of(box):
    return [row["name"] for row in box.rows("SELECT schema_name || '.' || table_name AS name FROM duckdb_tables()")]


def state_of(found):
    return [text for what, text in found if what == "state"]


def has_rows(found):
    return any(what.startswith("tester.") for what, _ in found)


def check_what_was_left(box, snapshots):
    """Rows and state go together: each state has the rows of its checkpoint, or those after the last one too.

    Without a state, or with the empty one that a reset leaves, there are no rows.
    """
    found = contents(box)
    if state_of(found) in ([], ["{}"]):
        assert not has_rows(found), found
    else:
        assert found in snapshots, f"{found}\nis none of the contents between two commits"


class Scenario:
    """A sync that is to be killed: the parts of its script, its options, and whether there is a warehouse before it."""

    def __init__(self, name, parts, *options, is_used=False):
        self.name, self.parts, self.options, self.is_used = name, parts, options, is_used
        self.snapshots, self.steps, self.tables = [], [], []

    def script(self, count=None):
        return [operation for part in self.parts[:count] for operation in part]

    def prepare(self, box):
        if self.is_used:
            run(box, FIRST + [upsert("parts", name="of an earlier life", stock=1), checkpoint(done=9)])

    def look(self, folder):
        """Notes the contents after each part, the names of all steps, and the tables in the end."""
        for count in range(1, len(self.parts) + 1):
            box = Box(folder / f"{self.name} {count}")
            box.folder.mkdir()
            self.prepare(box)
            if self.is_used and count == 1:
                self.snapshots.append(contents(box))
            lines = run(box, self.script(count), *self.options, PAWL_TRACE_STEPS="1").stderr
            self.steps = re.findall(r"^step \d+: (.*)$", lines, re.MULTILINE)
            self.tables = tables_of(box)
            self.snapshots.append(contents(box, self.tables))

    def kill(self, folder, number):
        box = Box(folder)
        try:
            self.prepare(box)
            run(box, self.script(), *self.options, status=-signal.SIGKILL, PAWL_KILL_AT=str(number))
            check_what_was_left(box, self.snapshots)
            if number % 3 == 0:
                run(box, self.script(), *self.options, status=None, PAWL_KILL_AT=str(number // 2 + 1))
            run(box, self.script(), *self.options)
            found = contents(box, self.tables)
            equal(found, self.snapshots[-1])
            equal(box.state_file(), state_of(found)[0] + "\n")
        except Exception as error:
            error.add_note("\n".join(box.history))
            raise


SCENARIOS = [Scenario("new warehouse", [FIRST, SECOND, THIRD, LAST]), Scenario("reset", [FIRST], "--reset", is_used=True)]


def main():
    """Of the steps of every scenario, those that are the argument's share of so many: "1/2"."""
    share, shares = map(int, sys.argv[1].split("/"))
    with tempfile.TemporaryDirectory(prefix="pawl-test-") as folder:
        for scenario in SCENARIOS:
            scenario.look(pathlib.Path(folder))
            for number, step in enumerate(scenario.steps, 1):
                if number % shares == share - 1:
                    tap.case(f"{scenario.name}, killed at step {number}: {step}", scenario.kill, number)
    tap.main()


main()

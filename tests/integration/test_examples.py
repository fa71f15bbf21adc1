"""The examples do what they say."""
import csv
import io
import pathlib
import re

import tap
from harness import PROGRAMS, case, equal, test

LEDGER = pathlib.Path(__file__).parents[2] / "examples/ledger/expected"
CUSTOMERS = "SELECT customer_id, first_name, last_name, email, CAST(updated_at AS VARCHAR) AS updated_at FROM tester.customers"
ROWS = [
    dict(customer_id=2, first_name="Joe", last_name="Doe", email="joe@fivetran.com", updated_at="2024-01-31 23:04:39+00"),
    dict(customer_id=4, first_name="John", last_name="William", email="john@fivetran.com", updated_at="2024-02-14 22:59:59+00"),
    dict(customer_id=5, first_name="Ricky", last_name="Roma", email="ricky@fivetran.com", updated_at="2024-03-16 16:40:29+00"),
]
STATE = '{"last_updated_at": "2024-03-16T16:40:29Z"}'


def calls(output):
    return {name: int(count.replace(",", "")) for name, count in re.findall(r"^(\w+) +\| +([\d,]+)$", output, re.MULTILINE)}


def lines(output):
    return re.findall(r"^[\d:.]+ (\w+) +(.*)$", output, re.MULTILINE)


@test
def customers_are_three_rows_in_their_order(box):
    output = box.run(PROGRAMS["customers"], "debug").stdout
    equal(box.rows(CUSTOMERS), ROWS)
    equal([box.saved_state(), box.state_file()], [STATE, STATE + "\n"])
    equal(calls(output), dict(Upserts=3, Updates=0, Deletes=0, Truncates=0, SchemaChanges=1, Checkpoints=1, Warnings=0))
    equal([line for line in lines(output) if not line[1].startswith("pawl:")],
          [("WARNING", "Example: Source Examples - Common Patterns - Key Based Replication"),
           ("DEBUG", "fetching records from `customer` table modified after 2024-01-01T00:00:00Z")])


@test
def a_second_sync_of_customers_has_no_upsert_and_one_checkpoint(box):
    box.run(PROGRAMS["customers"], "debug")
    before = box.rows("SELECT * FROM tester.customers")
    output = box.run(PROGRAMS["customers"], "debug").stdout
    equal(calls(output), dict(Upserts=0, Updates=0, Deletes=0, Truncates=0, SchemaChanges=0, Checkpoints=1, Warnings=0))
    equal(box.rows("SELECT * FROM tester.customers"), before)
    equal([box.saved_state(), box.state_file()], [STATE, STATE + "\n"])
    assert ("DEBUG", "fetching records from `customer` table modified after 2024-03-16T16:40:29Z") in lines(output), output


@test
def customers_start_again_after_a_reset(box):
    box.run(PROGRAMS["customers"], "debug")
    equal(calls(box.run(PROGRAMS["customers"], "debug", "--reset").stdout)["Upserts"], 3)
    equal(box.rows(CUSTOMERS), ROWS)


# ---- customers_keyset ------------------------------------------------------------------------------------------------

SUMMARY = ("SELECT count(*) AS n, count(DISTINCT customer_id) AS ids, sum(customer_id) AS total, min(customer_id) AS least, "
           "count(DISTINCT updated_at) AS times FROM tester.customers")


def keyset(box, rows, page):
    output = box.run(PROGRAMS["customers_keyset"], "debug", "--rows", rows, "--page", page).stdout
    equal(box.rows(SUMMARY), [dict(n=rows, ids=rows, total=rows * (rows + 1) // 2, least=1, times=-(-rows // 250))])
    return calls(output)


@test
def the_keyset_loses_nothing_on_ties(box):
    equal(keyset(box, 10000, 333)["Checkpoints"], 10000 // 333 + 1)


@test
def a_page_that_ends_with_the_table_is_followed_by_an_empty_one(box):
    counts = keyset(box, 1000, 250)
    equal([counts["Upserts"], counts["Checkpoints"]], [1000, 5])


@test
def the_keyset_reads_what_is_new_alone(box):
    equal(keyset(box, 1000, 300)["Upserts"], 1000)
    equal(keyset(box, 1000, 300)["Upserts"], 0)
    equal(keyset(box, 1600, 300)["Upserts"], 600)
    equal(box.saved_state(), '{"updated_at_us": 1704067207407403, "customer_id": 1600}')


# ---- ledger ----------------------------------------------------------------------------------------------------------

def ledger(box, name):
    for _ in range(4):
        box.run(PROGRAMS["ledger"], "debug")
    sql = (LEDGER / f"{name}.sql").read_text(encoding="utf-8")
    equal(box.query(sql, "--format", "csv").stdout.splitlines(),
          (LEDGER / f"{name}.csv").read_text(encoding="utf-8").splitlines())


for path in sorted(LEDGER.glob("*.sql")):
    case(f"the ledger's {path.stem} are as expected", ledger, path.stem)


@test
def a_fifth_sync_of_the_ledger_changes_nothing(box):
    for _ in range(4):
        box.run(PROGRAMS["ledger"], "debug")
    before = [box.table(name) for name in box.tables()]
    output = box.run(PROGRAMS["ledger"], "debug").stdout
    equal([box.table(name) for name in box.tables()], before)
    equal([calls(output)["Upserts"], calls(output)["Checkpoints"], box.saved_state()], [0, 1, '{"act": 4}'])
    equal(len(list(csv.reader(io.StringIO(box.query("FROM tester.entries", "--format", "csv").stdout)))), 8)


tap.main()

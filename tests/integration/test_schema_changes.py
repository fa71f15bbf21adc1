"""What a table of an earlier sync becomes when the connector says something else of it."""
import decimal

import tap
from harness import PAWL, case, checkpoint, contains, equal, table, test, update, upsert, upserts


def t(primary_key="id", **columns):
    return table("t", primary_key, id="LONG", **columns)


def changes(sync):
    return [line.removeprefix("INFO pawl: schema change detected: ") for line in sync.log if "schema change detected" in line]


def by_hand(box, sql):
    """Somebody else's hand: DuckDB's own C library, through Python's ctypes."""
    box.run("python3", "-c", """
import ctypes, sys
duckdb = ctypes.CDLL(sys.argv[1])
database, connection = ctypes.c_void_p(), ctypes.c_void_p()
assert duckdb.duckdb_open(b"files/warehouse.db", ctypes.byref(database)) == 0
assert duckdb.duckdb_connect(database, ctypes.byref(connection)) == 0
assert duckdb.duckdb_query(connection, sys.argv[2].encode(), None) == 0
duckdb.duckdb_disconnect(ctypes.byref(connection))
duckdb.duckdb_close(ctypes.byref(database))
""", library(box), sql)


def library(box):
    """libduckdb, where the program itself finds it."""
    for line in box.run("ldd", PAWL).stdout.splitlines():
        if "libduckdb.so" in line:
            return line.split("=> ")[1].split(" ")[0]
    raise AssertionError("pawl does not use libduckdb")


@test
def changes_are_told_and_counted_when_there_are_any(box):
    sync = box.sync(upsert("t", id=1, a=1), schema=[t(a="INT")])
    equal([changes(sync), sync.report["schema_changes"]], [["tester.t created"], 1])
    sync = box.sync(upsert("t", id=1, a=2), schema=[t(a="INT")])
    equal([changes(sync), sync.report["schema_changes"]], [[], 0])
    sync = box.sync(upsert("t", id=1, a=2), schema=[t(a="LONG", b="STRING")])
    equal([changes(sync), sync.report["schema_changes"]], [["tester.t columns added, columns widened"], 1])


@test
def an_added_column_is_null_in_older_rows(box):
    box.sync(upsert("t", id=1, a=1), upsert("t", id=2, a=1), schema=[t(a="INT")])
    box.sync(upsert("t", id=2, a=2, b="x"), schema=[t(a="INT", b="STRING")])
    equal(box.table("t"), [dict(id=1, a=1, b=None), dict(id=2, a=2, b="x")])


@test
def a_column_may_appear_in_the_middle_of_a_sync(box):
    box.sync(table("t", "id"), upsert("t", id=1, a=1), checkpoint(n=1), upsert("t", id=2, a=2, b="x"),
             update("t", id=1, c=True),
             checkpoint(n=2), upsert("t", id=3, d=0.5))
    equal(box.table("t"), [dict(id=1, a=1, b=None, c=True, d=None), dict(id=2, a=2, b="x", c=None, d=None),
                           dict(id=3, a=None, b=None, c=None, d=0.5)])


@test
def more_than_62_columns_are_patched_one_by_one(box):
    names = [f"c{i:03}" for i in range(150)]
    box.sync(table("t", "id"), upsert("t", {"id": 1, **dict.fromkeys(names, 0)}))
    box.sync(table("t", "id"), *[update("t", {"id": 1, name: i}) for i, name in enumerate(names) if i % 7 == 0])
    equal(box.table("t"), [{"id": 1, **{name: 0 if i % 7 else i for i, name in enumerate(names)}}])


@test
def a_column_that_is_not_declared_any_more_stays_and_becomes_null(box):
    box.sync(upsert("t", id=1, a=1, b="x"), upsert("t", id=2, a=1, b="y"), schema=[t(a="INT", b="STRING")])
    sync = box.sync(upsert("t", id=1, a=2), update("t", id=2, a=2), schema=[t(a="INT")])
    equal(box.table("t"), [dict(id=1, a=2, b=None), dict(id=2, a=2, b="y")])
    equal(sync.report["schema_changes"], 0)


@test
def a_column_that_is_not_declared_is_inferred(box):
    box.sync(upsert("t", id=1, extra=True), schema=[t(a="INT")])
    equal(box.types("t"), {"id": "BIGINT", "a": "INTEGER", "extra": "BOOLEAN"})


def becomes(box, before, after, kind, value, text):
    box.sync(upsert("t", id=1, v=value), schema=[t(v=before)])
    box.sync(upsert("t", id=2), schema=[t(v=after)])
    equal(box.types("t")["v"], kind)
    equal(box.rows("SELECT CAST(v AS VARCHAR) AS v FROM tester.t ORDER BY id"), [dict(v=text), dict(v=None)])


for row in [("SHORT", "INT", "INTEGER", 5, "5"), ("SHORT", "LONG", "BIGINT", -5, "-5"), ("INT", "LONG", "BIGINT", 5, "5"),
            ("INT", "DOUBLE", "DOUBLE", 5, "5.0"), ("FLOAT", "DOUBLE", "DOUBLE", {"float": 0.1}, "0.10000000149011612"),
            ("DECIMAL(4,2)", "DECIMAL(9,2)", "DECIMAL(9,2)", {"decimal": "1.5"}, "1.50"),
            ("DECIMAL(4,2)", "DECIMAL(6,4)", "DECIMAL(6,4)", {"decimal": "1.5"}, "1.5000"),
            ("LONG", "DECIMAL(20,0)", "DECIMAL(20,0)", 5, "5"), ("NAIVE_DATE", "NAIVE_DATETIME", "TIMESTAMP", "2024-02-29",
                                                                 "2024-02-29 00:00:00"),
            ("LONG", "STRING", "VARCHAR", 5, "5"),
            ("UTC_DATETIME", "STRING", "VARCHAR", {"utc_datetime": 0}, "1970-01-01T00:00:00Z"),
            ("BOOLEAN", "STRING", "VARCHAR", True, "true"), ("DOUBLE", "STRING", "VARCHAR", 1e300, "1e+300"),
            # Narrower types keep the column as it is; what was there was wider.
            ("LONG", "INT", "BIGINT", 2**40, str(2**40)), ("DOUBLE", "FLOAT", "DOUBLE", 0.1, "0.1"),
            ("DECIMAL(9,2)", "DECIMAL(4,2)", "DECIMAL(9,2)", {"decimal": "12345.5"}, "12345.50"),
            ("STRING", "JSON", "VARCHAR", "x", "x"), ("JSON", "XML", "VARCHAR", "{}", "{}"),
            ("STRING", "LONG", "VARCHAR", "x", "x")]:
    case(f"{row[0]} declared as {row[1]} is {row[2]}", becomes, *row)


@test
def a_declared_type_is_kept_to_though_the_column_is_wider(box):
    box.sync(upsert("t", id=1, v=2**40), schema=[t(v="LONG")])
    box.fails(upsert("t", id=1, v=2**40), schema=[t(v="INT")],
              error="table 't': column 'v': '1099511627776' is not an INT: it is beyond -2147483648 to 2147483647")
    box.sync(upsert("t", id=2, v=7), schema=[t(v="INT")])
    equal(box.table("t"), [dict(id=1, v=2**40), dict(id=2, v=7)])


@test
def types_without_a_common_one_are_an_error(box):
    for before, after, value, hint in [
            ("LONG", "BOOLEAN", 5, "declare it as STRING, give it another name, or start again with --reset"),
            ("NAIVE_DATE", "UTC_DATETIME", "2024-01-01",
             "declare it as STRING, give it another name, or start again with --reset"),
            ("BINARY", "STRING", b"\x00", "give the column another name, or start again with --reset"),
            ("STRING", "BINARY", "x", "give the column another name, or start again with --reset")]:
        box.sync(upsert("t", id=1, v=value), schema=[t(v=before)], options=["--reset"])
        box.fails(upsert("t", id=2), schema=[t(v=after)], hint=hint,
                  error=f"table 't': column 'v': it is {before} in the destination and {after} in the schema")
        equal(len(box.table("t")), 1)


@test
def another_primary_key_is_an_error(box):
    box.sync(upsert("t", id=1, a=1), schema=[t(a="INT")])
    for key in ("a", "id a"):
        box.fails(upsert("t", id=1, a=1), schema=[t(key, a="INT")],
                  hint="give the table another name, or start anew with --reset",
                  error=f"table 't': its primary key was (id), the connector now says ({', '.join(key.split())})")
    box.fails(upsert("t", a=1), schema=[table("t", a="INT")], hint="give the table another name, or start anew with --reset",
              error="table 't': its primary key was (id), the connector now says (_fivetran_id)")
    box.sync(upsert("t", id=1, a=1), schema=[t("a", a="INT")], options=["--reset"])


@test
def the_order_of_the_key_does_not_matter(box):
    box.sync(upsert("t", id=1, a=1, b=1), schema=[t("id a", a="INT", b="INT")])
    box.sync(upsert("t", id=1, a=1, b=2), schema=[t("a id", a="INT", b="INT")])
    equal(box.table("t"), [dict(id=1, a=1, b=2)])


@test
def a_table_that_was_dropped_by_hand_is_an_error_until_a_reset(box):
    box.sync(upsert("t", id=1, a=1), checkpoint(n=1), schema=[t(a="INT")])
    by_hand(box, "DROP TABLE tester.t")
    box.fails(upsert("t", id=2, b="x"), schema=[t(b="STRING")], hint="--reset starts again from nothing",
              error="table 't': it was synced before, and is gone from the warehouse")
    equal(box.saved_state(), '{"n": 1}')
    sync = box.sync(upsert("t", id=2, b="x"), schema=[t(b="STRING")], options=["--reset"])
    equal([box.table("t"), sync.report["schema_changes"]], [[dict(id=2, b="x")], 1])


@test
def a_warehouse_belongs_to_one_connector(box):
    box.sync(upsert("t", id=1), schema=[t()])
    box.fails(upsert("u", id=2), error="the warehouse's schema 'tester' belongs to connector 'scripted'",
              hint="give this connector a file of its own with --warehouse; --reset would drop the tables of 'scripted'")
    equal(box.table("t"), [dict(id=1)])
    box.sync(upsert("u", id=2), options=["--warehouse", "other.db", "--state", "other.json"])
    box.sync(upsert("u", id=2), options=["--reset"])
    equal(box.tables(), ["u"])


@test
def a_warehouse_belongs_to_its_connector_before_the_first_checkpoint(box):
    box.sync({"op": "fail", "text": "no more"}, schema=[t()], status=1)
    sync = box.sync(upsert("u", id=2), status=1)
    equal(sync.error, ["the warehouse's schema 'tester' belongs to connector 'scripted'"])


@test
def a_table_that_pawl_did_not_make_is_left_alone(box):
    box.sync(upsert("other", id=1), schema=[table("other", "id")])
    by_hand(box, "CREATE TABLE tester.t AS SELECT 1 AS id")
    box.fails(upsert("t", id=2), schema=[t()],
              error="table 't': the schema 'tester' has a table of this name that Pawl did not make",
              hint="rename or drop that table, or use another warehouse")
    equal(box.rows("SELECT * FROM tester.t"), [dict(id=1)])


@test
def a_column_of_a_foreign_type_is_an_error(box):
    box.sync(upsert("t", id=1), schema=[t()])
    by_hand(box, "ALTER TABLE tester.t ADD COLUMN list INTEGER[]")
    box.fails(upsert("t", id=2), schema=[t()],
              error="table 't': column 'list' has the type 'INTEGER[]', which Pawl does not write",
              hint="drop the column, or start anew with --reset")


@test
def a_column_widens_while_its_rows_are_staged(box):
    rows = 130000  # more than a batch
    box.sync(table("t", "id"), upserts("t", "id", 1, rows, v=1), upsert("t", id=1, v="text"),
             upserts("t", "id", rows + 1, rows + 5, v=2), update("t", id=2, w=True),
             upsert("t", id=decimal.Decimal("0.5"), v=3))
    equal(box.types("t"), {"id": "DECIMAL(20,1)", "v": "VARCHAR", "w": "BOOLEAN"})
    equal(box.rows("SELECT v, count(*) AS n, count(w) AS w FROM tester.t GROUP BY v ORDER BY v"),
          [dict(v="1", n=rows - 1, w=1), dict(v="2", n=5, w=0), dict(v="3", n=1, w=0), dict(v="text", n=1, w=0)])


@test
def a_failed_sync_leaves_the_columns_as_they_were(box):
    box.sync(table("t", "id"), upsert("t", id=1, v=1))
    sync = box.sync(table("t", "id"), upsert("t", id=2, v="x", w=1), {"op": "fail", "text": "no more"}, status=1)
    contains(sync.lines, "error: no more\n")
    equal(box.types("t"), {"id": "BIGINT", "v": "BIGINT"})


tap.main()

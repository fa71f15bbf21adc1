"""What each operation does to the rows of the warehouse."""
import tap
from harness import checkpoint, delete, equal, table, test, truncate, update, upsert, upserts

T = table("t", "id", id="LONG", a="LONG", b="STRING")
PAIR = table("pair", "x y", x="LONG", y="STRING", v="LONG")


@test
def an_upsert_adds_a_row(box):
    sync = box.sync(upsert("t", id=1, a=2, b="x"), checkpoint(done=1), schema=[T])
    equal(box.table("t"), [dict(id=1, a=2, b="x")])
    equal(sync.report["operations"], {"upserts": 1, "updates": 0, "deletes": 0, "truncates": 0})
    equal([sync.report[name] for name in ("schema_changes", "checkpoints", "rows_committed", "rows_discarded")], [1, 1, 1, 0])


@test
def an_upsert_replaces_the_whole_row(box):
    box.sync(upsert("t", id=1, a=2, b="x"), upsert("t", id=2, a=3, b="y"), schema=[T])
    box.sync(upsert("t", id=1, b="z"), schema=[T])
    equal(box.table("t"), [dict(id=1, a=None, b="z"), dict(id=2, a=3, b="y")])


@test
def of_two_upserts_the_later_one_counts(box):
    box.sync(upsert("t", id=1, a=2, b="x"), upsert("t", id=1, a=3), schema=[T])
    equal(box.table("t"), [dict(id=1, a=3, b=None)])


@test
def an_update_changes_the_given_columns_alone(box):
    box.sync(upsert("t", id=1, a=2, b="x"), upsert("t", id=2, a=2, b="x"), schema=[T])
    box.sync(update("t", id=1, a=9), schema=[T])
    equal(box.table("t"), [dict(id=1, a=9, b="x"), dict(id=2, a=2, b="x")])


@test
def an_update_can_set_null(box):
    box.sync(upsert("t", id=1, a=2, b="x"), schema=[T])
    box.sync(update("t", id=1, b=None), schema=[T])
    equal(box.table("t"), [dict(id=1, a=2, b=None)])


@test
def an_update_of_a_row_that_is_not_there_is_ignored(box):
    sync = box.sync(upsert("t", id=1, a=2), update("t", id=9, a=3), schema=[T])
    equal(box.table("t"), [dict(id=1, a=2, b=None)])
    equal(sync.report["operations"]["updates"], 1)


@test
def an_update_of_a_row_of_the_same_sync_patches_it(box):
    box.sync(upsert("t", id=1, a=2, b="x"), update("t", id=1, a=3), update("t", id=1, b="y"), schema=[T])
    equal(box.table("t"), [dict(id=1, a=3, b="y")])


@test
def several_updates_of_an_older_row_add_up(box):
    box.sync(upsert("t", id=1, a=2, b="x"), schema=[T])
    box.sync(update("t", id=1, a=3), update("t", id=1, b="y"), update("t", id=1, a=4), schema=[T])
    equal(box.table("t"), [dict(id=1, a=4, b="y")])


@test
def a_delete_marks_the_row_and_keeps_its_values(box):
    box.sync(upsert("t", id=1, a=2, b="x"), upsert("t", id=2, a=3), schema=[T])
    box.sync(delete("t", id=1), schema=[T])
    equal(box.table("t"), [dict(id=1, a=2, b="x", deleted=True), dict(id=2, a=3, b=None)])


@test
def a_delete_of_a_row_that_is_not_there_is_ignored(box):
    sync = box.sync(upsert("t", id=1, a=2), delete("t", id=9), schema=[T])
    equal(box.table("t"), [dict(id=1, a=2, b=None)])
    equal(sync.report["operations"]["deletes"], 1)


@test
def a_delete_of_a_row_of_the_same_sync_marks_it(box):
    box.sync(upsert("t", id=1, a=2), delete("t", id=1), schema=[T])
    equal(box.table("t"), [dict(id=1, a=2, b=None, deleted=True)])


@test
def an_upsert_revives_a_deleted_row(box):
    box.sync(upsert("t", id=1, a=2, b="x"), delete("t", id=1), schema=[T])
    box.sync(upsert("t", id=1, a=3), schema=[T])
    equal(box.table("t"), [dict(id=1, a=3, b=None)])


@test
def an_update_patches_a_deleted_row_and_does_not_revive_it(box):
    box.sync(upsert("t", id=1, a=2, b="x"), delete("t", id=1), schema=[T])
    box.sync(update("t", id=1, a=3), schema=[T])
    equal(box.table("t"), [dict(id=1, a=3, b="x", deleted=True)])


@test
def a_truncate_marks_what_came_before_it(box):
    box.sync(upsert("t", id=1, a=1), upsert("t", id=2, a=2), schema=[T])
    sync = box.sync(upsert("t", id=3, a=3), truncate("t"), upsert("t", id=2, a=22), upsert("t", id=4, a=4), schema=[T])
    equal(box.table("t"), [dict(id=1, a=1, b=None, deleted=True), dict(id=2, a=22, b=None),
                           dict(id=3, a=3, b=None, deleted=True), dict(id=4, a=4, b=None)])
    equal(sync.report["operations"]["truncates"], 1)


@test
def a_truncate_leaves_other_tables_alone(box):
    box.sync(upsert("t", id=1, a=1), upsert("pair", x=1, y="a", v=1), truncate("t"), schema=[T, PAIR])
    equal(box.table("pair"), [dict(x=1, y="a", v=1)])
    equal(box.table("t"), [dict(id=1, a=1, b=None, deleted=True)])


@test
def a_truncate_does_not_change_the_time_of_the_rows(box):
    times = "SELECT _fivetran_synced AS at FROM tester.t"
    box.sync(upsert("t", id=1, a=1), schema=[T])
    before = box.rows(times)
    box.sync(truncate("t"), schema=[T])
    equal(box.rows(times), before)


@test
def an_update_after_a_truncate_patches_and_does_not_revive(box):
    box.sync(upsert("t", id=1, a=1, b="x"), schema=[T])
    box.sync(truncate("t"), update("t", id=1, a=2), schema=[T])
    equal(box.table("t"), [dict(id=1, a=2, b="x", deleted=True)])


@test
def an_empty_table_can_be_truncated(box):
    box.sync(truncate("t"), upsert("t", id=1), truncate("t"), truncate("t"), schema=[T])
    equal(box.table("t"), [dict(id=1, a=None, b=None, deleted=True)])


@test
def a_delete_and_an_update_change_the_time_of_their_row_alone(box):
    at = "SELECT id FROM tester.t WHERE _fivetran_synced > TIMESTAMPTZ '{}' ORDER BY id"
    box.sync(upserts("t", "id", 1, 4, a=1), schema=[T])
    last = box.rows("SELECT CAST(max(_fivetran_synced) AS VARCHAR) AS at FROM tester.t")[0]["at"]
    box.sync(delete("t", id=2), update("t", id=3, a=2), schema=[T])
    equal(box.rows(at.format(last)), [dict(id=2), dict(id=3)])


@test
def sequences_on_one_key_end_as_if_applied_one_by_one(box):
    box.sync(*[upsert("t", id=key, a=0, b="old") for key in range(1, 9)], schema=[T])
    box.sync(
        delete("t", id=1), upsert("t", id=1, a=1),
        upsert("t", id=2, a=2), delete("t", id=2), update("t", id=2, b="patched"),
        update("t", id=3, a=3), delete("t", id=3), upsert("t", id=3, b="new"), update("t", id=3, a=33),
        update("t", id=4, a=4), upsert("t", id=4), update("t", id=4, b="late"),
        delete("t", id=5), delete("t", id=5), update("t", id=5, a=5),
        update("t", id=6, a=6), update("t", id=6, a=None, b="six"),
        upsert("t", id=7, a=7), delete("t", id=7), upsert("t", id=7), delete("t", id=7),
        update("t", id=99, a=9), delete("t", id=99), upsert("t", id=99, a=99), schema=[T])
    equal(box.table("t"), [
        dict(id=1, a=1, b=None), dict(id=2, a=2, b="patched", deleted=True), dict(id=3, a=33, b="new"),
        dict(id=4, a=None, b="late"), dict(id=5, a=5, b="old", deleted=True), dict(id=6, a=None, b="six"),
        dict(id=7, a=None, b=None, deleted=True), dict(id=8, a=0, b="old"), dict(id=99, a=99, b=None)])


@test
def checkpoints_between_the_operations_change_nothing_of_their_result(box):
    operations = [upsert("t", id=1, a=1, b="x"), update("t", id=1, a=2), delete("t", id=1), update("t", id=1, b="y"),
                  upsert("t", id=2, a=5), truncate("t"), upsert("t", id=2, b="z"), update("t", id=2, a=6),
                  update("t", id=3, a=1)]
    expected = [dict(id=1, a=2, b="y", deleted=True), dict(id=2, a=6, b="z")]
    box.sync(*operations, schema=[T])
    equal(box.table("t"), expected)
    between = [step for operation in operations for step in (operation, checkpoint(done=1))]
    sync = box.sync(*between, schema=[T], options=["--reset"])
    equal(box.table("t"), expected)
    equal(sync.report["checkpoints"], len(operations))


@test
def operations_of_several_tables_may_be_mixed(box):
    box.sync(upsert("t", id=1, a=1), upsert("pair", x=1, y="a", v=1), update("t", id=1, b="x"), delete("pair", x=1, y="a"),
             upsert("pair", x=1, y="b", v=2), upsert("t", id=2), update("pair", x=1, y="b", v=3), schema=[T, PAIR])
    equal(box.table("t"), [dict(id=1, a=1, b="x"), dict(id=2, a=None, b=None)])
    equal(box.table("pair"), [dict(x=1, y="a", v=1, deleted=True), dict(x=1, y="b", v=3)])


@test
def a_composite_key_is_taken_as_a_whole(box):
    rows = [(1, "23"), (12, "3"), (1, "2"), (12, ""), (1, "")]
    box.sync(*[upsert("pair", x=x, y=y, v=i) for i, (x, y) in enumerate(rows)], schema=[PAIR])
    box.sync(update("pair", y="3", x=12, v=100), delete("pair", x=1, y=""), schema=[PAIR])
    equal(box.table("pair"), [dict(x=1, y="", v=4, deleted=True), dict(x=1, y="2", v=2), dict(x=1, y="23", v=0),
                              dict(x=12, y="", v=3), dict(x=12, y="3", v=100)])


@test
def fields_may_come_in_any_order(box):
    box.sync(upsert("t", b="x", id=1, a=2), upsert("t", a=3, b="y", id=2), update("t", b="z", id=2), schema=[T])
    equal(box.table("t"), [dict(id=1, a=2, b="x"), dict(id=2, a=3, b="z")])


@test
def a_table_without_a_key_gets_one_of_all_values(box):
    box.sync(upsert("log", day=1, text="a"), upsert("log", day=1, text="b"), upsert("log", text="a", day=1))
    rows = box.table("log")
    ids = [row.pop("_fivetran_id") for row in rows]
    equal(sorted(rows, key=str), [dict(day=1, text="a"), dict(day=1, text="b")])
    assert all(len(text) == 64 for text in ids) and len(set(ids)) == 2, ids


@test
def the_same_row_in_a_later_sync_is_still_one_row(box):
    box.sync(upsert("log", day=1, text="a"))
    before = box.table("log")
    box.sync(upsert("log", day=1, text="a"))
    equal(box.table("log"), before)


@test
def a_column_that_is_added_later_does_not_change_the_key_of_older_rows(box):
    box.sync(upsert("log", day=1, text="a"))
    box.sync(upsert("log", day=1, text="a", more=5), upsert("log", day=1, text="a", more=None))
    equal([(row["day"], row["text"], row["more"]) for row in box.rows("SELECT * FROM tester.log ORDER BY more NULLS FIRST")],
          [(1, "a", None), (1, "a", 5)])


@test
def a_truncate_of_a_table_without_a_key_marks_its_rows(box):
    box.sync(upsert("log", day=1), truncate("log"), upsert("log", day=2))
    equal(box.rows("SELECT day, _fivetran_deleted FROM tester.log ORDER BY day"),
          [{"day": 1, "_fivetran_deleted": True}, {"day": 2, "_fivetran_deleted": False}])


@test
def an_update_or_delete_without_a_primary_key_is_an_error(box):
    for operation in (update, delete):
        name = operation("log")["op"]
        box.fails(upsert("log", day=1), operation("log", day=1),
                  error=f"table 'log': {name} needs a primary key, and the table has none",
                  hint="declare its primary key in schema, or before its first operation")


@test
def a_delete_takes_the_key_alone(box):
    box.fails(upsert("t", id=1), delete("t", id=1, a=2), schema=[T],
              error="table 't': column 'a' is not part of the primary key, which is all that a delete takes")


@test
def a_field_may_not_be_given_twice(box):
    box.fails(upsert("t", [("id", 1), ("a", 2), ("a", 3)]), schema=[T], error="table 't': column 'a': it is given twice")


@test
def a_table_may_be_declared_during_update(box):
    box.sync(table("orders", "id", id="INT", price="DECIMAL(9,2)"), upsert("orders", id=1, price=5),
             table("orders", "id", id="INT", price="DECIMAL(9,2)"), update("orders", id=1, note="x"))
    equal(box.types("orders"), {"id": "INTEGER", "price": "DECIMAL(9,2)", "note": "VARCHAR"})
    equal(box.rows("SELECT id, CAST(price AS VARCHAR) AS price, note FROM tester.orders"), [dict(id=1, price="5.00", note="x")])


@test
def another_declaration_of_a_table_is_an_error(box):
    box.fails(table("orders", "id"), upsert("orders", id=1), table("orders", "id", id="LONG"),
              error="table 'orders' is already there with another primary key or other columns",
              hint="call pawl_sync_table once, before the table's first operation")


@test
def a_declared_table_is_there_without_rows(box):
    sync = box.sync(schema=[T, PAIR])
    equal(box.tables(), ["pair", "t"])
    equal([box.table("t"), box.table("pair"), sync.report["schema_changes"]], [[], [], 2])


@test
def the_warehouse_has_the_columns_of_the_original(box):
    box.sync(upsert("t", id=1), schema=[T])
    equal(box.rows("SELECT column_name AS name, data_type AS type FROM duckdb_columns() "
                   "WHERE schema_name = 'tester' AND column_name LIKE '\\_%' ESCAPE '\\' ORDER BY name"),
          [dict(name="_fivetran_deleted", type="BOOLEAN"), dict(name="_fivetran_synced", type="TIMESTAMP WITH TIME ZONE")])
    equal(box.rows("SELECT count(*) AS n FROM tester.t WHERE abs(epoch(now()) - epoch(_fivetran_synced)) < 60"), [dict(n=1)])


@test
def more_rows_than_a_batch_holds_are_all_kept(box):
    count = 300000
    sync = box.sync(upserts("t", "id", 1, count, a=7), upserts("t", "id", 100000, 200000, a=8), upserts("t", "id", 5, 5),
                    update("t", id=6, b="x"), delete("t", id=7), checkpoint(done=1), schema=[T])
    equal(sync.report["rows_committed"], count + 100001 + 3)
    equal(box.rows("SELECT a, count(*) AS n, count(DISTINCT id) AS keys, count_if(_fivetran_deleted) AS deleted, count(b) AS b "
                   "FROM tester.t GROUP BY a ORDER BY a"),
          [dict(a=7, n=count - 100001 - 1, keys=count - 100001 - 1, deleted=1, b=1),
           dict(a=8, n=100001, keys=100001, deleted=0, b=0),
           dict(a=None, n=1, keys=1, deleted=0, b=0)])


@test
def rows_that_were_staged_take_later_operations(box):
    """Texts fill the memory for batches, so that earlier rows are in the staging table when later operations come."""
    big = {"repeat": ["x", 12000]}
    fillers = [upsert("pair", x=i, y="filler", v=i) for i in range(3)]
    sync = box.sync(
        upsert("t", id=1, a=1, b=big), upsert("t", id=2, a=2, b=big), upserts("t", "id", 1000, 3999, b=big), *fillers,
        update("t", id=1, a=10), delete("t", id=2), upserts("t", "id", 4000, 6999, b=big),
        update("t", id=2, b="patched"), upsert("t", id=3, a=3), upserts("t", "id", 7000, 9999, b=big),
        truncate("t"), upserts("t", "id", 10000, 12999, b=big), upsert("t", id=3, a=33), update("t", id=1, a=11),
        schema=[T, PAIR], options=["--memory-limit", "192MiB"])
    equal(sync.report["rows_committed"], 4 * 3000 + 11)
    equal(box.rows("SELECT id, a, length(b) AS b, _fivetran_deleted AS deleted FROM tester.t WHERE id < 1000 ORDER BY id"),
          [dict(id=1, a=11, b=12000, deleted=True), dict(id=2, a=2, b=7, deleted=True), dict(id=3, a=33, b=None, deleted=False)])
    equal(box.rows("SELECT (id - 1000) // 3000 AS part, count(*) AS n, bool_and(length(b) = 12000) AS is_whole, "
                   "bool_and(_fivetran_deleted) AS deleted FROM tester.t WHERE id >= 1000 GROUP BY 1 ORDER BY 1"),
          [dict(part=part, n=3000, is_whole=True, deleted=part < 3) for part in range(4)])


tap.main()

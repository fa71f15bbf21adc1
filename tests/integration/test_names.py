"""Names of tables and columns: which are taken, what becomes of them, which two get into each other's way."""
import json

import tap
from harness import PROGRAMS, case, equal, table, test, update, upsert

# Names that SQL reserves, in any script, with every kind of quote: as they are with --naming SOURCE.
ODD = ["order", "select", "GROUP", "a b", "a\"b", "a'b", "a;b", "a--b", "%s%n", "a\\b", "[x]", "`x`", "$1", "?", "naïve",
       "Größe",
       "数据", "имя", "اسم", "🙂", "a.b", "x" * 200, "1", "NULL", "rowid", "main", "tester", "pawl_staged_0",
       "_x", "s", "t"]


@test
def any_name_is_a_column(box):
    box.sync(table("t", "id"), upsert("t", {"id": 1, **{name: i for i, name in enumerate(ODD)}}),
             options=["--naming", "SOURCE"])
    box.sync(table("t", "id"), update("t", {"id": 1, "order": 100, "a\"b": 101}), upsert("t", {"id": 2, "select": 5}),
             options=["--naming", "SOURCE"])
    row = {"id": 1, **{name: i for i, name in enumerate(ODD)}, "order": 100, "a\"b": 101}
    equal(box.table("t"), [row, {**dict.fromkeys(row), "id": 2, "select": 5}])


@test
def any_name_is_a_table_and_a_key(box):
    declared = [table(name, [name]) for name in ODD]
    rows = [upsert(name, {name: i, "v": 1}) for i, name in enumerate(ODD)]
    box.sync(*declared, *rows, options=["--naming", "SOURCE"])
    box.sync(*declared, *[update(name, {name: i, "v": 2}) for i, name in enumerate(ODD)], options=["--naming", "SOURCE"])
    equal(sorted(box.tables()), sorted(ODD))
    for i, name in enumerate(ODD):
        equal((name, box.table(name)), (name, [{name: i, "v": 2}]))


# ---- the rules of Fivetran -------------------------------------------------------------------------------------------

COLUMNS = {
    "id": "id", "ID2": "id2", "firstName": "first_name", "HTTPServer": "http_server", "userID": "user_id",
    "user.name": "user_name",
    "a  b--c": "a_b_c", "2fast": "_2fast", "_private": "_private", "__x": "_x", "Straße": "strasse", "Æsir": "a_esir",
    "Zoë": "zoe", "имя": "ima", "order": "order", "trailing_": "trailing_", "v1Beta2": "v1_beta2", "%": None, "数据": "shu_ju",
}
TABLES = {
    "Customers": "customers", "_hidden": "hidden", "__x": "x", "_2x": "_2x", "2x": "_2x", "orderItems": "order_items",
    "sales.Orders": "sales_orders", "Größen": "grossen",
}


def rename_column(box, name, renamed):
    if renamed is None:
        box.fails(table("t", "id"), upsert("t", {"id": 1, name: 5}),
                  error=f"table 't': column '{name}': column name '{name}' has no letter or digit that Fivetran naming keeps",
                  hint="rename it at the source, or use SOURCE naming, which keeps names as they are")
        return
    box.sync(table("t", [name]), upsert("t", {name: 5}))
    equal(box.table("t"), [{renamed: 5}])


def rename_table(box, name, renamed):
    box.sync(table(name, "k"), upsert(name, k=5))
    equal(box.tables(), [renamed])
    equal(box.table(renamed), [{"k": 5}])


for source, destination in COLUMNS.items():
    case(f"column '{source}' is '{destination}'", rename_column, source, destination)
for source, destination in TABLES.items():
    case(f"table '{source}' is '{destination}'", rename_table, source, destination)


@test
def the_connector_goes_on_using_its_own_names(box):
    schema = [table("userData", "userId", userId="LONG", fullName="STRING")]
    box.sync(upsert("userData", userId=1, fullName="x"), schema=schema)
    box.sync(update("userData", userId=1, fullName="y"), schema=schema)
    equal(box.table("user_data"), [dict(user_id=1, full_name="y")])


# ---- collisions ------------------------------------------------------------------------------------------------------

RENAME = ("rename one of them in the connector, or keep the source's names with --naming SOURCE (DuckDB's names differ by more "
          "than case)")


@test
def two_columns_of_one_name_are_an_error(box):
    box.fails(table("t", "id"), upsert("t", {"id": 1, "userData": 1, "user.data": 2}), hint=RENAME,
              error="table 't': column 'user.data': columns 'userData' and 'user.data' would both be 'user_data' in the "
                    "destination")
    box.sync(table("t", "id"), upsert("t", {"id": 1, "userData": 1, "user.data": 2}), options=["--naming", "SOURCE", "--reset"])
    equal(box.table("t"), [{"id": 1, "userData": 1, "user.data": 2}])


@test
def columns_that_differ_by_case_alone_are_an_error(box):
    box.fails(upsert("t", {"id": 1}), schema=[table("t", "id", [("id", "LONG"), ("ID", "LONG")])],
              options=["--naming", "SOURCE"],
              error="table 't': column 'ID': columns 'id' and 'ID' would both be 'ID' in the destination", hint=RENAME)


@test
def two_tables_of_one_name_are_an_error(box):
    box.fails(upsert("userData", x=1), upsert("user_data", x=1), hint=RENAME,
              error="tables 'userData' and 'user_data' would both be 'user_data' in the destination")
    equal(box.fails(upsert("A", x=1), upsert("a", x=1), options=["--naming", "SOURCE"], hint=RENAME,
                    error="tables 'A' and 'a' would both be 'a' in the destination").report["rows_committed"], 0)


@test
def a_column_of_an_earlier_sync_is_found_whatever_its_case(box):
    box.sync(table("t", "id"), upsert("t", {"id": 1, "Value": 5}), options=["--naming", "SOURCE"])
    box.sync(table("t", "id"), upsert("t", {"id": 1, "value": 6}), options=["--naming", "SOURCE"])
    equal(box.table("t"), [{"id": 1, "Value": 6}])


# ---- refused ---------------------------------------------------------------------------------------------------------

def reserve(box, name, naming):
    box.fails(table("t", "id"), upsert("t", {"id": 1, name: 2}), options=["--naming", naming],
              error=f"table 't': column '{name}': its name in the destination would be '{name.lower()}', which is reserved",
              hint="names that begin with _fivetran_ or _pawl_ are for the warehouse's own columns")


for reserved in ("_fivetran_synced", "_fivetran_deleted", "_fivetran_id", "_fivetran_anything", "_pawl_is_full",
                 "_Fivetran_Synced"):
    case(f"column '{reserved}' is reserved", reserve, reserved, "FIVETRAN")
for reserved in ("_fivetran_id", "_pawl_given_0"):
    case(f"column '{reserved}' is reserved in SOURCE naming too", reserve, reserved, "SOURCE")


@test
def reserved_names_are_reserved_in_any_case(box):
    for name in ("_FIVETRAN_DELETED", "_FIVETRAN_ID", "_Pawl_is_full"):
        box.fails(table("t", "id"), upsert("t", {"id": 1, name: 2}), options=["--naming", "SOURCE"],
                  error=f"table 't': column '{name}': its name in the destination would be '{name}', which is reserved",
                  hint="names that begin with _fivetran_ or _pawl_ are for the warehouse's own columns")


@test
def a_blank_name_is_refused(box):
    box.fails(table("t", "id"), upsert("t", {"id": 1, " ": 2}), error="table 't': column ' ': column name ' ' is blank")
    box.fails(upsert("", {"id": 1}), error="a table has an empty name")


@test
def a_control_character_in_a_name_is_refused(box):
    sync = box.sync(table("t", "id"), upsert("t", {"id": 1, "a\x01": 2}), status=1)
    equal(sync.error, ["table 't': column 'a\\x01': column name 'a\\x01' holds a control character"])


@test
def an_operation_without_a_table_is_refused(box):
    box.fails(upsert(None, id=1), error="an operation names no table")


@test
def an_unknown_naming_is_refused(box):
    result = box.run(PROGRAMS["inferred"], "debug", "--naming", "SOURCES", status=2)
    equal(result.stderr, "error: '--naming' cannot be 'SOURCES'\nhint: did you mean 'SOURCE'?\n")


@test
def schema_shows_both_names(box):
    arguments = box.script(schema=[table("userData", "userId", userId="LONG", note="STRING")])[1:]
    shown = json.loads(box.run(PROGRAMS["scripted"], "schema", *arguments, "--json").stdout)
    equal(shown, {"connector": "scripted", "has_schema": True, "tables": [{
        "name": "userData", "destination_name": "user_data", "primary_key": ["userId"], "columns": [
            {"name": "userId", "destination_name": "user_id", "type": "LONG", "is_primary_key": True},
            {"name": "note", "destination_name": "note", "type": "STRING", "is_primary_key": False}]}]})
    equal(box.run(PROGRAMS["scripted"], "schema", *arguments).stdout,
          "userData (destination: user_data)\n"
          "Column | Type   | Primary key | Destination\n"
          "------ + ------ + ----------- + -----------\n"
          "userId | LONG   | yes         | user_id\n"
          "note   | STRING |             | note\n")


tap.main()

"""pawl sync: append exactly once, replace, upsert by a key that is named, and what else a table can be told."""
from sync_harness import PAWL, both, contains, duckdb, equal, now, sqlite, tap

TABLE = "CREATE TABLE t (id INTEGER PRIMARY KEY, updated_at TIMESTAMP, v VARCHAR)"
NO_KEY = "CREATE TABLE t (id INTEGER, updated_at TIMESTAMP, v VARCHAR)"
DAY = "2024-05-01 00:00:00"
EXACT = {"clock": "database", "key_zone": "UTC"}


def at(number):
    return f"2024-05-01 00:{number // 60:02}:{number % 60:02}"


# ---- append ----------------------------------------------------------------------------------------------------------

@both
def append_01_every_row_once(pair):
    """With rows that are equal in everything, and rows that tie with what was there before."""
    pair.settings = {"mode": "append", **EXACT}
    pair.source(NO_KEY)
    for number in range(4):
        pair.insert("t", [(1, at(number), "twice")] * 2 + [(2, at(number), "v"), (number, at(max(number - 1, 0)), "v")][:4 - number])
        pair.insert("t", [(3, at(number), "v"), (3, at(number), "v")])
        pair.sync()
        pair.same("t")
        pair.insert("t", [(1, at(number), "twice"), (4, at(number), None)])
        pair.sync()
        pair.same("t")
    equal(pair.sync().table()["rows_written"], 0)


@both
def append_02_rows_wait_for_the_horizon(pair):
    pair.settings = {"mode": "append"}
    pair.source(NO_KEY)
    pair.insert("t", [(1, now(-1000), "v"), (2, now(-800), "too new"), (3, "2099-01-01 00:00:00", "future")])
    run = pair.sync(lag="900s")
    equal(([row[0] for row in pair.here("t")], run.table()["guarantee"]), (["1"], "lag 900s"))
    pair.insert("t", [(4, now(-890), "late"), (4, now(-890), "late"), (5, now(-600), "v")])
    pair.sync(lag="900s")
    equal([row[0] for row in pair.here("t")], ["1"])
    pair.sync(lag="700s")  # as if some time was over
    equal([row[0] for row in pair.here("t")], ["1", "2", "4", "4"])
    pair.insert("t", [(6, now(-690), "late")])
    pair.kill_if_can("replica: before the commit", lag="500s")
    pair.kill_if_can("replica: after the commit", lag="500s")
    pair.sync(lag="500s")
    pair.same("t", where="id <> 3")
    equal(pair.sync(lag="500s").table()["rows_written"], 0)


@both
def append_03_rows_at_the_horizon_come_when_it_has_passed_them(pair):
    """A key as coarse as a day: its rows are at the horizon all day long, and the newest ones on the next day, too."""
    pair.settings = {"mode": "append", "key": "day"}
    pair.source("CREATE TABLE t (id INTEGER, day DATE)")
    pair.insert("t", [(1, now(-86400 * 3, "%Y-%m-%d")), (2, now(-86400, "%Y-%m-%d"))])
    pair.sync(lag="1d")
    equal(len(pair.here("t")), 1)
    pair.sync(lag="1d")
    equal(len(pair.here("t")), 1)
    pair.sync()
    equal(len(pair.here("t")), 2)
    equal(pair.sync().table()["rows_written"], 0)
    equal(len(pair.here("t")), 2)


@both(times=["exact", "lag"])
def append_04_killed_and_run_again(pair, clock):
    pair.settings = {"mode": "append", "window_rows": 4, **(EXACT if clock == "exact" else {"lag": "900s"})}
    pair.source(NO_KEY)
    pair.insert("t", [(number, at(number), "v") for number in range(20)] * 2)
    for step in ["backfill: window committed", "replica: before the commit", "replica: rows inserted"]:
        pair.kill(step)
    pair.sync()
    pair.same("t")
    keys = [at(number // 2) if clock == "exact" else now(-890 + number // 2) for number in range(40, 70)]
    pair.insert("t", [(number, keys[number - 40], "w") for number in range(40, 70)] * 2)
    for step in ["replica: rows appended", "replica: after the commit", "incremental: window committed", "replica: rows staged",
                 "replica: before the commit"]:
        pair.kill(step, lag="600s")
    pair.sync(lag="600s")
    pair.same("t")
    equal(pair.sync(lag="600s").table()["rows_written"], 0)


@both
def append_05_rows_without_a_key(pair):
    pair.settings = {"mode": "append", **EXACT}
    pair.source(NO_KEY)
    pair.insert("t", [(1, None, "v"), (1, None, "v"), (2, DAY, "v")])
    for _ in range(2):
        pair.sync()
        pair.same("t")
    pair.insert("t", [(1, None, "v"), (3, None, None)])
    pair.sync()
    pair.same("t")


@both
def append_06_a_new_column_brings_nothing_twice(pair):
    """The rows at the cursor are there already, without the column, and are read again, with it."""
    pair.settings = {"mode": "append", **EXACT}
    pair.source(NO_KEY)
    pair.insert("t", [(1, DAY, "v"), (2, DAY, "v"), (2, DAY, "v"), (3, None, "v")])
    pair.sync()
    pair.source("ALTER TABLE t ADD COLUMN w INTEGER DEFAULT 5")
    pair.kill_if_can("replica: after the commit")  # the column is there, and the rows were not read
    pair.sync()
    equal(pair.here("t"), [["1", DAY, "v", None], ["2", DAY, "v", None], ["2", DAY, "v", None], ["3", None, "v", None]])
    equal(pair.state()["new_columns"], None)
    pair.insert("t", [(8, "2024-06-01 00:00:00", "x", 6), (9, DAY, "x", 6)])
    pair.sync()
    equal(len(pair.here("t", where="w = 6")), 2)


@both
def append_07_a_sequence_is_exact_for_inserts(pair):
    pair.settings = {"mode": "append", "key": "id"}
    pair.source("CREATE SEQUENCE s; CREATE TABLE t (id INTEGER PRIMARY KEY DEFAULT nextval('s'), v VARCHAR)"
                if pair.kind == "duckdb" else "CREATE TABLE t (id INTEGER PRIMARY KEY, v VARCHAR)")
    for number in range(3):
        pair.source(f"INSERT INTO t (v) VALUES ('a{number}'), ('b{number}')")
        run = pair.sync()
        pair.same("t")
    equal((run.table()["guarantee"], run.table()["guarantee_reason"], run.table()["rows_written"]),
          ("exact", "for inserts alone: the key is a sequence, which an update does not move", 2))


@both
def append_08_an_update_is_one_row_more(pair):
    pair.settings = {"mode": "append", **EXACT}
    pair.source(TABLE)
    pair.insert("t", [(1, at(1), "v"), (2, at(2), "v")])
    pair.sync()
    pair.source(f"UPDATE t SET v = 'w', updated_at = '{at(3)}' WHERE id = 1")
    pair.sync()
    equal(pair.here("t"), [["1", at(1), "v"], ["1", at(3), "w"], ["2", at(2), "v"]])


# ---- replace ---------------------------------------------------------------------------------------------------------

@both
def replace_01_the_table_is_the_sources(pair):
    pair.source(NO_KEY)
    pair.insert("t", [(1, DAY, "v"), (2, None, "v"), (2, None, "v")])
    run = pair.sync()
    equal((run.table()["mode"], run.table()["phase"], run.table()["guarantee"]), ("replace", "refresh", "exact"))
    pair.same("t")
    pair.source("DELETE FROM t WHERE id = 1", "UPDATE t SET v = 'w' WHERE id = 2")
    pair.sync()
    pair.same("t")


@both
def replace_02_of_a_view_and_only_when_it_is_named(pair):
    pair.source(TABLE, "CREATE VIEW w AS SELECT id, v FROM t WHERE id > 1")
    pair.insert("t", [(1, DAY, "v"), (2, DAY, "v")])
    equal(list(pair.sync().tables), ["t"])
    pair.sync(tables={"w": {"mode": "replace"}})
    pair.same("w")
    run = pair.sync("--select", "w", tables={"t": {}, "w": {"mode": "replace"}})
    equal(list(run.tables), ["w"])


# ---- upsert ----------------------------------------------------------------------------------------------------------

@both
def upsert_01_a_primary_key_that_is_named(pair):
    pair.settings = {"primary_key": ["id", "v"]}
    pair.source(NO_KEY)
    pair.insert("t", [(1, at(1), "a"), (1, at(1), "b"), (2, at(1), "a")])
    run = pair.sync()
    equal(run.table()["mode"], "upsert")
    pair.source(f"UPDATE t SET updated_at = '{at(2)}' WHERE id = 1")
    pair.sync()
    pair.same("t")


@both
def upsert_02_a_primary_key_that_is_not_unique(pair):
    """kafka-connect-jdbc#1081: the same key twice in one batch, and one of the two rows wins."""
    pair.settings = {"primary_key": "id"}
    pair.source(NO_KEY)
    pair.insert("t", [(1, at(1), "a"), (2, at(1), "b")])
    pair.sync()
    state = pair.state()
    pair.insert("t", [(7, at(2), "a"), (7, at(3), "b"), (8, at(3), "b")])
    pair.fails("table 'main.t': the primary key (id) is not unique: 1 rows share theirs with another one, as (7)",
               hint="name all columns that tell rows apart, or use mode: append or replace")
    equal((pair.state(), len(pair.here("t"))), (state, 2))
    pair.source("DELETE FROM t WHERE id = 7 AND v = 'a'")
    pair.sync()
    pair.same("t")


@both
def upsert_03_not_unique_from_the_start(pair):
    pair.source(NO_KEY)
    pair.insert("t", [(1, at(number), str(number)) for number in range(9)] + [(None, at(1), "x"), (None, at(2), "y")])
    pair.fails("...the primary key (id) is not unique: 9 rows share theirs with another one, as...", primary_key="id",
               window_rows=2)


@both
def upsert_04_a_primary_key_changes(pair):
    """The old row stays: a key cannot see that it is gone. The report says so."""
    pair.source(TABLE)
    pair.insert("t", [(1, at(1), "v"), (2, at(2), "v")])
    pair.sync()
    pair.source(f"UPDATE t SET id = 3, updated_at = '{at(3)}' WHERE id = 1")
    pair.sync()
    equal(pair.here("t"), [["1", at(1), "v"], ["2", at(2), "v"], ["3", at(3), "v"]])


@both
def upsert_05_without_what_it_needs(pair):
    pair.source("CREATE TABLE t (id INTEGER, v VARCHAR)", "CREATE TABLE u (id INTEGER, updated_at TIMESTAMP)")
    pair.fails("table 'main.t': mode upsert needs a replication key: no column has a name such as 'updated_at' and a type that has "
               "an order", hint="name it: 'key', --key; or use mode: replace", tables={"t": {"mode": "upsert", "primary_key": "id"}})
    pair.fails("table 'main.u': mode upsert needs a primary key, and the source declares none",
               hint="name the columns that tell rows apart: 'primary_key', --primary-key; or use another mode",
               tables={"u": {"mode": "upsert"}})


# ---- which rows, which columns ---------------------------------------------------------------------------------------

@both
def where_01_only_some_rows(pair):
    pair.settings = {"where": "v <> 'no' OR v IS NULL", "window_rows": 2}
    pair.source(TABLE)
    pair.insert("t", [(number, at(number), ["yes", "no", None][number % 3]) for number in range(12)])
    pair.sync()
    pair.same("t", where="v <> 'no' OR v IS NULL")
    pair.source(f"UPDATE t SET v = 'now', updated_at = '{at(50)}' WHERE id = 1",
                f"UPDATE t SET v = 'no', updated_at = '{at(51)}' WHERE id = 0")
    run = pair.sync()
    equal(run.table()["cursor_to"], at(50))  # the newest of those that come
    pair.same("t", where="(v <> 'no' OR v IS NULL) AND id <> 0")


@both
def where_02_of_no_meaning(pair):
    pair.source(TABLE)
    pair.insert("t", [(1, DAY, "v")])
    pair.fails("...table 'main.t': ...", where="nothing = 1")
    pair.fails("...table 'main.t': ...", where="id = = 3",
               hint="'where' stands in the source's statement as it is written: is it a condition there?")
    pair.sync(where="v = 'v' -- a comment")
    pair.same("t")


@both
def start_01_the_first_sync_begins_there(pair):
    pair.settings = {"start": at(5)}
    pair.source(TABLE)
    pair.insert("t", [(number, at(number), "v") for number in range(10)] + [(10, None, "v")])
    pair.sync()
    pair.same("t", where=f"updated_at >= '{at(5)}' OR updated_at IS NULL")
    pair.source(f"UPDATE t SET updated_at = '{at(11)}' WHERE id = 0")
    pair.sync()
    pair.same("t", where=f"updated_at >= '{at(5)}' OR updated_at IS NULL")
    pair.sync("--full-refresh", "t")
    pair.same("t", where=f"updated_at >= '{at(5)}' OR updated_at IS NULL")


@both
def start_02_of_numbers(pair):
    pair.settings = {"start": "9", "key": "k"}
    pair.source("CREATE TABLE t (id INTEGER PRIMARY KEY, k INTEGER)")
    pair.insert("t", [(number, number) for number in range(8, 12)])
    pair.sync()
    pair.same("t", where="k >= 9")


@both
def columns_01_included_excluded_renamed(pair):
    pair.source("CREATE TABLE t (id INTEGER PRIMARY KEY, updated_at TIMESTAMP, a VARCHAR, b VARCHAR, \"Odd \"\"name\" INTEGER)",
                f"INSERT INTO t VALUES (1, '{at(1)}', 'a', 'b', 5)")
    tables = {"t": {"columns": {"exclude": ["b", "updated_at"], "rename": {"a": "first letter", "id": "number"}}}}
    pair.sync(tables=tables)
    equal(list(pair.types("t")), ["number", "first letter", 'Odd "name'])
    pair.source(f"UPDATE t SET a = 'x', updated_at = '{at(2)}'", f"INSERT INTO t VALUES (2, '{at(2)}', 'y', 'z', NULL)")
    pair.sync(tables=tables)
    equal(pair.here("t"), [["1", "x", "5"], ["2", "y", None]])
    pair.sync(tables={"t": {"name": "other", "columns": {"include": ["id", "b"]}}})
    equal(pair.here("other"), [["1", "b"], ["2", "z"]])


@both
def columns_02_the_primary_key_is_left_out(pair):
    pair.source(TABLE)
    pair.fails("table 'main.t': column 'id' is part of the primary key and is left out",
               hint="take it in, or name other columns as primary_key", tables={"t": {"columns": {"exclude": ["id"]}}})
    pair.fails("table 'main.t': two columns would be called 'V' in the destination",
               hint="rename one of them with columns.rename",
               tables={"t": {"columns": {"rename": {"id": "v", "v": "V"}}}})


@both
def columns_03_append_needs_its_key(pair):
    """Rows at the cursor are read again: without their keys, new ones that are equal to old ones would be left out."""
    pair.settings = {"mode": "append", **EXACT}
    pair.source(NO_KEY)
    pair.fails("table 'main.t': mode append needs the replication key in the destination, and column 'updated_at' is left out",
               hint="take it in: rows that are read again are told from new ones by it",
               tables={"t": {"columns": {"exclude": ["updated_at"]}}})
    tables = {"t": {"columns": {"rename": {"updated_at": "at"}}}}
    for number in range(3):
        pair.insert("t", [(1, at(number), "v"), (number, at(number), "v")])
        pair.sync(tables=tables)
        equal(pair.there("t"), pair.here("t"))


@both
def name_01_patterns(pair):
    pair.source(TABLE, TABLE.replace(" t ", " other "))
    pair.insert("t", [(1, DAY, "v")])
    pair.sync(name="shop.{schema}_{table}")
    equal(pair.here("shop.main_t"), [["1", DAY, "v"]])
    equal(pair.here("shop.main_other"), [])
    pair.fails("tables 'main.other' and 'main.t' would both be called 'shop.x' in the warehouse",
               hint="give them names of their own with 'name'", name="shop.x")
    pair.fails("table 'main.t': the schema '_pawl' is kept for Pawl's own tables", tables={"t": {"name": "_pawl.t"}})


@both
def names_01_of_any_kind(pair):
    names = ["select", "Order Lines", 'say "hi"', "ünïcode 花", "a.b", "'; DROP TABLE t; --"]
    for name in names:
        quoted = '"' + name.replace('"', '""') + '"'
        pair.source(f"CREATE TABLE {quoted} ({quoted} INTEGER PRIMARY KEY, updated_at TIMESTAMP, \"group\" VARCHAR)",
                    f"INSERT INTO {quoted} VALUES (1, '{DAY}', 'v')")
    pair.sync()
    for name in names:
        quoted = '"' + name.replace('"', '""') + '"'
        pair.source(f"UPDATE {quoted} SET \"group\" = 'w', updated_at = '{at(5)}'")
    pair.sync()
    for name in names:
        quoted = '"' + name.replace('"', '""') + '"'
        equal(pair.here(quoted), [["1", at(5), "w"]])


@duckdb
def names_02_schemas(pair):
    pair.source("CREATE SCHEMA a; CREATE SCHEMA \"b c\"", *[
        f"CREATE TABLE {schema}.t (id INTEGER PRIMARY KEY, updated_at TIMESTAMP); INSERT INTO {schema}.t VALUES ({number}, '{DAY}')"
        for number, schema in enumerate(["main", "a", '"b c"'])])
    pair.sync()
    for number, schema in enumerate(["main", "a", '"b c"']):
        equal(pair.here(f"{schema}.t"), [[str(number), DAY]])
    run = pair.sync("--select", "a.t")
    equal(run.result["tables"][0]["source_name"], "a.t")


@both(times=["upsert", "append"])
def start_03_what_is_below_it_never_comes(pair, mode):
    """Not even when nothing is above it yet, or when all that was is gone again."""
    pair.settings = {"mode": mode, "start": "2025-01-01 00:00:00", **EXACT}
    pair.source("CREATE TABLE t (id INTEGER PRIMARY KEY, updated_at TIMESTAMP, v VARCHAR)")
    pair.insert("t", [(1, at(1), "below"), (2, at(2), "below")])
    for _ in range(2):
        pair.sync()
        equal(pair.here("t", "count(*)"), [["0"]])
    pair.insert("t", [(3, "2025-02-01 00:00:00", "above")])
    pair.sync()
    equal(pair.here("t", "v"), [["above"]])
    pair.source("DELETE FROM t WHERE id = 3")
    pair.sync()
    equal(pair.here("t", "v"), [["above"]])


@both
def start_04_all_that_is_above_it_is_ahead(pair):
    pair.settings = {"start": "2025-01-01 00:00:00", **EXACT}
    pair.source("CREATE TABLE t (id INTEGER PRIMARY KEY, updated_at TIMESTAMP, v VARCHAR)",
                "INSERT INTO t VALUES (1, '2099-01-01 00:00:00', 'v')")
    pair.sync()
    pair.same("t")
    pair.insert("t", [(2, now(), "v")])
    pair.sync()
    pair.same("t")


@sqlite(times=["updated_at", "n"])
def start_05_of_another_kind_than_the_key(pair, key):
    pair.settings = {"key": key}
    pair.source("CREATE TABLE t (id INTEGER PRIMARY KEY, updated_at TIMESTAMP, n INTEGER)")
    pair.insert("t", [(1, at(1), 1), (2, at(2), 2)])
    holds, example = {"updated_at": ("times", "2024-05-01 00:00:00"), "n": ("numbers", "1700000000")}[key]
    error = f"'start' is 'soon', and the key holds {holds}"
    contains(pair.run(PAWL, "check", pair.job(start="soon"), status=1).stdout, error)
    pair.fails(f"...{error}", start="soon", hint=f"write it as the source writes the key: {example}")
    pair.sync(start={"updated_at": at(2), "n": "2"}[key])
    equal(pair.here("t", "id"), [["2"]])


@both
def start_06_a_table_that_is_copied_whole_has_none(pair):
    pair.settings = {"mode": "replace", "start": at(2)}
    pair.source(TABLE)
    pair.insert("t", [(1, at(1), "v"), (2, at(2), "v")])
    equal(pair.sync().warnings()[0], "main.t: 'start' leaves nothing out, as the table is copied whole every time")
    pair.same("t")


@sqlite
def misfits_01_a_value_that_does_not_fit_makes_the_column_text(pair):
    pair.source("CREATE TABLE t (id INTEGER PRIMARY KEY, updated_at TIMESTAMP, n INTEGER)")
    pair.insert("t", [(1, at(1), 5), (2, at(2), None)])
    pair.sync()
    equal(pair.types("t")["n"], "BIGINT")
    pair.insert("t", [(3, at(3), "five"), (4, at(4), 6.5)])
    run = pair.sync()
    contains("\n".join(run.warnings()), "main.t: column 'n' becomes text: ")
    equal(pair.types("t")["n"], "VARCHAR")
    pair.same("t")
    pair.insert("t", [(5, at(5), 7)])
    pair.sync()
    pair.same("t")


@sqlite
def misfits_03_an_integer_that_no_double_keeps(pair):
    """NUMERIC without a precision is a double, until a value is one digit more than that."""
    pair.source("CREATE TABLE t (id INTEGER PRIMARY KEY, updated_at TIMESTAMP, n NUMERIC)")
    pair.insert("t", [(1, at(1), 9007199254740992), (2, at(2), -5)])
    pair.sync()
    equal((pair.types("t")["n"], pair.here("t", "n::BIGINT")), ("DOUBLE", [["-5"], ["9007199254740992"]]))
    pair.insert("t", [(3, at(3), 9007199254740993)])
    contains("\n".join(pair.sync().warnings()), "the row with id 3 has the integer '9007199254740993', which is no DOUBLE")
    equal((pair.types("t")["n"], pair.here("t", "n", "id = 3")), ("VARCHAR", [["9007199254740993"]]))


@sqlite
def misfits_04_text_is_the_same_from_before_and_after(pair):
    """Rows that came as numbers, booleans and blobs are written as if they came as text, so that append knows them again."""
    declared = ["REAL", "NUMERIC", "DECIMAL(10,2)", "BOOLEAN", "BLOB", "INT"]
    rows = [(1.5, 5, 0, 1, b"abc", 7), (5.0, 5.5, 1.5, 0, b"", -7), (float("inf"), -0.5, 100, None, None, None),
            (1e20, 9007199254740992, 99999999.99, 1, b"\0\xff", 0), (-0.25, 10**17, -0.5, 1, b"x", 1)]
    pair.source("CREATE TABLE t (id INTEGER PRIMARY KEY, updated_at TIMESTAMP, " +
                ", ".join(f"c{place} {name}" for place, name in enumerate(declared)) + ")")
    connection = pair.connect()
    insert = "INSERT INTO t VALUES (" + ", ".join("?" * (len(declared) + 2)) + ")"
    for number, row in enumerate(rows):
        connection.execute(insert, (number, at(number), *row))
    for mode in ("upsert", "append"):
        pair.sync(name=mode, mode=mode, clock="database")
    connection.execute(insert, (100, at(len(rows) - 1), *["text"] * len(declared)))
    connection.close()
    for mode in ("upsert", "append"):
        equal(pair.sync(name=mode, mode=mode, clock="database").table()["rows_read"], 2)
        pair.sync(name=f"{mode}_anew", mode=mode, clock="database")
        equal((mode, pair.here(mode)), (mode, pair.here(f"{mode}_anew")))


@sqlite
def misfits_02_or_stops_the_table(pair):
    pair.settings = {"misfits": "error"}
    pair.source("CREATE TABLE t (id INTEGER PRIMARY KEY, updated_at TIMESTAMP, n INTEGER)")
    pair.insert("t", [(1, at(1), 5)])
    pair.sync()
    pair.insert("t", [(2, at(2), "two"), (3, at(3), 3)])
    run = pair.sync(status=1)
    contains(run.errors[0], "table 'main.t': ")
    equal(len(pair.here("t")), 1)
    pair.source("UPDATE t SET n = 2 WHERE id = 2")
    pair.sync()
    pair.same("t")


if __name__ == "__main__":
    tap.main()

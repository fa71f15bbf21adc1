"""pawl sync: rows without a key, and NULL in primary keys (T-NULL of the torture list)."""
from sync_harness import both, contains, duckdb, equal, now, sqlite, tap

TABLE = "CREATE TABLE t (id INTEGER PRIMARY KEY, updated_at TIMESTAMP, v VARCHAR)"
DAY = "2024-05-01 00:00:00"


@both
def null_01_a_key_is_set_later_and_taken_back(pair):
    pair.source(TABLE)
    pair.insert("t", [(1, DAY, "v"), (2, None, "without"), (3, None, "without")])
    pair.sync()
    pair.same("t")
    pair.source("UPDATE t SET updated_at = '2024-05-02 00:00:00', v = 'set' WHERE id = 2")
    pair.sync()
    pair.same("t")
    pair.source("UPDATE t SET updated_at = NULL, v = 'taken back' WHERE id = 2", "UPDATE t SET v = 'still none' WHERE id = 3")
    pair.sync()
    pair.same("t")
    pair.insert("t", [(4, None, "new, without")])
    pair.sync()
    pair.same("t")


@both
def null_02_no_row_has_a_key(pair):
    pair.source(TABLE)
    pair.insert("t", [(1, None, "v"), (2, None, "v")])
    run = pair.sync()
    equal(run.table()["cursor_to"], None)
    pair.source("UPDATE t SET v = 'w' WHERE id = 1")
    pair.insert("t", [(3, None, "v")])
    pair.sync()
    pair.same("t")
    pair.insert("t", [(4, now(), "the first key")])
    pair.sync()
    pair.same("t")
    pair.insert("t", [(5, now(-10), "late"), (6, None, "v")])
    pair.sync()
    pair.same("t")


@both
def null_03_an_empty_table_and_then_rows(pair):
    pair.source(TABLE)
    for _ in range(2):
        pair.sync()
        equal(pair.here("t"), [])
    pair.insert("t", [(1, None, "v"), (2, DAY, "v")])
    pair.sync()
    pair.same("t")


@both
def null_04_more_rows_without_a_key_than_a_window_has(pair):
    pair.source(TABLE)
    pair.insert("t", [(number, None if number % 3 else f"2024-05-01 00:00:{number:02}", "v") for number in range(60)])
    pair.sync(window_rows=7)
    pair.same("t")
    pair.source("UPDATE t SET v = 'w', updated_at = NULL WHERE id % 5 = 0", "UPDATE t SET updated_at = '2024-05-02 00:00:00' WHERE id % 7 = 0")
    pair.kill_if_can("incremental: window committed", window_rows=7)
    pair.source("UPDATE t SET v = 'x', updated_at = NULL WHERE id % 5 = 1")  # some of them are behind the position
    pair.sync(window_rows=7)
    pair.same("t")


@both
def null_05_an_error_by_policy(pair):
    pair.settings = {"null_keys": "error"}
    pair.source(TABLE)
    pair.insert("t", [(1, DAY, "v")])
    pair.sync()
    pair.insert("t", [(2, "2024-05-02 00:00:00", "v"), (3, None, "v"), (4, None, "v")])
    state = pair.state()
    pair.fails("table 'main.t': 2 rows have no replication key: 'updated_at' is NULL",
               hint="set it at the source; or null_keys: include, which reads them at every sync")
    equal((len(pair.here("t")), pair.state()), (1, state))
    pair.source(f"UPDATE t SET updated_at = '{DAY}' WHERE id > 2")
    pair.sync()
    pair.same("t")


@both
def null_06_ignored_and_counted(pair):
    pair.settings = {"null_keys": "ignore"}
    pair.source(TABLE)
    pair.insert("t", [(1, DAY, "v"), (2, None, "v"), (3, None, "v")])
    equal(pair.sync().table()["null_keys_ignored"], 2)
    pair.same("t", where="updated_at IS NOT NULL")
    pair.source("UPDATE t SET updated_at = '2024-05-02 00:00:00' WHERE id = 2", "UPDATE t SET updated_at = NULL WHERE id = 1")
    equal(pair.sync().table()["null_keys_ignored"], 2)
    equal(pair.here("t"), [["1", DAY, "v"], ["2", "2024-05-02 00:00:00", "v"]])
    equal(pair.sync().table()["null_keys_ignored"], 2)


@both
def null_07_in_a_primary_key(pair):
    """airbyte#81634: with '=' in the place of IS NOT DISTINCT FROM each sync adds the row once more."""
    pair.settings = {"primary_key": ["a", "b"]}
    pair.source("CREATE TABLE t (a INTEGER, b INTEGER, updated_at TIMESTAMP, v VARCHAR)")
    pair.insert("t", [(1, None, DAY, "v"), (None, 1, DAY, "v"), (None, None, DAY, "v"), (1, 1, DAY, "v")])
    for word in "vwx":
        pair.source(f"UPDATE t SET v = '{word}'")
        pair.sync()
        pair.same("t")


@sqlite
def null_08_in_a_primary_key_that_sqlite_declares(pair):
    """SQLite lets NULLs into it, and has them differ from each other: it is not unique."""
    pair.source("CREATE TABLE t (a TEXT, b TEXT, updated_at TIMESTAMP, v TEXT, PRIMARY KEY (a, b))")
    pair.insert("t", [("x", None, DAY, "v"), (None, None, DAY, "v"), ("x", "y", DAY, "v")])
    pair.sync()
    pair.source("UPDATE t SET v = 'w'")
    pair.sync()
    pair.same("t")
    pair.insert("t", [("x", None, DAY, "another one")])
    pair.fails("table 'main.t': the primary key (a, b) is not unique: 1 rows share theirs with another one, as (x, NULL)",
               hint="name all columns that tell rows apart, or use mode: append or replace")
    equal(len(pair.here("t")), 3)
    pair.fails("table 'main.t': the primary key (a, b) is not unique: 1 rows share theirs with another one, as (x, NULL)",
               "--full-refresh", "t")
    equal(len(pair.here("t")), 3)


@both
def null_09_of_several_keys(pair):
    pair.settings = {"key": ["a", "b"], "null_keys": "ignore"}
    pair.source("CREATE TABLE t (id INTEGER PRIMARY KEY, a TIMESTAMP, b TIMESTAMP)")
    pair.insert("t", [(1, None, None), (2, DAY, None), (3, None, DAY)])
    equal(pair.sync().table()["null_keys_ignored"], 1)
    pair.same("t", where="id > 1")


@duckdb
def null_10_one_that_may_be_null_is_said(pair):
    pair.source(TABLE)
    run = pair.sync()
    contains("\n".join(run.said), "INFO main.t: 'updated_at' may be NULL: rows without it are read at every sync")


if __name__ == "__main__":
    tap.main()

"""pawl sync: whole tables: what is there is never worse for a refresh that did not come to its end (T-FULL, T-EOF)."""
import re
import signal
import time

from sync_harness import both, contains, duckdb, equal, sqlite, tap

TABLE = "CREATE TABLE t (id INTEGER PRIMARY KEY, updated_at TIMESTAMP, v VARCHAR)"
DAY = "2024-05-01 00:00:00"
EMPTY = "table 'main.t': the source gave no rows, and the warehouse has some: nothing was replaced"


def fill(pair, count=20, **settings):
    pair.settings = settings
    pair.source(TABLE)
    pair.insert("t", [(number, DAY, "v") for number in range(count)])
    pair.sync()


@both(times=["replace", "upsert"])
def full_01_an_empty_source_is_a_mistake(pair, mode):
    """bruin#2181: zero rows, an empty table, and PASS."""
    fill(pair, mode=mode)
    options = ["--full-refresh", "t"] if mode == "upsert" else []
    state = pair.state()
    pair.source("DELETE FROM t")
    pair.fails(EMPTY, *options, hint="--allow-empty if the table is meant to be empty")
    equal((len(pair.here("t")), pair.state()), (20, state))
    pair.sync("--allow-empty", *options)
    equal(pair.here("t"), [])
    pair.sync(*options)  # nothing is lost by nothing
    pair.insert("t", [(1, DAY, "v")])
    pair.sync()
    pair.same("t")


@both
def full_02_a_condition_that_is_never_true(pair):
    fill(pair)
    pair.fails(EMPTY, "--full-refresh", "t", where="v = 'w'")
    equal(len(pair.here("t")), 20)
    pair.sync()


@both
def full_03_an_incremental_sync_of_an_empty_source(pair):
    fill(pair)
    state = pair.state()
    pair.source("DELETE FROM t")
    run = pair.sync()
    contains("\n".join(run.warnings()),
             f"main.t: the source has no row with a key any more; the newest one that was synced had '{DAY}'")
    equal((len(pair.here("t")), pair.state()["cursor"], pair.state()["newest_key"]), (20, state["cursor"], DAY))
    pair.insert("t", [(50, "2024-04-01 00:00:00", "older than what was deleted"), (51, "2024-06-01 00:00:00", "v")])
    pair.sync()
    equal(len(pair.here("t")), 21)
    pair.sync("--full-refresh", "t")
    pair.same("t")


@both(times=["replace", "upsert"])
def full_04_a_read_that_fails_in_the_middle(pair, mode):
    """ingestr: an error at the first row, or at the edge of a batch, looks like the end of the data."""
    pair.settings = {"mode": mode, "window_rows": 7}
    pair.source("CREATE TABLE base (id INTEGER PRIMARY KEY, updated_at TIMESTAMP, v VARCHAR)")
    pair.insert("base", [(number, DAY, "v") for number in range(3000)])
    # Of SQLite: what it gives cannot be kept, or it fails itself.
    failing = ["error('the source is gone')"] if pair.kind == "duckdb" else ["CAST(X'FF' AS TEXT)", "abs(-9223372036854775808)"]
    settings = {"tables": {"t": {"primary_key": "id"}}}
    options = ["--full-refresh", "t"] if mode == "upsert" else []
    pair.source("CREATE VIEW t AS SELECT id, updated_at, v FROM base")
    pair.sync(window_rows=100000, **settings)
    state, there = pair.state(), pair.here("t", "count(*), min(id), max(id), min(v)")
    for place, row in enumerate([0, 1, 6, 7, 2047, 2048, 2999, 2999]):
        pair.source("DROP VIEW t; CREATE VIEW t AS SELECT id, updated_at, CASE WHEN id = "
                    f"{row} THEN {failing[place % len(failing)]} ELSE v || 'w' END AS v FROM base")
        pair.fails("...table 'main.t': ...", *options, window_rows=7 if row == 7 else 100000, **settings)
        equal((row, pair.state(), pair.here("t", "count(*), min(id), max(id), min(v)")), (row, state, there))


@both
def full_05_killed_at_any_time(pair):
    fill(pair, window_rows=7)
    state = pair.state()
    pair.source("UPDATE t SET v = 'w'", "DELETE FROM t WHERE id > 15")
    for step in ["replica: table dropped", "replica: table created", "refresh: window copied", "replica: table swapped",
                 "replica: new state inserted", "replica: before the commit"]:
        pair.kill(step, options=["--full-refresh", "t"])
        equal((step, pair.state(), pair.here("t", "count(*), min(v)")), (step, state, [["20", "v"]]))
    pair.kill("replica: after the commit", options=["--full-refresh", "t"])
    pair.same("t")
    pair.sync()
    pair.same("t")
    equal(pair.select("SELECT table_name FROM duckdb_tables() WHERE schema_name = 'main'"), [{"table_name": "t"}])


@both(times=["replace", "upsert"])
def full_06_views_survive_the_swap(pair, mode):
    fill(pair, mode=mode)
    pair.duck(pair.warehouse, "CREATE VIEW few AS SELECT id FROM t WHERE id < 5",
              "CREATE SCHEMA reports; CREATE VIEW reports.all_of_them AS SELECT count(*) AS n FROM main.t",
              "CREATE TABLE mine AS SELECT 1 AS x")
    pair.source("DELETE FROM t WHERE id IN (1, 12)")
    pair.sync(*(["--full-refresh", "t"] if mode == "upsert" else []))
    equal(pair.here("few"), [["0"], ["2"], ["3"], ["4"]])
    equal((pair.here("reports.all_of_them"), pair.here("mine")), ([["18"]], [["1"]]))


@both
def full_07_a_refresh_starts_anew(pair):
    fill(pair)
    pair.source("DELETE FROM t WHERE id = 3", "UPDATE t SET v = 'below the cursor', updated_at = '2020-01-01 00:00:00' WHERE id = 4",
                "UPDATE t SET id = 100 WHERE id = 5")
    run = pair.sync("--full-refresh", "t")
    equal((run.table()["phase"], run.table()["mode"]), ("refresh", "upsert"))
    pair.same("t")
    pair.insert("t", [(200, DAY, "a tie of the cursor"), (201, None, "v")])
    equal(pair.sync().table()["phase"], "incremental")
    pair.same("t")


@both
def full_08_a_table_that_is_gone(pair):
    fill(pair)
    pair.source(TABLE.replace(" t ", " u "))
    pair.sync()
    pair.source("DROP TABLE t")
    pair.sync()
    equal(len(pair.here("t")), 20)
    run = pair.sync(status=1, tables={"t": {}})
    equal(run.errors, ["job.yaml:1: table 't': the source has no such table"])
    equal(len(pair.here("t")), 20)


@both
def full_09_of_an_empty_source_from_the_start(pair):
    pair.source(TABLE)
    for _ in range(2):
        pair.sync(mode="replace")
        equal(pair.here("t"), [])


@both
def full_10_a_stop_in_the_middle(pair):
    fill(pair, mode="replace", window_rows=1)
    state = pair.state()
    pair.source("DELETE FROM t")
    pair.insert("t", [(number, DAY, "w") for number in range(400)])
    process = pair.start_sync()
    lock = pair.folder / "warehouse.duckdb.pawl"
    while process.poll() is None and not (lock.exists() and re.search(r'"rows_read":[1-9]', lock.read_text())):
        time.sleep(0.01)
    process.send_signal(signal.SIGINT)
    process.communicate()
    equal(process.returncode, 3)
    equal((pair.state(), pair.here("t", "count(*), min(v)")), (state, [["20", "v"]]))


@duckdb
def eof_01_an_error_of_the_engine_names_the_table(pair):
    fill(pair)
    pair.source("CREATE VIEW x AS SELECT id, CAST(v AS INTEGER) AS n FROM t")
    run = pair.sync(status=1, tables={"t": {}, "x": {}})
    equal([table["outcome"] for table in run.result["tables"]], ["done", "failed"])
    contains(run.errors[0], "table 'main.x': ")


@sqlite
def eof_02_a_file_that_is_broken(pair):
    """The other tables are brought up to date, this one stays as it was."""
    pair.source("PRAGMA page_size = 512", TABLE, TABLE.replace(" t ", " u "))
    pair.insert("t", [(number, DAY, "v" * 100) for number in range(200)])
    pair.insert("u", [(1, DAY, "v")])
    pair.sync()
    state = pair.state()
    connection = pair.connect()
    root, = connection.execute("SELECT rootpage FROM sqlite_schema WHERE name = 't'").fetchone()
    pages, = connection.execute("PRAGMA page_count").fetchone()
    connection.execute("UPDATE t SET updated_at = '2024-06-01 00:00:00'")
    connection.execute("UPDATE u SET updated_at = '2024-06-01 00:00:00', v = 'w'")
    connection.close()
    with open(pair.file, "r+b") as file:
        file.seek(512 * (pages // 2))
        file.write(b"\xff" * 512)
    assert root < pages // 2
    run = pair.sync(status=1)
    contains(run.errors[0], "malformed")
    equal((pair.state(), len(pair.here("t"))), (state, 200))
    equal(pair.here("u"), [["1", "2024-06-01 00:00:00", "w"]])


@both
def full_11_long_rows_lie_in_small_row_groups(pair):
    """DuckDB compresses a row group in memory, as a whole: 122,880 rows of 1 kB took 600 MiB."""
    numbers = ("SELECT i FROM range(20000) r(i)" if pair.kind == "duckdb" else
               "WITH RECURSIVE r(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM r LIMIT 20000) SELECT i FROM r")
    text = "repeat(chr((65 + i % 26)::INTEGER), 1000)" if pair.kind == "duckdb" else "printf('%.1000c', char(65 + i % 26))"
    pair.source(TABLE, f"INSERT INTO t SELECT i, '{DAY}', {text} FROM ({numbers}) n")
    for options in ([], ["--full-refresh", "t"]):
        pair.sync(*options)
        equal(pair.state()["text_bytes"], "1000" if pair.kind == "duckdb" else "1019")  # SQLite keeps a time as text
        equal(pair.select("SELECT count(DISTINCT row_group_id) AS n FROM pragma_storage_info('t')")[0]["n"], "3")
    sums = "count(*), sum(id), sum(length(v)), min(v), max(v)"
    equal(pair.here("t", sums), pair.there("t", sums))


if __name__ == "__main__":
    tap.main()

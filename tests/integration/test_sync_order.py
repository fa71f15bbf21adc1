"""pawl sync: windows, and syncs that do not come to their end (T-ORDER of the torture list)."""
import json
import re
import signal
import time

from sync_harness import both, contains, duckdb, equal, now, sqlite, tap

TABLE = "CREATE TABLE t (id INTEGER PRIMARY KEY, updated_at TIMESTAMP, v VARCHAR)"


def at(number):
    return f"2024-05-01 {number // 3600:02}:{number // 60 % 60:02}:{number % 60:02}"


def changed(numbers, word="w"):
    return [(number, at(1000 + number), word) for number in numbers]


def prepare(pair, rows=40):
    """Rows that are there, and then each of them changed, in an order that is not that of their places."""
    pair.settings = {"window_rows": 5}
    pair.source(TABLE)
    pair.insert("t", [(number, at(number), "v") for number in range(rows)])
    pair.sync()
    pair.source("".join(f"UPDATE t SET v = 'w', updated_at = '{at(10000 - number * 7 % 41)}' WHERE id = {number};"
                        for number in range(rows)))


@both
def order_01_killed_behind_each_window(pair):
    prepare(pair)
    cursor = pair.state()["cursor"]
    for done in range(5, 40, 5):
        pair.kill("incremental: window committed")
        state = pair.state()
        equal(state["cursor"], cursor)
        equal(len(pair.here("t", where="v = 'w'")), done)
        assert state["position"] is not None and state["next_cursor"] == at(10000), state
        # What is there is what has the least keys.
        equal(pair.here("t", where="v = 'w'"), pair.there("t", where="true ORDER BY updated_at LIMIT " + str(done)))
    run = pair.sync()
    pair.same("t")
    equal((run.table()["cursor_to"], pair.state()["position"], pair.state()["next_cursor"]), (at(10000), None, None))


@both
def order_02_changes_between_windows(pair):
    """In front of the position, behind it, and rows that cross it."""
    prepare(pair)
    pair.kill("incremental: window committed", 3)
    pair.source(f"UPDATE t SET v = 'x', updated_at = '{at(20000)}' WHERE id % 4 = 0",
                f"UPDATE t SET v = 'y', updated_at = '{at(20000)}' WHERE id % 4 = 1", "UPDATE t SET updated_at = NULL WHERE id = 2")
    pair.insert("t", [(100, at(20000), "new"), (101, None, "new")])
    pair.sync()
    pair.same("t")


@both
def order_03_the_cursor_is_not_beyond_what_is_there(pair):
    """Before the last window nothing moves the cursor: what is written then belongs to the position."""
    prepare(pair)
    cursor = pair.state()["cursor"]
    for step in ["replica: rows staged", "replica: replaced rows deleted", "replica: rows inserted", "replica: old state deleted",
                 "replica: new state inserted", "replica: before the commit"]:
        pair.kill(step)
        equal((step, pair.state()["cursor"], pair.state()["position"]), (step, cursor, None))
        equal(pair.here("t", where="v = 'w'"), [])
    pair.kill("replica: after the commit")
    equal((pair.state()["cursor"], len(pair.here("t", where="v = 'w'"))), (cursor, 5))
    pair.sync()
    pair.same("t")


@both
def order_04_the_acknowledgement_is_lost(pair):
    """The commit that ends the pass is done, and the process dies before it knows."""
    prepare(pair)
    pair.kill("replica: after the commit", 9 if pair.kind == "duckdb" else 8)
    equal(pair.state()["cursor"], at(10000))
    run = pair.sync()
    equal(run.table()["rows_written"], 0 if pair.kind == "duckdb" else 1)  # of SQLite a pass of several windows knows no tail
    pair.same("t")


@both
def order_05_a_limit_of_time_is_no_livelock(pair):
    pair.settings = {"window_rows": 1}
    pair.source(TABLE)
    pair.sync()
    pair.insert("t", [(number, at(number), "w") for number in range(60)])
    there = 0
    for _ in range(20):
        run = pair.sync("--limit-time", "1s", status=None)
        now_there = int(pair.here("t", "count(*)")[0][0])
        assert now_there > there
        there = now_there
        if run.status == 0:
            break
        equal((run.status, run.result["status"]), (3, "stopped"))
    pair.same("t")


@both
def order_06_a_signal_stops_behind_a_window(pair):
    pair.settings = {"window_rows": 1}
    pair.source(TABLE)
    pair.insert("t", [(1, at(0), "v")])
    pair.sync()
    pair.insert("t", [(number, at(number), "w") for number in range(2, 400)])
    process = pair.start_sync()
    lock = pair.folder / "warehouse.duckdb.pawl"
    while process.poll() is None and not (lock.exists() and re.search(r'"rows_written":[1-9]', lock.read_text())):
        time.sleep(0.01)
    process.send_signal(signal.SIGTERM)
    out, lines = process.communicate()
    equal((process.returncode, json.loads(out)["status"]), (3, "stopped"))
    contains(lines, "stopped before the end; what is committed is kept")
    assert 1 < len(pair.here("t")) < 399
    assert pair.state()["position"] is not None
    pair.sync(window_rows=100000)
    pair.same("t")


@both
def order_07_a_backfill_in_several_windows(pair):
    pair.settings = {"window_rows": 5}
    pair.source(TABLE)
    pair.insert("t", [(number, at(number), "v") for number in range(40)])
    pair.kill("backfill: window committed", 2)
    equal(len(pair.here("t")), 10)
    run = pair.sync()
    pair.same("t")
    # A DuckDB file is the same as long as nobody has opened it to write; a SQLite database is read anew.
    equal((run.table()["phase"], run.table()["rows_read"]), ("backfill", 30 if pair.kind == "duckdb" else 40))


@duckdb
def order_08_a_file_that_changed_is_copied_anew(pair):
    pair.source(TABLE, f"INSERT INTO t SELECT i, '{at(0)}', 'v' FROM range(200000) AS r(i)")
    pair.kill("backfill: window committed", window_rows=5)
    pair.source("UPDATE t SET v = 'x' WHERE id % 2 = 0")
    equal(pair.sync().table()["rows_read"], 200000)
    equal(pair.there("t", "v, count(*)", "true GROUP BY v"), pair.here("t", "v, count(*)", "true GROUP BY v"))


@both
def order_09_killed_before_the_first_window(pair):
    pair.source(TABLE)
    pair.insert("t", [(1, at(0), "v")])
    for step in ["replica: records made", "replica: table created", "replica: rows inserted", "run: table done"]:
        pair.kill(step)
    pair.sync()
    pair.same("t")


@both
def order_10_what_a_resumed_sync_calls_done_is_up_to_date(pair):
    """Rows behind the position, that changed since the run that stopped: they come in the same run, not in the next one."""
    prepare(pair)
    pair.insert("t", [(50, now(), "in the tail"), (51, None, "without a key")])
    pair.kill("incremental: window committed", 2)
    pair.source("UPDATE t SET v = 'changed' WHERE id = 51", f"UPDATE t SET updated_at = NULL, v = 'none' WHERE id = 3")
    pair.insert("t", [(52, None, "without a key")])
    run = pair.sync()
    pair.same("t")
    contains("\n".join(run.said), "INFO main.t: going on where the last run stopped")


@sqlite
def order_11_the_source_fails_in_the_middle(pair):
    """What was committed before stays, the cursor does not move, and the next sync goes on."""
    prepare(pair)
    pair.source("UPDATE t SET v = CAST(X'FF' AS TEXT) WHERE id = (SELECT id FROM t ORDER BY updated_at, id LIMIT 1 OFFSET 22)")
    cursor = pair.state()["cursor"]
    pair.fails("...UTF-8...")
    equal((pair.state()["cursor"], len(pair.here("t", where="v = 'w'"))), (cursor, 20))
    pair.source("UPDATE t SET v = 'right' WHERE v = CAST(X'FF' AS TEXT)")
    pair.sync()
    pair.same("t")


@duckdb
def order_12_the_source_fails_in_the_middle(pair):
    prepare(pair)
    pair.source("ALTER TABLE t ADD COLUMN bad INTEGER", "UPDATE t SET bad = 1 WHERE id = 20")
    pair.source("CREATE VIEW x AS SELECT id, updated_at, CASE WHEN bad = 1 THEN error('that is not all') ELSE v END AS v FROM t")
    failing = {"tables": {"x": {"primary_key": "id", "name": "x"}}}
    pair.fails("...that is not all...", **failing)
    pair.source("UPDATE t SET bad = 0")
    pair.sync(**failing)
    pair.same("x")
    state = pair.state("x")
    pair.source("UPDATE t SET bad = 1, updated_at = '2024-06-01 00:00:30' WHERE id = 20",
                "UPDATE t SET v = 'z', updated_at = '2024-06-01 00:00:00' WHERE id < 10",
                "UPDATE t SET v = 'z', updated_at = '2024-06-02 00:00:00' WHERE id > 30")
    pair.fails("...that is not all...", **failing)
    equal((pair.state("x")["cursor"], len(pair.here("x", where="v = 'z'"))), (state["cursor"], 10))
    pair.source("UPDATE t SET bad = 0")
    pair.sync(**failing)
    pair.same("x")


@sqlite
def order_13_a_backfill_in_several_snapshots(pair):
    """A table that is too large for one: by ranges of the primary key, and what changed meanwhile comes in the same run."""
    pair.settings = {"window_rows": 5, "job": {"max_snapshot": "1s"}}
    pair.source(TABLE)
    # How many rows there are is not known, but from the greatest rowid and the size of the file.
    pair.insert("t", [(number, at(number), "v" * 40000) for number in range(40)] + [(10**9, at(40), None)])
    pair.kill("backfill: window committed", 3)
    equal(pair.here("t", "count(*), max(id)"), [["15", "14"]])
    pair.source(f"UPDATE t SET v = 'behind', updated_at = '{at(100)}' WHERE id % 7 = 0", "UPDATE t SET id = 50, "
                f"updated_at = '{at(100)}' WHERE id = 20", f"UPDATE t SET updated_at = NULL, v = 'none' WHERE id IN (3, 30)")
    pair.insert("t", [(-5, at(101), "behind")])
    run = pair.sync()
    pair.same("t")
    contains("\n".join(run.said), "INFO main.t: going on where the last run stopped")
    equal((run.table()["phase"], pair.state()["phase"], run.table()["cursor_from"]), ("backfill", "incremental", None))


if __name__ == "__main__":
    tap.main()

"""pawl sync: rows whose keys are equal (T-TIE of the torture list), and rows that are committed late (T-LATE)."""
import threading

from sync_harness import both, contains, duckdb, equal, now, sqlite, tap

TABLE = "CREATE TABLE t (id INTEGER PRIMARY KEY, updated_at TIMESTAMP, v VARCHAR)"
NO_KEY = "CREATE TABLE t (id INTEGER, updated_at TIMESTAMP, v VARCHAR)"
DAY = "2024-05-01 00:00:00"


def ties(first, last, at=DAY):
    return [(number, at, f"v{number}") for number in range(first, last + 1)]


# ---- equal keys ------------------------------------------------------------------------------------------------------

@both
def tie_01_a_row_with_the_newest_key_comes_after_the_sync(pair):
    pair.source(TABLE)
    pair.insert("t", ties(1, 3))
    pair.sync()
    equal(pair.state()["cursor"], DAY)
    pair.insert("t", ties(4, 4))
    pair.sync()
    pair.same("t")
    pair.insert("t", ties(5, 9))
    pair.sync()
    pair.same("t")


@both
def tie_02_a_date_is_the_key_all_day_long(pair):
    today = now(form="%Y-%m-%d")
    pair.source("CREATE TABLE t (id INTEGER PRIMARY KEY, day DATE, v VARCHAR)")
    for number in range(3):
        pair.insert("t", [(number, today, "v")])
        pair.sync(key="day")
        pair.same("t")
    assert pair.state()["cursor"] <= today


@both
def tie_03_more_ties_than_a_window_has_rows(pair):
    pair.source(TABLE)
    pair.insert("t", ties(1, 1, "2024-01-01 00:00:00"))
    pair.sync(window_rows=3)
    pair.insert("t", ties(2, 41))
    run = pair.sync(window_rows=3)
    pair.same("t")
    # SQLite's primary key cuts a group; DuckDB keeps it together, and looks for what comes behind it.
    equal(run.table()["windows"], 2 if pair.kind == "duckdb" else 14)


@both
def tie_04_without_a_primary_key_a_group_is_never_cut(pair):
    pair.settings = {"mode": "append", "clock": "database", "key_zone": "UTC", "window_rows": 3}
    pair.source(NO_KEY)
    pair.insert("t", [(1, "2024-01-01 00:00:00", "v")])
    pair.sync()
    pair.insert("t", ties(2, 21) + ties(2, 5) + ties(30, 31, "2024-06-01 00:00:00"))
    run = pair.sync()
    pair.same("t")
    equal((run.table()["rows_written"], run.table()["windows"]), (26, 3 if pair.kind == "duckdb" else 2))


@both
def tie_05_killed_within_a_group(pair):
    pair.settings = {"window_rows": 4}
    pair.source(TABLE)
    pair.insert("t", ties(1, 1, "2024-01-01 00:00:00"))
    pair.sync()
    pair.insert("t", ties(2, 11, "2024-04-01 00:00:00") + ties(12, 21) + ties(22, 31, "2024-06-01 00:00:00"))
    for _ in range(3):
        pair.kill("incremental: window committed")
    run = pair.sync()
    contains("\n".join(run.said), "INFO main.t: going on where the last run stopped")
    pair.same("t")


@both
def tie_06_an_unchanged_group_is_not_written_again(pair):
    pair.source(TABLE)
    pair.insert("t", ties(1, 50))
    pair.sync()
    pair.sync()
    for _ in range(2):
        run = pair.sync()
        equal((run.table()["rows_written"], run.table()["rows_read"]), (0, 0 if pair.kind == "duckdb" else 50))


@both
def tie_07_as_many_rows_but_other_ones(pair):
    pair.source(TABLE)
    pair.insert("t", ties(1, 5))
    pair.sync()
    pair.source("DELETE FROM t WHERE id = 3")
    pair.insert("t", ties(6, 6))
    pair.sync()
    equal([row[0] for row in pair.here("t")], ["1", "2", "3", "4", "5", "6"])  # a key sees no deleted rows


@both
def tie_08_an_update_that_leaves_the_newest_key_as_it_is(pair):
    pair.source(TABLE)
    pair.insert("t", ties(1, 5))
    pair.sync()
    pair.source("UPDATE t SET v = 'new' WHERE id = 2")
    run = pair.sync()
    pair.same("t")
    equal(run.table()["cursor_to"], DAY)


@both
def tie_09_the_state_does_not_grow_with_the_ties(pair):
    pair.source(TABLE)
    pair.insert("t", ties(1, 5000))
    pair.sync()
    pair.sync()
    equal(pair.state()["tail_rows"], "5000")
    assert len(str(pair.state())) < 2000


@both
def tie_10_the_cursor_is_the_newest_key_and_new_rows_are_below_the_clock(pair):
    """PeerDB PR#4739: half-open intervals that do not meet; airbyte#70257: one of no width."""
    pair.source(TABLE)
    for number in range(4):
        pair.insert("t", [(number, f"2024-01-0{number + 1} 00:00:00", "v")])
        run = pair.sync()
        pair.same("t")
        equal(run.table()["cursor_to"], f"2024-01-0{number + 1} 00:00:00")


# ---- committed late --------------------------------------------------------------------------------------------------

@sqlite(times=["wal", "delete"])
def late_01_an_open_transaction_wrote_before_the_sync(pair, journal):
    pair.settings = {"clock": "database", "key_zone": "UTC"}
    pair.source(f"PRAGMA journal_mode = {journal}", TABLE)
    pair.insert("t", ties(1, 3, now(-60)))
    pair.sync()
    writer = pair.connect()
    writer.execute("BEGIN IMMEDIATE")
    writer.execute(f"INSERT INTO t VALUES (4, '{now()}', 'late')")
    run = pair.sync()
    equal(len(pair.here("t")), 3)
    equal(run.table()["guarantee"], "exact")
    writer.execute("COMMIT")
    writer.close()
    pair.sync()
    pair.same("t")


@sqlite
def late_02_an_open_transaction_and_a_row_of_the_future(pair):
    """The row of the future is no bound; the clock is none either, as the open transaction has read its own before."""
    pair.settings = {"clock": "database", "key_zone": "UTC"}
    pair.source("PRAGMA journal_mode = wal", TABLE)
    pair.insert("t", [(1, now(-60), "old"), (2, "2099-01-01 00:00:00", "future")])
    writer = pair.connect()
    writer.execute("BEGIN IMMEDIATE")
    writer.execute(f"INSERT INTO t VALUES (3, '{now(-20)}', 'it has been writing for 20 seconds')")
    equal(pair.sync().table()["guarantee"], "exact")
    writer.execute("COMMIT")
    writer.close()
    pair.sync()
    pair.same("t")


@both
def late_03_the_cursor_stays_behind_the_lag(pair):
    pair.source(TABLE)
    pair.insert("t", [(1, now(), "newest")])
    pair.sync(lag="5m")
    assert now(-302) < pair.state()["cursor"] < now(-299), pair.state()
    pair.insert("t", [(2, now(-290), "committed late, by an application that set the key before")])
    pair.sync(lag="5m")
    pair.same("t")


@both
def late_04_beyond_the_horizon_rows_are_delivered_and_read_again(pair):
    pair.source(TABLE)
    pair.insert("t", [(number, now(-10 * number), "v") for number in range(5)])
    run = pair.sync()
    pair.same("t")
    assert run.table()["cursor_to"] < now(-59), run.table()
    pair.source(f"UPDATE t SET v = 'w', updated_at = '{now()}' WHERE id = 2")
    pair.sync()
    pair.same("t")


@both
def late_05_the_lag_is_as_long_as_it_is_said_to_be(pair):
    """A shorter lag than two seconds is none: clocks are put right by that much."""
    pair.source(TABLE)
    pair.insert("t", [(1, now(), "v")])
    run = pair.sync(lag="0")
    equal((run.table()["guarantee"], run.table()["guarantee_reason"]), ("none", "applications set the key, and 'lag' is 0"))
    assert pair.state()["cursor"] < now(-1.9)
    pair.insert("t", [(2, now(-1.5), "v")])
    pair.sync(lag="0")
    pair.same("t")


@sqlite
def late_06_a_writer_that_does_not_stop(pair):
    pair.settings = {"clock": "database", "key_zone": "UTC", "window_rows": 50}
    pair.source("PRAGMA journal_mode = wal", TABLE)
    is_over = threading.Event()
    written = []

    def write():
        connection = pair.connect()
        while not is_over.is_set():
            number = len(written)
            connection.execute("INSERT INTO t VALUES (?, strftime('%Y-%m-%d %H:%M:%f'), 'v')", [number])
            if number % 3 == 0:
                connection.execute("UPDATE t SET v = v || 'x', updated_at = strftime('%Y-%m-%d %H:%M:%f') WHERE id = ?",
                                   [number // 2])
            written.append(number)
        connection.close()

    thread = threading.Thread(target=write)
    thread.start()
    try:
        for _ in range(5):
            pair.sync()
    finally:
        is_over.set()
        thread.join()
    pair.sync()
    pair.same("t")
    assert len(written) > 100


@both
def late_07_a_source_that_is_locked_is_no_empty_one(pair):
    pair.source(TABLE)
    pair.insert("t", ties(1, 3))
    pair.sync()
    state = pair.state()
    if pair.kind == "sqlite":
        writer = pair.connect()
        writer.execute("BEGIN EXCLUSIVE")
        run = pair.sync(status=1, job={"busy_timeout": "200ms"})
        writer.close()
        contains(run.errors[0], "database is locked")
    else:
        writer = pair.hold(pair.file)
        run = pair.sync(status=1, job={"busy_timeout": "200ms"})
        writer.communicate()
        contains(run.errors[0], "Conflicting lock")
    equal(run.result["error"]["retryable"], True)
    equal(pair.state(), state)
    pair.sync()
    pair.same("t")


@duckdb
def late_08_bounds_and_rows_are_of_one_snapshot(pair):
    """airbyte#85918: MAX(key) and the rows from two snapshots. Nobody can write to the file while it is read."""
    pair.source(TABLE)
    pair.insert("t", ties(1, 3, now(-5)))
    run = pair.sync(clock="database", key_zone="UTC")
    equal((run.table()["guarantee"], run.table()["guarantee_reason"]),
          ("exact", "the file is opened read-only, and nobody can write meanwhile; given that the database's clock sets the key on "
                    "every insert and update"))


if __name__ == "__main__":
    tap.main()

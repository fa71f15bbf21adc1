"""pawl sync from a PostgreSQL server that fails over to its standby: what the standby never got is lost there, and was seen here."""
import contextlib
import signal
import time

from harness import contains, equal
from postgres_server import server
from postgres_shop import each_version, postgres, standby
from sync_harness import HAS_HOOKS, tap

TABLE = "CREATE TABLE t (id int PRIMARY KEY, updated_at timestamptz NOT NULL DEFAULT now(), v text)"
ROWS = "INSERT INTO t SELECT i, now() - interval '1 h', 'v' || i FROM generate_series(1, 100) i"
SEQUENCE = "CREATE TABLE s (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, v text)"
NUMBERS = "INSERT INTO s (v) SELECT '{}' FROM generate_series(1, {})"
DATABASE_CLOCK = {"clock": "database", "key": "updated_at"}
TABLES = {"t": DATABASE_CLOCK, "s": {"key": "id"}}
OTHER_COPY = ("the source is another copy of itself since the last sync, as a standby that was promoted: the whole table is "
              "read again")


@contextlib.contextmanager
def failover(shop):
    """What is done within, the standby does not get; behind it, the shop is the promoted standby."""
    position = server().run("postgres", "SELECT pg_current_wal_lsn()").strip()
    with standby() as copy:
        copy.wait_for("postgres", f"pg_last_wal_replay_lsn() >= '{position}'")
        copy.crash(signal.SIGINT)

        def promote():
            server().crash(signal.SIGINT)
            copy.restart()
            copy.promote()
            shop.server, shop.port = copy, copy.port
        try:
            yield promote
        finally:
            if server().process.poll() is not None:
                server().restart()
            shop.server, shop.port = server(), server().port


def told(run):
    return [warning.split(":")[0] for warning in run.warnings() if OTHER_COPY in warning]


def lose(shop):
    """Rows that are there and will not have been: a changed one, new ones, and the numbers of a sequence."""
    shop.source("UPDATE t SET v = 'lost', updated_at = now() WHERE id = 7", "INSERT INTO t VALUES (101, now(), 'lost')",
                NUMBERS.format("lost", 500))


def sync_until(shop, cursor):
    """What a sync saw of a sequence is ripe after a while."""
    for _ in range(60):
        shop.sync(tables=TABLES)
        if shop.state("s")["cursor"] == cursor:
            return
        time.sleep(0.2)
    raise AssertionError(shop.state("s"))


@each_version
def what_a_failover_loses_is_told_and_all_that_is_there_arrives(shop):
    shop.source(TABLE, ROWS, SEQUENCE, NUMBERS.format("v", 100))
    shop.sync(tables=TABLES)
    with failover(shop) as promote:
        lose(shop)
        sync_until(shop, "600")
        promote()
        # Some of the numbers are below the cursor, and some above it.
        shop.source(NUMBERS.format("new", 600), "INSERT INTO t VALUES (102, now(), 'new')")
        run = shop.sync(tables=TABLES)
        for table in "ts":
            here, there = shop.here(f"public.{table}", "id, v"), shop.there(table, "id, v")
            equal([row for row in there if row not in here], [])
        equal(shop.here("public.t", "id", "v = 'lost'"), [["101"]])
        equal(sorted(told(run)), ["public.s", "public.t"])
        contains(run.lines, "what was synced and is lost at the source stays here; --full-refresh takes it away")
        again = shop.sync(tables=TABLES)
        equal((told(again), again.table()["rows_read"] < 100), ([], True))
        shop.sync("--full-refresh", "t", "--full-refresh", "s", tables=TABLES)
        shop.same("t")
        shop.same("s")


@postgres
def a_sync_that_was_not_finished_begins_again(shop):
    """What is in front of its position may be another row now."""
    if not HAS_HOOKS:
        raise tap.Skip("this build has no steps to be killed at")
    shop.source(TABLE, ROWS)
    shop.sync(**DATABASE_CLOCK)
    with failover(shop) as promote:
        shop.source("UPDATE t SET v = 'lost', updated_at = clock_timestamp()")
        shop.sync(status=-signal.SIGKILL, environment={"PAWL_KILL_AT": "3 incremental: window committed"}, window_rows=10,
                  **DATABASE_CLOCK)
        equal(len(shop.here("public.t", "id", "v = 'lost'")), 30)
        promote()
        run = shop.sync(**DATABASE_CLOCK)
        equal(told(run), ["public.t"])
        shop.same("t")


@postgres
def an_empty_table_is_told_of_once(shop):
    shop.source(TABLE)
    shop.sync(**DATABASE_CLOCK)
    shop.source("INSERT INTO t VALUES (1, now(), 'v')")
    shop.sync(**DATABASE_CLOCK)
    shop.source("DELETE FROM t")
    with failover(shop) as promote:
        promote()
        equal([told(shop.sync(**DATABASE_CLOCK)) for _ in range(2)], [["public.t"], []])


if __name__ == "__main__":
    tap.main()

"""pawl sync from PostgreSQL: tables and changes, large tables, late commits, what a role may see, connections that break."""
import json
import signal
import threading
import time

from harness import PAWL, contains, equal
from postgres_server import PASSWORD
from postgres_shop import Cutter, each_version, postgres
from sync_harness import HAS_HOOKS, tap

TABLE = "CREATE TABLE t (id int PRIMARY KEY, updated_at timestamptz NOT NULL DEFAULT now(), v text)"
INDEX = "CREATE INDEX ON t (updated_at, id)"
DATABASE_CLOCK = {"clock": "database", "key": "updated_at"}


# ---- tables and changes ----------------------------------------------------------------------------------------------

@postgres
def changes_arrive(shop):
    shop.source(TABLE, INDEX, "INSERT INTO t SELECT i, now() - i * interval '1 min', 'v' || i FROM generate_series(1, 5000) i")
    run = shop.sync(window_rows=700)
    equal((run.table()["phase"], run.table()["rows_read"]), ("backfill", 5000))
    shop.same("t")
    shop.source("UPDATE t SET v = 'changed', updated_at = now() WHERE id % 10 = 0", "INSERT INTO t VALUES (9999, now(), 'new')")
    run = shop.sync(window_rows=70)
    equal(run.table()["phase"], "incremental")
    shop.same("t")


@postgres
def a_quiet_table_is_not_read_again_however_many_rows_share_its_newest_key(shop):
    shop.source(TABLE, INDEX, "INSERT INTO t SELECT i, now() - interval '1 h', 'v' FROM generate_series(1, 1000) i")
    shop.sync(**DATABASE_CLOCK)
    run = shop.sync(**DATABASE_CLOCK)
    equal((run.table()["rows_read"], run.table()["guarantee"]), (0, "exact"))
    shop.source("UPDATE t SET v = 'w', updated_at = now() WHERE id = 7")
    shop.sync(**DATABASE_CLOCK)
    shop.same("t")


@postgres
def rows_without_a_key_come_every_time(shop):
    shop.source("CREATE TABLE t (id int PRIMARY KEY, updated_at timestamp, v text)",
                "INSERT INTO t SELECT i, CASE WHEN i % 3 = 0 THEN NULL ELSE now() END, 'v' FROM generate_series(1, 100) i")
    shop.sync(window_rows=10)
    shop.source("UPDATE t SET v = 'w' WHERE id = 3")
    shop.sync(window_rows=10)
    shop.same("t")


@each_version
def views_and_partitioned_tables(shop):
    shop.source("CREATE TABLE parts (id int, updated_at timestamptz DEFAULT now(), v text, PRIMARY KEY (id)) PARTITION BY RANGE (id)",
                "CREATE TABLE parts_1 PARTITION OF parts FOR VALUES FROM (0) TO (50)",
                "CREATE TABLE parts_2 PARTITION OF parts FOR VALUES FROM (50) TO (1000)",
                "INSERT INTO parts SELECT i, now(), 'v' FROM generate_series(1, 100) i",
                "CREATE VIEW seen AS SELECT id, updated_at, v FROM parts WHERE id > 20",
                "CREATE MATERIALIZED VIEW kept AS SELECT id, v FROM parts")
    tables = {"parts": {}, "seen": {"primary_key": ["id"]}, "kept": {}}
    shop.sync(tables=tables)
    shop.source("UPDATE parts SET v = 'w', updated_at = clock_timestamp() WHERE id IN (30, 60)", "REFRESH MATERIALIZED VIEW kept")
    run = shop.sync(tables=tables)
    equal(run.table("parts")["phase"], "incremental")
    for table in tables:
        shop.same(table)
    found = shop.run(PAWL, "discover", "--from", shop.url(), environment={"PGPASSWORD": PASSWORD}).stdout
    assert "parts_1" not in found, found


@postgres
def names_with_everything_in_them(shop):
    shop.source('CREATE TABLE "Ta.b""le ü" ("Id x" int PRIMARY KEY, "up""dated.at" timestamptz DEFAULT now(), "select" text)',
                """INSERT INTO "Ta.b""le ü" SELECT i, now(), 'it''s \\' FROM generate_series(1, 10) i""")
    for _ in range(2):
        shop.sync(key='up"dated.at', window_rows=3)
        equal([row["select"] for row in shop.select('SELECT "select" FROM public."Ta.b""le ü"')], ["it's \\"] * 10)
        shop.source('UPDATE "Ta.b""le ü" SET "up""dated.at" = clock_timestamp()')


@each_version
def tables_with_children_are_not_taken_for_unique(shop):
    shop.source(TABLE, "CREATE TABLE child () INHERITS (t)", "INSERT INTO t VALUES (1, now(), 'own')",
                "INSERT INTO child VALUES (1, now(), 'child''s')")
    shop.sync(tables={"t": {}})
    shop.same("t")


# ---- large tables ----------------------------------------------------------------------------------------------------

# Some 40 MB, four rows to a block: worth two connections.
LARGE = "INSERT INTO t SELECT i, now() - interval '1 h', repeat(md5(i::text), 58) FROM generate_series(1, 20000) i"
SMALL = "INSERT INTO t SELECT i, now() - interval '1 h', 'v' || i FROM generate_series(20001, 400000) i"
SLOW = """CREATE FUNCTION slow(id int) RETURNS bool LANGUAGE plpgsql AS
$$ BEGIN IF id % {} = 0 THEN PERFORM pg_sleep({}); END IF; RETURN true; END $$"""
TWO_THREADS = {"threads": 2}


def same_digest(shop):
    """As shop.same(), of as many rows as one likes."""
    row = "id || '|' || v || '|' || {}"
    there = shop.source("SELECT count(*), sum(('x' || left(md5(%s), 8))::bit(32)::bigint) FROM t" %
                        row.format("(extract(epoch FROM updated_at) * 1000000)::bigint")).strip()
    here = shop.select("SELECT count(*) AS n, sum(CAST('0x' || left(md5(%s), 8) AS BIGINT)) AS digest FROM public.t" %
                       row.format("epoch_us(updated_at)"))
    equal("|".join(here[0].values()), there)


def watch(shop, process, sql):
    """What the server answers to the query, again and again, until the process ends well."""
    session, seen = shop.session(), []
    while process.poll() is None:
        seen += session.run(sql)
        time.sleep(0.02)
    session.close()
    equal(process.wait(), 0)
    process.communicate()
    return seen


@each_version(since=14)
def a_large_table_is_read_by_several_sessions_as_of_one_moment(shop):
    """Rows that move from block to block meanwhile come once; what moved them comes with the next sync."""
    shop.source(TABLE, INDEX, LARGE, SLOW.format(1000, 0.1))
    settings = {**DATABASE_CLOCK, "where": "slow(id)", "job": TWO_THREADS}
    move = "UPDATE t SET v = 'moved', updated_at = clock_timestamp() WHERE id % 50 = {}; VACUUM t"
    writer = threading.Thread(target=lambda: [shop.source(move.format(i)) for i in range(20)])
    process = shop.start_sync(environment={"PGPASSWORD": PASSWORD}, **settings)
    writer.start()
    seen = watch(shop, process, "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'pawl' AND query LIKE 'COPY%ctid%'")
    writer.join()
    equal(max(seen), "2")
    equal(shop.select("SELECT count(*) AS n, count(DISTINCT id) AS ids FROM public.t"), [{"n": "20000", "ids": "20000"}])
    shop.sync(**settings)
    same_digest(shop)


@postgres
def a_server_without_a_connection_to_spare_is_read_over_one(shop):
    shop.source(TABLE, INDEX, LARGE)
    shop.role("reader", "GRANT SELECT ON t TO reader", "ALTER ROLE reader CONNECTION LIMIT 1")
    equal(shop.sync(job=TWO_THREADS).table()["rows_read"], 20000)
    same_digest(shop)
    shop.drop_role("reader")


@postgres
def partitions_are_read_side_by_side_by_who_may_read_their_table_alone(shop):
    shop.source("CREATE TABLE t (id int, updated_at timestamptz NOT NULL, v text, PRIMARY KEY (id)) PARTITION BY RANGE (id)",
                "CREATE TABLE t_1 PARTITION OF t FOR VALUES FROM (0) TO (15000)",
                "CREATE TABLE t_2 PARTITION OF t FOR VALUES FROM (15000) TO (400000)", LARGE)
    shop.role("reader", "GRANT SELECT ON t TO reader")
    shop.sync(job=TWO_THREADS)
    same_digest(shop)
    shop.drop_role("reader")


@postgres
def a_large_table_without_a_primary_key(shop):
    shop.source("CREATE TABLE t (v text)", "INSERT INTO t SELECT repeat(md5((i % 100)::text), 58) FROM generate_series(1, 20000) i")
    for _ in range(2):
        run = shop.sync(job=TWO_THREADS)
        equal((run.table()["mode"], run.table()["rows_read"]), ("replace", 20000))
        equal(shop.select("SELECT count(*) AS n, count(DISTINCT v) AS v FROM public.t"), [{"n": "20000", "v": "100"}])


@postgres(times=["one snapshot", "several"])
def a_backfill_that_was_killed(shop, snapshots):
    """With several snapshots it goes on where it was, and takes what changed meanwhile; with one it begins again."""
    if not HAS_HOOKS:
        raise tap.Skip("this build has no steps to be killed at")
    settings = {**DATABASE_CLOCK, "window_rows": 10000, "job": {"max_snapshot": "1s"} if snapshots == "several" else TWO_THREADS}
    shop.source(TABLE, INDEX, LARGE, SMALL, "ANALYZE t")
    shop.sync(status=-signal.SIGKILL, environment={"PAWL_KILL_AT": "3 backfill: window committed"}, **settings)
    # The first one's key is left alone.
    shop.source("UPDATE t SET v = 'moved' WHERE id = 399999", "DELETE FROM t WHERE id = 399998",
                "UPDATE t SET v = 'changed', updated_at = clock_timestamp() WHERE id = 1")
    run = shop.sync(**settings)
    equal("INFO public.t: going on where the last run stopped" in run.said, snapshots == "several")
    equal(run.table()["rows_read"] < 399000, snapshots == "several")
    same_digest(shop)


@postgres
def no_snapshot_lasts_longer_than_max_snapshot(shop):
    shop.source(TABLE, INDEX, LARGE, SMALL, SLOW.format(20000, 0.2))  # never analysed: its size tells
    settings = {**DATABASE_CLOCK, "where": "slow(id)", "job": {"max_snapshot": "1s"}}
    process = shop.start_sync(environment={"PGPASSWORD": PASSWORD}, **settings)
    seen = watch(shop, process, "SELECT xact_start, clock_timestamp() - xact_start < interval '2 s' FROM pg_stat_activity "
                                "WHERE application_name = 'pawl' AND query LIKE 'COPY%' AND xact_start IS NOT NULL")
    assert len({line.split("|")[0] for line in seen}) > 2, seen
    equal({line.split("|")[1] for line in seen}, {"t"})  # twice as long: the machine may be busy
    same_digest(shop)


# ---- plans -----------------------------------------------------------------------------------------------------------

@each_version
def the_servers_own_plan_is_shown(shop):
    shop.source(TABLE, INDEX, "INSERT INTO t SELECT i, now() - interval '1 h', 'v' FROM generate_series(1, 5000) i", "ANALYZE t")
    shop.sync(**DATABASE_CLOCK)
    arguments = ["plan", shop.job(**DATABASE_CLOCK), "--json"]
    found = json.loads(shop.run(PAWL, *arguments, environment={"PGPASSWORD": PASSWORD}).stdout)
    contains(found["tables"][0]["sql"], "-- Index Scan using t_updated_at_id_idx on t\n--   Index Cond: (updated_at >= ")


UNUSABLE = {
    "CREATE INDEX ix ON t (updated_at) WHERE id > 5": "index ix is partial",
    "CREATE INDEX ix ON t USING brin (updated_at)": "index ix is of type brin",
    "CREATE INDEX ix ON t (updated_at); UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'ix'::regclass": "index ix is not valid",
    "CREATE INDEX ix ON t (v text_pattern_ops)": "index ix has another order",
    'CREATE INDEX ix ON t (v COLLATE "POSIX")': "index ix has another order",
}


@postgres(times=UNUSABLE)
def an_index_of_no_use_is_warned_of(shop, index):
    shop.source(TABLE, *index.split("; "))
    key = "v" if "(v" in index else "updated_at"
    said = shop.run(PAWL, "check", shop.job(key=key), environment={"PGPASSWORD": PASSWORD}).stdout
    contains(said, f"no index leads with the replication key '{key}' that could be used: {UNUSABLE[index]}")
    shop.source(f"CREATE INDEX ON t ({key})")
    assert "no index" not in shop.run(PAWL, "check", shop.job(key=key), environment={"PGPASSWORD": PASSWORD}).stdout


# ---- the horizon -----------------------------------------------------------------------------------------------------

@each_version
def a_late_commit_is_not_lost(shop):
    shop.source(TABLE, INDEX, "INSERT INTO t VALUES (1, now(), 'first')")
    shop.sync(**DATABASE_CLOCK)
    late = shop.session()
    late.run("BEGIN")
    late.run("SELECT now()")  # it has not written yet
    time.sleep(3.2)
    shop.source("INSERT INTO t VALUES (2, now(), 'in time')")
    run = shop.sync(**DATABASE_CLOCK)
    equal(run.table()["guarantee"], "exact")
    late.run("INSERT INTO t VALUES (3, now(), 'late')")
    late.run("COMMIT")
    shop.source("INSERT INTO t VALUES (4, now(), 'after')")
    shop.sync(**DATABASE_CLOCK)
    shop.same("t")
    late.close()


@each_version
def who_may_not_see_transactions_gets_the_lag_and_the_grant(shop):
    shop.source(TABLE, INDEX, "INSERT INTO t VALUES (1, now(), 'v')")
    shop.role("reader", "GRANT SELECT ON ALL TABLES IN SCHEMA public TO reader")
    run = shop.sync(**DATABASE_CLOCK)
    equal(run.table()["guarantee"], "lag 60s")
    contains(run.table()["guarantee_reason"], "GRANT pg_read_all_stats TO reader")
    shop.source("GRANT pg_read_all_stats TO reader")
    equal(shop.sync(**DATABASE_CLOCK).table()["guarantee"], "exact")
    shop.same("t")
    shop.drop_role("reader")


@each_version
def a_prepared_transaction_holds_the_cursor(shop):
    """A table that is synced for the first time has no cursor to hold: it gets the lag."""
    shop.source(TABLE, INDEX, "INSERT INTO t VALUES (1, now(), 'v')", "CREATE TABLE new (LIKE t INCLUDING ALL)")
    shop.sync(tables={"t": DATABASE_CLOCK})
    shop.source("BEGIN", "INSERT INTO t VALUES (2, now(), 'prepared')", "PREPARE TRANSACTION 'slow'")
    try:
        time.sleep(3.2)
        shop.source("INSERT INTO t VALUES (3, now(), 'later')")
        for _ in range(2):
            run = shop.sync(tables={"t": DATABASE_CLOCK, "new": DATABASE_CLOCK})
            equal((run.table()["guarantee"], run.table("new")["guarantee"]), ("exact", "lag 60s"))
            contains(run.table()["guarantee_reason"], "the cursor stays where it is: 1 prepared transactions, as 'slow'")
            equal(run.table()["cursor_from"], run.table()["cursor_to"])
            shop.same("t")
        held = run.table()["cursor_to"]
        policy = {**DATABASE_CLOCK, "max_hold": {"after": "1s", "then": "lag"}}
        run = shop.sync(tables={"t": policy})
        equal(run.table()["guarantee"], "lag 60s")
        contains(run.table()["guarantee_reason"], "max_hold is over: 1 prepared transactions, as 'slow'")
    finally:
        shop.source("COMMIT PREPARED 'slow'")
    run = shop.sync(tables={"t": DATABASE_CLOCK})
    equal(run.table()["guarantee"], "exact")
    assert run.table()["cursor_to"] > held
    shop.same("t")


@postgres
def who_holds_the_cursor_back_is_told(shop):
    shop.source(TABLE, INDEX, "INSERT INTO t VALUES (1, now(), 'v')")
    idle = shop.session()
    idle.run("BEGIN")
    pid = idle.run("SELECT now(), pg_backend_pid()")[0].split("|")[1]
    time.sleep(2.2)
    warned = shop.sync(**DATABASE_CLOCK, max_hold={"after": "1s", "then": "warn"})
    equal(warned.table()["guarantee"], "exact")
    contains(warned.warnings()[0], f"the cursor is held back: read up to the oldest open transaction, 2 s ago: pid {pid} of user 'owner'")
    waiting = shop.sync(**DATABASE_CLOCK)
    equal((waiting.warnings(), waiting.table()["guarantee"]), ([], "exact"))
    contains(waiting.table()["guarantee_reason"], f"pid {pid} of user 'owner' holds it")
    lagging = shop.sync(**DATABASE_CLOCK, lag="1s", max_hold={"after": "1s", "then": "lag"})
    equal(lagging.table()["guarantee"], "lag 1s")
    assert lagging.table()["cursor_to"] > waiting.table()["cursor_to"], "the cursor did not go on"
    idle.close()


# ---- sequences -------------------------------------------------------------------------------------------------------

SERIAL = "CREATE TABLE t (id bigserial PRIMARY KEY, v text)"


@postgres
def a_number_that_is_committed_late_is_not_lost(shop):
    """It is behind the greatest that was seen, which the cursor reaches when its transaction is over, and not before."""
    shop.source(SERIAL, "INSERT INTO t (v) SELECT 'first' FROM generate_series(1, 10)")
    first = shop.sync(key="id")
    equal((first.table()["guarantee"], first.table()["cursor_to"]), ("exact", "10"))
    contains(first.table()["guarantee_reason"], "for inserts alone")
    late = shop.session()
    late.run("BEGIN")
    late.run("INSERT INTO t (v) VALUES ('late')")  # 11
    shop.source("INSERT INTO t (v) VALUES ('in time')")
    time.sleep(2.2)
    for _ in range(2):
        run = shop.sync(key="id")
        equal((run.table()["guarantee"], run.table()["cursor_to"]), ("exact", "10"))
        equal(shop.here("public.t", "id", "id > 10"), [["12"]])
    late.run("COMMIT")
    late.close()
    time.sleep(2.2)
    equal(shop.sync(key="id").table()["cursor_to"], "12")
    shop.same("t")
    still = shop.sync(key="id")
    equal((still.table()["rows_read"], still.table()["rows_written"]), (1, 0))


@postgres
def numbers_that_are_open_at_the_first_sync_are_not_lost(shop):
    """There is nothing to set a cursor from: the next sync reads all again."""
    shop.source(SERIAL, "INSERT INTO t (v) SELECT 'first' FROM generate_series(1, 10)")
    late = shop.session()
    late.run("BEGIN")
    late.run("INSERT INTO t (v) VALUES ('late')")
    shop.source("INSERT INTO t (v) VALUES ('in time')")
    first = shop.sync(key="id")
    contains(first.lines, "the next sync reads the whole table once more")
    equal(first.table()["cursor_to"], None)
    late.run("COMMIT")
    late.close()
    time.sleep(2.2)
    equal(shop.sync(key="id").table()["rows_read"], 12)
    shop.same("t")
    equal(shop.sync(key="id").table()["rows_read"], 1)


@each_version
def a_sequence_that_sessions_hoard_gets_the_lag(shop):
    """A session gives out numbers of its CACHE in transactions that began long after."""
    shop.source(SERIAL, "ALTER SEQUENCE t_id_seq CACHE 10", "INSERT INTO t (v) VALUES ('first')",
                "CREATE TABLE i (id int GENERATED ALWAYS AS IDENTITY (CACHE 5) PRIMARY KEY)",
                "CREATE TABLE c (id int GENERATED ALWAYS AS IDENTITY (MAXVALUE 1000 CYCLE) PRIMARY KEY)",
                "CREATE TABLE plain (id int GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY)")
    run = shop.sync(tables={name: {"key": "id"} for name in ["t", "i", "c", "plain"]})
    equal([run.table(name)["guarantee"] for name in ["t", "i", "c", "plain"]], ["lag 60s", "lag 60s", "none", "exact"])
    contains(run.table()["guarantee_reason"], "CACHE")


@postgres
def a_sequence_that_begins_anew_is_read_anew(shop):
    shop.source(SERIAL, "INSERT INTO t (v) SELECT 'first' FROM generate_series(1, 10)")
    shop.sync(key="id")
    shop.source("TRUNCATE t RESTART IDENTITY", "INSERT INTO t (v) SELECT 'second' FROM generate_series(1, 5)")
    run = shop.sync(key="id")
    contains(run.warnings()[0], "the newest key of the source is '5', and was '10'")
    shop.source("INSERT INTO t (v) SELECT 'second' FROM generate_series(1, 2)")
    shop.sync(key="id")
    equal(shop.here("public.t", "id", "v = 'second'"), [[str(number)] for number in range(1, 8)])


# ---- plans -----------------------------------------------------------------------------------------------------------

@postgres
def a_plan_shows_the_statements(shop):
    shop.source("CREATE TABLE t (id int PRIMARY KEY, updated_at timestamp)", "INSERT INTO t VALUES (1, '2024-01-01'), (2, NULL)")

    def plan(**settings):
        said = shop.run(PAWL, "plan", shop.job(**settings), "--json", environment={"PGPASSWORD": shop.password})
        lines = json.loads(said.stdout)["tables"][0]["sql"].split("\n")
        return "\n".join(line for line in lines if not line.startswith("-- "))  # the server's own plan

    columns = 'SELECT "t"."id"::int4, "t"."updated_at"::timestamp'
    equal(plan(mode="replace"), f'{columns} FROM "public"."t";')
    equal(plan(mode="replace", where="id > 0"), f'{columns} FROM "public"."t" WHERE (id > 0\n);')
    shop.sync()
    without, changed = plan().split(";\n")
    contains(without, 'FROM "public"."t" WHERE "t"."updated_at" IS NULL ORDER BY "t"."id"')
    contains(changed, """FROM "public"."t" WHERE "t"."updated_at" >= '2024-01-01 00:00:00' ORDER BY "t"."updated_at", "t"."id\"""")


# ---- what goes wrong -------------------------------------------------------------------------------------------------

@each_version
def what_a_role_may_not_read_is_not_there(shop):
    shop.source(TABLE, "INSERT INTO t VALUES (1, now(), 'v')", "CREATE TABLE secret (id int PRIMARY KEY)",
                "CREATE TABLE part (id int PRIMARY KEY, pin text)", "INSERT INTO part VALUES (1, '1234')")
    shop.role("reader", "GRANT SELECT ON t TO reader", "GRANT SELECT (id) ON part TO reader")
    run = shop.sync()
    equal(sorted(run.tables), ["part", "t"])
    equal(list(shop.types("part")), ["id"])
    shop.drop_role("reader")


@each_version
def rows_that_a_policy_hides_are_an_error(shop):
    shop.source(TABLE, "INSERT INTO t VALUES (1, now(), 'v'), (2, now(), 'hidden')", "ALTER TABLE t ENABLE ROW LEVEL SECURITY",
                "CREATE POLICY first_alone ON t USING (id = 1)")
    shop.role("reader", "GRANT SELECT ON t TO reader")
    run = shop.sync(status=1)
    contains(run.errors[0], "row-level security")
    contains(run.hints[0], "BYPASSRLS")
    shop.drop_role("reader")


@postgres
def a_password_is_never_shown(shop):
    shop.source(TABLE, "INSERT INTO t VALUES (1, now(), 'v')")
    secret = "not%20for%20you%3A%20p%40ss%25word"
    right = shop.url().replace("@", f":{secret}@")
    shown = ["for you", "for%20you", "p@ss", "p%40ss"]
    commands = [
        (["sync", "--from", right, "--to", "w.duckdb"], 0),
        (["check", "--from", right, "--to", "w.duckdb"], 0), (["plan", "--from", right, "--to", "w.duckdb"], 0),
        (["plan", "--from", right, "--to", "w.duckdb", "--json"], 0), (["init", "--from", right], 0),
        (["sync", "--from", right + "x", "--to", "w.duckdb"], 1),
        (["sync", "--from", right.replace("p%40", "p@"), "--to", "w.duckdb"], 1),
        (["sync", "--from", right.replace("%25", "%"), "--to", "w.duckdb"], 1),
        (["sync", "--from", f"postgres:host=127.0.0.1 port=1 password='{PASSWORD}'", "--to", "w.duckdb"], 1),
        (["sync", "--from", f"postgres:host=127.0.0.1 password='{PASSWORD}", "--to", "w.duckdb"], 1),
        (["sync", "--from", right.replace("postgres:", "postgers:"), "--to", "w.duckdb"], None),
    ]
    for arguments, status in commands:
        said = shop.run(PAWL, *arguments, status=status)
        for part in shown:
            assert part not in said.stdout + said.stderr, f"{arguments[0]}: {said.stdout}{said.stderr}"
    for file in shop.folder.rglob("*"):
        assert not file.is_file() or not any(part.encode() in file.read_bytes() for part in shown), file


@postgres
def a_wrong_password_says_what_to_do(shop):
    shop.password = "wrong"
    run = shop.sync(status=1)
    contains(run.errors[0], "password authentication failed")
    contains(run.hints[0], ".pgpass")


# ---- connections that break ------------------------------------------------------------------------------------------

GUARD = """CREATE OR REPLACE FUNCTION guard(id int) RETURNS bool LANGUAGE plpgsql AS $$ BEGIN
IF id = {} THEN PERFORM pg_terminate_backend(pg_backend_pid()); END IF; RETURN true; END $$"""


@postgres(times=[1, 100, 101, 2048, 4321])
def a_session_that_is_ended_at_a_row(shop, row):
    """The server kills the session when it comes to the row: in a backfill, then among changes."""
    settings = {"where": "guard(id)", "window_rows": 100, "job": {"retries": 0}}
    shop.source(TABLE, INDEX, GUARD.format(row), "INSERT INTO t SELECT i, now() - interval '1 h', 'v' FROM generate_series(1, 5000) i")
    for change in ["SELECT 1", "UPDATE t SET v = 'w', updated_at = now() + id * interval '1 us'"]:
        shop.source(GUARD.format(0), change)
        if change != "SELECT 1":
            shop.source("ANALYZE t")
        shop.source(GUARD.format(row))
        run = shop.sync(status=1, **settings)
        contains(run.errors[0], "terminating connection")
        equal(run.result["status"], "failed")
        shop.source(GUARD.format(0))
        shop.sync(**settings)
        shop.same("t")


@postgres(times=[30_000, 200_001, 777_777])
def a_connection_that_is_cut_in_the_midst_of_a_row(shop, most_bytes):
    shop.source(TABLE, INDEX, "INSERT INTO t SELECT i, now() - interval '1 h', repeat(md5(i::text), 20) FROM generate_series(1, 3000) i")
    for mode in ["upsert", "replace"]:
        cutter = Cutter(shop, most_bytes)
        shop.port = cutter.port
        shop.sync("--full-refresh", "t", status=1, mode=mode, window_rows=100, job={"retries": 0})
        cutter.close()
        shop.port = shop.server.port
        shop.sync("--full-refresh", "t", mode=mode, window_rows=100)
        shop.same("t")


if __name__ == "__main__":
    tap.main()

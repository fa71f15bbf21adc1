"""pawl sync from PostgreSQL: what came with one of its versions, or differs between them."""
from harness import contains, equal
from postgres_server import find_version
from postgres_shop import each_version
from sync_harness import tap

TABLE = "CREATE TABLE t (id int PRIMARY KEY, updated_at timestamptz NOT NULL DEFAULT now(), v text)"
ROWS = "INSERT INTO t SELECT i, now() - interval '1 h', 'v' || i FROM generate_series(1, 100) i"
INDEX = "CREATE INDEX ON t (updated_at, id)"
DATABASE_CLOCK = {"clock": "database", "key": "updated_at"}
SLOW = "CREATE FUNCTION slow(id int) RETURNS bool LANGUAGE sql AS 'SELECT pg_sleep(0.003) IS NOT NULL'"


# ---- keys that may be NULL after all ---------------------------------------------------------------------------------

@each_version(since=18)
def a_column_that_is_not_null_from_now_on(shop):
    """NOT NULL NOT VALID: at the rows that were there nobody has looked."""
    shop.source("CREATE TABLE t (id int PRIMARY KEY, updated_at timestamptz, code text)", INDEX, ROWS,
                "UPDATE t SET updated_at = NULL WHERE id = 7", "UPDATE t SET code = NULL WHERE id = 8",
                "ALTER TABLE t ADD CONSTRAINT dated NOT NULL updated_at NOT VALID, ADD CONSTRAINT coded NOT NULL code NOT VALID")
    shop.sync(key="updated_at", mode="append")
    shop.same("t")
    for _ in range(2):
        shop.sync("--full-refresh", "t", key="updated_at", mode="upsert", primary_key=["code"])
        shop.sync(key="updated_at", mode="upsert", primary_key=["code"], lag="2h")
        shop.same("t")
        shop.source("UPDATE t SET code = '' WHERE code IS NULL", "UPDATE t SET updated_at = now() WHERE updated_at IS NULL",
                    "ALTER TABLE t VALIDATE CONSTRAINT dated, VALIDATE CONSTRAINT coded")
    assert "may be NULL" not in shop.sync(key="updated_at", mode="upsert", primary_key=["code"]).lines


@each_version
def a_column_that_is_not_null_in_the_parent_alone(shop):
    shop.source("CREATE TABLE t (id int PRIMARY KEY, updated_at timestamptz, v text)", ROWS)
    if find_version() >= 18:
        shop.source("ALTER TABLE t ADD CONSTRAINT dated NOT NULL updated_at NO INHERIT", "CREATE TABLE child () INHERITS (t)")
    else:
        shop.source("ALTER TABLE t ALTER updated_at SET NOT NULL", "CREATE TABLE child () INHERITS (t)",
                    "ALTER TABLE child ALTER updated_at DROP NOT NULL")
    shop.source("INSERT INTO child VALUES (1000, NULL, 'without')")
    settings = {"key": "updated_at", "primary_key": ["id"]}
    first = shop.sync(tables={"t": settings})
    shop.source("UPDATE child SET v = 'changed'")
    shop.sync(tables={"t": settings})
    shop.same("t")
    contains(first.lines, "'updated_at' may be NULL")


# ---- columns ---------------------------------------------------------------------------------------------------------

@each_version
def generated_columns(shop):
    shop.source("CREATE TABLE t (id int PRIMARY KEY, updated_at timestamptz NOT NULL, net numeric(8,2), "
                "gross numeric(8,2) GENERATED ALWAYS AS (net * 1.2) STORED)",
                "INSERT INTO t SELECT i, now() - interval '1 h', i FROM generate_series(1, 10) i")
    shop.sync()
    shop.source("UPDATE t SET net = 100, updated_at = now() WHERE id = 3")
    shop.sync()
    shop.same("t")


@each_version(since=18)
def generated_columns_that_are_kept_nowhere(shop):
    """One is the key, too, which cannot have an index."""
    shop.source("CREATE TABLE t (id int PRIMARY KEY, changed timestamp NOT NULL, net numeric(8,2), "
                "gross numeric(8,2) GENERATED ALWAYS AS (net * 1.2), "
                "updated_at timestamptz GENERATED ALWAYS AS (changed AT TIME ZONE 'UTC'))",
                "INSERT INTO t SELECT i, now() - interval '1 h', i FROM generate_series(1, 10) i")
    run = shop.sync(key="updated_at")
    contains(run.lines, "no index leads with the replication key 'updated_at'")
    shop.source("UPDATE t SET net = 100, changed = now() WHERE id = 3")
    equal(shop.sync(key="updated_at").table()["phase"], "incremental")
    shop.same("t")


@each_version(since=17)
def an_identity_of_a_partitioned_table(shop):
    shop.source("CREATE TABLE t (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, v text) PARTITION BY RANGE (id)",
                "CREATE TABLE t_1 PARTITION OF t FOR VALUES FROM (0) TO (50)",
                "CREATE TABLE t_2 PARTITION OF t FOR VALUES FROM (50) TO (1000)",
                "INSERT INTO t (v) SELECT 'v' FROM generate_series(1, 100)")
    equal(shop.sync(key="id").table()["guarantee"], "exact")
    shop.source("INSERT INTO t (v) VALUES ('w')")
    shop.sync(key="id")
    shop.same("t")


# ---- primary keys ----------------------------------------------------------------------------------------------------

@each_version(since=18)
def a_primary_key_over_time(shop):
    """WITHOUT OVERLAPS: no two rows have the same period, so that they are told apart by it."""
    shop.source("CREATE EXTENSION btree_gist",
                "CREATE TABLE t (id int, valid daterange, updated_at timestamptz NOT NULL DEFAULT now(), v text, "
                "PRIMARY KEY (id, valid WITHOUT OVERLAPS))", INDEX.replace(", id", ""),
                "INSERT INTO t SELECT i % 50, daterange('2024-01-01'::date + i, '2024-01-01'::date + i + 1), "
                "now() - interval '1 h', 'v' || i FROM generate_series(1, 1000) i", "INSERT INTO t VALUES (3, '(,2000-01-01)'), (3, '[2100-01-01,)')")
    shop.sync(window_rows=70)
    shop.same("t")
    shop.source("UPDATE t SET v = 'w', updated_at = now() WHERE id < 5")
    equal(shop.sync(window_rows=7).table()["phase"], "incremental")
    shop.same("t")
    # In the order of the primary key, in several snapshots: it is said to be large.
    shop.source("UPDATE pg_class SET reltuples = 1e8 WHERE relname = 't'", SLOW)
    shop.sync("--full-refresh", "t", job={"max_snapshot": "1s"}, window_rows=100, where="slow(id)")
    shop.same("t")


@each_version(since=15)
def a_unique_index_with_one_null(shop):
    shop.source("CREATE TABLE t (id int, updated_at timestamptz NOT NULL DEFAULT now(), v text)",
                "CREATE UNIQUE INDEX ON t (id) NULLS NOT DISTINCT", "INSERT INTO t VALUES (1), (NULL)")
    shop.sync(primary_key=["id"])
    shop.source("UPDATE t SET v = 'w', updated_at = now()")
    shop.sync(primary_key=["id"])
    shop.same("t")


@each_version(since=18)
def uuids_in_the_order_of_time(shop):
    shop.source("CREATE TABLE t (id uuid PRIMARY KEY DEFAULT uuidv7(), updated_at timestamptz NOT NULL DEFAULT now(), v int)",
                "INSERT INTO t (v) SELECT i FROM generate_series(1, 1000) i")
    shop.sync(window_rows=70)
    shop.source("UPDATE t SET v = -v, updated_at = now() WHERE v % 10 = 0", "INSERT INTO t (v) VALUES (0)")
    shop.sync(window_rows=7)
    shop.same("t")


# ---- values ----------------------------------------------------------------------------------------------------------

@each_version(since=17)
def intervals_without_end(shop):
    shop.source(TABLE.replace("v text", "v interval"),
                "INSERT INTO t VALUES (1, now(), 'infinity'), (2, now(), '-infinity'), (3, now(), '1 day')")
    contains(shop.sync(status=1, misfits="error").errors[0], "has the value 'infinity', which is no INTERVAL")
    shop.sync()
    shop.same("t", columns="id, v")


@each_version(since=17)
def texts_in_the_order_of_the_builtin_collation(shop):
    shop.source('CREATE TABLE t (id int PRIMARY KEY, updated_at timestamptz NOT NULL DEFAULT now(), k text COLLATE "pg_c_utf8")',
                "CREATE INDEX ON t (k, id)", "INSERT INTO t SELECT i, now(), chr(200 + i % 50) || i FROM generate_series(1, 500) i")
    shop.sync(key="k", window_rows=70)
    shop.source("INSERT INTO t VALUES (1000, now(), 'ÿ')")
    shop.sync(key="k", window_rows=70)
    shop.same("t", columns="id, k")


# ---- privileges ------------------------------------------------------------------------------------------------------

@each_version(since=14)
def who_may_read_all_data(shop):
    shop.source(TABLE, ROWS, INDEX, "CREATE SCHEMA far", "CREATE TABLE far.u (id int PRIMARY KEY)", "INSERT INTO far.u VALUES (1)")
    shop.role("reader", "GRANT pg_read_all_data, pg_read_all_stats TO reader")
    run = shop.sync(tables={"t": DATABASE_CLOCK, "far.u": {}})
    equal(run.table()["guarantee"], "exact")
    shop.same("t")
    shop.drop_role("reader")


@each_version(since=15)
def a_view_that_reads_as_who_asks(shop):
    """security_invoker: what a policy hides in it is an error as in the table."""
    shop.source(TABLE, ROWS, "ALTER TABLE t ENABLE ROW LEVEL SECURITY", "CREATE POLICY first_alone ON t USING (id = 1)",
                "CREATE VIEW seen WITH (security_invoker) AS SELECT * FROM t")
    shop.role("reader", "GRANT SELECT ON t, seen TO reader")
    contains(shop.sync(status=1, tables={"seen": {"primary_key": ["id"]}}).errors[0], "row-level security")
    shop.drop_role("reader")


if __name__ == "__main__":
    tap.main()

"""pawl sync: the warehouse's side: wide tables, many tables, memory, values at their limits (T-TARGET, T-MEM)."""
from sync_harness import PAWL, both, contains, duckdb, equal, sqlite, tap

TABLE = "CREATE TABLE t (id INTEGER PRIMARY KEY, updated_at TIMESTAMP, v VARCHAR)"
MIB = 1 << 20


def at(number):
    return f"2024-05-01 00:{number // 60:02}:{number % 60:02}"


@both
def target_01_the_same_key_again_and_again(pair):
    """duckdb#25399: delete and insert of one primary key in one transaction; and in several windows."""
    pair.settings = {"window_rows": 2}
    pair.source(TABLE)
    for number in range(4):
        pair.insert("t", [(key, at(number), f"{key} {number}") for key in range(5)], replace=True)
        pair.sync()
        pair.same("t")
        pair.sync()
        pair.same("t")
    equal(pair.here("t", "count(*)"), [["5"]])


@both
def target_02_a_table_of_300_columns(pair):
    names = [f"c{number}" for number in range(300)]
    pair.source("CREATE TABLE t (id INTEGER PRIMARY KEY, " + ", ".join(f"{name} {'INTEGER' if place % 3 else 'VARCHAR'}"
                                                                      for place, name in enumerate(names)) + ", updated_at TIMESTAMP)")
    pair.insert("t", [(row, *[row * place if place % 3 else f"r{row}" for place in range(300)], at(row)) for row in range(50)])
    pair.sync()
    pair.same("t")
    pair.source(f"UPDATE t SET c299 = -1, updated_at = '{at(100)}' WHERE id % 2 = 0")
    pair.sync(window_rows=7)
    pair.same("t")
    pair.sync("--full-refresh", "t")
    pair.same("t")
    # In mode append rows are told from each other by a key that is the 302nd column.
    settings = {"mode": "append", "clock": "database", "key_zone": "UTC", "name": "copy"}
    for number in range(2):
        pair.sync(**settings)
        equal((number, pair.here("copy", "count(*), count(DISTINCT id)")), (number, [["50", "50"]]))


@both
def target_03_a_hundred_small_tables_several_at_a_time(pair):
    pair.settings = {"name": "shop.{table}"}
    job = {"tables_at_once": 8}
    names = [f"t{number}" for number in range(100)]
    pair.source("".join(f"CREATE TABLE {name} (id INTEGER PRIMARY KEY, updated_at TIMESTAMP, v VARCHAR); "
                        f"INSERT INTO {name} VALUES (1, '{at(1)}', '{name}'), (2, NULL, 'none');" for name in names))
    pair.sync(job=job)
    pair.source("".join(f"UPDATE {name} SET v = v || 'x', updated_at = '{at(place % 50 + 2)}';" for place, name in enumerate(names)))
    run = pair.sync(job=job)
    equal(run.result["rows_written"], 200)
    pair.sync("--full-refresh", "*", job=job)
    run = pair.sync(job=job)
    equal((len(run.tables), run.result["tables_failed"]), (100, 0))
    union = " UNION ALL ".join(f"SELECT id, updated_at, v FROM {{}}{name}" for name in names)
    here = pair.here("(" + union.replace("{}", "shop.") + ")")
    equal(here, pair.there("(" + union.replace("{}", "") + ")"))


@both
def target_04_more_rows_than_memory(pair):
    """Law 8: the process keeps to its limit, be the table ever so large. Sanitizers need more, so what is looked at is growth: of
    the 500 bytes of each of 500,000 rows."""
    series = {"duckdb": "range({0}) AS r(i)",
              "sqlite": "(WITH RECURSIVE r(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM r WHERE i < {0} - 1) SELECT i FROM r)"}[pair.kind]
    words = {"duckdb": "repeat(i || ' words ', 40)", "sqlite": "replace(hex(zeroblob(20)), '0', i || ' words ')"}[pair.kind]
    peaks = []
    for name, rows in [("small", 100000), ("large", 600000)]:
        pair.source(f"CREATE TABLE {name} (id INTEGER PRIMARY KEY, updated_at TIMESTAMP, v VARCHAR)",
                    f"INSERT INTO {name} SELECT i, '{at(1)}', {words} FROM {series.format(rows)}")
        run = pair.sync(tables={name: {}}, job={"memory_limit": "192MiB"}, window_rows=50000,
                        environment={"ASAN_OPTIONS": "abort_on_error=0:quarantine_size_mb=1"})
        peaks.append(run.result["peak_memory_bytes"])
        equal(pair.here(name, "count(*), count(DISTINCT id), min(v), sum(length(v))"),
              pair.there(name, "count(*), count(DISTINCT id), min(v), sum(length(v))"))
    assert peaks[1] - peaks[0] < 128 * MIB, peaks


@sqlite
def target_05_one_value_above_the_limit(pair):
    pair.source(TABLE)
    pair.insert("t", [(1, at(1), "v"), (2, at(2), "v")])
    pair.sync()
    state = pair.state()
    pair.source(f"INSERT INTO t VALUES (77, '{at(3)}', printf('%.*c', 9000000, 'x'))")
    run = pair.sync(status=1)
    equal(run.errors[0], "table 'main.t': column 'v': the row with id 77 has a value of 9000000 bytes, more than 8388608")
    equal(pair.state(), state)
    pair.source("UPDATE t SET v = printf('%.*c', 8000000, 'x') WHERE id = 77")
    pair.sync()
    equal(pair.here("t", "length(v)", "id = 77"), [["8000000"]])


@duckdb
def target_06_values_as_they_left(pair):
    """Law 10: types at their limits, also where an update goes through staging."""
    values = {
        "BOOLEAN": ["true", "NULL"], "TINYINT": ["-128", "127"], "SMALLINT": ["-32768", "32767"],
        "INTEGER": ["-2147483648", "2147483647"], "UTINYINT": ["0", "255"], "USMALLINT": ["0", "65535"],
        "UINTEGER": ["0", "4294967295"], "UHUGEINT": ["0", "340282366920938463463374607431768211455"],
        "FLOAT": ["'3.4028235e+38'", "'-0.0'"], "DOUBLE": ["'nan'", "'-inf'"],
        "DECIMAL(38,38)": ["'0.00000000000000000000000000000000000001'", "'-0.99999999999999999999999999999999999999'"],
        "DECIMAL(4,1)": ["-999.9", "999.9"], "DATE": ["'infinity'", "'5877642-06-25 (BC)'"],
        "TIME": ["'00:00:00'", "'24:00:00'"], "TIMETZ": ["'23:59:59.999999-15:59:59'", "'00:00:00+15:59:59'"],
        "TIMESTAMP": ["'-infinity'", "'294247-01-10 04:00:54.775806'"], "TIMESTAMP_NS": ["'2262-04-11 23:47:16.854775806'", "NULL"],
        "TIMESTAMPTZ": ["'infinity'", "'0001-01-01 00:00:00+00'"], "INTERVAL": ["'-1 month 1 day -00:00:00.000001'", "'30 days'"],
        "VARCHAR": ["''", "'é花' || chr(10) || '🦆' || chr(1)"], "BLOB": ["'\\x00\\xFF'::BLOB", "''::BLOB"],
        "BIT": ["'0101'::BIT", "'1'::BIT"], "UUID": ["'ffffffff-ffff-ffff-ffff-ffffffffffff'", "NULL"],
        "ENUM('a', 'B', 'ü')": ["'ü'", "'a'"], "INTEGER[]": ["[1, NULL]", "[]"], "VARCHAR[2]": ["['a', NULL]", "NULL"],
        "STRUCT(a INTEGER, b VARCHAR[])": ["{'a': NULL, 'b': ['x']}", "NULL"], "MAP(VARCHAR, INTEGER)": ["MAP {'k': 1}", "MAP {}"],
        "UNION(n INTEGER, s VARCHAR)": ["union_value(s := 'x')", "union_value(n := 1)"], "JSON": ["'{\"a\": [1.0, null]}'", "'null'"],
    }
    pair.source("CREATE TABLE t (id INTEGER PRIMARY KEY, updated_at TIMESTAMP, " + ", ".join(
        f"c{place} {declared}" for place, declared in enumerate(values)) + ")")
    for row in range(2):
        pair.source(f"INSERT INTO t VALUES ({row}, '{at(row)}', " + ", ".join(both_values[row] for both_values in values.values()) + ")")
    pair.sync()
    pair.same("t")
    equal(list(pair.types("t").values()), [row["data_type"] for row in pair.select(
        "SELECT data_type FROM duckdb_columns() WHERE table_name = 't' ORDER BY column_index", pair.file)])
    pair.source(f"UPDATE t SET updated_at = '{at(10)}'", f"INSERT INTO t SELECT * REPLACE (9 AS id) FROM t WHERE id = 0")
    pair.sync()
    pair.same("t")
    equal(pair.sync().table()["rows_written"], 0)


@both
def target_07_no_memory_is_no_end(pair):
    """Pawl's n-th allocation is refused: a clean error, and the next sync is as if nothing had been."""
    pair.source(TABLE)
    pair.insert("t", [(number, at(number), "v") for number in range(20)])
    pair.sync(window_rows=7)
    failures = 0
    for number in [1, 60, 150, 250, 320, 380, 430, 470, 500]:
        pair.source(f"UPDATE t SET v = v || 'x', updated_at = '{at(100 + number)}' WHERE id % 2 = 0")
        run = pair.sync(status=None, window_rows=7, environment={"PAWL_FAIL_ALLOCATION": str(number)})
        assert run.status in (0, 1), run.lines
        if run.status == 1:
            failures += 1
            contains(run.lines, "out of memory")
    pair.sync(window_rows=7)
    pair.same("t")
    assert failures > 3 or not failures, failures


@both
def target_08_nothing_is_printed_into_the_warehouse(pair):
    """Where standard streams are closed, files that are opened would get their numbers."""
    pair.source(TABLE)
    for number, closed in enumerate(["<&-", ">&-", "2>&-", ">&- 2>&-", "<&- >&- 2>&-"]):
        pair.insert("t", [(number, at(number), closed)])
        run = pair.run("sh", "-c", f"'{PAWL}' sync {pair.job()} {closed}", status=None)
        equal((closed, run.returncode), (closed, int(closed not in ("<&-", "2>&-"))))
        pair.same("t")


@both
def target_09_a_run_that_does_not_begin_makes_no_warehouse(pair):
    missing = {"source": f"{pair.kind}:nowhere"}
    pair.sync(status=1, job=missing)
    equal(sorted(path.name for path in pair.folder.iterdir()), ["job.yaml"])
    pair.duck(pair.warehouse)
    pair.sync(status=1, job=missing)
    assert pair.warehouse.exists()


if __name__ == "__main__":
    tap.main()

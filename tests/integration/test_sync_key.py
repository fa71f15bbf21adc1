"""pawl sync: values of replication keys: precision (T-PREC), time zones (T-TZ), comparison (T-CMP), several keys, keys of the future.

A key's values are compared by the source alone, and the cursor is one of them, exactly.
"""
import datetime
import zoneinfo

from sync_harness import both, contains, duckdb, equal, literal, now, sqlite, tap

TABLE = "CREATE TABLE t (id INTEGER PRIMARY KEY, updated_at TIMESTAMP, v VARCHAR)"


# ---- precision -------------------------------------------------------------------------------------------------------

# The key's type, and values that rise by as little as it can tell apart.
DUCKDB_KEYS = {
    "TIMESTAMP": ["2024-05-01 10:00:00.123456", "2024-05-01 10:00:00.123457", "2024-05-01 10:00:00.123458"],
    "TIMESTAMP_S": ["2024-05-01 10:00:00", "2024-05-01 10:00:01", "2024-05-01 10:00:02"],
    "TIMESTAMP_MS": ["2024-05-01 10:00:00.999", "2024-05-01 10:00:01", "2024-05-01 10:00:01.001"],
    "TIMESTAMP_NS": ["2024-05-01 10:00:00.123456788", "2024-05-01 10:00:00.123456789", "2024-05-01 10:00:00.12345679"],
    "TIMESTAMPTZ": ["2024-05-01 10:00:00.999998+00", "2024-05-01 10:00:00.999999+00", "2024-05-01 10:00:01+00"],
    "DATE": ["2024-02-28", "2024-02-29", "2024-03-01"],
    "BIGINT": [-9223372036854775808, 9223372036854775806, 9223372036854775807],
    "UBIGINT": [9223372036854775807, 18446744073709551614, 18446744073709551615],
    "HUGEINT": [-2**127, 2**127 - 2, 2**127 - 1],
    "DECIMAL(38,9)": ["12345678901234567890123456789.000000001", "12345678901234567890123456789.000000002",
                      "12345678901234567890123456789.000000003"],
    "DOUBLE": [0.1, 0.30000000000000004, 0.3000000000000001],
    "FLOAT": ["16777215.0", "16777216.0", "16777218.0"],
    "VARCHAR": ["a", "a\nb", "a'b"],
    "UUID": ["00000000-0000-0000-0000-000000000001", "7fffffff-0000-0000-0000-000000000001",
             "ffffffff-0000-0000-0000-000000000001"],
}
SQLITE_KEYS = {
    "TIMESTAMP": DUCKDB_KEYS["TIMESTAMP_NS"],
    "DATETIME": ["2024-05-01 10:00:00", "2024-05-01 10:00:00.001", "2024-05-01 10:00:00.002"],
    "TEXT": ["2024-05-01T10:00:00.1234567Z", "2024-05-01T10:00:00.1234568Z", "2024-05-01T10:00:00.1234569Z"],
    "VARCHAR(9)": DUCKDB_KEYS["VARCHAR"],
    "INTEGER": DUCKDB_KEYS["BIGINT"],
    "REAL": DUCKDB_KEYS["DOUBLE"],
    "DOUBLE PRECISION": [2460432.9166666665, 2460432.916666667, 2460432.9166666674],
    "": ["1", "2", "3"],
}


@both
def prec_01_as_little_as_the_values_can_tell_apart(pair):
    keys = DUCKDB_KEYS if pair.kind == "duckdb" else SQLITE_KEYS
    pair.settings = {"key": "k"}
    pair.source(*[f"CREATE TABLE t{place} (id INTEGER PRIMARY KEY, k {declared}, v VARCHAR)"
                  for place, declared in enumerate(keys)])
    for number in range(3):
        pair.source(*[f"INSERT INTO t{place} VALUES ({number}, {literal(values[number])}, 'v')"
                      for place, values in enumerate(keys.values())])
        run = pair.sync()
        for place, (declared, values) in enumerate(keys.items()):
            pair.same(f"t{place}")
            equal((declared, run.table(f"t{place}")["cursor_to"]), (declared, str(values[number])))
    # Of rows with the newest key.
    pair.source(*[f"UPDATE t{place} SET v = 'again' WHERE id = 2" for place in range(len(keys))])
    pair.sync()
    for place in range(len(keys)):
        pair.same(f"t{place}")


@duckdb
def prec_03_the_clock_is_rounded_down(pair):
    """A cursor that is rounded up passes rows that are still to come."""
    types = ["TIMESTAMP_S", "TIMESTAMP_MS", "TIMESTAMP", "TIMESTAMP_NS", "TIMESTAMPTZ", "DATE"]
    pair.settings = {"key": "k", "lag": "2s"}
    pair.source(*[f"CREATE TABLE {declared}_ (id INTEGER PRIMARY KEY, k {declared}, v VARCHAR); "
                  f"INSERT INTO {declared}_ VALUES (1, '2099-01-01 00:00:00', 'future')" for declared in types])
    before = now(-2)
    run = pair.sync()
    for declared in types:
        cursor = run.table(declared + "_")["cursor_to"].removesuffix("+00")
        assert before[:10 if declared == "DATE" else 19] <= cursor <= now(-2), (declared, cursor)
        assert "." in cursor or declared in ("TIMESTAMP_S", "DATE") or int(before[20:]) < 1000, (declared, cursor)
    pair.source(*[f"INSERT INTO {declared}_ VALUES (2, '{now()}', 'now')" for declared in types])
    pair.sync()
    for declared in types:
        pair.same(declared + "_")


@both(times=["unix_s", "unix_ms", "iso8601"])
def prec_04_numbers_and_texts_that_are_times(pair, form):
    pair.settings = {"key": "k", "key_format": form}
    declared = "VARCHAR" if form == "iso8601" else "BIGINT"
    pair.source(f"CREATE TABLE t (id INTEGER PRIMARY KEY, k {declared}, v VARCHAR)")

    def at(seconds):
        if form == "iso8601":
            return now(seconds, "%Y-%m-%dT%H:%M:%SZ")
        return int((datetime.datetime.now().timestamp() + seconds) * (1 if form == "unix_s" else 1000))

    pair.insert("t", [(1, at(-300), "v"), (2, at(0), "v")])
    run = pair.sync()
    equal(run.table()["guarantee"], "lag 60s")
    cursor = run.table()["cursor_to"]
    cursor = cursor if form == "iso8601" else int(cursor)
    assert at(-70) < cursor <= at(-59), cursor
    pair.insert("t", [(3, at(-50), "late"), (4, at(3600), "ahead")])
    run = pair.sync()
    pair.same("t")
    contains("\n".join(run.warnings()), "1 rows have a key in the future, up to")


@both
def prec_05_bounds_of_types_are_no_clock(pair):
    """Infinity and the last year are newer than any clock, and hide nothing."""
    pair.source(TABLE)
    rows = [(1, "9999-12-31 23:59:59.999999", "v"), (2, "0001-01-01 00:00:00", "v")]
    pair.insert("t", rows + ([(3, "infinity", "v"), (4, "-infinity", "v"), (5, "290309-12-22 (BC) 00:00:00", "v")]
                             if pair.kind == "duckdb" else []))
    pair.sync()
    pair.same("t")
    pair.insert("t", [(9, now(), "today")])
    pair.sync()
    pair.same("t")


@sqlite
def prec_06_times_that_are_written_in_two_ways(pair):
    """A 'T' is above a blank: what is written with one hides what is written with the other on the same day, and none is promised."""
    pair.source("CREATE TABLE t (id INTEGER PRIMARY KEY, updated_at DATETIME DEFAULT CURRENT_TIMESTAMP, v TEXT)",
                "CREATE INDEX by_time ON t (updated_at)", "INSERT INTO t VALUES (1, '2024-05-01T10:00:00', 'isoformat()')")
    for settings in ({}, {"clock": "database"}):
        run = pair.sync("--full-refresh", "t", **settings)
        equal((run.table()["guarantee"], [line for line in run.warnings() if "written" in line]), ("exact" if settings else "lag 60s", []))
    pair.insert("t", [(2, "2024-05-01 12:00:00", "CURRENT_TIMESTAMP")])
    for settings in ({}, {"clock": "database"}):
        run = pair.sync(**settings)
        reason = ("keys are written in more than one way, as '2024-05-01T10:00:00' and '2024-05-01 12:00:00', and do not compare "
                  "as times do")
        equal((run.table()["guarantee"], run.table()["guarantee_reason"]), ("none", reason))
        contains("\n".join(run.warnings()), f"main.t: rows may be missed: {reason}")
    pair.sync("--full-refresh", "t")
    pair.same("t")


# ---- time zones ------------------------------------------------------------------------------------------------------

@both
def tz_01_the_hosts_zone_is_of_no_matter(pair):
    zones = ["Asia/Tokyo", "America/Los_Angeles", "Europe/Berlin", "UTC"]
    pair.source(TABLE)
    for number, zone in enumerate(zones):
        pair.insert("t", [(number, f"2024-05-01 10:00:0{number}", "v")])
        run = pair.sync(environment={"TZ": zone})
        pair.same("t")
        equal(run.table()["cursor_to"], f"2024-05-01 10:00:0{number}")
    pair.insert("t", [(9, now(), "v")])
    for zone in zones:
        pair.sync(environment={"TZ": zone})
        assert now(-62) < pair.state()["cursor"] <= now(-60), pair.state()


@duckdb
def tz_02_instants_are_printed_in_utc(pair):
    pair.source("SET TimeZone = 'Asia/Kolkata'; CREATE TABLE t (id INTEGER PRIMARY KEY, updated_at TIMESTAMPTZ)",
                "SET TimeZone = 'Asia/Kolkata'; INSERT INTO t VALUES (1, '2024-05-01 10:00:00'), (2, '2024-05-01 10:00:01')")
    run = pair.sync(environment={"TZ": "America/New_York"})
    equal(run.table()["cursor_to"], "2024-05-01 04:30:01+00")
    pair.source("SET TimeZone = 'America/New_York'; INSERT INTO t VALUES (3, '2024-05-01 00:30:01'), (4, '2024-05-01 00:30:02')")
    run = pair.sync(environment={"TZ": "Asia/Tokyo"})
    equal(run.table()["cursor_to"], "2024-05-01 04:30:02+00")
    pair.same("t")


def smallest_local(zone, seconds):
    """The smallest local time of any instant from now on, and so many seconds."""
    start = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=seconds)
    start_of_quarter = start.replace(minute=start.minute // 15 * 15, second=0, microsecond=0)
    later = [start_of_quarter + datetime.timedelta(minutes=15 * quarter) for quarter in range(1, 100)]
    return min(instant.astimezone(zoneinfo.ZoneInfo(zone)).strftime("%Y-%m-%d %H:%M:%S.%f") for instant in [start, *later])


@both
def tz_03_a_local_clock_whose_zone_is_known(pair):
    zones = ["Asia/Kolkata", "America/New_York", "Europe/Berlin", "Pacific/Chatham", "Australia/Lord_Howe"]
    tables = {f"t{place}": {"key_zone": zone} for place, zone in enumerate(zones)}
    pair.source(*[TABLE.replace(" t ", f" {name} ") for name in tables])
    for place, zone in enumerate(zones):
        pair.insert(f"t{place}", [(1, smallest_local(zone, 0), "written now"), (2, "2099-01-01 00:00:00", "future")])
    before = [smallest_local(zone, -61)[:19] for zone in zones]
    run = pair.sync(tables=tables)
    for place, zone in enumerate(zones):
        cursor = run.table(f"t{place}")["cursor_to"]
        assert before[place] <= cursor <= smallest_local(zone, -60), (zone, before[place], cursor)
        pair.insert(f"t{place}", [(3, smallest_local(zone, -55), "late")])
    pair.sync(tables=tables)
    for name in tables:
        pair.same(name)


@both
def tz_04_a_zone_is_asked_for_before_anything_is_promised(pair):
    pair.source(TABLE)
    pair.insert("t", [(1, now(), "v")])
    run = pair.sync(clock="database")
    if pair.kind == "duckdb":
        equal((run.table()["guarantee"], run.table()["guarantee_reason"]),
              ("lag 60s", "the key has no time zone: declare 'key_zone', the zone of its writers"))
    else:
        equal(run.table()["guarantee"], "exact")  # SQLite's clock writes UTC


@both
def tz_05_a_zone_that_is_none(pair):
    pair.source(TABLE)
    pair.insert("t", [(1, now(), "v")])
    pair.fails("...Mars/Olympus...", key_zone="Mars/Olympus")


@both
def tz_06_a_local_clock_that_is_ahead(pair):
    """Tokyo's local time in a column that is taken for UTC: nine hours ahead, and nothing is lost."""
    pair.source(TABLE)
    pair.insert("t", [(1, now(9 * 3600), "v")])
    run = pair.sync()
    contains("\n".join(run.warnings()), "1 rows have a key in the future, up to")
    pair.insert("t", [(2, now(9 * 3600 - 3), "v")])
    pair.sync()
    pair.same("t")


# ---- comparison ------------------------------------------------------------------------------------------------------

@both
def cmp_01_text_is_no_number(pair):
    pair.settings = {"key": "k", "window_rows": 2}
    pair.source("CREATE TABLE t (id INTEGER PRIMARY KEY, k VARCHAR)")
    pair.insert("t", [(number, str(number)) for number in range(1, 13)])
    run = pair.sync()
    pair.same("t")
    equal((run.table()["cursor_to"], run.table()["guarantee"]), ("9", "none"))
    pair.insert("t", [(90, "90"), (91, "91"), (92, "a"), (93, "Z"), (94, "é"), (95, "花")])
    run = pair.sync()
    pair.same("t")
    equal(run.table()["cursor_to"], "花")


@both
def cmp_02_numbers_are_no_text(pair):
    pair.settings = {"key": "k", "window_rows": 2}
    pair.source("CREATE TABLE t (id INTEGER PRIMARY KEY, k INTEGER)")
    pair.insert("t", [(1, -10), (2, -9), (3, 9), (4, 10)])
    equal(pair.sync().table()["cursor_to"], "10")
    pair.insert("t", [(5, 10), (6, 11), (7, 100)])
    equal(pair.sync().table()["cursor_to"], "100")
    pair.same("t")


@both
def cmp_03_a_collation_of_the_column(pair):
    """Bytes would have it that 'b' is the greatest, and that 'C' to 'F' come before it."""
    pair.settings = {"key": "k"}
    pair.source("CREATE TABLE t (id INTEGER PRIMARY KEY, k VARCHAR COLLATE NOCASE)")
    pair.insert("t", [(1, "A"), (2, "b")])
    equal(pair.sync().table()["cursor_to"], "b")
    pair.insert("t", [(number, letter) for number, letter in enumerate("BCdEf", 3)])
    equal(pair.sync(window_rows=1).table()["cursor_to"], "f")
    pair.same("t")
    pair.insert("t", [(10, "F"), (11, "G")])
    equal(pair.sync(window_rows=1).table()["cursor_to"], "G")
    pair.same("t")


@both
def cmp_04_windows_by_a_collation(pair):
    pair.settings = {"key": "k", "mode": "append", "window_rows": 3}
    pair.source("CREATE TABLE t (id INTEGER, k VARCHAR COLLATE NOCASE)", "INSERT INTO t VALUES (0, 'A')")
    pair.sync()
    pair.insert("t", [(number, "aAbBcCdD"[number % 8]) for number in range(1, 33)])
    pair.kill_if_can("incremental: window committed")
    pair.sync()
    pair.same("t")


@sqlite
def cmp_05_values_of_several_kinds_in_one_column(pair):
    """SQLite has all numbers before all texts, and those before blobs."""
    pair.settings = {"key": "k"}
    pair.source("CREATE TABLE t (id INTEGER PRIMARY KEY, k)", "INSERT INTO t VALUES (1, 10), (2, 9.5), (3, 'a')")
    equal(pair.sync().table()["cursor_to"], "a")
    pair.source("INSERT INTO t VALUES (4, 'b'), (5, 'ä')")
    pair.sync()
    pair.same("t")
    equal(pair.state()["cursor_type"], "text")


@duckdb
def cmp_06_not_a_number_is_the_greatest(pair):
    pair.settings = {"key": "k"}
    pair.source("CREATE TABLE t (id INTEGER PRIMARY KEY, k DOUBLE)", "INSERT INTO t VALUES (1, 1.5), (2, 'nan'), (3, 'inf')")
    equal(pair.sync().table()["cursor_to"], "nan")
    pair.source("INSERT INTO t VALUES (4, 'nan')")
    pair.sync()
    pair.same("t")


# ---- several keys ----------------------------------------------------------------------------------------------------

TWO_KEYS = "CREATE TABLE t (id INTEGER PRIMARY KEY, created TIMESTAMP, changed TIMESTAMP, v VARCHAR)"


@both(times=["list", "greatest(created, changed)"])
def keys_01_the_greatest_of_two(pair, form):
    pair.settings = {"key": ["created", "changed"] if form == "list" else form}
    pair.source(TWO_KEYS)
    pair.insert("t", [(1, "2024-01-01 00:00:00", None, "v"), (2, "2024-01-02 00:00:00", "2024-01-01 00:00:00", "v")])
    run = pair.sync()
    equal((run.table()["key"], run.table()["cursor_to"]), ("greatest(created, changed)", "2024-01-02 00:00:00"))
    pair.source("UPDATE t SET changed = '2024-02-01 00:00:00', v = 'w' WHERE id = 1")
    pair.insert("t", [(3, None, "2024-03-01 00:00:00", "v"), (4, None, None, "v")])
    equal(pair.sync().table()["cursor_to"], "2024-03-01 00:00:00")
    pair.same("t")


@both
def keys_02_the_first_that_is_there(pair):
    pair.settings = {"key": "coalesce(changed, created)"}
    pair.source(TWO_KEYS)
    pair.insert("t", [(1, "2024-01-05 00:00:00", None, "v"), (2, "2024-01-09 00:00:00", "2024-01-02 00:00:00", "v")])
    equal(pair.sync().table()["cursor_to"], "2024-01-05 00:00:00")
    pair.source("UPDATE t SET changed = '2024-02-01 00:00:00', v = 'w' WHERE id = 1")
    equal(pair.sync(window_rows=1).table()["cursor_to"], "2024-02-01 00:00:00")
    pair.same("t")


@both
def keys_03_of_two_types(pair):
    pair.source("CREATE TABLE t (id INTEGER PRIMARY KEY, a TIMESTAMP, b DATE)", "INSERT INTO t VALUES (1, NULL, NULL)")
    if pair.kind == "duckdb":
        pair.fails("table 'main.t': the columns of a key must be of one type: 'a' is TIMESTAMP, 'b' is DATE",
                   hint="make a view that casts them, and replicate that", key=["a", "b"])
    else:
        pair.sync(key=["a", "b"])
        pair.same("t")


@both
def keys_04_a_column_that_is_none(pair):
    pair.source(TABLE)
    pair.fails("table 'main.t': 'key' names the column 'updated', which the table does not have",
               hint="did you mean 'updated_at'?", key="updated")


# ---- the future, and back --------------------------------------------------------------------------------------------

@both
def future_01_a_row_of_the_future_hides_nothing(pair):
    pair.source(TABLE)
    pair.insert("t", [(1, "2099-01-01 00:00:00", "future"), (2, now(), "v")])
    run = pair.sync()
    contains("\n".join(run.warnings()), "main.t: 1 rows have a key in the future, up to 2099-01-01 00:00:00")
    for number in range(3, 6):
        pair.insert("t", [(number, now(), "v")])
        pair.sync()
        pair.same("t")
    pair.source("UPDATE t SET v = 'still there' WHERE id = 1")
    pair.sync()
    pair.same("t")


@both
def future_02_the_row_of_the_future_is_put_right(pair):
    """Others changed meanwhile: they are between the cursor and what is the newest key now."""
    pair.source(TABLE)
    pair.insert("t", [(1, "2099-01-01 00:00:00", "future"), (2, "2024-01-01 00:00:00", "v"), (3, "2024-01-01 00:00:00", "v")])
    pair.sync(lag="1d")  # as if it was yesterday
    pair.source(f"UPDATE t SET v = 'w', updated_at = '{now(-7200)}' WHERE id = 2",
                f"UPDATE t SET v = 'right', updated_at = '{now(-3600)}' WHERE id = 1")
    pair.sync()
    pair.same("t")
    pair.source(f"UPDATE t SET v = 'x', updated_at = '{now()}' WHERE id = 3")
    pair.sync()
    pair.same("t")


@both
def future_03_the_row_of_the_future_is_deleted(pair):
    pair.source(TABLE)
    pair.insert("t", [(1, "2099-01-01 00:00:00", "future"), (2, "2024-01-01 00:00:00", "v")])
    pair.sync(lag="1d")  # as if it was yesterday
    pair.source("DELETE FROM t WHERE id = 1", f"UPDATE t SET v = 'w', updated_at = '{now(-7200)}' WHERE id = 2")
    pair.insert("t", [(3, now(-3600), "v")])
    pair.sync()
    pair.same("t", where="id <> 1")


@sqlite
def future_04_a_writer_was_slow_and_all_others_are_ahead(pair):
    """Where every key that is there is ahead, the clock alone would pass what is written but not committed."""
    pair.settings = {"clock": "database"}
    pair.source("PRAGMA journal_mode = WAL", TABLE, "INSERT INTO t VALUES (1, '2099-01-01 00:00:00', 'ahead'), "
                "(3, '2024-05-01 00:00:00', 'not yet')")
    pair.sync()
    pair.source("UPDATE t SET updated_at = '2099-01-01 00:00:00' WHERE id = 3")
    writer = pair.connect()
    writer.execute("BEGIN IMMEDIATE")
    writer.execute("INSERT INTO t VALUES (2, datetime('now', '-4 seconds'), 'slow')")
    pair.sync()
    writer.execute("COMMIT")
    writer.close()
    pair.sync()
    pair.same("t")


@sqlite(times=["upsert", "append"])
def future_05_the_first_copy_meets_a_slow_writer_and_all_others_are_ahead(pair, mode):
    pair.settings = {"clock": "database", "mode": mode}
    pair.source("PRAGMA journal_mode = WAL", TABLE, "INSERT INTO t VALUES (1, '2099-01-01 00:00:00', 'ahead')")
    writer = pair.connect()
    writer.execute("BEGIN IMMEDIATE")
    writer.execute("INSERT INTO t VALUES (2, datetime('now', '-4 seconds'), 'slow')")
    pair.sync()
    pair.sync()
    writer.execute("COMMIT")
    writer.close()
    pair.sync()
    pair.same("t")
    pair.sync()
    pair.same("t")


@both
def back_01_a_key_goes_back_and_the_row_is_the_later_one(pair):
    pair.source(TABLE)
    pair.insert("t", [(1, now(-40), "v"), (2, now(-10), "v")])
    pair.sync()
    pair.source(f"UPDATE t SET v = 'back', updated_at = '{now(-30)}' WHERE id = 2")
    pair.sync()
    pair.same("t")


@both
def back_02_the_newest_row_is_deleted(pair):
    pair.source(TABLE)
    pair.insert("t", [(number, f"2024-01-0{number} 00:00:00", "v") for number in range(1, 6)])
    pair.sync()
    pair.source("DELETE FROM t WHERE id = 5")
    run = pair.sync()
    contains("\n".join(run.warnings()),
             "main.t: the newest key of the source is '2024-01-04 00:00:00', and was '2024-01-05 00:00:00'")
    equal(len(pair.here("t")), 5)
    equal(pair.sync().warnings()[2 * (pair.kind == "sqlite"):], [])
    pair.insert("t", [(6, "2024-01-04 00:00:00", "a tie of what is the newest one now"), (7, "2024-01-04 12:00:00", "v")])
    pair.sync()
    pair.same("t", where="id <> 5")


if __name__ == "__main__":
    tap.main()

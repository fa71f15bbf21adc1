"""pawl sync: tables whose columns change (T-SCHEMA of the torture list)."""
from sync_harness import both, contains, duckdb, equal, sqlite, tap

TABLE = "CREATE TABLE t (id INTEGER PRIMARY KEY, updated_at TIMESTAMP, v VARCHAR)"


def at(number):
    return f"2024-05-01 00:00:{number:02}"


def fill(pair, declaration=TABLE, rows=((1, at(1), "v"), (2, at(2), "v")), **settings):
    pair.settings = settings
    pair.source(declaration)
    pair.insert("t", rows)
    pair.sync()


@both
def schema_01_a_column_is_added(pair):
    fill(pair)
    pair.source("ALTER TABLE t ADD COLUMN w INTEGER DEFAULT 7", f"UPDATE t SET updated_at = '{at(3)}' WHERE id = 1")
    run = pair.sync()
    contains("\n".join(run.said), "INFO main.t: column 'w' is new: rows that were synced before have NULL there")
    # The row at the cursor is read again.
    equal(pair.here("t"), [["1", at(3), "v", "7"], ["2", at(2), "v", "7"]])
    pair.insert("t", [(3, at(4), "v", None)])
    pair.sync()
    pair.same("t")


@both
def schema_02_what_an_added_column_has_of_rows_below_the_cursor(pair):
    fill(pair)
    pair.source("ALTER TABLE t ADD COLUMN w INTEGER DEFAULT 7")
    pair.sync()
    equal(pair.here("t"), [["1", at(1), "v", None], ["2", at(2), "v", "7"]])
    pair.sync("--full-refresh", "t")
    pair.same("t")


@both
def schema_03_a_column_is_dropped(pair):
    fill(pair)
    pair.source("ALTER TABLE t DROP COLUMN v", f"UPDATE t SET updated_at = '{at(3)}' WHERE id = 1")
    run = pair.sync()
    contains("\n".join(run.warnings()), "main.t: column 'v' is gone from the source: it stays, with NULL in rows that change")
    equal(pair.here("t", where="id = 1"), [["1", at(3), None]])
    pair.sync("--full-refresh", "t")
    equal(list(pair.types("t")), ["id", "updated_at"])
    pair.same("t")


@both
def schema_04_a_column_is_renamed(pair):
    fill(pair)
    pair.source("ALTER TABLE t RENAME COLUMN v TO word", f"UPDATE t SET word = 'new', updated_at = '{at(3)}' WHERE id = 1")
    pair.sync()
    equal(pair.here("t", where="id = 1"), [["1", at(3), None, "new"]])


@both
def schema_05_a_column_comes_back(pair):
    fill(pair)
    pair.source("ALTER TABLE t DROP COLUMN v", f"UPDATE t SET updated_at = '{at(3)}' WHERE id = 1")
    pair.sync()
    pair.source("ALTER TABLE t ADD COLUMN v VARCHAR DEFAULT 'back'", f"UPDATE t SET updated_at = '{at(4)}' WHERE id = 2")
    pair.sync()
    equal(pair.here("t", "id, v", "id = 2"), [["2", "back"]])


@duckdb
def schema_06_types_grow(pair):
    """What is there, and what comes, is kept exactly; a type that has shrunk stays as it was."""
    steps = [("a TINYINT", "BIGINT", "-5", "9223372036854775807", "BIGINT"),
             ("b UTINYINT", "INTEGER", "255", "-2147483648", "INTEGER"),
             ("c UBIGINT", "BIGINT", "18446744073709551615", "-1", "HUGEINT"),
             ("d DECIMAL(5,2)", "DECIMAL(9,4)", "123.45", "12345.6789", "DECIMAL(9,4)"),
             ("e DECIMAL(9,4)", "DECIMAL(12,2)", "12345.6789", "1234567890.12", "DECIMAL(14,4)"),
             ("f INTEGER", "VARCHAR", "17", "seventeen", "VARCHAR"),
             ("g BIGINT", "INTEGER", "9223372036854775807", "5", "BIGINT"),
             ("h DATE", "TIMESTAMP", "2024-02-29", "2024-02-29 12:00:00", "TIMESTAMP"),
             ("i FLOAT", "DOUBLE", "1.5", "0.1", "DOUBLE"),
             ("j VARCHAR", "INTEGER", "x", "5", "VARCHAR"),
             ("k ENUM('a', 'b')", "ENUM('a', 'b', 'c')", "a", "c", "VARCHAR"),
             ("l UUID", "VARCHAR", "00000000-0000-0000-0000-000000000001", "none", "VARCHAR"),
             ("m INTEGER", "DECIMAL(9,2)", "5", "1.25", "DECIMAL(12,2)"),
             ("n TIMESTAMP_S", "TIMESTAMP_MS", "2024-01-01 00:00:00", "2024-01-01 00:00:00.123", "TIMESTAMP_MS")]
    names = [step[0].split()[0] for step in steps]
    pair.source("CREATE TABLE t (id INTEGER PRIMARY KEY, updated_at TIMESTAMP, " + ", ".join(step[0] for step in steps) + ")",
                f"INSERT INTO t VALUES (1, '{at(1)}', " + ", ".join(f"'{step[2]}'" for step in steps) + ")")
    pair.sync()
    was = pair.here("t")
    pair.source("ALTER TABLE t RENAME TO old", "CREATE TABLE t (id INTEGER PRIMARY KEY, updated_at TIMESTAMP, " + ", ".join(
        f"{name} {step[1]}" for name, step in zip(names, steps)) + ")",
        f"INSERT INTO t VALUES (2, '{at(2)}', " + ", ".join(f"'{step[3]}'" for step in steps) + ")", "DROP TABLE old")
    run = pair.sync()
    equal(list(pair.types("t").values())[2:], [step[4] for step in steps])
    changed = [step for step in steps if step[0].split()[1] != step[4]]
    for step in changed:
        if step[4] not in ("BIGINT",) or step[0][0] == "a":
            contains("\n".join(run.said), f"INFO main.t: column '{step[0][0]}' is widened from ")
    here = pair.here("t")
    # Numbers and times are equal, though they may be written with more places.
    for name, before, after in zip(names, was[0][2:], here[0][2:]):
        equal((name, pair.select(f"SELECT '{before}'::{pair.types('t')[name]} = '{after}'::{pair.types('t')[name]} AS same")),
              (name, [{"same": "true"}]))
    equal(pair.here("t", ", ".join(names), "id = 2"), [[step[3] for step in steps][:3] + ["12345.6789", "1234567890.1200"] +
                                                     [step[3] for step in steps][5:]])


@duckdb
def schema_07_types_that_do_not_go_together(pair):
    for number, (was, now) in enumerate([("TIMESTAMP", "DATE"), ("DOUBLE", "DECIMAL(9,2)"), ("VARCHAR", "BLOB"),
                                         ("TIMESTAMP", "TIMESTAMPTZ"), ("BOOLEAN", "INTEGER"), ("DOUBLE", "VARCHAR"),
                                         ("INTEGER[]", "INTEGER")]):
        pair.source(f"CREATE TABLE t{number} (id INTEGER PRIMARY KEY, updated_at TIMESTAMP, a {was})",
                    f"INSERT INTO t{number} VALUES (1, '{at(1)}', NULL)")
        pair.sync(tables={f"t{number}": {}})
        pair.source(f"DROP TABLE t{number}; CREATE TABLE t{number} (id INTEGER PRIMARY KEY, updated_at TIMESTAMP, a {now})",
                    f"INSERT INTO t{number} VALUES (1, '{at(2)}', NULL)")
        run = pair.sync("--select", f"t{number}", status=None)
        if (was, now) == ("TIMESTAMP", "DATE"):
            equal((run.status, pair.types(f"t{number}")["a"]), (0, "TIMESTAMP"))
            continue
        equal((was, now, run.errors, run.hints), (was, now, [
            f"table 'main.t{number}': column 'a' is {was} in the warehouse and {now} at the source: neither keeps the other's values"
            .replace("TIMESTAMPTZ", "TIMESTAMP WITH TIME ZONE")], [
            f"--full-refresh main.t{number} makes it anew with the source's type"]))
        pair.sync("--select", f"t{number}", "--full-refresh", "*")
        pair.same(f"t{number}")


@both
def schema_08_frozen(pair):
    fill(pair, schema_changes="freeze")
    pair.source("ALTER TABLE t ADD COLUMN w INTEGER", f"UPDATE t SET updated_at = '{at(3)}', v = 'new' WHERE id = 1")
    pair.fails("table 'main.t': column 'w' is new at the source, and 'schema_changes' is freeze",
               hint="schema_changes: evolve takes it over; columns.exclude leaves it out")
    equal(pair.here("t"), [["1", at(1), "v"], ["2", at(2), "v"]])
    pair.sync(schema_changes="evolve")
    pair.same("t")


@both
def schema_09_the_keys_column_is_dropped(pair):
    fill(pair)
    pair.source("ALTER TABLE t DROP COLUMN updated_at")
    pair.fails("table 'main.t': the mode was 'upsert' at the last sync, and is 'replace' now")
    pair.fails("table 'main.t': 'key' names the column 'updated_at', which the table does not have", key="updated_at")
    equal(len(pair.here("t")), 2)


@both
def schema_10_the_keys_column_gets_another_type(pair):
    """'9' is greater than '10': a cursor of numbers is none of texts."""
    fill(pair, "CREATE TABLE t (id INTEGER PRIMARY KEY, k INTEGER, v VARCHAR)", [(1, 9, "v"), (2, 10, "v")], key="k")
    pair.source("DROP TABLE t; CREATE TABLE t (id INTEGER PRIMARY KEY, k VARCHAR, v VARCHAR)")
    pair.insert("t", [(1, "9", "v"), (2, "10", "v"), (3, "100", "v"), (4, "11", "v")])
    run = pair.sync(status=1)
    equal(run.errors, ["table 'main.t': the replication key's kind of values was 'number' at the last sync, and is 'text' now"])
    equal(run.hints, ["--full-refresh main.t copies the table again under the new rule; or take the change back"])
    equal(len(pair.here("t")), 2)
    pair.sync("--full-refresh", "t")
    pair.same("t")


@duckdb
def schema_11_the_keys_column_grows(pair):
    fill(pair, "CREATE TABLE t (id INTEGER PRIMARY KEY, k INTEGER, updated_at DATE)", [(1, 9, "2024-01-01"), (2, 10, "2024-01-02")],
         key="k")
    pair.source("ALTER TABLE t ALTER k TYPE BIGINT")
    pair.insert("t", [(3, 9223372036854775807, None), (4, 11, None)])
    pair.sync()
    pair.same("t")


@both
def schema_12_a_primary_key_is_dropped(pair):
    fill(pair)
    pair.source("ALTER TABLE t RENAME TO old", "CREATE TABLE t (id INTEGER, updated_at TIMESTAMP, v VARCHAR)",
                "INSERT INTO t SELECT * FROM old")
    pair.fails("table 'main.t': the mode was 'upsert' at the last sync, and is 'replace' now")
    pair.sync(primary_key="id")
    pair.same("t")


@both
def schema_13_killed_in_the_middle(pair):
    fill(pair)
    pair.source("ALTER TABLE t ADD COLUMN a INTEGER DEFAULT 1", "ALTER TABLE t ADD COLUMN b VARCHAR DEFAULT 'b'",
                f"UPDATE t SET updated_at = '{at(5)}'")
    for step in ["replica: column added", "replica: before the commit", "replica: after the commit", "replica: rows inserted"]:
        pair.kill(step)
    pair.sync()
    pair.same("t")


@both
def schema_14_between_two_windows(pair):
    fill(pair, rows=[(number, at(number), "v") for number in range(20)], window_rows=4)
    pair.source(f"UPDATE t SET updated_at = '{at(59)}', v = 'w' WHERE id < 8")
    pair.source("".join(f"UPDATE t SET updated_at = '{at(20 + number)}', v = 'w' WHERE id = {number};" for number in range(20)))
    pair.kill("incremental: window committed", 2)
    pair.source("ALTER TABLE t ADD COLUMN a INTEGER DEFAULT 1", "ALTER TABLE t DROP COLUMN v")
    pair.sync()
    equal(pair.here("t", "id, updated_at"), pair.there("t", "id, updated_at"))
    equal(pair.here("t", "count(*)", "a IS NULL AND v = 'w'"), [["8"]])


@sqlite
def schema_15_a_backfill_whose_columns_change(pair):
    pair.settings = {"window_rows": 4}
    pair.source(TABLE)
    pair.insert("t", [(number, at(number), "v") for number in range(20)])
    pair.kill("backfill: window committed", 2)
    pair.source("ALTER TABLE t DROP COLUMN v", "ALTER TABLE t ADD COLUMN a INTEGER DEFAULT 1")
    pair.sync()
    pair.same("t", columns="id, updated_at, a")


@both
def schema_16_names_in_another_case(pair):
    fill(pair)
    pair.source("ALTER TABLE t RENAME COLUMN v TO W", "ALTER TABLE t RENAME COLUMN W TO V",
                f"UPDATE t SET V = 'new', updated_at = '{at(3)}'")
    pair.sync()
    pair.same("t")
    equal(list(pair.types("t")), ["id", "updated_at", "v"])


@sqlite
def schema_17_columns_of_sqlite_that_change_their_declared_type(pair):
    fill(pair, "CREATE TABLE t (id INTEGER PRIMARY KEY, updated_at TIMESTAMP, a INTEGER, b DECIMAL(5,2), c REAL)",
         [(1, at(1), 5, 1.25, 0.5)])
    pair.source("ALTER TABLE t RENAME TO old", "CREATE TABLE t (id INTEGER PRIMARY KEY, updated_at TIMESTAMP, a TEXT, b DECIMAL(9,4), "
                "c REAL)", "INSERT INTO t SELECT * FROM old", f"INSERT INTO t VALUES (2, '{at(2)}', 'five', 12345.0625, 1e300)")
    pair.sync()
    equal(list(pair.types("t").values())[2:], ["VARCHAR", "DECIMAL(9,4)", "DOUBLE"])
    equal(pair.here("t", "a, b, c"), [["5", "1.2500", "0.5"], ["five", "12345.0625", "1e+300"]])


if __name__ == "__main__":
    tap.main()

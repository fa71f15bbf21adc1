"""pawl sync: the state, and what does not fit it any more (T-STATE of the torture list)."""
import shutil

from sync_harness import PAWL, Pair, both, contains, equal, now, tap

TABLE = "CREATE TABLE t (id INTEGER PRIMARY KEY, updated_at TIMESTAMP, v VARCHAR)"
DAY = "2024-05-01 00:00:00"


def at(number):
    return f"2024-05-01 00:00:{number:02}"


def fill(pair, count=5, **settings):
    pair.settings = settings
    pair.source(TABLE)
    pair.insert("t", [(number, at(number), "v") for number in range(count)])
    pair.sync()


@both
def state_01_two_runs_at_once(pair):
    fill(pair, window_rows=1)
    pair.insert("t", [(number, at(30), "w") for number in range(10, 13)])
    first = pair.start_sync(window_rows=1)
    lock = pair.folder / "warehouse.duckdb.pawl"
    while first.poll() is None and not (lock.exists() and '"progress":' in lock.read_text()):
        pass
    second = pair.sync(status=None)
    first.communicate()
    if second.status == 0:
        raise tap.Skip("the first run was over before the second one began")
    contains(second.errors[0], "another run writes to 'warehouse.duckdb': process " + str(first.pid))
    equal((second.hints, second.result["error"]["retryable"]), (["wait until it is done; 'pawl status' shows how far it is"], True))


@both
def state_02_what_a_dead_run_left_is_taken_over(pair):
    fill(pair)
    pair.insert("t", [(9, at(9), "w")])
    pair.kill("replica: before the commit")
    assert (pair.folder / "warehouse.duckdb.pawl").exists()
    pair.sync()
    pair.same("t")
    assert not (pair.folder / "warehouse.duckdb.pawl").exists()


@both
def state_03_the_state_is_lost_and_the_table_kept(pair):
    """rocky#1179: the whole source appended again, and exit 0."""
    fill(pair)
    pair.duck(pair.warehouse, "DELETE FROM _pawl.state")
    pair.fails("table 'main.t': the warehouse has a table 'main.t' that Pawl did not make",
               hint="rename or drop that table; or choose another name with 'name'")
    pair.fails("table 'main.t': the warehouse has a table 'main.t' that Pawl did not make", "--full-refresh", "t")
    equal(len(pair.here("t")), 5)


@both
def state_04_the_table_is_lost_and_the_state_kept(pair):
    fill(pair)
    pair.duck(pair.warehouse, "DROP TABLE t")
    pair.fails("table 'main.t': 'main.t' was synced before, and is gone from the warehouse",
               hint="--full-refresh main.t copies it again")
    pair.sync("--full-refresh", "t")
    pair.same("t")


@both
def state_05_a_view_of_that_name(pair):
    fill(pair)
    pair.duck(pair.warehouse, "DROP TABLE t", "CREATE VIEW t AS SELECT 1 AS id, 2 AS updated_at, 3 AS v")
    run = pair.sync(status=1)
    contains(run.errors[0], "table 'main.t': ")
    pair.duck(pair.warehouse, "DROP VIEW t")
    pair.sync("--full-refresh", "t")
    pair.same("t")


@both
def state_06_another_source(pair):
    fill(pair)
    moved = pair.file.with_name("moved" + pair.file.suffix)
    shutil.move(pair.file, moved)
    old, pair.file = pair.file, moved
    pair.fails(f"table 'main.t': 'main.t' in the warehouse came from '{pair.kind}:{old.resolve()}', and this source is "
               f"'{pair.kind}:{moved.resolve()}'",
               hint="--accept-source if it is the same database in another place; --full-refresh main.t copies it anew")
    pair.sync("--accept-source")
    pair.sync()  # it is accepted for good, though nothing was new
    equal(pair.state()["source"], f"{pair.kind}:{moved.resolve()}")
    pair.insert("t", [(9, at(9), "w")])
    pair.sync()
    pair.same("t")


@both
def state_07_another_table_under_the_same_name(pair):
    fill(pair)
    pair.source(TABLE.replace(" t ", " u "))
    pair.fails("table 'main.u': 'main.t' in the warehouse came from the table 'main.t'",
               hint="give this table another name with 'name'; or, if it was renamed at the source, copy it again with "
                    "--full-refresh main.u", tables={"u": {"name": "t"}})


SETTINGS = {
    "mode": ({}, {"mode": "append"}, "mode was 'upsert' at the last sync, and is 'append' now"),
    "replace": ({}, {"mode": "replace"}, "mode was 'upsert' at the last sync, and is 'replace' now"),
    "key": ({}, {"key": "created"}, "replication key was 'updated_at' at the last sync, and is 'created' now"),
    "several keys": ({}, {"key": ["updated_at", "created"]},
                     "replication key was 'updated_at' at the last sync, and is 'greatest(updated_at, created)' now"),
    "zone": ({}, {"key_zone": "Europe/Berlin"}, "key's format and zone was 'none' at the last sync, and is 'Europe/Berlin' now"),
    "primary key": ({}, {"primary_key": ["id", "v"]}, "primary key was 'id' at the last sync, and is 'id, v' now"),
    "where": ({}, {"where": "id > 1"}, "'where' was 'none' at the last sync, and is 'id > 1' now"),
    "no where": ({"where": "id > 1"}, {}, "'where' was 'id > 1' at the last sync, and is 'none' now"),
    "columns": ({}, {"columns": {"exclude": ["v"]}}, "choice of columns was 'none' at the last sync, and is 'without v' now"),
    "renamed": ({"columns": {"rename": {"v": "w"}}}, {"columns": {"rename": {"v": "x"}}},
                "choice of columns was 'v as w' at the last sync, and is 'v as x' now"),
    "start": ({}, {"start": DAY}, f"'start' was 'none' at the last sync, and is '{DAY}' now"),
}


@both
def state_08_each_changed_setting_is_named(pair):
    names = {f"t{place}": what for place, what in enumerate(SETTINGS)}
    for name in names:
        pair.source(f"CREATE TABLE {name} (id INTEGER PRIMARY KEY, updated_at TIMESTAMP, created TIMESTAMP, v VARCHAR)",
                    f"INSERT INTO {name} VALUES (1, '{DAY}', '{DAY}', 'v'), (2, '{DAY}', NULL, 'v')")
    pair.sync(tables={name: SETTINGS[what][0] for name, what in names.items()})
    changed = {name: SETTINGS[what][1] for name, what in names.items()}
    run = pair.sync(status=1, tables=changed)
    for name, what in names.items():
        table = run.table(name)
        equal((what, table["error"]["message"]), (what, "the " + SETTINGS[what][2]))
        equal(table["error"]["hint"], f"--full-refresh main.{name} copies the table again under the new rule; or take the change back")
    pair.sync("--full-refresh", "*", tables=changed)
    pair.sync(tables=changed)


@both
def state_09_what_may_change(pair):
    fill(pair)
    pair.insert("t", [(9, at(9), "w")])
    pair.sync(window_rows=1, lag="5m", max_ahead="1h", null_keys="ignore", clock="database", schema_changes="freeze")
    pair.same("t")


@both
def state_10_a_restored_backup(pair):
    """The newest key is lower than the one that was seen; numbers and times go on from there."""
    fill(pair)
    backup = pair.folder / "backup"
    shutil.copy(pair.file, backup)
    pair.source(f"UPDATE t SET v = 'lost', updated_at = '{at(20)}' WHERE id = 1")
    pair.insert("t", [(5, at(21), "lost")])
    pair.sync()
    shutil.copy(backup, pair.file)
    run = pair.sync()
    contains("\n".join(run.warnings()), f"main.t: the newest key of the source is '{at(4)}', and was '{at(21)}'")
    equal(run.table()["cursor_to"], at(4))
    pair.source(f"UPDATE t SET v = 'after', updated_at = '{at(10)}' WHERE id = 2")
    pair.insert("t", [(5, at(11), "after")])
    pair.sync()
    pair.same("t", where="id <> 1")
    pair.sync("--full-refresh", "t")
    pair.same("t")


@both
def state_11_a_restored_backup_and_numbers_that_are_given_again(pair):
    pair.settings = {"key": "id"}
    pair.source("CREATE TABLE t (id INTEGER PRIMARY KEY, v VARCHAR)")
    pair.insert("t", [(number, "v") for number in range(10)])
    pair.sync()
    pair.source("DELETE FROM t WHERE id > 6")
    pair.insert("t", [(7, "another seven")])
    pair.sync()
    equal(pair.here("t", where="id = 7"), [["7", "another seven"]])
    equal(len(pair.here("t")), 10)


@both
def state_12_a_table_that_was_emptied_and_filled_again(pair):
    fill(pair)
    pair.source("DELETE FROM t")
    pair.sync()
    pair.insert("t", [(number, at(number + 30), "again") for number in range(5)])
    pair.sync()
    pair.same("t")


@both
def state_13_a_newer_pawl_wrote_it(pair):
    fill(pair)
    pair.duck(pair.warehouse, "UPDATE _pawl.format SET format = 99")
    run = pair.sync(status=1)
    contains(run.errors[0], "the warehouse was written by a newer Pawl: the format of its state is 99, this one knows ")


@both
def state_14_the_runs_are_written_down(pair):
    fill(pair)
    pair.insert("t", [(9, at(9), "w")])
    pair.sync()
    pair.source("DELETE FROM t")
    pair.fails("...nothing was replaced...", "--full-refresh", "t")
    equal(pair.select("SELECT phase, outcome, rows_written, cursor_from, cursor_to, error FROM _pawl.runs ORDER BY started_at"), [
        {"phase": "backfill", "outcome": "done", "rows_written": "5", "cursor_from": None, "cursor_to": at(4), "error": None},
        {"phase": "incremental", "outcome": "done", "rows_written": "2", "cursor_from": at(4),
         "cursor_to": at(9), "error": None},
        {"phase": "refresh", "outcome": "failed", "rows_written": "0", "cursor_from": None, "cursor_to": None,
         "error": "the source gave no rows, and the warehouse has some: nothing was replaced"}])


@both
def state_15_a_warehouse_that_is_its_own_source(pair):
    fill(pair)
    other = Pair(pair.folder, "duckdb")
    other.file = other.warehouse
    run = other.sync(status=1, name="copy.{table}")
    equal(len(run.errors), 1)
    pair.same("t")


@both
def state_16_a_failed_table_stops_no_other(pair):
    pair.source(TABLE, TABLE.replace(" t ", " u "), TABLE.replace(" t ", " w "))
    for name in "tuw":
        pair.insert(name, [(1, DAY, "v")])
    run = pair.sync(status=1, tables={"t": {}, "u": {"where": "nothing > 1"}, "w": {}}, job={"tables_at_once": 1})
    equal([table["outcome"] for table in run.result["tables"]], ["done", "failed", "done"])
    equal(run.result["tables_failed"], 1)
    pair.same("t")
    pair.same("w")
    pair.sync()
    pair.same("u")


@both
def state_17_the_clock_was_set_back(pair):
    """What the state says of the two clocks: the source's was ahead by an hour, and the host's, too."""
    fill(pair)
    pair.insert("t", [(9, now(), "v")])
    pair.sync()
    pair.duck(pair.warehouse, "UPDATE _pawl.state SET source_now = source_now + INTERVAL 1 HOUR, host_now = host_now + INTERVAL 1 HOUR, "
                              "\"cursor\" = CAST(\"cursor\"::TIMESTAMP + INTERVAL 1 HOUR AS VARCHAR)")
    pair.insert("t", [(10, now(), "below the cursor")])
    run = pair.sync()
    contains("\n".join(run.warnings()), "main.t: the source's clock was set back: the whole table is read again")
    pair.same("t")
    assert pair.state()["cursor"] <= now(-59)
    equal([line for line in pair.sync().warnings() if "clock" in line], [])


@both
def state_18_a_secret_is_in_no_output(pair):
    """Law 9: of a source that Pawl does not know, in each of its outputs."""
    url = "mysql://app:hunter2@db/shop.db"
    (pair.folder / "job.yaml").write_text('{"source": "${URL}", "destination": "warehouse.duckdb", "defaults": {"lag": "${URL}"}}')
    (pair.folder / "other.yaml").write_text('{"source": "${URL}", "destination": "warehouse.duckdb"}')
    for arguments in [["job.yaml"], ["other.yaml"], ["other.yaml", "--json"], ["--from", url, "--to", "warehouse.duckdb"],
                      ["other.yaml", "--progress", "json"]]:
        finished = pair.run(PAWL, "sync", *arguments, status=None, environment={"URL": url})
        assert finished.returncode in (1, 2), finished.returncode
        assert "hunter2" not in finished.stdout + finished.stderr, finished.stderr
        if arguments[0] != "job.yaml":
            contains(finished.stdout + finished.stderr, "'mysql://app:***@db/shop.db' does not tell what kind of source it is")


@both
def state_19_somebody_has_the_warehouse_open(pair):
    fill(pair)
    pair.insert("t", [(9, at(9), "w")])
    holder = pair.hold(pair.warehouse)
    run = pair.sync(status=1)
    holder.communicate()
    contains(run.errors[0], "warehouse 'warehouse.duckdb': ")
    equal((run.result["error"]["retryable"], len(pair.here("t"))), (True, 5))
    pair.sync()
    pair.same("t")


if __name__ == "__main__":
    tap.main()

"""The verbs around pawl sync: check, plan, discover, init, status, state. What they say, and that they change nothing else."""
import fcntl
import json
import os
import pty
import re
import sqlite3
import subprocess

import tap
from harness import BUILD, PAWL, SANITIZERS, case, contains, equal, test

ORDERS = """
CREATE TABLE orders (order_id BIGINT PRIMARY KEY, total DECIMAL(18,2), updated_at TIMESTAMP NOT NULL);
INSERT INTO orders SELECT i, i, TIMESTAMP '2024-01-01' + INTERVAL (i) SECOND FROM range(10) t(i);
"""
COLORS = "CREATE TABLE colors (name VARCHAR); INSERT INTO colors VALUES ('red');"
BLIND_SPOT = "What a replication key cannot see stays as it was: rows deleted at the source"


def duck(box, sql, path="shop.duckdb"):
    subprocess.run([BUILD / "tests/tools/duck_sql", path], cwd=box.folder, input=sql, text=True, check=True, capture_output=True)


def pawl(box, *arguments, status=0):
    return box.run(PAWL, *arguments, status=status)


def said(box, *arguments, status=0):
    return json.loads(pawl(box, *arguments, "--json", status=status).stdout)


def shop(box, sql=ORDERS):
    """A source, and the job that copies it."""
    duck(box, sql)
    (box.folder / "shop.yaml").write_text("source: shop.duckdb\ndestination: warehouse.duckdb\n", encoding="utf-8")


def tables_of(answer, name="source_name"):
    return {table[name]: table for table in answer["tables"]}


def fails(box, *arguments, status, error, hint=None):
    lines = pawl(box, *arguments, status=status).stderr
    equal(re.findall(r"^error: (.*)", lines, re.MULTILINE), [error])
    if hint is not None:
        equal(re.findall(r"^hint: (.*)", lines, re.MULTILINE), [hint])


# ---- check -----------------------------------------------------------------------------------------------------------

@test
def check_tells_mode_key_and_guarantee(box):
    shop(box, ORDERS + COLORS)
    equal(pawl(box, "check", "shop.yaml").stdout.splitlines()[:12], [
        "source shop.duckdb, warehouse warehouse.duckdb",
        "",
        "main.colors",
        "  mode            replace; no primary key",
        "  key             none: no column has a name such as 'updated_at' and a type that has an order",
        "  guarantee       exact: the whole table is read, in one snapshot",
        "  note            the table is copied whole every time: it has no replication key",
        "  hint            name its 'key' if it has one",
        "",
        "main.orders",
        "  mode            upsert by updated_at; primary key order_id",
        "  key             updated_at: chosen by its name; TIMESTAMP, not NULL"])


@test
def check_says_what_a_key_cannot_see(box):
    shop(box)
    lines = pawl(box, "check", "shop.yaml").stdout.splitlines()
    equal(lines[-2], "Check PASSED: 1 table")
    contains(lines[-1], BLIND_SPOT)


@test
def check_needs_no_warehouse_and_makes_none(box):
    shop(box)
    answer = said(box, "check", "--from", "shop.duckdb")
    equal(answer["destination"], None)
    said(box, "check", "shop.yaml")
    equal(sorted(path.name for path in box.folder.iterdir()), ["shop.duckdb", "shop.yaml"])


@test
def check_as_json(box):
    shop(box)
    answer = said(box, "check", "shop.yaml")
    equal([answer["status"], answer["tables_failed"], answer["warnings"], answer["error"]], ["succeeded", 0, 0, None])
    table, = answer["tables"]
    equal(table.pop("guarantee_reason").startswith("for rows committed within the lag"), True)
    equal(table, dict(
        source_name="main.orders", destination_name="main.orders", is_view=False, mode="upsert", key="updated_at",
        key_reason="chosen by its name; TIMESTAMP, not NULL", primary_key=["order_id"], guarantee="lag 60s",
        estimated_rows=10, notices=[], error=None))


@test
def check_tells_why_a_key_is_not_used(box):
    shop(box, ORDERS.replace(" PRIMARY KEY", ""))
    table, = said(box, "check", "--from", "shop.duckdb")["tables"]
    equal([table["mode"], table["key"], table["key_reason"]], ["replace", None, "'updated_at' is of no use without a primary key"])


@test
def check_fails_when_a_table_cannot_be_synced(box):
    shop(box, ORDERS + COLORS)
    arguments = ["check", "--from", "shop.duckdb", "--table", "orders", "--table", "colors", "--key", "updated_at"]
    fails(box, *arguments, status=1,
          error="table 'main.colors': 'key' names the column 'updated_at', which the table does not have")
    answer = said(box, *arguments, status=1)
    equal([answer["status"], answer["tables_failed"]], ["failed", 1])
    equal([table["error"] is None for table in answer["tables"]], [False, True])
    contains(pawl(box, *arguments, status=1).stdout, "Check FAILED: 1 of 2 tables cannot be synced\n")


@test
def check_reads_a_little(box):
    duck(box, ORDERS)
    (box.folder / "shop.yaml").write_text(
        "source: shop.duckdb\ndestination: w.duckdb\ntables:\n  orders: {where: totl > 1}\n", encoding="utf-8")
    answer = said(box, "check", "shop.yaml", status=1)
    contains(answer["tables"][0]["error"]["message"], "totl")


@test
def check_as_json_says_why_it_cannot_begin(box):
    answer = said(box, "check", "--from", "duckdb:nowhere.db", status=1)
    equal([answer["status"], answer["tables"]], ["failed", []])
    equal(answer["error"]["message"], "source 'nowhere.db': No such file or directory")


@test
def check_warns_of_a_missing_index(box):
    database = sqlite3.connect(box.folder / "shop.db")
    database.execute("CREATE TABLE t (id INTEGER PRIMARY KEY, updated_at INTEGER NOT NULL)")
    database.commit()
    database.close()
    table, = said(box, "check", "--from", "shop.db")["tables"]
    equal([notice for notice in table["notices"] if notice["level"] == "warning"], [dict(
        level="warning", message="no index leads with the replication key 'updated_at'",
        hint="make an index on it: each sync reads the whole table until then")])


# ---- plan ------------------------------------------------------------------------------------------------------------

@test
def plan_tells_the_first_copy_and_changes_nothing(box):
    shop(box)
    table, = said(box, "plan", "shop.yaml")["tables"]
    equal([table["phase"], table["cursor"], table["rows"], table["is_estimate"]], ["backfill", None, 10, True])
    contains(table["sql"], 'FROM pawl_source."main"."orders"')
    equal((box.folder / "warehouse.duckdb").exists(), False)


@test
def plan_tells_what_changed_since(box):
    shop(box)
    pawl(box, "sync", "shop.yaml")
    duck(box, "INSERT INTO orders VALUES (100, 1, '2024-02-01'), (101, 1, '2024-02-02'); ALTER TABLE orders ADD note VARCHAR;")
    before = (box.folder / "warehouse.duckdb").read_bytes()
    table, = said(box, "plan", "shop.yaml")["tables"]
    equal([table["phase"], table["cursor"], table["rows"], table["is_estimate"], table["is_resumed"]],
          ["incremental", "2024-01-01 00:00:09", 3, False, False])
    equal(table["column_changes"], [dict(column="note", type="VARCHAR", is_new=True)])
    contains(table["sql"], "\"updated_at\" >= '2024-01-01 00:00:09'::TIMESTAMP")
    equal((box.folder / "warehouse.duckdb").read_bytes(), before)


@test
def plan_for_people(box):
    shop(box)
    pawl(box, "sync", "shop.yaml")
    duck(box, "ALTER TABLE orders ALTER total TYPE DECIMAL(20,2);")
    lines = pawl(box, "plan", "shop.yaml").stdout.splitlines()
    equal(lines[:8], [
        "source shop.duckdb, warehouse warehouse.duckdb",
        "",
        "main.orders",
        "  phase           incremental: what changed since the last sync",
        "  mode            upsert by updated_at; primary key order_id",
        "  cursor          2024-01-01 00:00:09",
        "  reads           1 row",
        "  columns         total becomes DECIMAL(20,2)"])
    equal(lines[-1], "1 table")


@test
def a_dry_run_is_a_plan(box):
    shop(box)
    equal(pawl(box, "sync", "shop.yaml", "--dry-run").stdout, pawl(box, "plan", "shop.yaml").stdout)
    equal((box.folder / "warehouse.duckdb").exists(), False)


@test
def plan_of_a_full_refresh(box):
    shop(box)
    pawl(box, "sync", "shop.yaml")
    table, = said(box, "plan", "shop.yaml", "--full-refresh", "orders")["tables"]
    equal([table["phase"], table["cursor"]], ["refresh", None])


@test
def plan_fails_as_the_sync_would(box):
    shop(box)
    pawl(box, "sync", "shop.yaml")
    arguments = ["--from", "shop.duckdb", "--to", "warehouse.duckdb", "--table", "orders", "--mode", "append"]
    planned = pawl(box, "plan", *arguments, status=1).stderr
    contains(planned, "error: table 'main.orders': the mode was 'upsert' at the last sync, and is 'append' now\n")
    equal(pawl(box, "sync", *arguments, status=1).stderr, planned)


# ---- discover --------------------------------------------------------------------------------------------------------

@test
def discover_lists_tables_and_columns(box):
    duck(box, ORDERS)
    equal(pawl(box, "discover", "--from", "shop.duckdb").stdout,
          "main.orders, about 10 rows\n\n"
          "column     | type          | DuckDB type   | NULL | primary key | as a key\n"
          "---------- + ------------- + ------------- + ---- + ----------- + --------\n"
          "order_id   | BIGINT        | BIGINT        | no   |           1 | number\n"
          "total      | DECIMAL(18,2) | DECIMAL(18,2) | yes  |             | number\n"
          "updated_at | TIMESTAMP     | TIMESTAMP     | no   |             | time\n\n"
          "replication key updated_at: chosen by its name; TIMESTAMP, not NULL\n")


@test
def discover_marks_views(box):
    duck(box, ORDERS + "CREATE VIEW recent AS SELECT * FROM orders;")
    contains(pawl(box, "discover", "--from", "shop.duckdb").stdout, "main.recent, a view: copied only when it is named\n")
    tables = tables_of(said(box, "discover", "--from", "shop.duckdb"), "name")
    equal([tables["orders"]["is_view"], tables["recent"]["is_view"]], [False, True])
    equal(list(tables_of(said(box, "discover", "--from", "shop.duckdb", "--table", "rec*"), "name")), ["recent"])


@test
def discover_as_json(box):
    duck(box, "CREATE TABLE t (id INTEGER PRIMARY KEY, made TIMESTAMPTZ DEFAULT now(), b BOOLEAN);")
    table, = said(box, "discover", "--from", "shop.duckdb")["tables"]
    columns = table.pop("columns")
    equal(table, dict(schema="main", name="t", is_view=False, estimated_rows=0, key=None,
                      key_reason="no column has a name such as 'updated_at' and a type that has an order"))
    equal(columns[0], dict(name="id", native_type="INTEGER", type="INTEGER", is_nullable=False, key_rank=1, key_class="number",
                           default=None, is_indexed=True, is_sequence=False, is_set_by_trigger=False, is_set_by_default=False))
    equal([columns[1][name] for name in ("key_class", "is_set_by_default", "key_rank")], ["timestamptz", True, None])
    equal(columns[2]["key_class"], "none")


@test
def discover_takes_a_job_whose_warehouse_is_in_use(box):
    shop(box)
    (box.folder / "warehouse.duckdb").write_text("no database", encoding="utf-8")
    equal(said(box, "discover", "shop.yaml")["source"], "shop.duckdb")


@test
def discover_finds_nothing(box):
    duck(box, "SELECT 1")
    fails(box, "discover", "--from", "shop.duckdb", status=1, error="the source has no tables")
    duck(box, ORDERS)
    fails(box, "discover", "--from", "shop.duckdb", "--table", "x", status=1, error="the source has no such table")


# ---- init ------------------------------------------------------------------------------------------------------------

def init(box, *arguments):
    text = pawl(box, "init", *arguments).stdout
    (box.folder / "shop.yaml").write_text(text, encoding="utf-8")
    return text


@test
def what_init_proposes_can_be_synced(box):
    duck(box, ORDERS + COLORS)
    text = init(box, "--from", "shop.duckdb")
    contains(text, "source: shop.duckdb\ndestination: warehouse.duckdb\n")
    contains(text, "  # upsert by updated_at; primary key order_id\n  # key: chosen by its name; TIMESTAMP, not NULL\n")
    contains(text, "  main.orders:\n    key: updated_at\n")
    contains(text, "  main.colors:\n    mode: replace\n")
    pawl(box, "sync", "shop.yaml")
    equal(box.rows("SELECT (SELECT count(*) FROM main.orders) AS o, (SELECT count(*) FROM main.colors) AS c",
                   warehouse="warehouse.duckdb"), [dict(o=10, c=1)])


NAMES = ["a b", "null", "~", "x: y", "# no", "it's", 'say "hi"', "ünï", "${HOME}", "two\nlines", "- a", "1", "line\u2028end",
         "nel\x85", "*", "del\x7f"]


def init_with_name(box, name):
    key = "updated" + re.sub("[a-zA-Z0-9]", "", name) + "at"
    table, column = name.replace('"', '""'), key.replace('"', '""')
    duck(box, f'CREATE TABLE "{table}" (id INTEGER PRIMARY KEY, "{column}" TIMESTAMP);'
              f'INSERT INTO "{table}" VALUES (1, \'2024-01-01\');')
    init(box, "--from", "shop.duckdb", "--to", "w.duckdb", "--table", "*")
    answer = said(box, "sync", "shop.yaml")
    equal([(table["source_name"], table["key"]) for table in answer["tables"]], [(f"main.{name}", key)])


for NAME in NAMES:
    case(f"init of a table called {NAME!r}", init_with_name, NAME)


@test
def init_looks_at_numbers_and_texts(box):
    duck(box, """
        CREATE TABLE seconds (id INTEGER PRIMARY KEY, updated_at BIGINT); INSERT INTO seconds VALUES (1, 1710607229);
        CREATE TABLE milliseconds (id INTEGER PRIMARY KEY, updated_at BIGINT); INSERT INTO milliseconds VALUES (1, 1710607229000);
        CREATE TABLE days (id INTEGER PRIMARY KEY, updated_at DOUBLE); INSERT INTO days VALUES (1, 2460386.25);
        CREATE TABLE texts (id INTEGER PRIMARY KEY, updated_at VARCHAR); INSERT INTO texts VALUES (1, '2024-03-16 16:40:29');
        CREATE TABLE versions (id INTEGER PRIMARY KEY, updated_at INTEGER); INSERT INTO versions VALUES (1, 7);
        CREATE TABLE nothing (id INTEGER PRIMARY KEY, updated_at VARCHAR);
    """)
    text = init(box, "--from", "shop.duckdb")
    contains(text, "    # Its newest value is 1710607229. With this, the guarantee is a lag instead of none:\n    key_format: unix_s\n")
    formats = dict(re.findall(r"^  main\.(\w+):\n(?:    (?!key_format)[^\n]*\n)*    key_format: (\w+)", text, re.MULTILINE))
    equal(formats, dict(seconds="unix_s", milliseconds="unix_ms", days="julian_day", texts="iso8601"))
    guarantees = {table["source_name"]: table["guarantee"] for table in said(box, "check", "shop.yaml")["tables"]}
    equal(guarantees, {"main.seconds": "lag 60s", "main.milliseconds": "lag 60s", "main.days": "lag 60s", "main.texts": "lag 60s",
                       "main.versions": "none", "main.nothing": "none"})
    pawl(box, "sync", "shop.yaml")
    equal(box.rows("SELECT cursor FROM _pawl.state WHERE table_name = 'texts'", warehouse="warehouse.duckdb"),
          [dict(cursor="2024-03-16 16:40:29")])


@test
def init_suggests_the_clock_of_the_database(box):
    database = sqlite3.connect(box.folder / "shop.db")
    database.executescript("""
        CREATE TABLE t (id INTEGER PRIMARY KEY, updated_at TEXT);
        CREATE TRIGGER u AFTER UPDATE ON t BEGIN UPDATE t SET updated_at = datetime('now') WHERE id = new.id; END;
        CREATE VIEW v AS SELECT * FROM t;
    """)
    database.close()
    text = init(box, "--from", "shop.db")
    contains(text, "    # A trigger seems to set it. If it does at each insert and update, take this in:\n    # clock: database\n")
    contains(text, "  # warning: no index leads with the replication key 'updated_at'; make an index on it")
    contains(text, "named, and mostly need a primary_key:\n  # main.v:\n")
    pawl(box, "check", "shop.yaml")
    (box.folder / "shop.yaml").write_text(text.replace("    # clock: database", "    clock: database"), encoding="utf-8")
    pawl(box, "check", "shop.yaml")


@test
def init_without_a_source(box):
    fails(box, "init", status=2, error="no source is named", hint="write 'pawl init --from SOURCE'")


# ---- status ----------------------------------------------------------------------------------------------------------

def without_times(text):
    return re.sub(r"just now|(\d+[hms] )*\d+ ?[hms] ago", "T", text)


@test
def status_tells_of_each_table(box):
    shop(box, ORDERS + COLORS)
    pawl(box, "sync", "shop.yaml")
    rows = [[cell.strip() for cell in line.split("|")] for line in pawl(box, "status", "warehouse.duckdb").stdout.splitlines()]
    equal(rows[0], ["table", "rows", "cursor", "horizon", "guarantee", "last run", "up to date as of"])
    equal([[without_times(cell) for cell in row[:3] + row[4:]] for row in rows[2:]], [
        ["main.colors", "1", "", "exact", "done T", "T"],
        ["main.orders", "10", "2024-01-01 00:00:09", "lag 60s", "done T", "T"]])
    contains(pawl(box, "status", "shop.yaml").stdout, "main.orders |   10 | 2024-01-01 00:00:09 | ")


@test
def status_as_json(box):
    shop(box)
    pawl(box, "sync", "shop.yaml")
    answer = said(box, "status", "shop.yaml")
    equal([answer["warehouse"], answer["is_running"], answer["run"]], ["warehouse.duckdb", False, None])
    table, = answer["tables"]
    run = table.pop("last_run")
    equal([0 <= table.pop("behind_seconds") < 60, table.pop("synced_at") > "2024", table.pop("up_to_date_at") > "2024",
           table.pop("horizon") > "2024"], [True] * 4)
    equal(table, dict(name="main.orders", rows=10, source=f"duckdb:{(box.folder / 'shop.duckdb').resolve()}",
                      source_name="main.orders", mode="upsert", key="updated_at", cursor="2024-01-01 00:00:09",
                      newest_key="2024-01-01 00:00:09", rows_written=10, guarantee="lag 60s", is_unfinished=False))
    equal([run["started_at"] <= run["ended_at"], run.pop("started_at") > "2024", run.pop("ended_at") > "2024"], [True] * 3)
    equal(run, dict(phase="backfill", outcome="done", rows_read=10, rows_written=10, cursor_from=None,
                    cursor_to="2024-01-01 00:00:09", error=None))


@test
def a_run_without_news_leaves_a_word_once_a_minute(box):
    shop(box)
    pawl(box, "sync", "shop.yaml")
    before, = said(box, "status", "shop.yaml")["tables"]
    pawl(box, "sync", "shop.yaml")
    equal(said(box, "status", "shop.yaml")["tables"][0]["last_run"], before["last_run"])
    duck(box, "UPDATE _pawl.runs SET started_at = started_at - INTERVAL 1 MINUTE", "warehouse.duckdb")
    pawl(box, "sync", "shop.yaml")
    after, = said(box, "status", "shop.yaml")["tables"]
    equal([after["synced_at"], after["last_run"]["phase"]], [before["synced_at"], "incremental"])
    equal(after["up_to_date_at"] > before["up_to_date_at"], True)


@test
def a_run_without_news_after_one_that_failed_leaves_a_word(box):
    shop(box)
    pawl(box, "sync", "shop.yaml")
    job = (box.folder / "shop.yaml").read_text(encoding="utf-8")
    (box.folder / "shop.yaml").write_text(job + "defaults: {mode: append}\n", encoding="utf-8")
    pawl(box, "sync", "shop.yaml", status=1)
    equal(said(box, "status", "shop.yaml")["tables"][0]["last_run"]["outcome"], "failed")
    (box.folder / "shop.yaml").write_text(job, encoding="utf-8")
    pawl(box, "sync", "shop.yaml")
    equal(said(box, "status", "shop.yaml")["tables"][0]["last_run"]["outcome"], "done")


@test
def status_tells_what_failed(box):
    shop(box, ORDERS + COLORS)
    (box.folder / "shop.yaml").write_text("source: shop.duckdb\ndestination: warehouse.duckdb\n"
                                          "tables: {orders: , colors: {where: nme = 1}}\n", encoding="utf-8")
    pawl(box, "sync", "shop.yaml", status=1)
    lines = pawl(box, "status", "shop.yaml").stdout
    contains(lines, "| FAILED ")
    contains(lines, "\nmain.colors: ")
    table = tables_of(said(box, "status", "shop.yaml"), "name")["main.colors"]
    equal([table["rows"], table["up_to_date_at"], table["behind_seconds"]], [None, None, None])
    contains(table["last_run"]["error"], "nme")


@test
def status_of_a_new_warehouse(box):
    duck(box, "SELECT 1", "warehouse.duckdb")
    equal(pawl(box, "status", "warehouse.duckdb").stdout, "warehouse.duckdb: nothing was synced into it yet\n")
    equal(said(box, "status", "warehouse.duckdb")["tables"], [])
    fails(box, "status", "nowhere.duckdb", status=1, error="there is no warehouse 'nowhere.duckdb'")
    fails(box, "status", "nowhere.yaml", status=2, error="cannot open 'nowhere.yaml': No such file or directory")


class Running:
    """A run in flight, as far as others see it."""
    def __init__(self, box, progress):
        self.path = box.folder / "warehouse.duckdb.pawl"
        self.file = open(self.path, "w", encoding="utf-8")  # pylint: disable=consider-using-with
        fcntl.flock(self.file, fcntl.LOCK_EX)
        self.file.write(json.dumps(dict(host="ada", pid=4711, started_at="2024-03-16T16:40:29Z", progress=progress)) + "\n")
        self.file.flush()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.file.close()
        self.path.unlink()


@test
def status_answers_while_a_run_is_in_flight(box):
    shop(box)
    table = dict(phase="backfill", outcome="in_flight", rows_read=1234, rows_written=1000)
    with Running(box, dict(tables=[dict(table="main.orders", **table)])):
        lines = without_times(pawl(box, "status", "shop.yaml").stdout).splitlines()
        answer = said(box, "status", "warehouse.duckdb")
    contains(lines[0], "warehouse.duckdb: process 4711 on ada writes to it, begun ")
    equal(lines[1:], ["", "table       | phase    | outcome   | rows read | written",
                      "----------- + -------- + --------- + --------- + -------",
                      "main.orders | backfill | in flight |     1,234 |   1,000"])
    equal([answer["is_running"], answer["tables"]], [True, []])
    equal(answer["run"], dict(host="ada", pid=4711, started_at="2024-03-16T16:40:29Z", tables=[dict(name="main.orders", **table)]))


@test
def status_of_a_run_that_has_just_begun(box):
    shop(box)
    with Running(box, None):
        equal(said(box, "status", "shop.yaml")["run"]["tables"], [])
        equal(len(pawl(box, "status", "shop.yaml").stdout.splitlines()), 1)


@test
def what_a_dead_run_left_is_no_run(box):
    shop(box)
    pawl(box, "sync", "shop.yaml")
    (box.folder / "warehouse.duckdb.pawl").write_text("{", encoding="utf-8")
    equal(said(box, "status", "shop.yaml")["is_running"], False)


# ---- state -----------------------------------------------------------------------------------------------------------

@test
def state_shows_all_that_is_known(box):
    shop(box, ORDERS + COLORS)
    pawl(box, "sync", "shop.yaml")
    lines = pawl(box, "state", "show", "warehouse.duckdb", "orders").stdout.splitlines()
    equal(lines[0], "main.orders")
    contains("\n".join(lines), "\n  cursor          2024-01-01 00:00:09\n")
    answer = said(box, "state", "show", "shop.yaml")
    equal([table["table_name"] for table in answer["tables"]], ["colors", "orders"])
    equal([answer["tables"][1][name] for name in ("mode", "replication_key", "primary_key", "position", "rows_written")],
          ["upsert", "updated_at", "order_id", None, 10])
    row, = box.rows("SELECT * EXCLUDE (source_now, host_now, synced_at) FROM _pawl.state WHERE table_name = 'orders'",
                    warehouse="warehouse.duckdb")
    equal({name: answer["tables"][1][name] for name in row}, row)


@test
def a_cursor_can_be_moved(box):
    shop(box)
    pawl(box, "sync", "shop.yaml")
    equal(pawl(box, "state", "set", "shop.yaml", "orders", "--cursor", "2024-01-01 00:00:04").stdout,
          "main.orders: cursor 2024-01-01 00:00:09 -> 2024-01-01 00:00:04\n"
          "The next sync reads from there on: rows with a lower key are not read again.\n")
    equal(said(box, "state", "set", "shop.yaml", "main.orders", "--cursor", "2024-01-01 00:00:05"),
          dict(table="main.orders", cursor_from="2024-01-01 00:00:04", cursor_to="2024-01-01 00:00:05"))
    table, = said(box, "sync", "shop.yaml")["tables"]
    equal([table["rows_read"], table["cursor_from"], table["cursor_to"]], [5, "2024-01-01 00:00:05", "2024-01-01 00:00:09"])
    equal(box.rows("SELECT count(*) AS n FROM main.orders", warehouse="warehouse.duckdb"), [dict(n=10)])


@test
def cursors_that_make_no_sense_are_refused(box):
    shop(box, ORDERS + COLORS)
    pawl(box, "sync", "shop.yaml")
    fails(box, "state", "set", "shop.yaml", "orders", "--cursor", "yesterday", status=1, error="the cursor 'yesterday' is no time",
          hint="write it as the one that is there: '2024-01-01 00:00:09'")
    fails(box, "state", "set", "shop.yaml", "colors", "--cursor", "1", status=1,
          error="'main.colors' has no cursor: it is copied whole every time")
    fails(box, "state", "set", "shop.yaml", "ordrs", "--cursor", "1", status=1, error="the warehouse knows no table 'ordrs'",
          hint="did you mean 'orders'?")


@test
def a_first_copy_has_no_cursor_yet(box):
    shop(box)
    pawl(box, "sync", "shop.yaml")
    duck(box, "UPDATE _pawl.state SET phase = 'backfill', cursor = NULL", "warehouse.duckdb")
    fails(box, "state", "set", "shop.yaml", "orders", "--cursor", "2024-01-01", status=1,
          error="the first copy of 'main.orders' is not finished")
    equal(said(box, "status", "shop.yaml")["tables"][0]["is_unfinished"], True)


@test
def reset_copies_the_table_anew(box):
    shop(box, ORDERS + COLORS)
    pawl(box, "sync", "shop.yaml")
    equal(pawl(box, "state", "reset", "shop.yaml", "orders", "--yes").stdout, "1 table reset: main.orders\n")
    equal(box.rows("SELECT table_name FROM duckdb_tables() WHERE schema_name = 'main'", warehouse="warehouse.duckdb"),
          [dict(table_name="colors")])
    phases = {table["source_name"]: table["phase"] for table in said(box, "sync", "shop.yaml")["tables"]}
    equal(phases, {"main.colors": "refresh", "main.orders": "backfill"})
    equal(pawl(box, "state", "reset", "shop.yaml", "--yes").stdout, "2 tables reset: main.colors, main.orders\n")
    equal(pawl(box, "state", "show", "shop.yaml").stdout, "nothing was synced into it yet\n")
    equal(pawl(box, "state", "reset", "shop.yaml", "--yes").stdout, "0 tables reset\n")


@test
def reset_does_not_guess(box):
    shop(box)
    pawl(box, "sync", "shop.yaml")
    fails(box, "state", "reset", "shop.yaml", status=2, error="'reset' drops tables, and there is no terminal to ask on",
          hint="--yes if that is meant")


def answer_reset(box, answer, status):
    shop(box)
    pawl(box, "sync", "shop.yaml")
    master, slave = pty.openpty()
    os.write(master, answer.encode())
    finished = subprocess.run([PAWL, "state", "reset", "warehouse.duckdb"], cwd=box.folder, stdin=slave, capture_output=True,
                              text=True, env={**os.environ, **SANITIZERS}, timeout=60, check=False)
    os.close(master)
    os.close(slave)
    equal(finished.returncode, status)
    contains(finished.stderr, "This drops 1 table of warehouse.duckdb, with all rows: main.orders.\n"
                              "The next sync copies them anew. Go on? [y/N] ")
    equal(len(said(box, "state", "show", "warehouse.duckdb")["tables"]), 1 if status else 0)
    return finished


case("reset asks, and takes yes", lambda box: answer_reset(box, "yes\n", 0))
case("reset asks, and takes Y", lambda box: answer_reset(box, "Y\n", 0))
case("reset asks, and takes all else for no", lambda box: contains(
    answer_reset(box, "\n", 1).stderr, "error: nothing was reset: the answer was not yes\n"))


@test
def a_run_in_flight_keeps_others_out(box):
    shop(box)
    pawl(box, "sync", "shop.yaml")
    with Running(box, None):
        for arguments in (["set", "shop.yaml", "orders", "--cursor", "2024-01-01"], ["reset", "shop.yaml", "--yes"]):
            fails(box, "state", *arguments, status=1,
                  error="another run writes to 'warehouse.duckdb': process 4711 on ada, since 2024-03-16T16:40:29Z",
                  hint="wait until it is done; 'pawl status' shows how far it is")


WRONG = [
    (["show", "w.duckdb", "--cursor", "1"], "'--cursor' is for 'set', and not for 'show'"),
    (["set", "w.duckdb", "t", "--cursor", "1", "--yes"], "'--yes' is for 'reset', and not for 'set'"),
    (["set", "w.duckdb", "--cursor", "1"], "'set' needs a table and its new cursor"),
    (["set", "w.duckdb", "t"], "'set' needs a table and its new cursor"),
    (["drop", "w.duckdb"], "ACTION cannot be 'drop'"),
    (["show"], "WAREHOUSE is missing"),
]
for ARGUMENTS, ERROR in WRONG:
    case(f"state {' '.join(ARGUMENTS)}", lambda box, arguments, error: fails(box, "state", *arguments, status=2, error=error),
         ARGUMENTS, ERROR)


# ---- exit statuses ---------------------------------------------------------------------------------------------------

@test
def what_is_wrong_with_the_job_is_2(box):
    shop(box)
    (box.folder / "wrong.yaml").write_text("source: shop.duckdb\ndestnation: w.duckdb\n", encoding="utf-8")
    for verb in ("sync", "check", "plan", "discover"):
        fails(box, verb, "wrong.yaml", status=2, error="wrong.yaml:2:1: unknown setting 'destnation'",
              hint="did you mean 'destination'?")
    fails(box, "sync", "shop.yaml", "--to", "w.duckdb", status=2, error="--to and a file: the file says it")
    fails(box, "sync", "--from", "shop.duckdb", status=2, error="no warehouse is named")
    fails(box, "check", "--from", "shop.xyz", status=2, error="'shop.xyz' does not tell what kind of source it is")


@test
def what_was_stopped_is_3(box):
    shop(box)
    fails(box, "sync", "shop.yaml", "--limit-time", "1us", "--progress", "none", status=3,
          error="stopped before the end; what is committed is kept", hint="run it again to go on")
    pawl(box, "sync", "shop.yaml")


tap.main()

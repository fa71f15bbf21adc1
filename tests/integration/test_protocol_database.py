"""pawl serve: the databases of pawl sync, as a client of another make sees them: grpcio, which Debian has as python3-grpcio."""
import json
import os
import pathlib
import signal
import time

import tap
from database_harness import MANY, T, Client, fill, fill_long, refuses_writers, served, try_test
from harness import PAWL, Sync, contains, equal, test
from postgres_server import PASSWORD
from protocol_harness import Server, grpc, sdk
from sync_harness import now

# pylint: disable=wrong-import-order
import common_pb2 as common

INVALID = grpc.StatusCode.INVALID_ARGUMENT
def select(schema, tables, new_tables=False, new_schemas=False):
    """A selection of one schema; `tables`: name to True, or to the columns that are wanted or not, and whether new ones are."""
    selection = sdk.Selection()
    selection.with_schema.include_new_schemas = new_schemas
    chosen = selection.with_schema.schemas.add(schema_name=schema, included=True, include_new_tables=new_tables)
    for name, columns in tables.items():
        added = chosen.tables.add(table_name=name, included=columns is not False, include_new_columns=True)
        if isinstance(columns, tuple):
            added.columns.update(columns[0])
            added.include_new_columns = columns[1]
    return selection


def wait_for(what, condition, seconds=20):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, f"no {what} after {seconds} s"
        time.sleep(0.1)


# ---- form, tests, schema -----------------------------------------------------------------------------------------------

@test
def the_form(box):
    with Server(box, PAWL) as server:
        form = server.stub().ConfigurationForm(common.ConfigurationFormRequest())
    fields = {field.name: field for field in form.fields}
    equal((form.schema_selection_supported, form.table_selection_supported), (True, True))
    equal([each.name for each in form.tests], ["connection", "tables", "keys"])
    equal((fields["source"].required, fields["source"].text_field), (True, common.Password))
    equal(list(fields["mode"].dropdown_field.dropdown_field), ["auto", "upsert", "append", "replace"])
    equal((fields["primary_key"].label, fields["primary_key"].required), ("Primary key", False))
    lag = fields["lag"].conditional_fields
    equal((lag.condition.condition_field, lag.condition.string_value), ("clock", "application"))
    equal((lag.fields[0].name, lag.fields[0].default_value), ("lag", "60s"))
    equal(fields["allow_empty"].WhichOneof("type"), "toggle_field")
    assert all(field.label and (field.description or field.WhichOneof("type") == "conditional_fields") for field in form.fields)
    assert not {"columns.include", "columns.rename", "name", "formats"} & set(fields)


@served("sqlite")
def settings_that_cannot_be(shop):
    shop.source(T)
    with shop.serve() as server:
        for settings, message in [
            ({"tabels": "t"}, "there is no setting 'tabels' (did you mean 'tables'?)"),
            ({"mode": "upsrt"}, "'mode': 'upsrt' is none of the choices (did you mean 'upsert'?)"),
            ({"lag": "soon"}, "'lag': 'soon' is not a duration (write integers and units (us, ms, s, m, h, d): 90s, 1h30m, 250ms)"),
            ({"allow_empty": "yes"}, "'allow_empty': it is neither true nor false"),
            ({"source": ""}, "'source' is required, and empty (name the database: sqlite:FILE, duckdb:FILE or postgres://...)"),
            ({"source": "shop.db"}, "'source': 'shop.db' does not begin with the kind of database (write sqlite:FILE, duckdb:FILE "
                                    "or postgres://...)"),
            ({"overrides": "[]"}, "'overrides': its JSON: an array, where an object is expected"),
            ({"overrides": '{"t": {"primry_key": "id"}}'},
             "'overrides': there is no setting 'primry_key' (did you mean 'primary_key'?)"),
            ({"overrides": '{"t": {"name": "u"}}'},
             "'overrides': there is no setting 'name' (ConfigurationForm lists those that there are)"),
            ({"overrides": '{"t": {"key": ["id", 7]}}'}, "'overrides': 't': 'key': it is a list of something else than texts"),
        ]:
            for call in (server.stub().Schema, lambda request: list(server.stub().Update(request))):
                request = (sdk.SchemaRequest if call == server.stub().Schema else sdk.UpdateRequest)
                try:
                    call(request(configuration=shop.configuration(**settings)))
                    raise AssertionError(f"{settings} was taken")
                except grpc.RpcError as error:
                    equal((error.code(), error.details()), (INVALID, message))
            equal(try_test(shop, server, "connection", **settings), message)


@served("sqlite")
def each_test_fails_with_help(shop):
    shop.source(T, "CREATE TABLE log (line TEXT)")
    with shop.serve() as server:
        equal(try_test(shop, server, "connection"), True)
        contains(try_test(shop, server, "connection", source="sqlite:nowhere.db"), "No such file or directory (check the path")
        equal(try_test(shop, server, "tables"), True)
        equal(try_test(shop, server, "tables", tables="t, logs"),
              "table 'logs': the source has no such table (did you mean 'log'?)")
        contains(try_test(shop, server, "tables", tables="t", where="nonsense > 1"), "table 'main.t': ")
        equal(try_test(shop, server, "keys", tables="t"), True)
        equal(try_test(shop, server, "keys"),
              "no replication key or no primary key, and so copied whole at every update: 'main.log' (name the keys in 'key', "
              "'primary_key' or 'overrides'; or say there that it is meant: mode replace)")
        equal(try_test(shop, server, "keys", overrides='{"log": {"mode": "replace"}}'), True)
        contains(try_test(shop, server, "keys", tables="t", key="updatd_at"), "did you mean 'updated_at'?")
        try:
            try_test(shop, server, "nothing")
            raise AssertionError("there is no such test")
        except grpc.RpcError as error:
            equal((error.code(), error.details()), (grpc.StatusCode.NOT_FOUND, "there is no test 'nothing'"))


@served("postgres")
def a_table_that_may_not_be_read(shop):
    shop.source(T, "CREATE TABLE hidden (id int PRIMARY KEY)")
    shop.role("reader", "GRANT SELECT ON t TO reader")
    try:
        with shop.serve() as server:
            contains(try_test(shop, server, "tables"), "table 'public.hidden' may not be read (GRANT ")
            equal(try_test(shop, server, "tables", tables="t"), True)
    finally:
        shop.drop_role("reader")


# ---- updates -----------------------------------------------------------------------------------------------------------

@served
def first_what_is_there_then_what_changed(shop):
    shop.source(T)
    fill(shop, 1, 250)
    with shop.serve() as server:
        for state in (None, "", "{}"):
            shop.client = Client(shop)
            shop.client.state = state
            first = shop.update(server)
            equal((first.count(), first.truncated(), [line for line in first.warnings if "no index" not in line]), (250, [], []))
            shop.same()
        fill(shop, 251, 260, at="2024-01-01 00:00:00")  # ties at the cursor
        fill(shop, 261, 270, at="2024-01-02 00:00:00")
        second = shop.update(server)
        shop.same()
        assert second.count() >= 20
        shop.source("UPDATE t SET v = 'changed', updated_at = '2024-01-03 00:00:00' WHERE id = 7")
        shop.update(server)
        shop.same()
        last = shop.update(server)
        assert last.count() <= 1 and len(last.states) == 1, last.kinds


@served
def what_was_interrupted_goes_on(shop):
    shop.source(T.replace("PRIMARY KEY", "NOT NULL PRIMARY KEY"))
    shop.insert("t", [[number, f"v{number}", f"2024-01-01 00:{number // 60:02}:{number % 60:02}"] for number in range(1, 1001)])
    if shop.kind != "duckdb":  # a table that takes too long for one snapshot is read by its primary key
        shop.source("ANALYZE")
    shop.options = {"window_rows": "100", "tables": "t", "max_snapshot": "1ms"}
    with shop.serve() as server:
        shop.update(server, checkpoints=3)
        sent = len(shop.sent())
        assert 0 < sent < 1000, sent
        rest = shop.update(server)
        shop.same()
        assert rest.count() < 1000 and rest.truncated() == [], rest.count()
        fill(shop, 1001, 1500, at="2024-01-02 00:00:00")
        shop.update(server, checkpoints=2)
        shop.update(server)
        shop.same()


@served("postgres")
def a_late_commit_is_sent_by_the_next_update(shop):
    shop.source(T.replace("TIMESTAMP NOT NULL", "timestamptz NOT NULL DEFAULT clock_timestamp()"), "CREATE INDEX ON t (updated_at)",
                "INSERT INTO t VALUES (1, 'first')")
    shop.options = {"clock": "database"}
    late = shop.session()
    late.run("BEGIN")
    late.run("INSERT INTO t VALUES (2, 'late')")
    with shop.serve() as server:
        shop.source("INSERT INTO t VALUES (3, 'later, and committed first')")
        shop.update(server)
        equal([row[0] for row in shop.sent()], ["1", "3"])
        late.run("COMMIT")
        late.close()
        shop.update(server)
        shop.same()


@served("sqlite")
def what_cannot_go_on_begins_again(shop):
    shop.source(T)
    fill(shop, 1, 1000)
    shop.options = {"window_rows": "100"}
    with shop.serve() as server:
        shop.update(server, checkpoints=3)
        shop.source("DELETE FROM t WHERE id = 1")
        equal(shop.update(server).truncated(), ["t"])
        shop.same()


@served
def a_table_without_a_key_is_copied_whole(shop):
    shop.source("CREATE TABLE t (id BIGINT, v VARCHAR(80))", "INSERT INTO t VALUES (1, 'a')", "INSERT INTO t VALUES (2, 'b')")
    with shop.serve() as server:
        equal(shop.update(server).truncated(), [])
        shop.same()
        shop.source("DELETE FROM t WHERE id = 1")
        equal(shop.update(server).truncated(), ["t"])
        shop.same()
        shop.source("DELETE FROM t")
        message = f"table '{shop.schema}.t': the source gave no rows, and the warehouse has some: nothing was replaced " \
                  "(allow_empty: true if the table is meant to be empty)"
        update = shop.update(server, fails=(INVALID, message))
        equal((update.truncated(), len(shop.sent())), ([], 1))
        equal(shop.update(server, allow_empty="true").truncated(), ["t"])
        equal(shop.sent(), [])
        shop.update(server)


@served("duckdb")
def appended_rows_have_no_key(shop):
    shop.source(T)
    fill(shop, 1, 3)
    shop.options = {"mode": "append", "clock": "database", "key_zone": "UTC"}
    with shop.serve() as server:
        shop.update(server)
        shop.source("UPDATE t SET v = 'new', updated_at = '2024-02-01 00:00:00' WHERE id = 2")
        shop.update(server)
    equal(shop.client.keys["main", "t"], ["id", "v", "updated_at"])
    equal(shop.sent(), [["1", "v1"], ["2", "new"], ["2", "v2"], ["3", "v3"]])


@served("sqlite")
def a_primary_key_that_is_none(shop):
    shop.source("CREATE TABLE t (id BIGINT, v VARCHAR(80), updated_at TIMESTAMP)",
                "INSERT INTO t VALUES (1, 'a', '2024-01-01 00:00:00')", "INSERT INTO t VALUES (1, 'b', '2024-01-01 00:00:00')",
                "CREATE TABLE n (id TEXT PRIMARY KEY, updated_at TIMESTAMP)", "INSERT INTO n VALUES (NULL, '2024-01-01 00:00:00')")
    with shop.serve() as server:
        for mode in ("upsert", "replace"):
            shop.client = Client(shop)
            update = shop.update(server, tables="t", mode=mode, primary_key="id", fails=(INVALID, update_error(mode)))
            assert '"cursor":' not in update.states[-1], update.states
        shop.update(server, tables="n", fails=(
            INVALID, "table 'main.n': column 'id' is part of the primary key, and NULL in a row (name columns that are never NULL as "
            "primary_key, or leave these rows out with 'where')"))


def update_error(mode):
    if mode == "upsert":
        return "table 'main.t': the primary key (id) is not unique: 1 rows share theirs with another one, as (1) (name all columns " \
               "that tell rows apart, or use mode: append or replace)"
    return "table 'main.t': the primary key is not unique: 1 rows share theirs with another one, as (1) (name all columns that " \
           "tell rows apart)"


@served("sqlite")
def one_table_fails_and_the_others_do_not(shop):
    shop.source(T, T.replace("TABLE t", "TABLE a"), T.replace("TABLE t", "TABLE z"))
    for name in ("a", "t", "z"):
        fill(shop, 1, 2, table=name)
    with shop.serve() as server:
        message = "table 'main.t': 'key' names the column 'nothing', which the table does not have"
        update = shop.update(server, overrides='{"t": {"key": "nothing"}}', fails=(
            INVALID, message + " (was it dropped or renamed at the source? Change the setting)"))
        equal((len(shop.sent("a")), len(shop.sent("t")), len(shop.sent("z"))), (2, 0, 2))
        contains("\n".join(update.warnings), message)
        shop.update(server)
        shop.same("t")


# ---- the schema changes ------------------------------------------------------------------------------------------------

@served("sqlite", "duckdb")
def a_new_column_and_a_wider_one(shop):
    shop.source("CREATE TABLE t (id INTEGER PRIMARY KEY, v INTEGER, updated_at TIMESTAMP)",
                "INSERT INTO t VALUES (1, 1, '2024-01-01 00:00:00')")
    with shop.serve() as server:
        equal(shop.update(server).changes, [])
        shop.source("ALTER TABLE t ADD COLUMN extra VARCHAR", "INSERT INTO t VALUES (2, 2, '2024-01-02 00:00:00', 'x')")
        changes = shop.update(server).changes
        equal([[column["name"] for column in change["with_schema"]["schemas"][0]["tables"][0]["columns"]] for change in changes],
              [["id", "v", "updated_at", "extra"]])
        if shop.kind == "sqlite":  # a value that is no integer makes the column text
            shop.source("INSERT INTO t VALUES (3, 'three', '2024-01-03 00:00:00', 'y')")
            update = shop.update(server)
            contains("\n".join(update.warnings), "column 'v' becomes text")
            equal(update.changes[0]["with_schema"]["schemas"][0]["tables"][0]["columns"][1]["type"], "STRING")
        else:
            shop.source("ALTER TABLE t ALTER COLUMN v SET DATA TYPE BIGINT",
                        "INSERT INTO t VALUES (3, 3, '2024-01-03 00:00:00', 'y')")
            equal(shop.update(server).changes[0]["with_schema"]["schemas"][0]["tables"][0]["columns"][1]["type"], "LONG")
        equal(shop.sent(columns="id, extra")[1:], [["2", "x"], ["3", "y"]])
        equal(shop.update(server).changes, [])


@served("sqlite")
def other_settings_copy_a_table_again(shop):
    shop.source(T.replace("updated_at", "changed_at TIMESTAMP, updated_at"))
    shop.source("INSERT INTO t VALUES (1, 'a', '2024-01-01 00:00:00', '2024-01-01 00:00:00')")
    with shop.serve() as server:
        shop.update(server, key="updated_at")
        again = shop.update(server, key="changed_at")
        equal((again.truncated(), again.count()), (["t"], 1))
        contains("\n".join(again.warnings), "table 'main.t': the table is copied again: the replication key was 'updated_at' at the "
                 "last sync, and is 'changed_at' now")
        equal(shop.update(server, key="changed_at").truncated(), [])
        other = shop.folder / "other.sqlite"
        other.write_bytes(shop.file.read_bytes())
        refused = f"table 'main.t': 'main.t' in the warehouse came from 'sqlite:{shop.file}', and this source is 'sqlite:{other}' " \
                  "(accept_source: true if it is the same database in another place; an empty state copies all tables again)"
        shop.update(server, key="changed_at", source=f"sqlite:{other}", fails=(INVALID, refused))
        shop.update(server, key="changed_at", source=f"sqlite:{other}", accept_source="true")


# ---- the selection -----------------------------------------------------------------------------------------------------

@served("sqlite", "duckdb")
def a_copy_of_all_rows_that_is_interrupted(shop):
    """From the truncate on, no checkpoint says that the rows are there: the next update sends all, whatever it is asked for."""
    shop.source(T, T.replace("TABLE t", "TABLE u"))
    fill(shop, 1, 1000)
    fill(shop, 1, 3, table="u")
    with shop.serve() as server:
        shop.update(server)
        shop.update(server, mode="replace", records=300)
        assert len(shop.sent()) < 1000
        shop.update(server)
        shop.same()
        shop.same("u")
        # The first one of a table that is replaced each time. With its server the file is closed, which DuckDB's lock is on.
        shop.client = Client(shop)
        shop.update(server, mode="replace", tables="t", records=300)
    shop.source("DELETE FROM t WHERE id <= 100")
    with shop.serve() as server:
        equal(shop.update(server, mode="replace", tables="t").truncated(), ["t"])
        shop.same()


@served("sqlite")
def a_rule_that_no_row_fulfils(shop):
    shop.source(T)
    fill(shop, 1, 5)
    message = "table 'main.t': the source gave no rows, and the warehouse has some: nothing was replaced " \
              "(allow_empty: true if the table is meant to be empty)"
    with shop.serve() as server:
        shop.update(server, where="id > 0")
        for _ in range(2):
            equal(shop.update(server, where="id > 10", fails=(INVALID, message)).truncated(), [])
        equal(len(shop.sent()), 5)
        equal(shop.update(server, where="id > 10", allow_empty="true").truncated(), ["t"])
        equal(shop.sent(), [])
        shop.update(server, where="id > 0")
        shop.same()


@served("postgres")
def a_copy_under_a_new_rule_is_tried_again(shop):
    """As often as the server fails before its first row, the rule stays the new one."""
    shop.source(T.replace("TIMESTAMP", "timestamptz"), "INSERT INTO t SELECT i, 'v', now() FROM generate_series(1, 1000) i",
                "CREATE TABLE moment AS SELECT now() AS until", "GRANT SELECT ON moment TO PUBLIC",
                "CREATE FUNCTION ready() RETURNS bool LANGUAGE plpgsql AS $$ BEGIN IF clock_timestamp() < (SELECT until FROM moment) "
                "THEN RAISE 'not yet' USING ERRCODE = '40001'; END IF; RETURN true; END $$")
    shop.options = {"tables": "t", "clock": "database"}
    with shop.serve() as server:
        shop.update(server, where="id > 0")
        shop.source("UPDATE moment SET until = clock_timestamp() + interval '1 s'")
        update = shop.update(server, where="ready() AND id > 500")
        assert any("not yet" in line for line in update.warnings), update.warnings
        equal(len(shop.sent()), 500)
        equal([table["where_clause"] for table in json.loads(shop.client.state)["tables"]], ["ready() AND id > 500"])
        equal(shop.update(server, where="id > 0").truncated(), ["t"])
        shop.same()


@served
def a_selection_of_tables(shop):
    shop.source(T, T.replace("TABLE t", "TABLE u"), T.replace("TABLE t", "TABLE w"))
    for name in ("t", "u", "w"):
        fill(shop, 1, 2, table=name)

    def sent(server, selection):
        shop.client = Client(shop)
        shop.update(server, selection=selection)
        return sorted(table for (_, table), rows in shop.client.rows.items() if rows)

    with shop.serve() as server:
        equal(sent(server, select(shop.schema, {"t": True, "u": False})), ["t"])
        equal(sent(server, select(shop.schema, {"u": False}, new_tables=True)), ["t", "w"])
        equal(sent(server, select("another", {})), [])
        equal(sent(server, select("another", {}, new_schemas=True)), ["t", "u", "w"])
        tables = sdk.Selection()
        tables.without_schema.include_new_tables = True
        shop.update(server, selection=tables, fails=(
            INVALID, "the selection is of tables without schemas, but the database's tables are in some"))


@served
def a_selection_of_columns(shop):
    shop.source("CREATE TABLE t (id BIGINT PRIMARY KEY, v VARCHAR(80), secret VARCHAR(80), updated_at TIMESTAMP NOT NULL)",
                "INSERT INTO t VALUES (1, 'a', 's', '2024-01-01 00:00:00')")

    def update(server, columns, new):
        found = shop.update(server, selection=select(shop.schema, {"t": (columns, new)}))
        return found, sorted({name for record in found.records for name in record.data})

    with shop.serve() as server:
        equal(update(server, {"id": False, "v": True}, False)[1], ["id", "v"])
        shop.client = Client(shop)
        equal(update(server, {"secret": False}, True)[1], ["id", "updated_at", "v"])
        shop.source("INSERT INTO t VALUES (2, 'b', 's2', '2024-01-02 00:00:00')")
        found, names = update(server, {"secret": False, "v": False}, True)  # less: nothing has to come again
        equal((names, found.truncated()), (["id", "updated_at"], []))
        found, names = update(server, {"v": False}, True)  # more: the old rows are without it
        equal((names, found.truncated(), found.count()), (["id", "secret", "updated_at"], ["t"], 2))
        contains("\n".join(found.warnings),
                 "the table is copied again: column 'secret' was not selected at the last sync, and is now")
        equal(shop.sent(columns="id, secret"), [["1", "s"], ["2", "s2"]])
        shop.source("ALTER TABLE t ADD COLUMN extra VARCHAR(80)", "INSERT INTO t VALUES (3, 'c', 's', '2024-01-03 00:00:00', 'x')")
        known = {"id": True, "secret": True, "v": False, "updated_at": True}
        equal(update(server, known, False)[1], ["id", "secret", "updated_at"])
        found, names = update(server, {"v": False}, True)
        equal((names, found.count()), (["extra", "id", "secret", "updated_at"], 3))


# ---- calls -------------------------------------------------------------------------------------------------------------

@served
def a_client_that_cancels(shop):
    fill_long(shop)
    with shop.serve() as server:
        call = server.stub().Update(sdk.UpdateRequest(configuration=shop.configuration()))
        next(call)
        next(call)
        call.cancel()
        wait_for("word of it", lambda: any("Update: " in line and '"INFO"' in line for line in server.lines), 60)
        if shop.kind == "postgres":
            active = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
            wait_for("end of the query", lambda: shop.source(active).strip() == "0", 60)
        assert not any("rows, backfill" in line for line in server.lines), server.lines


@served("duckdb")
def a_statement_in_flight_is_stopped(shop):
    """That of a DuckDB source runs in the server itself."""
    shop.source(T)
    fill(shop, 1, 3)
    endless = "id < (SELECT count(*) FROM range(1000000000000) r(i) WHERE i % 3 = 0)"

    def rests():
        def seconds():
            words = pathlib.Path(f"/proc/{server.process.pid}/stat").read_text(encoding="ascii").rsplit(")", 1)[1].split()
            return (int(words[11]) + int(words[12])) / os.sysconf("SC_CLK_TCK")
        before = seconds()
        time.sleep(0.5)
        return seconds() - before < 0.1

    with shop.serve() as server:
        request = sdk.UpdateRequest(configuration=shop.configuration(where=endless, mode="replace"))
        call = server.stub().Update(request, timeout=3)
        equal(call.code(), grpc.StatusCode.DEADLINE_EXCEEDED)
        wait_for("the engine to rest", rests)


@served("sqlite")
def a_server_that_is_ended_meanwhile(shop):
    fill_long(shop)
    with shop.serve() as server:
        call = server.stub().Update(sdk.UpdateRequest(configuration=shop.configuration()))
        next(call)
        begun = time.monotonic()
        server.process.send_signal(signal.SIGTERM)
        equal(server.process.wait(60), 0)
        assert time.monotonic() - begun > 1, "a call may go on for two seconds"


@served("sqlite", "duckdb")
def two_updates_at_once(shop):
    fill_long(shop)
    with shop.serve() as server:
        slow = server.stub().Update(sdk.UpdateRequest(configuration=shop.configuration()))
        next(slow)
        count = len(next(slow).records.records)
        equal(shop.update(server).count(), MANY)  # which opens and closes the same file
        refuses_writers(shop)
        count += sum(len(message.records.records) for message in slow)
        equal(count, MANY)


@served("postgres")
def no_secret_is_told(shop):
    shop.source(T)
    with shop.serve() as server:
        shop.update(server)
        shop.password = "wrong but secret"
        failure = try_test(shop, server, "connection")
        contains(failure, "password authentication failed")
        try:
            list(server.stub().Update(sdk.UpdateRequest(configuration=shop.configuration())))
            raise AssertionError("it was let in")
        except grpc.RpcError as error:
            details = error.details()
    told = "".join(server.lines) + failure + details + shop.client.state
    for secret in (PASSWORD, "wrong but secret", "wrong%20but%20secret"):
        assert secret not in told, told


@served("sqlite")
def a_state_of_another_make(shop):
    none = "the state is none that 'pawl serve' wrote (begin with an empty state, which copies all tables again)"
    shop.source(T)
    with shop.serve() as server:
        for state, message in [
            ('{"cursor": 1}', none),
            ('{"pawl": 2, "tables": []}', "the state was written by a newer Pawl: its format is 2, this one knows 1 (use that newer "
                                          "Pawl, or begin with an empty state)"),
            ('{"pawl": 1, "tables": [{}]}', none),
            ("{", "state: line 1, column 2: a name in double quotes is expected"),
        ]:
            equal(state and shop.update(server, state=state, fails=(INVALID, message)).records, [])


@served
def a_round_trip_by_pawl_itself(shop):
    shop.source(T)
    fill(shop, 1, 1200)
    (shop.folder / "configuration.json").write_text(json.dumps(shop.configuration(tables="t")), encoding="utf-8")
    table = f"tester.{shop.schema}_t"

    def drive(server):
        sync = Sync(shop.run(PAWL, "debug", "--connect", f"localhost:{server.port}", "--json"), True)
        rows = shop.rows(f"SELECT CAST(id AS VARCHAR) AS id, v FROM {table} ORDER BY id")
        equal(sorted([row["id"], row["v"]] for row in rows), sorted(shop.there("t", "id, v")))
        return sync.report["operations"]["upserts"]

    with shop.serve() as server:
        equal(drive(server), 1200)
        fill(shop, 1201, 1210, at="2024-01-02 00:00:00")
        assert 10 <= drive(server) <= 1210
        shop.source(f"UPDATE t SET v = 'again', updated_at = '{now(form='%Y-%m-%d %H:%M:%S')}' WHERE id <= 5")
        drive(server)


tap.main()

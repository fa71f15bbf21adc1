"""pawl debug --connect: what a server of the contract sends ends in the warehouse as if its connector had run here."""
import concurrent.futures
import decimal
import json
import os
import signal
import sys
import time

import tap
from harness import PAWL, PROGRAMS, Sync, checkpoint, contains, delete, equal, say, table, test, truncate, update, upsert, upserts
from protocol_harness import Server, grpc, sdk, sdk_grpc

# pylint: disable=wrong-import-order
import common_pb2 as common

ALL = "SELECT * EXCLUDE (_fivetran_synced) FROM tester.{} ORDER BY ALL"


def drive(box, port, *options, status=0, warehouse="driven/warehouse.db"):
    return Sync(box.run(PAWL, "debug", "--connect", f"localhost:{port}", "--json", "--warehouse", warehouse, "--state",
                        "driven/state.json", *options, status=status), True)


def both(box, *operations, schema=None, tables=("t",), status=0):
    """Runs the script here and over the wire: report and rows must be the same. Returns both."""
    here = box.sync(*operations, schema=schema, status=status)
    arguments = box.script(*operations, schema=schema)
    box.history.append("served")
    with Server(box, "scripted" if schema else "inferred") as server:
        there = drive(box, server.port, *arguments[1:], status=status)
    for name in ("operations", "schema_changes", "checkpoints", "warnings", "rows_committed", "state"):
        equal((name, there.report[name]), (name, here.report[name]))
    for name in tables:
        equal(box.rows(ALL.format(name), "driven/warehouse.db"), box.rows(ALL.format(name)))
    return here, there


@test
def the_example_of_customers(box):
    box.run(PROGRAMS["customers"], "debug")
    with Server(box, "customers") as server:
        first, second = drive(box, server.port), drive(box, server.port)
    equal(first.report["operations"], {"upserts": 3, "updates": 0, "deletes": 0, "truncates": 0})
    equal(second.report["operations"]["upserts"], 0)
    equal(second.report["checkpoints"], 1)
    equal(box.rows(ALL.format("customers"), "driven/warehouse.db"), box.rows(ALL.format("customers")))
    equal(box.state_file("driven/state.json"), box.state_file())


@test
def every_operation(box):
    both(box, upsert("t", k=1, a="x"), upsert("t", k=2, a="x"), upsert("t", k=3, a="x"), checkpoint(n=1), update("t", k=1, a="y"),
         delete("t", k=2), upsert("u", k=1), checkpoint(n=2), truncate("u"), upsert("t", k=4, a=None), say("warning", "look"), checkpoint(n=3),
         schema=[table("t", "k", k="LONG", a="STRING"), table("u", "k", k="LONG")], tables=("t", "u"))


@test
def every_type(box):
    types = {"b": "BOOLEAN", "s": "SHORT", "i": "INT", "l": "LONG", "d": "DECIMAL(38,10)", "e": "DECIMAL(4,2)", "f": "FLOAT",
             "g": "DOUBLE", "day": "NAIVE_DATE", "n": "NAIVE_DATETIME", "u": "UTC_DATETIME", "bin": "BINARY", "x": "XML",
             "t": "STRING", "j": "JSON"}
    nines = "9" * 28 + "." + "9" * 10
    both(box,
         upsert("t", k=1, b=False, s=-2**15, i=-2**31, l=-2**63, d={"decimal": "-" + nines}, e={"decimal": "-99.99"},
                f={"float": -3.4028234663852886e38}, g=-1.7976931348623157e308, day="0001-01-01", n="0001-01-01T00:00:00",
                u="0001-01-01T00:00:00Z", bin=bytes(range(256)), x={"xml": "<a/>"}, t="", j={"json": "{}"}),
         upsert("t", k=2, b=True, s=2**15 - 1, i=2**31 - 1, l=2**63 - 1, d={"decimal": nines}, e={"decimal": "99.99"},
                f={"float": 1.401298464324817e-45}, g=5e-324, day="9999-12-31", n="9999-12-31T23:59:59.999999",
                u="9999-12-31T23:59:59.999999Z", bin=b"", x={"xml": ""}, t="grüß", j={"json": "null"}),
         upsert("t", k=3, **dict.fromkeys(types)), checkpoint(n=1), schema=[table("t", "k", k="INT", **types)])


@test
def tables_that_are_not_declared(box):
    both(box, upsert("t", k=1, a=1), upsert("t", k=2, a=1.5, b=decimal.Decimal("1.50")), upsert("u", x="y"), checkpoint(n=1),
         tables=("t", "u"))


@test
def a_connector_that_fails(box):
    here, there = both(box, upsert("t", k=1), checkpoint(n=1), say("fail", "no more"),
                       schema=[table("t", "k", k="LONG")], status=1)
    equal((here.error, there.error), (["no more"], ["no more"]))


@test
def an_error_that_is_no_task(box):
    arguments = box.script(upsert("t", k=70000), schema=[table("t", "k", k="SHORT")])
    with Server(box, "scripted") as server:
        failed = drive(box, server.port, *arguments[1:], status=1)
    equal(failed.error, ["Update: table 't': column 'k': '70000' is not a SHORT: it is beyond -32768 to 32767 (declare the column "
                         "as INT) (INVALID_ARGUMENT)"])


@test
def a_run_that_is_interrupted_ends_the_servers_work(box):
    arguments = box.script(upserts("t", "k", 1, 10**9, a="x" * 100), schema=[table("t", "k", k="LONG", a="STRING")])
    with Server(box, "scripted") as server:
        run = box.start(PAWL, "debug", "--connect", f"localhost:{server.port}", *arguments[1:])
        time.sleep(1)
        run.send_signal(signal.SIGINT)
        out, errors = run.communicate(timeout=30)
        box.history.append(out + errors)
        equal(run.returncode, 3)
        contains(errors, "error: interrupted by a signal")
        end = time.monotonic() + 20
        while not any("Update: " in line for line in server.lines):
            assert time.monotonic() < end, "the server goes on"
            time.sleep(0.05)


@test
def nobody_listens(box):
    failed = box.run(PAWL, "debug", "--connect", "localhost:1", "--wait", "300ms", status=1)
    equal(failed.stderr.splitlines()[:2], ["error: connecting to 'localhost:1': Connection refused",
                                           "hint: look whether a server listens there"])
    equal(box.run(PAWL, "debug", "--connect", "nothing", status=1).stderr.splitlines()[0], "error: 'nothing' is not HOST:PORT")
    equal(box.run(PAWL, "debug", status=2).stderr.splitlines()[0], "error: neither a folder nor '--connect' says which connector")


# ---- a server of another make ------------------------------------------------------------------------------------------

class Foreign(sdk_grpc.SourceConnectorServicer):
    """Says what it is told to say, and keeps what it was asked."""

    def __init__(self, schema, *responses, error=None):
        self.schema, self.responses, self.error, self.requests = schema, responses, error, []

    def Schema(self, request, context):
        self.requests.append(request)
        return self.schema

    def Update(self, request, context):
        self.requests.append(request)
        yield from self.responses
        if self.error:
            context.abort(*self.error)


def foreign(box, servicer, *options, status=0, compression=None):
    server = grpc.server(concurrent.futures.ThreadPoolExecutor(4), compression=compression)
    sdk_grpc.add_SourceConnectorServicer_to_server(servicer, server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    try:
        return drive(box, port, *options, status=status)
    finally:
        server.stop(None)


def value(**member):
    return common.ValueType(**member)


def record(name, kind=common.UPSERT, schema=None, **data):
    message = sdk.Record(table_name=name, type=kind, data=data)
    if schema is not None:
        message.schema_name = schema
    return message


def responses(*given):
    for each in given:
        if isinstance(each, sdk.Record):
            yield sdk.UpdateResponse(record=each)
        elif isinstance(each, str):
            yield sdk.UpdateResponse(checkpoint=sdk.Checkpoint(state_json=each))
        elif isinstance(each, list):
            yield sdk.UpdateResponse(records=sdk.Records(records=each))
        else:
            yield each


def columns(*names, key=True):
    return [common.Column(name=name, type=common.LONG, primary_key=key and name == names[0]) for name in names]


def without_schema(*tables):
    return sdk.SchemaResponse(without_schema=common.TableList(tables=tables))


def long(number):
    return value(long=number)


@test
def single_records_batches_and_what_is_asked(box):
    (box.folder / "c.json").write_text('{"key": "grüß", "empty": ""}', encoding="utf-8")
    servicer = Foreign(without_schema(common.Table(name="t", columns=columns("k", "a"))), *responses(
        record("t", k=long(1), a=long(1)), [record("t", k=long(2), a=long(2)), record("t", common.DELETE, k=long(1))],
        '{"n": 1}', record("t", common.UPDATE, k=long(2), a=value(null=True)), '{"n": 2}'))
    for compression in (None, grpc.Compression.Gzip):
        foreign(box, servicer, "--configuration", "c.json", compression=compression)
        equal(box.table("t", "driven/warehouse.db"), [dict(k=1, a=1, deleted=True), dict(k=2, a=None)])
    schema, first, _, second = servicer.requests
    equal(dict(schema.configuration), {"key": "grüß", "empty": ""})
    equal((dict(first.configuration), first.state_json), ({"key": "grüß", "empty": ""}, "{}"))
    equal(second.state_json, '{"n": 2}')


@test
def tables_in_schemas(box):
    listed = sdk.SchemaResponse(with_schema=common.SchemaList(schemas=[
        common.Schema(name=name, tables=[common.Table(name="t", columns=columns("k"))]) for name in ("one", "two")]))
    foreign(box, Foreign(listed, *responses(record("t", schema="one", k=long(1)), record("t", schema="two", k=long(2)),
                                            record("t", schema="one", k=long(3)), "{}")))
    equal(box.table("one_t", "driven/warehouse.db"), [dict(k=1), dict(k=3)])
    equal(box.table("two_t", "driven/warehouse.db"), [dict(k=2)])


@test
def a_table_that_the_schema_has_not_is_made(box):
    foreign(box, Foreign(without_schema(common.Table(name="t", columns=columns("k"))), *responses(
        [record("t", k=long(1)), record("other", x=value(string="y")), record("t", k=long(2))], "{}")))
    equal(box.table("t", "driven/warehouse.db"), [dict(k=1), dict(k=2)])
    equal([row["x"] for row in box.table("other", "driven/warehouse.db")], ["y"])


@test
def warnings_and_tasks_are_shown(box):
    said = foreign(box, Foreign(without_schema(), *responses(
        sdk.UpdateResponse(warning=common.Warning(message="plain")),
        sdk.UpdateResponse(warning=common.Warning(message='{"message": "wrapped"}')), "{}")))
    equal([line for line in said.log if "WARNING" in line][1:], ["WARNING pawl: plain", "WARNING pawl: wrapped"])
    equal(said.report["warnings"], 2)
    failed = foreign(box, Foreign(without_schema(), *responses(
        sdk.UpdateResponse(task=common.Task(message='{"message": "renew the key", "trace": "..."}')))), status=1)
    equal(failed.error, ["renew the key"])


@test
def an_error_discards_what_no_checkpoint_kept(box):
    servicer = Foreign(without_schema(common.Table(name="t", columns=columns("k"))), *responses(
        record("t", k=long(1)), '{"n": 1}', record("t", k=long(2))), error=(grpc.StatusCode.UNKNOWN, "grüß\n100 %"))
    failed = foreign(box, servicer, status=1)
    equal(failed.report["error"]["message"], "Update: grüß\n100 % (UNKNOWN)")
    equal((failed.report["rows_committed"], failed.report["rows_discarded"], failed.report["state"]), (1, 1, {"n": 1}))
    equal(box.table("t", "driven/warehouse.db"), [dict(k=1)])


@test
def what_cannot_be_kept_is_refused(box):
    schema = without_schema(common.Table(name="t", columns=columns("k")))
    for given, message in [
            (record("t", k=long(1), s=value(string="a\0b")), "table 't': column 's': 'a\\x00b' is not a STRING: it holds a NUL at byte 2"),
            (record("t", k=long(1), n=value()), "table 't': column 'n': its value is of no type that is known"),
            (record("t", k=value(string="x")), "table 't': column 'k': 'x' is not a LONG: it is text"),
            (sdk.UpdateResponse(checkpoint=sdk.Checkpoint(state_json="[]")), None)]:
        failed = foreign(box, Foreign(schema, *responses(given)), status=1)
        if message is not None:
            equal(failed.error, [message])
    time_column = common.Column(name="x", type=common.NAIVE_TIME)
    failed = foreign(box, Foreign(without_schema(common.Table(name="t", columns=[time_column]))), status=1)
    equal(failed.error, ["table 't': column 'x': it is a NAIVE_TIME, which sources cannot send"])


def declared(name, *columns, schema=None):
    """A SchemaChange of one table; a column is its name, its type, and what else there is to say."""
    listed = [common.Column(name=column, type=kind, **dict(more)) for column, kind, *more in columns]
    tables = common.TableList(tables=[common.Table(name=name, columns=listed)])
    if schema is None:
        return sdk.UpdateResponse(schema_change=sdk.SchemaChange(without_schema=tables))
    schemas = common.SchemaList(schemas=[common.Schema(name=schema, tables=tables.tables)])
    return sdk.UpdateResponse(schema_change=sdk.SchemaChange(with_schema=schemas))


KEY = ("primary_key", True)
DECIMAL = ("params", common.DataTypeParams(decimal=common.DecimalParams(precision=38, scale=10)))


def types(box, name):
    rows = box.rows("SELECT column_name AS name, data_type AS type FROM duckdb_columns() WHERE schema_name = 'tester' "
                    f"AND table_name = '{name}' AND NOT starts_with(column_name, '_fivetran') ORDER BY column_index",
                    "driven/warehouse.db")
    return {row["name"]: row["type"] for row in rows}


@test
def changes_of_the_schema_are_honoured(box):
    listed = common.Table(name="t", columns=[*columns("k"), common.Column(name="a", type=common.SHORT)])
    foreign(box, Foreign(without_schema(listed), *responses(
        record("t", k=long(1), a=value(short=1)),
        declared("t", ("k", common.LONG, KEY), ("a", common.LONG), ("d", common.DECIMAL, DECIMAL)),
        record("t", k=long(2), a=long(2**40), d=value(decimal="1.5")), '{"n": 1}',
        declared("t", ("s", common.STRING)),  # a column alone
        record("t", common.UPDATE, k=long(1), s=value(string="x")),
        declared("new", ("id", common.STRING, KEY), ("f", common.DOUBLE)),
        record("new", id=value(string="a"), f=value(float=0.5)), record("new", id=value(string="a"), f=value(double=1e300)),
        declared("t", ("id", common.INT, KEY), schema="one"),
        record("t", schema="one", id=value(int=1)), record("t", schema="one", id=value(int=1)), '{"n": 2}')))
    equal(types(box, "t"), {"k": "BIGINT", "a": "BIGINT", "d": "DECIMAL(38,10)", "s": "VARCHAR"})
    equal(types(box, "new"), {"id": "VARCHAR", "f": "DOUBLE"})
    equal(types(box, "one_t"), {"id": "INTEGER"})
    equal(box.rows("SELECT k, a, d::VARCHAR AS d, s FROM tester.t ORDER BY k", "driven/warehouse.db"),
          [dict(k=1, a=1, d=None, s="x"), dict(k=2, a=2**40, d="1.5000000000", s=None)])
    equal(box.table("new", "driven/warehouse.db"), [dict(id="a", f=decimal.Decimal("1e300"))])
    equal(box.table("one_t", "driven/warehouse.db"), [dict(id=1)])


@test
def changes_of_the_schema_that_cannot_be(box):
    listed = without_schema(common.Table(name="t", columns=columns("k", "a")))
    for change, message in [
            (declared("t", ("a", common.LONG, KEY)), "table 't': column 'a' is declared as part of the primary key, which it is not"),
            (declared("t", ("a", common.BINARY)), "table 't': column 'a': it is LONG in the destination and BINARY in the schema"),
            (declared("t", ("a", common.SHORT)), "table 't': column 'a': '70000' is not a SHORT: it is beyond -32768 to 32767")]:
        failed = foreign(box, Foreign(listed, *responses(record("t", k=long(1), a=long(1)), change,
                                                         record("t", k=long(2), a=long(70000)), "{}")), status=1)
        equal(failed.error[0], message)


@test
def tables_that_the_connector_declares_as_it_goes(box):
    both(box, table("t", "k", k="LONG", d="DECIMAL(38,10)"), upsert("t", k=1, d={"decimal": "1.5"}), upsert("t", k=1, d=None),
         table("u", "k", k="STRING", empty="NAIVE_DATE"), upsert("u", k="x"), checkpoint(n=1), tables=("t", "u"))


@test
def a_server_that_has_no_such_method(box):
    server = grpc.server(concurrent.futures.ThreadPoolExecutor(1))
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    failed = drive(box, port, status=1)
    server.stop(None)
    equal(failed.error, ["Schema: Method not found! (UNIMPLEMENTED)"])
    equal(json.loads(failed.out)["status"], "failed")


# ---- projects in Python -------------------------------------------------------------------------------------------------

# What a project sees of the SDK, for tests of the process around it; the SDK itself is in tests/interop/.
FAKE_SDK = '''
import concurrent.futures, enum, sys
import grpc, common_pb2, connector_sdk_pb2 as sdk, connector_sdk_pb2_grpc as sdk_grpc


class Logging:
    class Level(enum.IntEnum):
        DEBUG = 1


class Connector(sdk_grpc.SourceConnectorServicer):
    def __init__(self, update):
        self.update = update

    def Schema(self, request, context):
        return sdk.SchemaResponse(schema_response_not_supported=True)

    def Update(self, request, context):
        for row in self.update(dict(request.configuration)):
            data = {name: common_pb2.ValueType(string=value) for name, value in row.items()}
            yield sdk.UpdateResponse(record=sdk.Record(table_name="t", data=data))
        yield sdk.UpdateResponse(checkpoint=sdk.Checkpoint(state_json="{}"))

    def run(self, port, log_level):
        from fivetran_connector_sdk import constants
        assert constants.DEBUGGING and log_level == Logging.Level.DEBUG and self.project_path == "."
        server = grpc.server(concurrent.futures.ThreadPoolExecutor(4))
        sdk_grpc.add_SourceConnectorServicer_to_server(self, server)
        server.add_insecure_port(f"127.0.0.1:{port}")
        server.start()
        print("Running")
        return server
'''


def project(box, text, *options, status=0):
    sdk_folder, folder = box.folder / "sdk/fivetran_connector_sdk", box.folder / "project"
    for made in (sdk_folder, folder):
        made.mkdir(parents=True, exist_ok=True)
    (sdk_folder / "__init__.py").write_text(FAKE_SDK, encoding="utf-8")
    (sdk_folder / "constants.py").write_text("DEBUGGING = False\n", encoding="utf-8")
    (folder / "connector.py").write_text(text, encoding="utf-8")
    environment = {"PYTHONPATH": f"{sdk_folder.parent}:{os.environ['PAWL_STUBS']}"}
    return Sync(box.run(PAWL, "debug", folder, "--python", sys.executable, "--json", *options, status=status,
                        environment=environment), True)


@test
def a_project_in_python(box):
    (box.folder / "configuration.json").write_text('{"a": "b"}', encoding="utf-8")
    sync = project(box, "from fivetran_connector_sdk import Connector\nconnector = Connector(lambda settings: [settings])\n")
    contains(sync.lines, "Running\n")
    equal([row["a"] for row in box.table("t")], ["b"])


@test
def a_project_that_ends_early(box):
    failed = project(box, "import nothing_of_that_name\n", status=1)
    contains(failed.lines, "No module named 'nothing_of_that_name'")
    equal(failed.error, ["the connector's process has ended with status 1"])
    failed = project(box, "import os\nfrom fivetran_connector_sdk import Connector\nconnector = Connector(lambda _: os._exit(7))\n",
                     status=1)
    equal(failed.error, ["the connector's process has ended with status 7"])
    equal(box.run(PAWL, "debug", "nowhere", status=1).stderr.splitlines()[0], "error: there is no 'nowhere/connector.py'")
    equal(box.run(PAWL, "debug", "project", "--python", "no-python", status=1).stderr.splitlines()[0],
          "error: starting 'no-python': No such file or directory")


tap.main()

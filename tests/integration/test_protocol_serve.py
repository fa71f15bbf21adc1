"""PROGRAM serve, as a client of another make sees it: grpcio, which Debian has as python3-grpcio."""
import datetime
import errno
import json
import math
import signal
import socket
import threading
import time

import tap
from harness import PROGRAMS, checkpoint, contains, delete, equal, say, table, test, truncate, update, upsert, upserts
from protocol_harness import Server, configuration, grpc, request, sdk, sdk_grpc

# pylint: disable=wrong-import-order
import common_pb2 as common
import health_pb2 as health
import health_pb2_grpc as health_grpc
import reflection_v1_pb2 as reflection
import reflection_v1_pb2_grpc as reflection_grpc
import reflection_v1alpha_pb2 as reflection_alpha
import reflection_v1alpha_pb2_grpc as reflection_alpha_grpc
from google.protobuf import descriptor_pb2

UTC = datetime.timezone.utc


def records(responses):
    return [record for response in responses for record in response.records.records]


def plain(record):
    return {name: getattr(value, value.WhichOneof("inner")) for name, value in record.data.items()}


def fails(code, message, call):
    """Runs the call, which must end with that status; returns what came before."""
    received = []
    try:
        for response in call:
            received.append(response)
    except grpc.RpcError as error:
        equal((error.code(), error.details()), (code, message))
        return received
    raise AssertionError(f"it did not fail, but gave {received}")


def fails_unary(code, message, call, *arguments, **options):
    try:
        call(*arguments, **options)
    except grpc.RpcError as error:
        equal((error.code(), error.details()), (code, message))
    else:
        raise AssertionError("it did not fail")


def wait_for(what, condition, seconds=20):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, f"no {what} after {seconds} s"
        time.sleep(0.05)


# ---- the four methods --------------------------------------------------------------------------------------------------

@test
def the_example_of_customers(box):
    with Server(box, "customers") as server:
        stub = server.stub()
        form = stub.ConfigurationForm(common.ConfigurationFormRequest())
        equal([each.name for each in form.tests], ["configuration", "schema"])
        for each in form.tests:
            assert stub.Test(common.TestRequest(name=each.name)).success
        schema = stub.Schema(sdk.SchemaRequest())
        equal(schema.SerializeToString().hex(),
              "1a5a0a580a09637573746f6d65727312110a0b637573746f6d65725f696410031801120e0a0a66697273745f6e616d65100d120d0a096c6173745f"
              "6e616d65100d12090a05656d61696c100d120e0a0a757064617465645f6174100a")
        first = list(stub.Update(sdk.UpdateRequest(state_json="{}")))
        equal([(record.table_name, plain(record)["customer_id"]) for record in records(first)],
              [("customers", 2), ("customers", 4), ("customers", 5)])
        equal(records(first)[0].data["updated_at"].utc_datetime.ToDatetime(UTC),
              datetime.datetime(2024, 1, 31, 23, 4, 39, tzinfo=UTC))
        equal(first[-1].checkpoint.state_json, '{"last_updated_at": "2024-03-16T16:40:29Z"}')
        second = list(stub.Update(sdk.UpdateRequest(state_json=first[-1].checkpoint.state_json)))
        equal(second, [first[-1]])


@test
def a_state_that_is_absent_or_empty_is_a_first_sync(box):
    with Server(box, "customers") as server:
        for message in [sdk.UpdateRequest(), sdk.UpdateRequest(state_json=""), sdk.UpdateRequest(state_json="{}")]:
            equal(len(records(server.stub().Update(message))), 3)
        fails(grpc.StatusCode.INVALID_ARGUMENT, "state: line 1, column 2: a name in double quotes is expected",
              server.stub().Update(sdk.UpdateRequest(state_json="{")))


@test
def every_type_at_its_limits(box):
    types = {"b": "BOOLEAN", "s": "SHORT", "i": "INT", "l": "LONG", "d": "DECIMAL(38,10)", "f": "FLOAT", "g": "DOUBLE",
             "day": "NAIVE_DATE", "n": "NAIVE_DATETIME", "u": "UTC_DATETIME", "bin": "BINARY", "x": "XML", "t": "STRING",
             "j": "JSON"}
    nines = "9" * 28 + "." + "9" * 10
    rows = [
        dict(b=False, s=-2**15, i=-2**31, l=-2**63, d={"decimal": "-" + nines}, f={"float": -3.4028234663852886e38},
             g=-1.7976931348623157e308, day="0001-01-01", n="0001-01-01T00:00:00", u="0001-01-01T00:00:00Z",
             bin=bytes(range(256)), x={"xml": "<a>&lt;</a>"}, t="", j={"json": '{"a": 1e400}'}),
        dict(b=True, s=2**15 - 1, i=2**31 - 1, l=2**63 - 1, d={"decimal": nines}, f={"float": 1.401298464324817e-45}, g=5e-324,
             day="9999-12-31", n="9999-12-31T23:59:59.999999", u="9999-12-31T23:59:59.999999Z", bin=b"", x={"xml": ""},
             t="grüß \U0001f427", j={"json": "null"}),
        dict.fromkeys(types),
    ]
    script = [upsert("t", k=number, **row) for number, row in enumerate(rows)]
    schema = [table("t", "k", k="INT", **types)]
    with Server(box, "scripted") as server:
        described = server.stub().Schema(sdk.SchemaRequest(configuration=configuration(box, schema=schema)))
        columns = {column.name: column for column in described.without_schema.tables[0].columns}
        equal({name: common.DataType.Name(column.type) for name, column in columns.items()},
              {"k": "INT", **{name: kind.split("(")[0] for name, kind in types.items()}})
        equal((columns["d"].params.decimal.precision, columns["d"].params.decimal.scale), (38, 10))
        equal([name for name, column in columns.items() if column.primary_key], ["k"])
        low, high, null = records(server.stub().Update(request(box, *script, schema=schema)))
    expected = dict(b=("bool", False), s=("short", -2**15), i=("int", -2**31), l=("long", -2**63), d=("decimal", "-" + nines),
                    f=("float", -3.4028234663852886e38), g=("double", -1.7976931348623157e308), bin=("binary", bytes(range(256))),
                    x=("xml", "<a>&lt;</a>"), t=("string", ""), j=("json", '{"a": 1e400}'))
    for name, (member, value) in expected.items():
        equal((name, low.data[name].WhichOneof("inner"), getattr(low.data[name], member)), (name, member, value))
    expected = dict(b=("bool", True), s=("short", 2**15 - 1), i=("int", 2**31 - 1), l=("long", 2**63 - 1), d=("decimal", nines),
                    f=("float", 1.401298464324817e-45), g=("double", 5e-324), bin=("binary", b""), x=("xml", ""),
                    t=("string", "grüß \U0001f427"), j=("json", "null"))
    for name, (member, value) in expected.items():
        equal((name, high.data[name].WhichOneof("inner"), getattr(high.data[name], member)), (name, member, value))
    times = [(record.data[name].WhichOneof("inner"), getattr(record.data[name], member).ToJsonString())
             for record in (low, high) for name, member in [("day", "naive_date"), ("n", "naive_datetime"), ("u", "utc_datetime")]]
    equal(times, [("naive_date", "0001-01-01T00:00:00Z"), ("naive_datetime", "0001-01-01T00:00:00Z"),
                  ("utc_datetime", "0001-01-01T00:00:00Z"), ("naive_date", "9999-12-31T00:00:00Z"),
                  ("naive_datetime", "9999-12-31T23:59:59.999999Z"), ("utc_datetime", "9999-12-31T23:59:59.999999Z")])
    assert all(null.data[name].null for name in types)


@test
def numbers_that_are_none_and_types_that_are_not_declared(box):
    script = [upsert("t", k=1, nan={"double": "nan"}, inf={"double": "-inf"}, big=2**64 - 1, real=1.5, text="1", yes=True)]
    with Server(box, "inferred") as server:
        assert server.stub().Schema(sdk.SchemaRequest(configuration=configuration(box))).schema_response_not_supported
        data = plain(records(server.stub().Update(request(box, *script)))[0])
    assert math.isnan(data.pop("nan"))
    equal(data, dict(k=1, inf=-math.inf, big=str(2**64 - 1), real=1.5, text="1", yes=True))


@test
def tables_that_update_declares_are_changes_of_the_schema(box):
    script = [upsert("u", k=1), table("t", "k", k="LONG", d="DECIMAL(38,10)", a="STRING"), upsert("t", k=1), table("v", x="INT")]
    tables = [sdk.TableSelection(included=True, table_name="t", columns={"k": False, "a": False}, include_new_columns=True)]
    selection = sdk.Selection(without_schema=sdk.TablesWithNoSchema(tables=tables))
    with Server(box, "inferred") as server:
        everything = list(server.stub().Update(request(box, *script)))
        selected = list(server.stub().Update(request(box, *script, selection=selection)))
    equal([response.WhichOneof("operation") for response in everything],
          ["records", "schema_change", "records", "schema_change", "checkpoint"])
    column = common.Column
    decimal = common.DataTypeParams(decimal=common.DecimalParams(precision=38, scale=10))
    key, amount = column(name="k", type=common.LONG, primary_key=True), column(name="d", type=common.DECIMAL, params=decimal)
    equal(list(everything[1].schema_change.without_schema.tables),
          [common.Table(name="t", columns=[key, amount, column(name="a", type=common.STRING)])])
    equal(list(everything[3].schema_change.without_schema.tables),
          [common.Table(name="v", columns=[column(name="x", type=common.INT)])])
    equal([response.WhichOneof("operation") for response in selected], ["schema_change", "records", "checkpoint"])
    equal(list(selected[0].schema_change.without_schema.tables), [common.Table(name="t", columns=[key, amount])])


@test
def operations_keep_their_order(box):
    script = [truncate("t"), upsert("t", k=1, a="x"), update("t", k=1, a="y"), delete("t", k=1), upsert("u", k=1),
              say("warning", "look"), checkpoint(n=1), upsert("t", k=2, a="z")]
    schema = [table("t", "k", k="LONG", a="STRING"), table("u", "k", k="LONG")]
    with Server(box, "scripted") as server:
        responses = list(server.stub().Update(request(box, *script, schema=schema)))
    equal([response.WhichOneof("operation") for response in responses],
          ["records", "warning", "checkpoint", "records", "checkpoint"])
    equal([(record.table_name, common.RecordType.Name(record.type), plain(record)) for record in responses[0].records.records],
          [("t", "TRUNCATE", {}), ("t", "UPSERT", dict(k=1, a="x")), ("t", "UPDATE", dict(k=1, a="y")), ("t", "DELETE", dict(k=1)),
           ("u", "UPSERT", dict(k=1))])
    equal(responses[1].warning.message, "look")
    equal([responses[2].checkpoint.state_json, responses[4].checkpoint.state_json], ['{"n": 1}', '{"n": 1}'])


@test
def batches_have_at_most_a_hundred_records_and_100_kb(box):
    with Server(box, "scripted") as server:
        schema = [table("t", "k", k="LONG", a="STRING")]
        small = list(server.stub().Update(request(box, upserts("t", "k", 1, 250, a="x"), schema=schema)))
        equal([len(each.records.records) for each in small], [100, 100, 50, 0])
        large = list(server.stub().Update(request(box, upserts("t", "k", 1, 80, a="x" * 2000), upsert("t", k=81, a="y" * 300000),
                                                  upsert("t", k=82, a="z"), schema=schema)))
        equal([len(each.records.records) for each in large], [49, 31, 1, 1, 0])
        assert all(each.ByteSize() < 100100 for each in large if len(each.records.records) > 1)


# ---- selection, forms, failures ----------------------------------------------------------------------------------------

@test
def a_selection_is_honoured_down_to_columns(box):
    script = [upsert("t", k=1, a="x", b="y", c="z"), upsert("u", k=1), upsert("v", k=1), update("t", k=1, a="n"), delete("u", k=1)]
    schema = [table("t", "k", k="LONG", a="STRING", b="STRING", c="STRING"), table("u", "k", k="LONG"), table("v", "k", k="LONG")]
    tables = [sdk.TableSelection(included=True, table_name="t", columns={"k": False, "a": False, "b": True}),
              sdk.TableSelection(included=False, table_name="u")]

    def rows(**options):
        selection = sdk.Selection(without_schema=sdk.TablesWithNoSchema(tables=tables, **options))
        return [(record.table_name, plain(record)) for record in records(
            server.stub().Update(request(box, *script, schema=schema, selection=selection)))]

    with Server(box, "scripted") as server:
        equal(rows(), [("t", dict(k=1, b="y")), ("t", dict(k=1))])
        equal(rows(include_new_tables=True), [("t", dict(k=1, b="y")), ("v", dict(k=1)), ("t", dict(k=1))])
        tables[0].include_new_columns = True
        equal(rows(), [("t", dict(k=1, b="y", c="z")), ("t", dict(k=1))])
        fails(grpc.StatusCode.INVALID_ARGUMENT, "the selection is of tables in schemas, but the connector's tables are in none",
              server.stub().Update(request(box, schema=schema, selection=sdk.Selection(with_schema=sdk.TablesWithSchema()))))


@test
def a_form_and_its_tests(box):
    with Server(box, PROGRAMS["customers"].parent.parent / "tests/connectors/formed") as server:
        stub = server.stub()
        form = stub.ConfigurationForm(common.ConfigurationFormRequest())
        fields = {field.name: field for field in form.fields}
        equal(list(fields), ["host", "password", "mode", "tunnel_host", "tls"])
        equal((fields["host"].label, fields["host"].required, fields["host"].description, fields["host"].placeholder),
              ("Host", True, "Where it is", "db.example"))
        equal(fields["host"].WhichOneof("type"), "text_field")
        equal(fields["password"].text_field, common.Password)
        equal((list(fields["mode"].dropdown_field.dropdown_field), fields["mode"].default_value), (["direct", "tunnel"], "direct"))
        equal(fields["mode"].label, "mode")
        conditional = fields["tunnel_host"].conditional_fields
        equal((conditional.condition.condition_field, conditional.condition.string_value), ("mode", "tunnel"))
        equal((conditional.fields[0].name, conditional.fields[0].required), ("tunnel_host", True))
        equal(fields["tls"].WhichOneof("type"), "toggle_field")
        equal([(each.name, each.label) for each in form.tests][2:], [("connect", "The database answers")])

        def tried(name, **settings):
            answer = stub.Test(common.TestRequest(name=name, configuration=settings))
            return answer.success or answer.failure

        equal(tried("configuration", host="h"), "'password' is required, and empty")
        equal(tried("configuration", host="h", password="p"), True)
        equal(tried("configuration", host="h", password="p", mode="x"), "'mode' is none of its choices")
        equal(tried("configuration", host="h", password="p", mode="tunnel"), "'tunnel_host' is required, and empty")
        equal(tried("configuration", host="h", password="p", tls="1"), "'tls' is neither true nor false")
        equal(tried("connect", host="here", password="p"), True)
        equal(tried("connect", host="away", password="hunter2"), "'away' does not know '*******'")
        fails_unary(grpc.StatusCode.NOT_FOUND, "there is no test 'x'", stub.Test, common.TestRequest(name="x"))


@test
def errors_are_told_with_their_hint_and_without_secrets(box):
    schema = [table("t", "k", k="SHORT")]
    with Server(box, "scripted") as server:
        got = fails(grpc.StatusCode.UNKNOWN, "the key ******* was refused",
                    server.stub().Update(request(box, upsert("t", k=1), say("fail", "the key hunter2 was refused"), schema=schema,
                                                 api_key="hunter2")))
        equal([response.WhichOneof("operation") for response in got], ["task"])
        equal(got[0].task.message, "the key ******* was refused")
        fails(grpc.StatusCode.INVALID_ARGUMENT,
              "table 't': column 'k': '70000' is not a SHORT: it is beyond -32768 to 32767 (declare the column as INT)",
              server.stub().Update(request(box, upsert("t", k=70000), schema=schema)))
        fails(grpc.StatusCode.INVALID_ARGUMENT, "table 'u' is not declared in schema (declare it in schema, or with pawl_sync_table "
              "before its first operation)", server.stub().Update(request(box, upsert("u", k=1), schema=schema)))
        fails(grpc.StatusCode.INVALID_ARGUMENT, "table 't': column 'k' of the primary key is not given in the upsert, or NULL",
              server.stub().Update(request(box, upsert("t", x=1), schema=schema)))
        got = fails(grpc.StatusCode.UNKNOWN, "grüß\n100 %", server.stub().Update(request(box, say("fail", "grüß\n100 %"), schema=schema)))
    assert all(line["message-origin"] == "sdk_connector" and set(line) == {"level", "message", "message-origin"}
               and line["level"] in ("INFO", "WARNING", "SEVERE") for line in server.log())
    assert "hunter2" not in "".join(server.lines), server.lines


# ---- the wire ----------------------------------------------------------------------------------------------------------

@test
def gzip_both_ways(box):
    text = "x" * 50000
    message = request(box, upsert("t", k=1, a=text), checkpoint(a=text), schema=[table("t", "k", k="LONG", a="STRING")],
                      state=json.dumps({"a": text}))
    with Server(box, "scripted") as server:
        for compression in (grpc.Compression.NoCompression, grpc.Compression.Gzip):
            call = server.stub(compression=compression).Update(message)
            first, second = list(call)
            equal((plain(first.records.records[0])["a"], json.loads(second.checkpoint.state_json)["a"]), (text, text))
        fails(grpc.StatusCode.UNIMPLEMENTED, "messages may be compressed with gzip, and nothing else",
              server.stub(compression=grpc.Compression.Deflate).Update(message))


@test
def unknown_methods_and_messages_that_are_none(box):
    with Server(box, "customers") as server:
        channel = server.channel()
        for path in ("/fivetran_sdk.v2.SourceConnector/Nothing", "/no.Service/Update", "/"):
            fails_unary(grpc.StatusCode.UNIMPLEMENTED, f"unknown method '{path}'", channel.unary_unary(path), b"")
        path = "/fivetran_sdk.v2.SourceConnector/Schema"
        fails_unary(grpc.StatusCode.INVALID_ARGUMENT, "the request is no message 'fivetran_sdk.v2.SchemaRequest'",
                    channel.unary_unary(path), b"\x0a\xff")


@test
def health_and_reflection(box):
    with Server(box, "customers") as server:
        channel = server.channel()
        checker = health_grpc.HealthStub(channel)
        for name in ("", "fivetran_sdk.v2.SourceConnector"):
            equal(checker.Check(health.HealthCheckRequest(service=name)).status, health.HealthCheckResponse.SERVING)
        fails_unary(grpc.StatusCode.NOT_FOUND, "unknown service", checker.Check, health.HealthCheckRequest(service="x"))
        watch = checker.Watch(health.HealthCheckRequest())
        equal(next(watch).status, health.HealthCheckResponse.SERVING)
        for messages, stub in ((reflection, reflection_grpc.ServerReflectionStub(channel)),
                               (reflection_alpha, reflection_alpha_grpc.ServerReflectionStub(channel))):
            ask = messages.ServerReflectionRequest
            names, files, unknown = stub.ServerReflectionInfo(iter([
                ask(list_services=""), ask(file_containing_symbol="fivetran_sdk.v2.SourceConnector.Update"),
                ask(file_by_filename="nothing.proto")]))
            equal([each.name for each in names.list_services_response.service],
                  ["fivetran_sdk.v2.SourceConnector", "grpc.health.v1.Health", "grpc.reflection.v1.ServerReflection",
                   "grpc.reflection.v1alpha.ServerReflection"])
            equal([descriptor_pb2.FileDescriptorProto.FromString(each).name for each in
                   files.file_descriptor_response.file_descriptor_proto],
                  ["connector_sdk.proto", "common.proto", "google/protobuf/timestamp.proto"])
            equal(unknown.error_response.error_code, 5)
        server.process.send_signal(signal.SIGTERM)
        equal([each.status for each in watch], [health.HealthCheckResponse.NOT_SERVING])
        equal(server.wait(), 0)


PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"


def frame(kind, flags, stream, payload):
    return len(payload).to_bytes(3, "big") + bytes([kind, flags]) + stream.to_bytes(4, "big") + payload


def literal(name, value):
    """A header as HPACK has it without any compression (RFC 7541, 6.2.2)."""
    return b"\0" + bytes([len(name)]) + name + bytes([len(value)]) + value


HEADERS = frame(1, 4, 1, b"".join(literal(*pair) for pair in [
    (b":method", b"POST"), (b":scheme", b"http"), (b":path", b"/fivetran_sdk.v2.SourceConnector/Schema"),
    (b"content-type", b"application/grpc")]))


@test
def bytes_that_are_no_grpc(box):
    cases = [b"GET / HTTP/1.1\r\n\r\n", PREFACE[:10], PREFACE + b"\0\0\x01", PREFACE + frame(4, 0, 0, b"") + frame(0, 0, 1, b"x"),
             PREFACE + frame(4, 0, 0, b"xxxxx"), PREFACE + frame(4, 0, 0, b"") + frame(1, 4, 1, b"\xff\xff\xff\xff\xff\xff"),
             PREFACE + frame(4, 0, 0, b"") + frame(1, 0, 1, b"") + frame(9, 0, 1, b"\0" * 1000) * 200,
             PREFACE + frame(4, 0, 0, b"") + HEADERS + frame(0, 1, 1, b"\0\0\0"),             # the message is cut
             PREFACE + frame(4, 0, 0, b"") + HEADERS + frame(0, 1, 1, b"\0\xff\xff\xff\xff"),  # 4 GiB are announced
             PREFACE + frame(4, 0, 0, b"") + HEADERS + frame(0, 1, 1, b"\1\0\0\0\3abc"),       # gzip that is none, and not announced
             PREFACE + frame(4, 0, 0, b"") + HEADERS + frame(3, 0, 1, b"\0\0\0\x08"),          # cancelled at once
             PREFACE + frame(4, 0, 0, b"") + HEADERS]                                          # a call that never comes
    with Server(box, "customers") as server:
        for case in cases * 3:
            with socket.create_connection(("127.0.0.1", server.port), 10) as client:
                try:
                    client.sendall(case)
                    client.shutdown(socket.SHUT_WR)
                    while client.recv(65536):
                        pass
                except OSError as error:  # the server may hang up at any of these
                    assert error.errno in (errno.ECONNRESET, errno.EPIPE, errno.ENOTCONN), error
        equal(len(records(server.stub().Update(sdk.UpdateRequest()))), 3)


@test
def a_message_that_is_too_long(box):
    with Server(box, "customers") as server:
        stub = server.stub(options=[("grpc.max_send_message_length", -1)])
        message = sdk.UpdateRequest(state_json=" " * (128 * 1024 * 1024))
        fails(grpc.StatusCode.RESOURCE_EXHAUSTED, f"a message has {message.ByteSize()} bytes, more than 134217728", stub.Update(message))
        equal(len(records(server.stub().Update(sdk.UpdateRequest()))), 3)


# ---- time --------------------------------------------------------------------------------------------------------------

ENDLESS = upserts("t", "k", 1, 10**9, a="x" * 100)
SCHEMA = [table("t", "k", k="LONG", a="STRING")]


@test
def a_slow_client_bounds_the_servers_memory(box):
    with Server(box, "scripted") as server:
        before = server.memory_mib()
        call = server.stub().Update(request(box, ENDLESS, schema=SCHEMA))
        next(call)
        time.sleep(1)
        rest, busy = server.memory_mib(), server.cpu_seconds()
        time.sleep(1)
        assert rest < before + 48, f"{before} MiB, then {rest} MiB"
        assert server.cpu_seconds() - busy < 0.3, "it goes on working though nobody takes what it has"
        equal(server.memory_mib() <= rest + 1, True)
        equal(len(next(call).records.records), 100)
        call.cancel()
        wait_for("end of the update", lambda: any("Update: " in line for line in server.lines))
        equal([line["level"] for line in server.log() if "Update: " in line["message"]], ["INFO"])


@test
def a_deadline_ends_the_connectors_work(box):
    with Server(box, "scripted") as server:
        fails(grpc.StatusCode.DEADLINE_EXCEEDED, "Deadline Exceeded", server.stub().Update(request(box, ENDLESS, schema=SCHEMA), timeout=1))
        wait_for("end of the update", lambda: any("Update: " in line for line in server.lines))


@test
def a_client_that_is_gone_ends_the_connectors_work(box):
    with Server(box, "scripted") as server:
        channel = server.channel()
        next(sdk_grpc.SourceConnectorStub(channel).Update(request(box, ENDLESS, schema=SCHEMA)))
        channel.close()
        wait_for("end of the update", lambda: any("Update: " in line for line in server.lines))


@test
def several_calls_at_once(box):
    with Server(box, "scripted") as server:
        stub, results = server.stub(), []

        def sync(number):
            got = records(stub.Update(messages[number]))
            results.append((number, len(got), {plain(record)["a"] for record in got}))

        messages = [request(box, upserts("t", "k", 1, 5000 + number, a=f"x{number}"), schema=SCHEMA) for number in range(8)]
        threads = [threading.Thread(target=sync, args=(number,)) for number in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        equal(sorted(results), [(number, 5000 + number, {f"x{number}"}) for number in range(8)])


@test
def a_signal_ends_calls_that_go_on_after_a_grace(box):
    with Server(box, "scripted") as server:
        call = server.stub().Update(request(box, ENDLESS, schema=SCHEMA))
        next(call)
        server.process.send_signal(signal.SIGTERM)
        try:
            for _ in call:
                pass
        except grpc.RpcError as error:
            equal((error.code(), error.details()), (grpc.StatusCode.UNAVAILABLE, "the server is stopping"))
        equal(server.wait(), 0)


@test
def a_port_that_is_taken_is_an_error(box):
    with Server(box, "customers") as server:
        failed = box.run(PROGRAMS["customers"], "serve", "--port", server.port, status=1)
        contains(failed.stderr, f"error: listening on 'localhost' port {server.port}: Address already in use")


tap.main()

"""Clients that nobody here wrote, against programs that serve Fivetran's contract: the stubs of the official SDK, with the grpcio
that it pins, and @grpc/grpc-js, which reads our proto files as text. What they get is compared with subjects.py, value by value."""
import contextlib
import json
import pathlib
import socket
import subprocess
import threading
import time

import limits
import peers
import tap
import wire
from harness import case, checkpoint, delete, equal, say, table, truncate, update, upsert, upserts
from protocol_harness import Server, configuration
from subjects import SUBJECTS, formed
from wire import unbatched

HERE = pathlib.Path(__file__).parent
PROTO = HERE.parents[1] / "src/protocol/proto"
PYTHON, JAVASCRIPT = "fivetran_connector_sdk", "@grpc/grpc-js"
SCHEMA = [table("t", "k", k="LONG", a="STRING")]
ENDLESS = upserts("t", "k", 1, 10**9, a="x" * 1000)


def fetch(get):
    """What it gets, or why it cannot be had, which is asked once."""
    try:
        return get()
    except peers.Missing as why:
        return why


FETCHED = {PYTHON: fetch(peers.official_python), JAVASCRIPT: fetch(peers.grpc_js)}


def fetched(client):
    if isinstance(FETCHED[client], peers.Missing):
        raise tap.Skip(FETCHED[client])
    return FETCHED[client]


def call(method, request, **options):
    return {"method": method, "request": request, "seconds": 60, **options}


def ask(box, client, port, *calls):
    """Makes the calls, one after the other; returns their results."""
    if client == PYTHON:
        command, environment = [fetched(PYTHON), HERE / "client.py"], {}
    else:
        command, environment = ["node", HERE / "client.js", PROTO], {"NODE_PATH": str(fetched(JAVASCRIPT))}
    (box.folder / "calls.json").write_text(json.dumps({"port": port, "calls": calls}), encoding="utf-8")
    return json.loads(box.run(*command, "calls.json", environment=environment).stdout)


# ---- the four methods --------------------------------------------------------------------------------------------------

def questions(subject, settings):
    """Pairs of a call, and the messages that answer it."""
    yield call("ConfigurationForm", {}), [subject.form]
    for name, outcome in subject.tests.items():
        yield call("Test", {"name": name, "configuration": settings}), [outcome]
    yield call("Schema", {"configuration": settings}), [subject.schema]
    for request, messages in subject.updates:
        resume = request.get("state_json") is wire.ANY
        request = {name: content for name, content in request.items() if content is not wire.ANY}
        yield call("Update", {"configuration": settings, **request}, resume=resume), messages


def all_methods(box, client, subject):
    plain = list(questions(subject, subject.configure(box)))
    compressed = [({**asked, "gzip": True}, messages) for asked, messages in plain]
    with Server(box, subject.program, *subject.options) as server:
        results = ask(box, client, server.port, *[asked for asked, _ in plain + compressed])
    for (asked, messages), result in zip(plain + compressed, results, strict=True):
        equal((asked, result["code"], result["message"]), (asked, "OK", ""))
        equal((asked, unbatched(result["responses"])), (asked, messages))


# ---- the wire ----------------------------------------------------------------------------------------------------------

class Relay:
    """Stands between a client and the port, and counts the bytes in both directions."""

    def __init__(self, port):
        self.target, self.listener = port, socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.sent, self.received = 0, 0

    def pump(self, source, sink, count):
        with contextlib.suppress(OSError):
            while part := source.recv(65536):
                setattr(self, count, getattr(self, count) + len(part))
                sink.sendall(part)
            sink.shutdown(socket.SHUT_WR)

    def serve(self):
        with contextlib.suppress(OSError):
            while True:
                client, server = self.listener.accept()[0], socket.create_connection(("127.0.0.1", self.target))
                for arguments in ((client, server, "sent"), (server, client, "received")):
                    threading.Thread(target=self.pump, args=arguments, daemon=True).start()

    def __enter__(self):
        threading.Thread(target=self.serve, daemon=True).start()
        return self

    def __exit__(self, *exception):
        self.listener.close()


def gzip_both_ways(box, client):
    size = 1000000
    state = json.dumps({"a": "x" * size})
    settings = configuration(box, upsert("t", k=1, a="x" * size), checkpoint(n=1), schema=SCHEMA)
    with Server(box, "scripted") as server:
        for gzip in (False, True):
            with Relay(server.port) as relay:
                result, = ask(box, client, relay.port, call("Update", {"configuration": settings, "state_json": state}, gzip=gzip))
            equal(result["code"], "OK")
            equal(len(result["responses"][0]["records"][0][2]["a"]["string"]), size)
            equal([relay.sent < size / 10, relay.received < size / 10], [gzip, gzip])


def deadlines_and_cancellation(box, client):
    settings = configuration(box, ENDLESS, schema=SCHEMA)
    request = {"configuration": settings}
    with Server(box, "scripted") as server:
        late, cancelled = ask(box, client, server.port, call("Update", request, seconds=3, keep=1),
                              call("Update", request, keep=2, cancel=True))
        end = time.monotonic() + 20
        while sum("Update: " in line for line in server.lines) < 2:
            assert time.monotonic() < end, f"the connector goes on: {server.lines}"
            time.sleep(0.05)
    equal([late["code"], cancelled["code"]], ["DEADLINE_EXCEEDED", "CANCELLED"])
    equal([len(late["responses"]), len(cancelled["responses"])], [1, 2])


def failures(box, client):
    refused = configuration(box, upsert("t", k=1), upsert("t", k="x"), schema=SCHEMA)
    broken = configuration(box, upsert("t", k=1), checkpoint(n=1), upsert("t", k=2), say("fail", "gr\u00fc\u00df\n100 %"),
                           schema=SCHEMA)
    with Server(box, "scripted") as server:
        results = ask(box, client, server.port, call("Test", {"name": "x"}),
                      call("Update", {"configuration": refused, "state_json": "{"}),
                      call("Update", {"configuration": refused}), call("Update", {"configuration": broken}))
    equal([(each["code"], each["message"]) for each in results], [
        ("NOT_FOUND", "there is no test 'x'"),
        ("INVALID_ARGUMENT", "state: line 1, column 2: a name in double quotes is expected"),
        ("INVALID_ARGUMENT", "table 't': column 'k': 'x' is not a LONG: it is text (pass an integer, such as 42)"),
        ("UNKNOWN", "gr\u00fc\u00df\n100 %")])
    equal(unbatched(results[3]["responses"]), [
        wire.upsert("t", k=("long", 1)), wire.checkpoint('{"n": 1}'), {"task": {"message": "gr\u00fc\u00df\n100 %"}}])


def tests_that_fail(box, client):
    with Server(box, formed.program) as server:
        results = ask(box, client, server.port, *[call("Test", {"name": name, "configuration": {"host": "away", **settings}})
                                                  for name,
                                                  settings in [("configuration", {}), ("connect", {"password": "hunter2"})]])
    equal([each["responses"] for each in results],
          [[{"failure": "'password' is required, and empty"}], [{"failure": "'away' does not know '*******'"}]])


def what_tools_ask_for(box):
    service = "fivetran_sdk.v2.SourceConnector"
    with Server(box, "customers") as server:
        health, unknown, services = ask(box, JAVASCRIPT, server.port, call("Check", {"service": service}),
                                        call("Check", {"service": "x"}),
                                        call("ServerReflectionInfo", {"list_services": ""}))
    equal(health["responses"], [{"status": "SERVING"}])
    equal((unknown["code"], unknown["message"]), ("NOT_FOUND", "unknown service"))
    equal(services["responses"][0]["list_services_response"]["service"], [{"name": name} for name in (
        service, "grpc.health.v1.Health", "grpc.reflection.v1.ServerReflection", "grpc.reflection.v1alpha.ServerReflection")])


# ---- beside the official SDK's server ------------------------------------------------------------------------------------

SERVE = """
import sys
from fivetran_connector_sdk import constants
constants.DEBUGGING = True
import connector
connector.connector.run(port=int(sys.argv[1])).wait_for_termination()
"""


def answers(port):
    with socket.socket() as client:
        return client.connect_ex(("127.0.0.1", port)) == 0


@contextlib.contextmanager
def official_server(box, folder):
    """Serves the connector in that folder with the official SDK, on the port that it yields. One Update is all that it can do."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with subprocess.Popen([fetched(PYTHON), "-c", SERVE, str(port)], cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True) as process:
        try:
            end = time.monotonic() + 60
            while not answers(port):
                assert process.poll() is None and time.monotonic() < end, "the official SDK does not serve"
                time.sleep(0.05)
            yield port
        finally:
            process.terminate()
            box.history.append(process.communicate(timeout=60)[0])


def served_alike(box, client):
    """One script, served by both: the same schema, and the same records in the same order."""
    text = "x" * 2000  # fifty records of this are 100 kB: the official SDK counts them after it has added one, Pawl before
    script = [*limits.script(), checkpoint(n=1), upserts("t", "k", 1, 105), checkpoint(n=2), upserts("t", "k", 1, 250),
              update("t", k=1, a="y"), delete("t", k=1), truncate("t"), checkpoint(n=3), upserts("t", "k", 1, 80, a=text),
              checkpoint(n=4)]
    settings = configuration(box, *script, schema=limits.SCHEMA + SCHEMA)
    calls = [call("Schema", {"configuration": settings}), call("Update", {"configuration": settings, "state_json": "{}"})]
    with Server(box, "scripted") as server:
        ours = ask(box, client, server.port, *calls)
    with official_server(box, HERE / "scripted") as port:
        theirs = ask(box, client, port, *calls)
    equal(ours[0], theirs[0])
    equal(unbatched(ours[1]["responses"]), unbatched(theirs[1]["responses"]))
    for result, last in ((ours[1], [49, 31]), (theirs[1], [50, 30])):
        equal([len(each["records"]) for each in result["responses"] if "records" in each],
              [len(limits.script()), 100, 5, 100, 100, 53, *last])


for each_client in (PYTHON, JAVASCRIPT):
    for each_subject in SUBJECTS:
        case(f"{each_client} asks {each_subject.name}", all_methods, each_client, each_subject)
    for function in (gzip_both_ways, deadlines_and_cancellation, failures, tests_that_fail, served_alike):
        case(f"{each_client}: {function.__name__.replace('_', ' ')}", function, each_client)
case(f"{JAVASCRIPT}: what tools ask for", what_tools_ask_for)

tap.main()

#!/usr/bin/env python3
"""Fivetran's contract beside the official SDK: the connector of 5 columns that bench/protocol.py measures, and the same one made
with the SDK for Python (bench/official/), to a client with the SDK's own stubs; and what it takes to drive the SDK's.

    bench/protocol_official.py [--build build] [--rows 2000000] [--runs 3]

The SDK sends a tenth of the rows. It is the one that the tests have fetched (tests/interop/peers.py), into this build folder or
another of the checkout; without it nothing is measured. Server and client share the machine's cores.
"""
import argparse, json, os, re, resource, signal, socket, statistics, subprocess, tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))

# On 127.0.0.1, as under `pawl debug`.
SERVE = """
import sys
from fivetran_connector_sdk import constants
constants.DEBUGGING = True
import connector
connector.connector.run(port=int(sys.argv[1])).wait_for_termination()
"""

# Prints records a second.
CLIENT = """
import sys, time
import grpc
from fivetran_connector_sdk.protos import connector_sdk_pb2 as sdk, connector_sdk_pb2_grpc as sdk_grpc
channel = grpc.insecure_channel(sys.argv[1], options=[("grpc.max_receive_message_length", 128 * 1024 * 1024)])
grpc.channel_ready_future(channel).result(60)
stub = sdk_grpc.SourceConnectorStub(channel)
stub.Schema(sdk.SchemaRequest())
start = time.monotonic()
count = sum(len(response.structured_records.structured_records) for response in stub.Update(sdk.UpdateRequest(state_json="{}")))
print(count / (time.monotonic() - start))
"""


def serve_pawl(build, rows):
    process = subprocess.Popen([f"{build}/bench/connector_ops", "--rows", str(rows), "serve", "--any-port"], stdout=subprocess.PIPE,
                               text=True)
    return process, "localhost:" + re.search(r"port (\d+)", process.stdout.readline())[1]


def serve_official(interpreter, rows):
    """One Update is all that it serves; clients wait for it."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    process = subprocess.Popen([interpreter, "-B", "-c", SERVE, str(port)], cwd=f"{ROOT}/bench/official",
                               env={**os.environ, "ROWS": str(rows)}, stdout=subprocess.PIPE, text=True)
    return process, f"127.0.0.1:{port}"


def measure(server, *command, **options):
    """What a client printed, its seconds of processor time, and the server's."""
    process, target = server
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    out = subprocess.run([word.replace("TARGET", target) for word in command], check=True, stdout=subprocess.PIPE,
                         stderr=subprocess.DEVNULL, text=True, **options).stdout
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    with open(f"/proc/{process.pid}/stat", encoding="ascii") as stat:
        cpu = sum(int(field) for field in stat.read().rsplit(")", 1)[1].split()[11:13]) / os.sysconf("SC_CLK_TCK")
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=60)
    return out, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, cpu


def compare(interpreter, build, rows, runs, folder):
    few = rows // 10
    for name, count, serve in [("Pawl", rows, lambda: serve_pawl(build, rows)),
                               ("the official SDK", few, lambda: serve_official(interpreter, few))]:
        rates = [float(measure(serve(), interpreter, "-c", CLIENT, "TARGET")[0]) for _ in range(runs)]
        print(f"{name + ' serves, to its stubs':40} {statistics.median(rates):10,.0f} records/s, of {count:,}")
    drains = [measure(serve_official(interpreter, few), f"{build}/bench/protocol_drain", "TARGET") for _ in range(runs)]
    drives = [measure(serve_official(interpreter, few), f"{build}/src/pawl", "debug", "--connect", "TARGET", "--json", "--reset",
                      cwd=folder) for _ in range(runs)]
    assert all(int(out.split()[0]) == few for out, *_ in drains), drains
    assert all(json.loads(out)["rows_committed"] == few for out, *_ in drives), drives
    for name, results in (("thrown away", drains), ("driven into a warehouse", drives)):
        own, server = (statistics.median(result[column] for result in results) for column in (1, 2))
        print(f"{'the official SDK, ' + name:44} {own:6.2f} s of processor time, and {server:.2f} s of the SDK")


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--build", default="build")
    arguments.add_argument("--rows", type=int, default=2000000)
    arguments.add_argument("--runs", type=int, default=3)
    options = arguments.parse_args()
    build = os.path.abspath(options.build)
    for folder in (build, f"{ROOT}/build", f"{ROOT}/build-debug"):
        interpreter = f"{folder}/tests/interop/python/bin/python3"
        if os.path.exists(interpreter):
            with tempfile.TemporaryDirectory() as warehouse:
                compare(interpreter, build, options.rows, options.runs, warehouse)
            return
    print("the official SDK is not there; `tools/test interop` fetches it")


main()

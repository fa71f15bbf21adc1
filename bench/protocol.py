#!/usr/bin/env python3
"""What Fivetran's contract costs: a connector of 5 columns that serves it, to a client that throws the records away, and to `pawl
debug --connect`, which applies them. Beside it, with a tenth of the rows, the same connector made with the official SDK.

    bench/protocol.py [--build build] [--rows 2000000] [--runs 3]

Prints records/s, and the peaks of memory. Server and client share the machine's cores. The official SDK is the one that the tests
have fetched (tests/interop/peers.py), into this build folder or another of the checkout; without it that part is left out.
"""
import argparse, glob, json, os, re, resource, signal, socket, statistics, subprocess, tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
OFFICIAL = f"{ROOT}/bench/official"

# On 127.0.0.1, as under `pawl debug`.
SERVE = """
import sys
from fivetran_connector_sdk import constants
constants.DEBUGGING = True
import connector
connector.connector.run(port=int(sys.argv[1])).wait_for_termination()
"""

# Prints records and seconds.
CLIENT = """
import sys, time
import grpc
from fivetran_connector_sdk.protos import connector_sdk_pb2 as sdk, connector_sdk_pb2_grpc as sdk_grpc
options = [("grpc.max_receive_message_length", 128 * 1024 * 1024)]
channel = grpc.insecure_channel(sys.argv[1], options=options)
grpc.channel_ready_future(channel).result(60)
stub = sdk_grpc.SourceConnectorStub(channel)
stub.Schema(sdk.SchemaRequest())
start = time.monotonic()
count = sum(len(response.structured_records.structured_records) for response in stub.Update(sdk.UpdateRequest(state_json="{}")))
print(count, time.monotonic() - start)
"""


def cpu_seconds(process):
    with open(f"/proc/{process.pid}/stat", encoding="ascii") as stat:
        return sum(int(field) for field in stat.read().rsplit(")", 1)[1].split()[11:13]) / os.sysconf("SC_CLK_TCK")


class Server:
    def __init__(self, build, rows, folder):
        command = [f"{build}/bench/connector_ops", "--rows", str(rows), "serve", "--any-port"]
        self.process = subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, text=True)
        self.target = "localhost:" + re.search(r"port (\d+)", self.process.stdout.readline())[1]

    def end(self):
        """The peak of its memory in MiB, and its seconds of processor time."""
        with open(f"/proc/{self.process.pid}/status", encoding="ascii") as status:
            peak = int(re.search(r"VmHWM:\s+(\d+)", status.read())[1]) // 1024
        cpu = cpu_seconds(self.process)
        self.process.send_signal(signal.SIGTERM)
        self.process.communicate(timeout=60)
        return peak, cpu


class OfficialServer(Server):
    """The same connector, made with the official SDK; one Update is all that it serves."""

    def __init__(self, interpreter, rows):
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        self.target = f"127.0.0.1:{port}"
        self.process = subprocess.Popen([interpreter, "-B", "-c", SERVE, str(port)], cwd=OFFICIAL, env={**os.environ, "ROWS": str(rows)},
                                        stdout=subprocess.DEVNULL)


def run_client(*command, **options):
    """What it printed, and its seconds of processor time."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    out = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, **options).stdout
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return out, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def drain(build, server, *pause):
    """Records, seconds, processor time of the client; the server's peak and processor time."""
    out, cpu = run_client(f"{build}/bench/protocol_drain", server.target, *pause)
    count, seconds, _ = out.split()
    return int(count), float(seconds), cpu, *server.end()


def drive(build, server, rows, folder):
    """Seconds, pawl's peak and processor time; the server's."""
    out, cpu = run_client(f"{build}/src/pawl", "debug", "--connect", server.target, "--json", "--reset", cwd=folder,
                          stderr=subprocess.DEVNULL)
    report = json.loads(out)
    assert report["rows_committed"] == rows, report
    return report["elapsed_seconds"], report["peak_memory_bytes"] // 2**20, cpu, *server.end()


def serve_grpcio(interpreter, server):
    """Records a second, to the official SDK's stubs."""
    count, seconds = run_client(interpreter, "-c", CLIENT, server.target)[0].split()
    server.end()
    return int(count) / float(seconds)


def measure(build, options, folder):
    def server():
        return Server(build, options.rows, folder)

    drains = [drain(build, server()) for _ in range(options.runs)]
    drives = [drive(build, server(), options.rows, folder) for _ in range(options.runs)]
    slow = drain(build, Server(build, 10**9, folder), "20")
    assert all(run[0] == options.rows for run in drains), drains
    print(f"served to a client that throws away   {options.rows / statistics.median(run[1] for run in drains):10,.0f} records/s; "
          f"processor time: server {drains[-1][4]:.2f} s, client {drains[-1][2]:.2f} s; server's peak {max(run[3] for run in drains)} MiB")
    print(f"driven into a warehouse               {options.rows / statistics.median(run[0] for run in drives):10,.0f} records/s; "
          f"pawl's peak {max(run[1] for run in drives)} MiB, server's {max(run[3] for run in drives)} MiB")
    print(f"a client that reads slowly            server's peak {slow[3]} MiB")


def measure_official(interpreter, build, options, folder):
    rows = options.rows // 10
    for name, make, count in [("Pawl", lambda: Server(build, options.rows, folder), options.rows),
                              ("the official SDK", lambda: OfficialServer(interpreter, rows), rows)]:
        rates = [serve_grpcio(interpreter, make()) for _ in range(options.runs)]
        print(f"{name + ' serves, to its stubs':37} {statistics.median(rates):10,.0f} records/s, of {count:,}")
    drains = [drain(build, OfficialServer(interpreter, rows)) for _ in range(options.runs)]
    drives = [drive(build, OfficialServer(interpreter, rows), rows, folder) for _ in range(options.runs)]
    for name, runs in (("thrown away", drains), ("driven into a warehouse", drives)):
        own, server = (statistics.median(run[column] for run in runs) for column in (2, 4))
        print(f"{'the official SDK, ' + name:41} {own:6.2f} s of processor time, and {server:.2f} s of the SDK")


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--build", default="build")
    arguments.add_argument("--rows", type=int, default=2000000)
    arguments.add_argument("--runs", type=int, default=3)
    options = arguments.parse_args()
    build = os.path.abspath(options.build)
    fetched = [interpreter for folder in (build, f"{ROOT}/build", f"{ROOT}/build-debug")
               for interpreter in glob.glob(f"{folder}/tests/interop/python/bin/python3")]
    with tempfile.TemporaryDirectory() as folder:
        measure(build, options, folder)
        if fetched:
            measure_official(fetched[0], build, options, folder)
        else:
            print("the official SDK is not there; `tools/test interop` fetches it")


main()

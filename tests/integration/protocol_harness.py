"""tests/integration/protocol_harness.py: programs that serve Fivetran's contract, and what asks them: grpcio, with stubs made from
our proto files.

    with Server(box, "customers") as server:
        list(server.stub().Update(sdk.UpdateRequest()))
"""
import json
import os
import re
import signal
import sys
import threading

from harness import PROGRAMS, equal

sys.path.insert(0, os.environ["PAWL_STUBS"])
try:
    import grpc
    import connector_sdk_pb2 as sdk
    import connector_sdk_pb2_grpc as sdk_grpc
except ImportError as missing:
    print(f"1..0 # SKIP grpcio is missing: {missing}")
    sys.exit(0)


class Server:
    """A program that serves, from `with` on until it has ended, by SIGTERM, with status 0."""

    def __init__(self, box, program, *options):
        self.box, self.command = box, [PROGRAMS.get(program, program), "serve", "--any-port", *options]
        self.lines, self.channels = [], []

    def __enter__(self):
        self.process = self.box.start(*self.command)
        self.lines.append(self.process.stdout.readline())
        self.port = int(re.search(r"port (\d+)", self.lines[0])[1])
        self.reader = threading.Thread(target=lambda: self.lines.extend(self.process.stdout))
        self.reader.start()
        return self

    def channel(self, **options):
        channel = grpc.insecure_channel(f"127.0.0.1:{self.port}", **options)
        self.channels.append(channel)
        return channel

    def stub(self, **options):
        return sdk_grpc.SourceConnectorStub(self.channel(**options))

    def end(self):
        for channel in self.channels:
            channel.close()
        self.process.send_signal(signal.SIGTERM)
        return self.wait()

    def wait(self):
        status = self.process.wait(30)
        self.reader.join()
        errors = self.process.stderr.read()
        self.box.history.append("".join(self.lines) + errors)
        equal(errors, "")
        return status

    def __exit__(self, *exception):
        if self.process.poll() is None:
            equal(self.end(), 0)

    def log(self):
        return [json.loads(line) for line in self.lines]

    def memory_mib(self):
        with open(f"/proc/{self.process.pid}/status", encoding="ascii") as status:
            return int(re.search(r"VmRSS:\s+(\d+)", status.read())[1]) // 1024

    def cpu_seconds(self):
        with open(f"/proc/{self.process.pid}/stat", encoding="ascii") as stat:
            return sum(int(field) for field in stat.read().rsplit(")", 1)[1].split()[11:13]) / os.sysconf("SC_CLK_TCK")


def configuration(box, *operations, schema=None, **more):
    """The configuration that makes the scripted connector do that."""
    settings = box.script(*operations, schema=schema, **more)[2]
    box.history.append(f"{settings.name} was written")  # so that the next one has another name
    return json.loads(settings.read_text(encoding="utf-8"))


def request(box, *operations, schema=None, state=None, selection=None, **more):
    message = sdk.UpdateRequest(configuration=configuration(box, *operations, schema=schema, **more))
    if state is not None:
        message.state_json = state
    if selection is not None:
        message.selection.CopyFrom(selection)
    return message

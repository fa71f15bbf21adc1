"""PROGRAM serve, against clients that mean it no good: what they make it do is bounded, in memory and in time."""
import socket
import time

import tap
from harness import equal, table, test, upserts
from protocol_harness import Server, grpc, request, sdk_grpc

# pylint: disable=wrong-import-order
import common_pb2 as common

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
DATA, HEADERS, RST_STREAM, SETTINGS, PING, GOAWAY, WINDOW_UPDATE, CONTINUATION = 0, 1, 3, 4, 6, 7, 8, 9
ACK, END_STREAM, END_HEADERS = 1, 1, 4
MOST_MIB = 48      # that an attack may cost the server; sanitizers keep what is freed for a while
MOST_SECONDS = 20  # that it may last, on a machine that has much else to do


def frame(kind, flags, stream, payload=b""):
    return len(payload).to_bytes(3, "big") + bytes([kind, flags]) + stream.to_bytes(4, "big") + payload


def integer(value, bits):
    """An integer as HPACK has it (RFC 7541, 5.1), in the rest of a byte whose upper bits are 0."""
    most = (1 << bits) - 1
    if value < most:
        return bytes([value])
    rest, out = value - most, [most]
    while rest >= 128:
        out.append(rest % 128 + 128)
        rest //= 128
    return bytes(out + [rest])


def literal(name, value, first=b"\0"):
    return first + integer(len(name), 7) + name + integer(len(value), 7) + value


def call(path):
    return b"".join(literal(*pair) for pair in [
        (b":method", b"POST"), (b":scheme", b"http"), (b":authority", b"x"), (b":path", path), (b"content-type", b"application/grpc")])


SCHEMA = call(b"/fivetran_sdk.v2.SourceConnector/Schema")
UPDATE = call(b"/fivetran_sdk.v2.SourceConnector/Update")


class Client:
    def __init__(self, server, settings=b""):
        self.socket = socket.create_connection(("127.0.0.1", server.port), MOST_SECONDS)
        self.say(PREFACE + frame(SETTINGS, 0, 0, settings))

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self.socket.close()

    def say(self, data):
        """False when the server does not listen any more."""
        try:
            self.socket.sendall(data)
            return True
        except (BrokenPipeError, ConnectionResetError):
            return False

    def frames(self):
        """What the server says, to the end of the connection: (kind, stream, payload)."""
        heard = b""
        while True:
            while len(heard) >= 9 and len(heard) >= 9 + int.from_bytes(heard[:3], "big"):
                end = 9 + int.from_bytes(heard[:3], "big")
                yield heard[3], int.from_bytes(heard[5:9], "big"), heard[9:end]
                heard = heard[end:]
            try:
                got = self.socket.recv(65536)
            except ConnectionResetError:
                return
            if not got:
                return
            heard += got

    def is_ended(self):
        """True once the server has closed the connection, whatever it said before."""
        for _ in self.frames():
            pass
        return True


def check_service(server):
    """Others are served; for a moment the threads of what was cancelled may be all that there are."""
    stub, end = sdk_grpc.SourceConnectorStub(server.channel()), time.monotonic() + MOST_SECONDS
    while True:
        try:
            equal(len(stub.ConfigurationForm(common.ConfigurationFormRequest()).tests), 2)
            return
        except grpc.RpcError as error:
            equal(error.code(), grpc.StatusCode.RESOURCE_EXHAUSTED)
            assert time.monotonic() < end, error
            time.sleep(0.05)


def attack(box, program, act, most_mib=MOST_MIB):
    """Runs it against a server, which must have stayed within its bounds, and still serve others."""
    with Server(box, program) as server:
        check_service(server)
        before, start = server.memory_mib(), time.monotonic()
        act(server)
        seconds, cost = time.monotonic() - start, server.memory_mib() - before
        assert seconds < MOST_SECONDS, f"{seconds} s"
        assert cost < most_mib, f"{cost} MiB more than {before}"
        check_service(server)


@test
def headers_that_grow_by_compression(box):
    """One long header in the table, and then a byte for each time that it is meant: 16 KB are 50 MB."""
    bomb = literal(b"x", b"y" * 3900, first=b"\x40") + b"\xbe" * 12000

    def act(server):
        for _ in range(20):
            with Client(server) as client:
                client.say(frame(HEADERS, END_HEADERS | END_STREAM, 1, SCHEMA + bomb))
                assert any(kind in (RST_STREAM, GOAWAY) for kind, *_ in client.frames())

    attack(box, "customers", act)


@test
def headers_that_are_too_many_end_their_stream_alone(box):
    def act(server):
        with Client(server) as client:
            many = b"".join(literal(b"x%d" % number, b"y" * 1000) for number in range(70))
            block = SCHEMA + many
            client.say(frame(HEADERS, END_STREAM, 1, block[:16384]))
            for start in range(16384, len(block), 16384):
                last = END_HEADERS if start + 16384 >= len(block) else 0
                client.say(frame(CONTINUATION, last, 1, block[start:start + 16384]))
            client.say(frame(HEADERS, END_HEADERS, 3, SCHEMA) + frame(DATA, END_STREAM, 3, bytes(5)))
            heard = {}
            for kind, stream, _ in client.frames():
                heard.setdefault(stream, []).append(kind)
                if kind == DATA:
                    break
            equal((heard[1], heard[3]), ([RST_STREAM], [HEADERS, DATA]))

    attack(box, "customers", act)


@test
def headers_that_never_end(box):
    def act(server):
        with Client(server) as client:
            client.say(frame(HEADERS, 0, 1, SCHEMA))
            more = frame(CONTINUATION, 0, 1, literal(b"x", b"y" * 16000)) * 16
            assert not all(client.say(more) for _ in range(400)), "100 MB of headers were taken"

    attack(box, "customers", act)


@test
def calls_that_are_cancelled_at_once(box):
    def act(server):
        with Client(server) as client:
            for start in range(1, 20001, 200):
                pair = [frame(HEADERS, END_HEADERS, stream, SCHEMA) + frame(DATA, 0, stream, bytes(5)) +
                        frame(RST_STREAM, 0, stream, bytes([0, 0, 0, 8])) for stream in range(start, start + 200, 2)]
                if not client.say(b"".join(pair)):
                    break
            assert client.is_ended()

    attack(box, "customers", act)


@test
def settings_and_pings_whose_answers_nobody_reads(box):
    def act(server):
        for flood in (frame(SETTINGS, 0, 0, b"\0\4\0\0\xff\xff"), frame(PING, 0, 0, bytes(8))):
            with Client(server) as client:
                client.socket.settimeout(MOST_SECONDS)
                assert not all(client.say(flood * 10000) for _ in range(200)), "2,000,000 of them were taken"

    attack(box, "customers", act)


@test
def settings_of_too_many_entries(box):
    def act(server):
        with Client(server) as client:
            client.say(frame(SETTINGS, 0, 0, b"\0\4\0\0\xff\xff" * 2000))
            assert client.is_ended()

    attack(box, "customers", act)


@test
def windows_that_stay_shut(box):
    """Answers that nobody wants to have: each call keeps about 1 MiB, and no more, until the client is gone."""
    calls = 16
    schema = [table("t", "k", k="LONG", a="STRING")]
    message = request(box, upserts("t", "k", 1, 10**9, a="x" * 100), schema=schema).SerializeToString()
    body = b"\0" + len(message).to_bytes(4, "big") + message

    def act(server):
        with Client(server, settings=b"\0\4\0\0\0\0") as client:
            for number in range(calls):
                client.say(frame(HEADERS, END_HEADERS, 2 * number + 1, UPDATE) + frame(DATA, END_STREAM, 2 * number + 1, body))
            for number in range(calls):  # a byte at a time
                client.say(frame(WINDOW_UPDATE, 0, 2 * number + 1, b"\0\0\0\1") * 50)
            time.sleep(1)
            busy = server.cpu_seconds()
            time.sleep(1)
            assert server.cpu_seconds() - busy < 0.5, "it goes on working though nobody takes what it has"
        end = time.monotonic() + MOST_SECONDS
        while sum("Update: " in line for line in server.lines) < calls:
            assert time.monotonic() < end, "calls of a client that is gone go on"
            time.sleep(0.05)

    attack(box, "scripted", act, most_mib=8 * calls)


tap.main()

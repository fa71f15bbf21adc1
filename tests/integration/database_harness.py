"""tests/integration/database_harness.py: a database that `pawl serve` serves, and a client that keeps what it is sent as the
contract says: rows by their primary keys, and the state of the last checkpoint.

    from database_harness import served

    @served
    def an_update_sends_what_changed(shop):
        shop.source("CREATE TABLE t (id INTEGER PRIMARY KEY, updated_at TIMESTAMP)")
        with shop.serve() as server:
            shop.update(server)
            shop.same("t")

@served makes a test for each kind of source, @served("sqlite") for those that are named.
"""
import json
import subprocess
import sys
import urllib.parse

from google.protobuf.json_format import MessageToDict
from harness import PAWL, case, equal
from postgres_shop import Shop
from protocol_harness import Server, grpc, sdk
from sync_harness import DUCK_SQL, Pair, order_of

# pylint: disable=wrong-import-order
import common_pb2 as common

KINDS = ("sqlite", "duckdb", "postgres")

T = "CREATE TABLE t (id BIGINT PRIMARY KEY, v VARCHAR(80), updated_at TIMESTAMP NOT NULL)"
# More than all buffers between the two take, in few rows.
MANY = 30000
LONG = "CREATE TABLE t (id BIGINT PRIMARY KEY, v TEXT, updated_at TIMESTAMP NOT NULL)"


class Update:
    """What came of one: messages by kind, in their order, and the error that ended it."""

    def __init__(self):
        self.kinds, self.records, self.warnings, self.changes, self.states = [], [], [], [], []
        self.error = None

    def count(self, table="t"):
        return sum(record.table_name == table and record.type == common.UPSERT for record in self.records)

    def truncated(self):
        return [record.table_name for record in self.records if record.type == common.TRUNCATE]


class Client:
    """Keeps tables and state between updates."""

    def __init__(self, shop):
        self.shop, self.state, self.rows, self.keys = shop, None, {}, {}

    def learn(self, server):
        """The primary keys; tables that have none are held to be all key, as the platform does."""
        schema = server.stub().Schema(sdk.SchemaRequest(configuration=self.shop.configuration()))
        for each in schema.with_schema.schemas:
            for table in each.tables:
                names = [column.name for column in table.columns if column.primary_key]
                self.keys[each.name, table.name] = names or [column.name for column in table.columns]
        return schema.with_schema

    def apply(self, record):
        place = record.schema_name, record.table_name
        table = self.rows.setdefault(place, {})
        if record.type == common.TRUNCATE:
            table.clear()
            return
        equal(record.type, common.UPSERT)
        row = {name: text_of(value) for name, value in record.data.items()}
        table[tuple(row.get(name) for name in self.keys[place])] = row

    def take(self, message, update):
        kind = message.WhichOneof("operation")
        update.kinds.append(kind)
        if kind == "records":
            assert len(message.records.records) <= 100
            for record in message.records.records:
                update.records.append(record)
                self.apply(record)
        elif kind == "checkpoint":
            self.state = message.checkpoint.state_json
            assert json.loads(self.state)
            update.states.append(self.state)
        elif kind == "warning":
            update.warnings.append(message.warning.message)
        else:
            update.changes.append(MessageToDict(message.schema_change, preserving_proto_field_name=True))

    # pylint: disable=too-many-arguments
    def update(self, server, selection=None, checkpoints=None, records=None, fails=None, state=None, **settings):
        """One update; it is cancelled behind so many checkpoints, or records. `fails`: the status and message that it ends with."""
        self.learn(server)
        request = sdk.UpdateRequest(configuration=self.shop.configuration(**settings))
        if (state or self.state) is not None:
            request.state_json = state or self.state
        if selection is not None:
            request.selection.CopyFrom(selection)
        update = Update()
        call = server.stub().Update(request, timeout=100)
        try:
            for message in call:
                self.take(message, update)
                if len(update.states) == checkpoints or (records is not None and len(update.records) >= records):
                    call.cancel()
                    return update
        except grpc.RpcError as error:
            update.error = error.code(), error.details()
        equal(update.error, fails)
        return update


def text_of(value):
    kind = value.WhichOneof("inner")
    if kind == "null":
        return None
    inner = getattr(value, kind)
    if kind in ("naive_date", "naive_datetime", "utc_datetime"):
        return inner.ToJsonString()
    if kind == "bool":
        return str(inner).lower()
    return inner.hex() if kind == "binary" else str(inner)


class Mixin:
    """What a Pair and a Shop are beside."""

    def served(self):
        self.options, self.client = {}, Client(self)

    def location(self):
        return f"{self.kind}:{self.file}"

    def configuration(self, **settings):
        return {"source": self.location(), **self.options, **settings}

    def serve(self, *options):
        return Server(self, PAWL, *options)

    def update(self, server, **options):
        return self.client.update(server, **options)

    def sent(self, table="t", columns="id, v"):
        """The client's rows as lists of texts, in their order."""
        rows = self.client.rows.get((self.schema, table), {})
        return sorted(([row[name] for name in columns.split(", ")] for row in rows.values()), key=order_of)

    def same(self, table="t", columns="id, v"):
        """The client has the rows of the source, in these columns, which are no times."""
        equal(self.sent(table, columns), self.there(table, columns))


class File(Mixin, Pair):
    schema = "main"


class Postgres(Mixin, Shop):
    schema = "public"

    def location(self):
        return f"postgres://{self.user}:{urllib.parse.quote(self.password)}@127.0.0.1:{self.port}/{self.database}"


def served(*kinds):
    """As @served, or @served("sqlite", ...)."""
    if callable(kinds[0]):
        return served(*KINDS)(kinds[0])

    def add(function):
        for kind in kinds:
            def run(box, kind=kind):
                shop = Postgres(box.folder) if kind == "postgres" else File(box.folder, kind)
                shop.history = box.history
                shop.served()
                try:
                    function(shop)
                finally:
                    if kind == "postgres":
                        shop.drop()
            case(f"{function.__name__.replace('_', ' ')}, {kind}", run)
        return function
    return add


# ---- what several files of tests ask for

def fill(shop, first, last, at="2024-01-01 00:00:00", table="t"):
    shop.insert(table, [[number, f"v{number}", at] for number in range(first, last + 1)])


def try_test(shop, server, name, **settings):
    response = server.stub().Test(common.TestRequest(name=name, configuration=shop.configuration(**settings)))
    return True if response.success else response.failure


def fill_long(shop):
    text = "replace(hex(zeroblob(500)), '00', 'x' || 'y')" if shop.kind == "sqlite" else "repeat('xy', 500)"
    numbers = {"sqlite": f"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {MANY})",
               "duckdb": f"WITH n(i) AS (FROM range({MANY}))",
               "postgres": f"WITH n(i) AS (SELECT generate_series(1, {MANY}))"}[shop.kind]
    at = "'2024-01-01 00:00:00'" if shop.kind == "sqlite" else "TIMESTAMP '2024-01-01 00:00:00'"
    shop.source(LONG, f"INSERT INTO t {numbers} SELECT i, {text}, {at} FROM n")


def refuses_writers(shop):
    """Who reads the file still keeps writers of other processes out."""
    if shop.kind == "duckdb":
        command = [str(DUCK_SQL), str(shop.file)]
    else:
        command = [sys.executable, "-c", "import sqlite3, sys; sqlite3.connect(sys.argv[1], timeout=0, isolation_level=None)"
                   ".execute(sys.stdin.read())", str(shop.file)]
    finished = subprocess.run(command, input="UPDATE t SET v = 'torn'", capture_output=True, text=True, check=False)
    assert finished.returncode != 0 and "lock" in finished.stderr, finished

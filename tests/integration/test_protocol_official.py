"""The official SDK for Python, which nobody here wrote: its server under `pawl debug FOLDER`, and its stubs as a client of `serve`.

Needs fivetran-connector-sdk 2.12.1 (PyPI) for the interpreter that PAWL_OFFICIAL_PYTHON names, python3 otherwise; skipped without.
"""
import json
import os
import subprocess
import sys

import tap
from harness import PAWL, PROGRAMS, Sync, equal, test
from protocol_harness import Server

PYTHON = os.environ.get("PAWL_OFFICIAL_PYTHON", "python3")
if subprocess.run([PYTHON, "-c", "import fivetran_connector_sdk"], capture_output=True, check=False).returncode != 0:
    print(f"1..0 # SKIP '{PYTHON}' has no fivetran_connector_sdk; PAWL_OFFICIAL_PYTHON names an interpreter that has it")
    sys.exit(0)

CUSTOMERS = '''
from fivetran_connector_sdk import Connector, Logging as log, Operations as op

ROWS = [(1, "Mathew", "Perry", "mathew@fivetran.com", "2023-12-31T23:59:59Z"), (2, "Joe", "Doe", "joe@fivetran.com",
        "2024-01-31T23:04:39Z"), (3, "Jake", "Anderson", "jake@fivetran.com", "2023-11-01T23:59:59Z"), (4, "John", "William",
        "john@fivetran.com", "2024-02-14T22:59:59Z"), (5, "Ricky", "Roma", "ricky@fivetran.com", "2024-03-16T16:40:29Z")]
NAMES = ["customer_id", "first_name", "last_name", "email", "updated_at"]


def schema(configuration):
    return [{"table": "customers", "primary_key": ["customer_id"], "columns": {"customer_id": "INT", "first_name": "STRING",
             "last_name": "STRING", "email": "STRING", "updated_at": "UTC_DATETIME"}}]


def update(configuration, state):
    cursor = state.get("last_updated_at", "2024-01-01T00:00:00Z")
    for row in sorted(ROWS, key=lambda row: row[4]):
        if row[4] > cursor:
            op.upsert("customers", dict(zip(NAMES, row)))
    op.checkpoint({"last_updated_at": max(cursor, ROWS[4][4])})


connector = Connector(update=update, schema=schema)
'''

EVERYTHING = '''
import datetime
from fivetran_connector_sdk import Connector, Operations as op

TYPES = {"b": "BOOLEAN", "s": "SHORT", "i": "INT", "l": "LONG", "d": {"type": "DECIMAL", "precision": 38, "scale": 10},
         "f": "FLOAT", "g": "DOUBLE", "day": "NAIVE_DATE", "n": "NAIVE_DATETIME", "u": "UTC_DATETIME", "bin": "BINARY",
         "x": "XML", "t": "STRING", "j": "JSON"}


def schema(configuration):
    return [{"table": "t", "primary_key": ["k"], "columns": {"k": "LONG", **TYPES}},
            {"table": "ops", "primary_key": ["k"], "columns": {"k": "LONG", "a": "STRING"}}]


def update(configuration, state):
    op.upsert("t", {"k": 1, "b": False, "s": -2**15, "i": -2**31, "l": -2**63, "d": "-" + "9" * 28 + "." + "9" * 10, "f": 0.5,
                    "g": 5e-324, "day": "2024-02-29", "n": "2024-02-29T23:59:59.999999", "u": "2024-02-29T23:59:59.999999Z",
                    "bin": bytes(range(256)), "x": "<a/>", "t": "gr\\u00fc\\u00df", "j": {"a": [1, None]}})
    op.upsert("t", {"k": 2, **dict.fromkeys(TYPES)})
    for k in (1, 2, 3):
        op.upsert("ops", {"k": k, "a": "x"})
    op.checkpoint({"n": 1})
    op.truncate("ops")
    op.upsert("ops", {"k": 1, "a": "back"})
    op.upsert("ops", {"k": 4, "a": "x"})
    op.update("ops", {"k": 4, "a": "y"})
    op.delete("ops", {"k": 1})
    op.warning("look here")
    op.upsert("free", {"whole": 1, "text": "x", "yes": True, "half": 0.5})
    op.checkpoint({"n": 2})


connector = Connector(update=update, schema=schema)
'''

CLIENT = '''
import json, sys
import grpc
from fivetran_connector_sdk.protos import common_pb2 as common, connector_sdk_pb2 as sdk, connector_sdk_pb2_grpc as sdk_grpc

stub = sdk_grpc.SourceConnectorStub(grpc.insecure_channel("127.0.0.1:" + sys.argv[1], compression=grpc.Compression.Gzip))
form = stub.ConfigurationForm(common.ConfigurationFormRequest())
tests = [stub.Test(common.TestRequest(name=test.name)).success for test in form.tests]
columns = stub.Schema(sdk.SchemaRequest()).without_schema.tables[0].columns
rows, state = [], None
for response in stub.Update(sdk.UpdateRequest(state_json="{}")):
    for record in response.structured_records.structured_records:
        rows.append([record.data["customer_id"].int, record.data["email"].string, record.data["updated_at"].utc_datetime.seconds])
    state = response.checkpoint.state_json or state
print(json.dumps([tests, [[column.name, column.type, column.primary_key] for column in columns], rows, state]))
'''


def project(box, name, text):
    folder = box.folder / name
    folder.mkdir()
    (folder / "connector.py").write_text(text, encoding="utf-8")
    return folder


def debug(box, folder, **options):
    return Sync(box.run(PAWL, "debug", folder, "--python", PYTHON, "--json", **options), True)


@test
def a_connector_in_python_ends_like_the_one_in_c(box):
    box.run(PROGRAMS["customers"], "debug", "--warehouse", "c.db", "--state", "c.json")
    folder = project(box, "customers", CUSTOMERS)
    first, second = debug(box, folder), debug(box, folder)
    equal((first.report["operations"]["upserts"], first.report["checkpoints"]), (3, 1))
    equal((second.report["operations"]["upserts"], second.report["checkpoints"]), (0, 1))
    rows = "SELECT * EXCLUDE (_fivetran_synced) FROM tester.customers ORDER BY ALL"
    equal(box.rows(rows), box.rows(rows, "c.db"))
    equal(json.loads(box.state_file()), json.loads(box.state_file("c.json")))


@test
def every_type_and_operation(box):
    sync = debug(box, project(box, "everything", EVERYTHING))
    equal(sync.report["operations"], {"upserts": 8, "updates": 1, "deletes": 1, "truncates": 1})
    assert any("look here" in line for line in sync.log), sync.log
    row = box.rows("SELECT * EXCLUDE (bin), hex(bin) AS bin FROM tester.t WHERE k = 1")[0]
    equal([str(row[name]) for name in ("b", "s", "i", "l", "d", "f", "g", "day", "n", "u", "x", "t", "j", "bin")], [
        "False", "-32768", "-2147483648", "-9223372036854775808", "-" + "9" * 28 + "." + "9" * 10, "0.5", "5E-324", "2024-02-29",
        "2024-02-29 23:59:59.999999", "2024-02-29 23:59:59.999999+00", "<a/>", "gr\u00fc\u00df", '{"a": [1, null]}',
        bytes(range(256)).hex().upper()])
    equal(box.table("ops"), [dict(k=1, a="back", deleted=True), dict(k=2, a="x", deleted=True), dict(k=3, a="x", deleted=True),
                             dict(k=4, a="y")])
    equal(box.types("free"), {"_fivetran_id": "VARCHAR", "whole": "BIGINT", "text": "VARCHAR", "yes": "BOOLEAN", "half": "FLOAT"})


@test
def its_stubs_as_a_client(box):
    with Server(box, "customers") as server:
        tests, columns, rows, state = json.loads(box.run(PYTHON, "-c", CLIENT, str(server.port)).stdout)
    equal(tests, [True, True])
    equal(columns, [["customer_id", 3, True], ["first_name", 13, False], ["last_name", 13, False], ["email", 13, False],
                    ["updated_at", 10, False]])
    equal(rows, [[2, "joe@fivetran.com", 1706742279], [4, "john@fivetran.com", 1707951599], [5, "ricky@fivetran.com", 1710607229]])
    equal(state, '{"last_updated_at": "2024-03-16T16:40:29Z"}')


tap.main()

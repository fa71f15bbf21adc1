"""The twin of tests/connectors/scripted.c, made with the official SDK: it does what a script says, in the same words. As there, the
configuration's "script" names a file with one JSON object a line.

Two lines are of this one alone: {"op": "schema", "python": [...]} has what schema() returns as it is, and {"op": "raise",
"text": "..."} raises. With WITHOUT_SCHEMA in the environment it has no schema().
"""
import json
import os
import re

from fivetran_connector_sdk import Connector, Logging as log, Operations as op

# As an author in Python has them: decimals and XML as text, documents as what they hold.
VALUES = {
    "binary": bytes.fromhex, "decimal": str, "double": float, "float": float, "json": json.loads, "string": str,
    "text": lambda hexadecimal: bytes.fromhex(hexadecimal).decode(), "unsigned": int, "xml": str,
    "repeat": lambda payload: payload[0] * payload[1],
}


def script(configuration):
    with open(configuration["script"], encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def value(thing):
    if not isinstance(thing, dict):
        return thing
    (kind, payload), = thing.items()
    return VALUES[kind](payload)


def fields(line):
    return {name: value(thing) for name, thing in line["fields"]}


def column_type(name):
    decimal = re.fullmatch(r"DECIMAL\((\d+),(\d+)\)", name)
    return {"type": "DECIMAL", "precision": int(decimal[1]), "scale": int(decimal[2])} if decimal else name


def table(line):
    entry = {"table": line["table"]}
    if line["primary_key"] is not None:
        entry["primary_key"] = line["primary_key"]
    entry["columns"] = {name: column_type(kind) for name, kind in line["columns"]}
    return entry


def schema(configuration):
    tables = []
    for line in script(configuration):
        if line["op"] == "schema":
            tables += line["python"] if "python" in line else [table(entry) for entry in line["tables"]]
    return tables


def upserts(line):
    for key in range(line["first"], line["last"] + 1):
        op.upsert(line["table"], {line["key"]: key, **fields(line)})


def say(line):
    getattr(log, line["level"])(line["text"])


def fail(line):
    raise ValueError(line["text"])


OPERATIONS = {
    "schema": lambda line: None,
    "upsert": lambda line: op.upsert(line["table"], fields(line)),
    "upserts": upserts,
    "update": lambda line: op.update(line["table"], fields(line)),
    "delete": lambda line: op.delete(line["table"], fields(line)),
    "truncate": lambda line: op.truncate(line["table"]),
    "checkpoint": lambda line: op.checkpoint(fields(line)),
    "checkpoint_json": lambda line: op.checkpoint(json.loads(line["json"])),
    "warning": lambda line: op.warning(line["text"]),
    "fail": lambda line: op.error(line["text"]),
    "log": say,
    "raise": fail,
}


def update(configuration, state):
    for line in script(configuration):
        if line["op"] == "state":
            log.info(f"state {line['key']}: {json.dumps(state)}")
        else:
            OPERATIONS[line["op"]](line)


connector = Connector(update=update, schema=None if "WITHOUT_SCHEMA" in os.environ else schema)

"""tests/interop/limits.py: every type at its limits, as a script for the scripted connectors, and as it goes over the wire.

Of each type the first values are in the first row and so on; a type that has no more is NULL, and in the last row all are.
"""
import itertools
import math

import harness
import wire

# In the documents below Python's json finds what it would write itself, so that a connector in Python sends the same bytes.
DOCUMENTS = ['{"a": [1, null, true, 0.5, "b"]}', '"\\ud83d\\udc27"', str(10**40), '""']
# The rest can be sent from C alone: a null that is a document, numbers that no double holds, blanks, and keys that are there twice.
DOCUMENTS_AS_THEY_ARE = ["null", "1e400", ' [1,\n2 ]', '{"a":0.10,"a":1}']

TEXTS = ["", "gr\u00fc\u00df \U0001f427 \u0800\U0010ffff", "\ufeffe\u0301", "\x01\t\r\n\x7f", "NULL"]
MARKUP = ["", "<a b=\"c\">&lt;\U0001f427</a>", "<", " ", "NULL"]
NINES = "9" * 28 + "." + "9" * 10

# The column: its type, the member that has it on the wire, and the values.
COLUMNS = {
    "boolean": ("BOOLEAN", "bool", [False, True]),
    "short": ("SHORT", "short", [-2**15, 2**15 - 1, 0, -1]),
    "int": ("INT", "int", [-2**31, 2**31 - 1, 0, -1]),
    "long": ("LONG", "long", [-2**63, 2**63 - 1, 0, 2**53 + 1, -(2**53) - 1]),
    "decimal": ("DECIMAL(38,10)", "decimal", [NINES, "-" + NINES, "0.0000000000", "0.0000000001", "-0.0000000001"]),
    "whole": ("DECIMAL(38,0)", "decimal", ["9" * 38, "-" + "9" * 38, "0", "1"]),
    "fraction": ("DECIMAL(38,38)", "decimal", ["0." + "9" * 38, "-0." + "9" * 38, "0." + "0" * 37 + "1"]),
    "float": ("FLOAT", "float", [3.4028234663852886e38, -3.4028234663852886e38, 1.401298464324817e-45, math.nan, math.inf,
                                 -math.inf,
                                 -0.0]),
    "double": ("DOUBLE", "double", [1.7976931348623157e308, -1.7976931348623157e308, 5e-324, math.nan, math.inf, -math.inf, -0.0,
                                    0.1]),
    "date": ("NAIVE_DATE", "naive_date", ["0001-01-01", "9999-12-31", "1970-01-01", "1969-12-31", "2024-02-29"]),
    "local": ("NAIVE_DATETIME", "naive_datetime", ["0001-01-01T00:00:00", "9999-12-31T23:59:59.999999", "1970-01-01T00:00:00",
                                                   "1969-12-31T23:59:59.999999"]),
    "instant": ("UTC_DATETIME", "utc_datetime", ["0001-01-01T00:00:00", "9999-12-31T23:59:59.999999", "1970-01-01T00:00:00",
                                                 "1969-12-31T23:59:59.999999"]),
    "binary": ("BINARY", "binary", [b"", bytes(range(256)), b"\0", b"NULL"]),
    "xml": ("XML", "xml", MARKUP),
    "string": ("STRING", "string", TEXTS),
    "json": ("JSON", "json", DOCUMENTS),
}


def scripted(member, content):
    """The value as the script says it."""
    if member == "utc_datetime":
        return content + "Z"
    if member in ("float", "double"):
        return {member: str(content)}
    if member in ("decimal", "xml", "json"):
        return {member: content}
    return content


def cells(name, values):
    """(as the script says it, as it is on the wire) of one column, row by row."""
    member = COLUMNS[name][1]
    return [(scripted(member, content), (member, content)) for content in values]


def rows(**more):
    """Each row as {column: cell}; `more` has values of a column that come after those of the table."""
    columns = {name: cells(name, values + more.get(name, [])) for name, (_, _, values) in COLUMNS.items()}
    for row in itertools.zip_longest(*columns.values(), fillvalue=(None, None)):
        yield dict(zip(columns, row))
    yield dict.fromkeys(columns, (None, None))


SCHEMA = [harness.table("limits", "row", row="INT", **{name: kind for name, (kind, _, _) in COLUMNS.items()})]


def script(**more):
    return [harness.upsert("limits", row=number, **{name: cell[0] for name, cell in row.items()})
            for number, row in enumerate(rows(**more))]


def records(**more):
    return [wire.upsert("limits", row=("int", number), **{name: cell[1] for name, cell in row.items()})
            for number, row in enumerate(rows(**more))]

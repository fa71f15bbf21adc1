"""tests/interop/wire.py: what the clients print of an Update, as a table of expectations says it.

    upsert("t", k=("long", 1), at=("utc_datetime", "2024-02-29T10:00:00"), note=None)
    checkpoint('{"n": 1}')

A value is a member of ValueType and its content, or None. The clients print numbers that JSON does not keep as text: a long in
decimal, floats and doubles as their bits, times as seconds since 1970 and nanoseconds, bytes in hexadecimal.
"""
import datetime
import struct

class Anything:
    """Equal to whatever it is compared with: for what follows from the time, or stands in another test."""

    def __eq__(self, other):
        return True

    def __repr__(self):
        return "anything"


ANY = Anything()
EPOCH = datetime.datetime(1970, 1, 1)


def bits(number, form):
    return struct.pack(form, number).hex()


def timestamp(text):
    since = datetime.datetime.fromisoformat(text) - EPOCH
    return [str(since.days * 86400 + since.seconds), since.microseconds * 1000]


WRITTEN = {"long": str, "float": lambda number: bits(number, ">f"), "double": lambda number: bits(number, ">d"),
           "binary": bytes.hex,
           "naive_date": timestamp, "naive_datetime": timestamp, "utc_datetime": timestamp}


def value(pair):
    if pair is None:
        return {"null": True}
    member, content = pair
    return {member: WRITTEN.get(member, lambda content: content)(content)}


def record(kind, table, fields):
    return [table, kind, {name: value(pair) for name, pair in fields.items()}]


def upsert(table, **fields):
    return record("UPSERT", table, fields)


def update(table, **fields):
    return record("UPDATE", table, fields)


def delete(table, **fields):
    return record("DELETE", table, fields)


def truncate(table):
    return record("TRUNCATE", table, {})


def checkpoint(state):
    return {"checkpoint": {"state_json": state}}


def unbatched(responses):
    """Records and other messages in their order, however many records a message has."""
    return [each for response in responses for each in response.get("records", [response])]

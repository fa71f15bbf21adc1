"""tests/interop/subjects.py: the programs that serve, and what each must answer: a row for a program. To add one, add a row."""
import dataclasses
import subprocess
import typing

import limits
import wire
from harness import BUILD, PAWL
from protocol_harness import configuration
from wire import checkpoint, upsert

OWN_TESTS = [{"name": "configuration", "label": "The settings are complete"},
             {"name": "schema", "label": "The tables can be listed"}]


def form(*fields, tests=()):
    answer = {"table_selection_supported": True, "tests": OWN_TESTS + list(tests)}
    return {"fields": list(fields), **answer} if fields else answer


def column(name, kind, is_key=False, decimal=None):
    answer = {"name": name, "type": kind}
    if is_key:
        answer["primary_key"] = True
    if decimal is not None:
        answer["params"] = {"decimal": decimal}
    return answer


def tables(**columns):
    return {"without_schema": {"tables": [{"name": name, "columns": each} for name, each in columns.items()]}}


def selection(*chosen, **options):
    return {"without_schema": {"tables": list(chosen), **options}}


@dataclasses.dataclass
class Subject:
    """A program with its options, the configuration that it is given, and what it answers: to ConfigurationForm, to Test (by the
    test's name), to Schema, and to Updates. Of these each is a request without its configuration, and the records and other messages
    that answer it, in their order; wire.ANY as the state is that of the last checkpoint before it."""
    name: str
    program: typing.Any
    updates: list
    options: tuple = ()
    configure: typing.Callable = lambda box: {}
    form: dict = dataclasses.field(default_factory=form)
    tests: dict = dataclasses.field(default_factory=lambda: {"configuration": {"success": True}, "schema": {"success": True}})
    schema: dict = dataclasses.field(default_factory=lambda: {"schema_response_not_supported": True})


# ---- customers ---------------------------------------------------------------------------------------------------------

def customer(number, first, last, email, at):
    return upsert("customers", customer_id=("int", number), first_name=("string", first), last_name=("string", last),
                  email=("string", email), updated_at=("utc_datetime", at))


CUSTOMERS = [customer(2, "Joe", "Doe", "joe@fivetran.com", "2024-01-31T23:04:39"),
             customer(4, "John", "William", "john@fivetran.com", "2024-02-14T22:59:59"),
             customer(5, "Ricky", "Roma", "ricky@fivetran.com", "2024-03-16T16:40:29")]
NEWEST = '{"last_updated_at": "2024-03-16T16:40:29Z"}'


def without(records, *names):
    return [[table, kind, {name: cell for name, cell in data.items() if name not in names}] for table, kind, data in records]


def customers_columns(key):
    return tables(customers=[column("customer_id", key, True), column("first_name", "STRING"), column("last_name", "STRING"),
                             column("email", "STRING"), column("updated_at", "UTC_DATETIME")])


customers = Subject(
    "customers", "customers", schema=customers_columns("INT"), updates=[
        ({}, CUSTOMERS + [checkpoint(NEWEST)]),
        ({"state_json": ""}, CUSTOMERS + [checkpoint(NEWEST)]),
        ({"state_json": "{}"}, CUSTOMERS + [checkpoint(NEWEST)]),
        ({"state_json": NEWEST}, [checkpoint(NEWEST)]),
        ({"state_json": '{"last_updated_at": "2024-02-14T22:59:59Z"}'}, [CUSTOMERS[2], checkpoint(NEWEST)]),
        ({"selection": selection(
            {"included": True, "table_name": "customers", "columns": {"email": False, "customer_id": False},
             "include_new_columns": True})},
         without(CUSTOMERS, "email") + [checkpoint(NEWEST)]),
        ({"selection": selection({"included": True, "table_name": "customers", "columns": {"last_name": True}})},
         without(CUSTOMERS, "first_name", "email", "updated_at") + [checkpoint(NEWEST)]),
        ({"selection": selection({"included": False, "table_name": "customers"})}, [checkpoint(NEWEST)]),
    ])


# ---- customers_keyset --------------------------------------------------------------------------------------------------

def generated(number, first, last):
    return upsert("customers", customer_id=("long", number), first_name=("string", first), last_name=("string", last),
                  email=("string", f"customer{number}@example.com"), updated_at=("utc_datetime", "2024-01-01T00:00:00.000001"))


def position(number):
    return checkpoint(f'{{"updated_at_us": 1704067200000001, "customer_id": {number}}}')


KEYSET = [generated(1, "Ada", "Lovelace"), generated(2, "Edgar", "Codd"), position(2), generated(3, "Grace", "Hopper"), position(3)]

customers_keyset = Subject(
    "customers_keyset", "customers_keyset", options=("--rows", "3", "--page", "2"), schema=customers_columns("LONG"), updates=[
        ({}, KEYSET),
        ({"state_json": KEYSET[2]["checkpoint"]["state_json"]}, KEYSET[3:]),
        ({"state_json": KEYSET[4]["checkpoint"]["state_json"]}, KEYSET[4:]),
    ])


# ---- ledger ------------------------------------------------------------------------------------------------------------

def entry(operation, book, line, **more):
    return operation("entries", book=("string", book), line=("long", line), **more)


def amount(number, **more):
    return {"amount": ("long", number), **more}


def memo(text):
    return {"memo": ("string", text)}


ACTS = [
    [
        entry(upsert, "cash", 1, **amount(100), **memo("opening")), entry(upsert, "cash", 2, **amount(200), **memo("rent")),
        entry(upsert, "bank", 1, **amount(300)), entry(wire.update, "cash", 2, **amount(250)),
        entry(upsert, "cash", 1, **amount(110)),
        entry(wire.update, "cash", 9, **amount(1)), entry(wire.delete, "bank", 1), entry(wire.delete, "bank", 9),
        checkpoint('{"act": 1}'),
    ], [
        entry(wire.update, "bank", 1, **memo("late fee")),
        upsert("readings", meter=("string", "north"), hour=("long", 1), value=("long", 20)),
        entry(upsert, "bank", 1, **amount(310)), entry(wire.update, "cash", 2, currencyCode=("string", "EUR")),
        entry(wire.update, "cash", 2, memo=None), entry(upsert, "bank", 2, amount=("decimal", "1234567890123456789012.25")),
        upsert("readings", meter=("string", "north"), hour=("long", 2), value=("double", 20.5)),
        entry(upsert, "cash", 3, **amount(30), **memo("draft")), entry(wire.delete, "cash", 3),
        entry(upsert, "cash", 3, **amount(33)),
        checkpoint('{"act": 2}'),
    ], [
        entry(upsert, "cash", 4, **amount(40), **memo("last of the year")), wire.truncate("entries"),
        entry(upsert, "cash", 1, **amount(120), **memo("brought forward")), entry(wire.update, "cash", 2, **amount(260)),
        checkpoint('{"act": 2}'), entry(upsert, "bank", 3, amount=("decimal", "0.50")), entry(wire.delete, "cash", 4),
        checkpoint('{"act": 3}'),
    ], [
        upsert("kinds", day=("naive_date", "2024-02-29"), name=("string", "large"), order=("long", 2**63 - 1),
               counter=("decimal", str(2**64 - 1)), flag=("bool", True), ratio=("float", 1.5),
               measure=("double", 1.7976931348623157e308),
               price=("decimal", "99999999999999999999999999.999999999999"),
               local_time=("naive_datetime", "2024-02-29T23:59:59.999999"),
               instant=("utc_datetime", "2024-02-29T23:59:59.999999"), bytes=("binary", b"\0A\xff"),
               text=("string", 'Zo\u00eb said "no, thanks"'), document=("json", '{"big": 123456789012345678901234567890}'),
               markup=("xml", '<a b="c"/>')),
        upsert("kinds", day=("naive_date", "0001-01-01"), name=("string", "small"), order=("long", -2**63), counter=("long", 0),
               flag=("bool", False), ratio=("float", -0.25), measure=("double", -0.1), price=("decimal", "-0.000000000001"),
               local_time=("naive_datetime", "1969-12-31T23:59:59.999999"), instant=("utc_datetime", "1969-12-31T23:59:59.999999"),
               bytes=("binary", b""), text=("string", ""), document=("json", "[]"), markup=("xml", "")),
        upsert("kinds", day=("naive_date", "1970-01-01"), name=("string", "none"), text=None),
        upsert("journal", event=("string", "year closed"), entries=("long", 7)),
        upsert("journal", event=("string", "year closed"), entries=("long", 7)),
        upsert("journal", event=("string", "books audited"), entries=("long", 7)), checkpoint('{"act": 4}'),
    ], [
        checkpoint('{"act": 4}'),
    ],
]

# What it declares in each sync, before the first operation.
DECLARED = [{"schema_change": tables(**{table: [{"name": name, "primary_key": True} for name in key]})}
            for table, *key in [("entries", "book", "line"), ("readings", "meter", "hour"), ("kinds", "day", "name")]]

ledger = Subject(
    "ledger", "ledger",
    updates=[({"state_json": f'{{"act": {done}}}'} if done else {}, DECLARED + act) for done, act in enumerate(ACTS)])


# ---- every type, and a form ----------------------------------------------------------------------------------------------

def limits_columns():
    decimals = {"decimal": (38, 10), "whole": (38, 0), "fraction": (38, 38)}
    columns = [column("row", "INT", True)]
    for name, (kind, _, _) in limits.COLUMNS.items():
        digits = decimals.get(name)
        params = digits and {part: number for part, number in zip(("precision", "scale"), digits) if number != 0}
        columns.append(column(name, kind.split("(")[0], decimal=params))
    return tables(limits=columns)


MORE = {"json": limits.DOCUMENTS_AS_THEY_ARE}

every_type = Subject(
    "every type at its limits", "scripted", schema=limits_columns(), updates=[({}, limits.records(**MORE) + [checkpoint("{}")])],
    configure=lambda box: configuration(box, *limits.script(**MORE), schema=limits.SCHEMA))


def field(name, label, is_required=False, **more):
    return {"name": name, "label": label, "required": is_required, **more}


SETTINGS = {"host": "here", "password": "hunter2", "mode": "tunnel", "tunnel_host": "t", "tls": "true"}

formed = Subject(
    "a form of its own", BUILD / "tests/connectors/formed", configure=lambda box: SETTINGS,
    form=form(
        field("host", "Host", True, description="Where it is", placeholder="db.example", text_field="PlainText"),
        field("password", "Password", True, text_field="Password"),
        field("mode", "mode", default_value="direct", dropdown_field={"dropdown_field": ["direct", "tunnel"]}),
        {"name": "tunnel_host", "label": "tunnel_host", "conditional_fields": {
            "condition": {"condition_field": "mode", "string_value": "tunnel"},
            "fields": [field("tunnel_host", "tunnel_host", True, text_field="PlainText")]}},
        field("tls", "tls", toggle_field={}), tests=[{"name": "connect", "label": "The database answers"}]),
    tests={"configuration": {"success": True}, "schema": {"success": True}, "connect": {"success": True}},
    updates=[({}, [upsert("settings", host=("string", "here")), checkpoint("{}")])])

# ---- a database --------------------------------------------------------------------------------------------------------

# The columns of limits.COLUMNS in a DuckDB file, where some types have other names. XML is no type there.
SQL_TYPES = {"SHORT": "SMALLINT", "INT": "INTEGER", "LONG": "BIGINT", "NAIVE_DATE": "DATE", "NAIVE_DATETIME": "TIMESTAMP",
             "UTC_DATETIME": "TIMESTAMPTZ", "BINARY": "BLOB", "STRING": "VARCHAR"}
KEPT = {name: SQL_TYPES.get(kind, kind) for name, (kind, _, _) in limits.COLUMNS.items() if kind != "XML"}
CHANGED = "2024-01-01T00:00:00"


def sql(content, kind):
    if content is None:
        return "NULL"
    if isinstance(content, bytes):
        content = "".join(f"\\x{byte:02x}" for byte in content)
    text = str(content).replace("'", "''") + ("Z" if kind == "TIMESTAMPTZ" else "")
    return f"'{text}'::{kind}"


def cells(row):
    return {name: row[name][1] for name in KEPT}


def limits_database(box):
    """A DuckDB file with the table of limits, each row of which has changed at the same moment."""
    columns = ", ".join(f'"{name}" {kind}' for name, kind in KEPT.items())
    lines = [f'CREATE TABLE limits ("row" INTEGER PRIMARY KEY, {columns}, changed TIMESTAMP NOT NULL)']
    for number, row in enumerate(limits.rows()):
        values = [sql(pair and pair[1], KEPT[name]) for name, pair in cells(row).items()]
        lines.append(f"INSERT INTO limits VALUES ({number}, {', '.join(values)}, '{CHANGED}')")
    subprocess.run([BUILD / "tests/tools/duck_sql", "limits.duckdb"], cwd=box.folder, input=";\n".join(lines) + ";\n", text=True,
                   check=True, capture_output=True)
    return {"source": f"duckdb:{box.folder}/limits.duckdb", "clock": "database"}


def limits_records(*left_out):
    records = [upsert("main.limits", row=("int", number), **cells(row), changed=("naive_datetime", CHANGED))
               for number, row in enumerate(limits.rows())]
    return without(records, *left_out)


def database_columns():
    columns = [each for each in limits_columns()["without_schema"]["tables"][0]["columns"] if each["name"] in ("row", *KEPT)]
    return {"with_schema": {"schemas": [{"name": "main", "tables": [
        {"name": "limits", "columns": columns + [column("changed", "NAIVE_DATETIME")]}]}]}}


SELECTED = {"with_schema": {"schemas": [{"included": True, "schema_name": "main", "tables": [
    {"included": True, "table_name": "limits", "columns": {"string": False, "row": False}, "include_new_columns": True}]}]}}
STATE = checkpoint(wire.ANY)

database = Subject(
    "pawl serve", PAWL, configure=limits_database, form=wire.ANY, schema=database_columns(),
    tests={name: {"success": True} for name in ("connection", "tables", "keys")},
    updates=[({}, [STATE, *limits_records(), STATE]), ({"state_json": wire.ANY}, [STATE]),
             ({"selection": SELECTED}, [STATE, *limits_records("string"), STATE])])

SUBJECTS = [customers, customers_keyset, ledger, every_type, formed, database]

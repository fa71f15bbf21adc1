"""pawl serve: each type of the databases as what it is sent, value by value, at its limits."""
import json

import tap
from database_harness import Client, served
from harness import equal
from protocol_harness import grpc

# pylint: disable=wrong-import-order
import common_pb2 as common

INVALID = grpc.StatusCode.INVALID_ARGUMENT

# Of each column: its type, a value, what it is sent as, and the value there.
DUCKDB_TYPES = [
    ("BOOLEAN", "true", "BOOLEAN", "true"), ("TINYINT", "-128", "SHORT", "-128"), ("UTINYINT", "255", "SHORT", "255"),
    ("SMALLINT", "-32768", "SHORT", "-32768"), ("USMALLINT", "65535", "INT", "65535"),
    ("INTEGER", "-2147483648", "INT", "-2147483648"),
    ("UINTEGER", "4294967295", "LONG", "4294967295"), ("BIGINT", "-9223372036854775808", "LONG", "-9223372036854775808"),
    ("UBIGINT", "18446744073709551615", "DECIMAL 20 0", "18446744073709551615"),
    ("HUGEINT", "-" + "9" * 38, "DECIMAL 38 0", "-" + "9" * 38), ("UHUGEINT", "9" * 38, "DECIMAL 38 0", "9" * 38),
    ("DECIMAL(4,2)", "-99.99", "DECIMAL 4 2", "-99.99"), ("DECIMAL(9,0)", "999999999", "DECIMAL 9 0", "999999999"),
    ("DECIMAL(18,9)", "0.000000001", "DECIMAL 18 9", "0.000000001"), ("DECIMAL(38,10)", "-0.1", "DECIMAL 38 10", "-0.1000000000"),
    ("FLOAT", "'-3.4028235e38'", "FLOAT", "-3.4028234663852886e+38"), ("DOUBLE", "5e-324", "DOUBLE", "5e-324"),
    ("DOUBLE", "'-inf'", "DOUBLE", "-inf"), ("DATE", "'0001-01-01'", "NAIVE_DATE", "0001-01-01T00:00:00Z"),
    ("DATE", "'9999-12-31'", "NAIVE_DATE", "9999-12-31T00:00:00Z"),
    ("TIMESTAMP", "'9999-12-31 23:59:59.999999'", "NAIVE_DATETIME", "9999-12-31T23:59:59.999999Z"),
    ("TIMESTAMP_S", "'1969-12-31 23:59:59'", "NAIVE_DATETIME", "1969-12-31T23:59:59Z"),
    ("TIMESTAMP_MS", "'1969-12-31 23:59:59.999'", "NAIVE_DATETIME", "1969-12-31T23:59:59.999Z"),
    ("TIMESTAMP_NS", "'1969-12-31 23:59:59.999999999'", "NAIVE_DATETIME", "1969-12-31T23:59:59.999999999Z"),
    ("TIMESTAMPTZ", "'0001-01-01 00:00:00+00'", "UTC_DATETIME", "0001-01-01T00:00:00Z"),
    ("BLOB", "'\\x00\\xFF'", "BINARY", "00ff"), ("VARCHAR", "'grüß'", "STRING", "grüß"), ("VARCHAR", "''", "STRING", ""),
    ("UUID", "'00000000-0000-0000-0000-000000000001'", "STRING", "00000000-0000-0000-0000-000000000001"),
    ("TIME", "'23:59:59.999999'", "STRING", "23:59:59.999999"), ("TIMETZ", "'12:00:00+01'", "STRING", "12:00:00+01"),
    ("INTERVAL", "INTERVAL 1 MONTH", "STRING", "1 month"), ("BIT", "'0101'", "STRING", "0101"),
    ("ENUM('a', 'b')", "'b'", "STRING", "b"), ("JSON", "'{\"a\": 1.10}'", "JSON", '{"a": 1.10}'),
    ("DECIMAL(38,2)[]", "[" + "9" * 36 + ".99]", "JSON", "[" + "9" * 36 + ".99]"),
    ("STRUCT(a INTEGER, b VARCHAR)", "{'a': 1, 'b': 'x'}", "JSON", '{"a":1,"b":"x"}'),
    ("MAP(VARCHAR, INTEGER)", "MAP {'k': 1}", "JSON", '{"k":1}'), ("UNION(n INTEGER, s VARCHAR)", "7", "JSON", '{"n":7}'),
    ("FLOAT[2]", "[1.5, 2.5]", "JSON", "[1.5,2.5]"),
]


def type_of(column):
    decimal = column.params.decimal
    name = common.DataType.Name(column.type)
    return f"{name} {decimal.precision} {decimal.scale}" if name == "DECIMAL" else name


@served("duckdb")
def types_and_values_of_duckdb(shop):
    columns = ", ".join(f"c{number} {each[0]}" for number, each in enumerate(DUCKDB_TYPES))
    values = ", ".join(each[1] for each in DUCKDB_TYPES)
    shop.source(f"CREATE TABLE t (id INTEGER PRIMARY KEY, {columns})", f"INSERT INTO t VALUES (1, {values})",
                "INSERT INTO t (id) VALUES (2)")
    with shop.serve() as server:
        schema = shop.client.learn(server)
        shop.update(server)
    found = schema.schemas[0].tables[0].columns
    equal([type_of(column) for column in found], ["INT"] + [each[2] for each in DUCKDB_TYPES])
    equal([column.name for column in found if column.primary_key], ["id"])
    rows = shop.client.rows["main", "t"]
    equal([rows[("1",)][f"c{number}"] for number in range(len(DUCKDB_TYPES))], [each[3] for each in DUCKDB_TYPES])
    equal({rows[("2",)][f"c{number}"] for number in range(len(DUCKDB_TYPES))}, {None})


@served("duckdb")
def values_that_cannot_be_sent(shop):
    years = " is beyond the years 0001 to 9999, which are all that the protocol has (leave these rows out with 'where', or the " \
            "column with 'columns.exclude')"
    no_json = "this is no JSON, which has no NaN and no infinity: line 1, column {} is expected"
    with shop.serve() as server:
        for number, (kind, value, message) in enumerate([
            ("DATE", "'infinity'", "'infinity'" + years), ("TIMESTAMP", "'-infinity'", "'-infinity'" + years),
            ("TIMESTAMP_NS", "'infinity'", "'infinity'" + years),
            ("TIMESTAMPTZ", "'10000-01-01 00:00:00+00'", "'+10000-01-01T00:00:00'" + years),
            ("DATE", "'0001-01-01 (BC)'", "'0000-01-01'" + years),
            ("UHUGEINT", "1" + "0" * 38, "an integer has more than the 38 digits of a DECIMAL"),
            ("DOUBLE[]", "['nan']", no_json.format("2: a value")), ("JSON", "'{\"x\": NaN}'", no_json.format("7: a value")),
            ("STRUCT(a JSON)", "{'a': '[-Infinity]'}", no_json.format("8: a digit")),
        ]):
            shop.source(f"CREATE OR REPLACE TABLE t (id INTEGER PRIMARY KEY, c {kind})", f"INSERT INTO t VALUES (1, {value})")
            shop.client = Client(shop)
            update = shop.update(server, fails=(INVALID, f"table 'main.t': column 'c': {message}"))
            known = [table for table in json.loads(update.states[-1])["tables"] if not table.get("begun")]
            equal((number, known), (number, []))
            equal(update.warnings[-1:], [f"table 'main.t': column 'c': {message}"])


# Of the first update, which the state keeps; of the second one, with its value; and what is sent then.
KEPT_TYPES = [
    ("BIGINT", "INTEGER", "-7", "-7"), ("DECIMAL(9,3)", "DECIMAL(8,2)", "-1.5", "-1.500"),
    ("DOUBLE", "FLOAT", "0.25", "0.25"),
    ("TIMESTAMP", "DATE", "'2024-02-29'", "2024-02-29T00:00:00Z"),
    ("VARCHAR", "UUID", "'00000000-0000-0000-0000-000000000001'", "00000000-0000-0000-0000-000000000001"),
]


@served("duckdb")
def a_kept_type_is_wider(shop):
    def fill(row, kind, values):
        columns = ", ".join(f"c{number} {each[kind]}" for number, each in enumerate(KEPT_TYPES))
        shop.source(f"CREATE OR REPLACE TABLE t (id INTEGER PRIMARY KEY, updated_at TIMESTAMP, {columns})",
                    f"INSERT INTO t VALUES ({row}, '2024-01-0{row} 00:00:00', {', '.join(values)})")

    with shop.serve() as server:
        fill(1, 0, ["NULL"] * len(KEPT_TYPES))
        shop.update(server)
        fill(2, 1, [each[2] for each in KEPT_TYPES])
        equal(shop.update(server).changes, [])
    row = shop.client.rows["main", "t"][("2",)]
    equal([row[f"c{number}"] for number in range(len(KEPT_TYPES))], [each[3] for each in KEPT_TYPES])


@served("sqlite")
def a_long_warning_is_cut_between_characters(shop):
    for table, name in ("even", "é" * 200), ("odd", "a" + "é" * 200):
        shop.source(f"CREATE TABLE {table} (id INTEGER PRIMARY KEY, {name} INTEGER)", f"INSERT INTO {table} VALUES (1, 'x')")
    with shop.serve() as server:
        warnings = [line for line in shop.update(server).warnings if ": column '" in line]
    hint = " (misfits: error refuses such values instead)"
    equal([line.removesuffix(hint).rstrip("é") for line in warnings],
          ["table 'main.even': column '", "table 'main.odd': column 'a"])


@served("duckdb")
def a_type_that_cannot_be_sent(shop):
    message = "table 'main.t': column 'c': values of the type 'GEOMETRY' cannot be sent (leave the column out with " \
              "'columns.exclude')"
    shop.source("CREATE TABLE t (id INTEGER PRIMARY KEY, c GEOMETRY)", "CREATE TABLE u (id INTEGER PRIMARY KEY)",
                "INSERT INTO t VALUES (1, NULL)", "INSERT INTO u VALUES (1)")
    with shop.serve() as server:
        tables = shop.client.learn(server).schemas[0].tables
        equal([(table.name, [column.name for column in table.columns]) for table in tables], [("t", ["id"]), ("u", ["id"])])
        update = shop.update(server, fails=(INVALID, message))
        equal((update.count("t"), update.count("u"), update.warnings[-1:]), (0, 1, [message]))
        shop.update(server, overrides='{"t": {"columns.exclude": "c"}}')
        equal(shop.sent("t", "id"), [["1"]])


@served("sqlite", "postgres")
def types_of_the_others(shop):
    if shop.kind == "sqlite":
        shop.source("CREATE TABLE t (id INTEGER PRIMARY KEY, n DECIMAL(10,2), r REAL, b BLOB, s TEXT)",
                    "INSERT INTO t VALUES (1, 1.5, 0.1, x'00ff', 'x')")
        expected = {"id": ("LONG", "1"), "n": ("DECIMAL 10 2", "1.50"), "r": ("DOUBLE", "0.1"), "b": ("BINARY", "00ff"),
                    "s": ("STRING", "x")}
    else:
        shop.source("CREATE TABLE t (id int PRIMARY KEY, n numeric(10,2), r real, b bytea, j jsonb, z timestamptz, u uuid, d date, "
                    "a int[])",
                    "INSERT INTO t VALUES (1, 1.5, 0.5, '\\x00ff', '{\"a\": 1}', '2024-01-01 00:00:00.000001+01', "
                    "'00000000-0000-0000-0000-000000000001', '2024-02-29', '{1,2}')")
        expected = {"id": ("INT", "1"), "n": ("DECIMAL 10 2", "1.50"), "r": ("FLOAT", "0.5"), "b": ("BINARY", "00ff"),
                    "j": ("JSON", '{"a": 1}'), "z": ("UTC_DATETIME", "2023-12-31T23:00:00.000001Z"),
                    "u": ("STRING", "00000000-0000-0000-0000-000000000001"), "d": ("NAIVE_DATE", "2024-02-29T00:00:00Z"),
                    "a": ("STRING", "{1,2}")}
    with shop.serve() as server:
        found = shop.client.learn(server).schemas[0]
        shop.update(server)
    equal(found.name, shop.schema)
    row = shop.client.rows[shop.schema, "t"][("1",)]
    equal({column.name: (type_of(column), row[column.name]) for column in found.tables[0].columns}, expected)


tap.main()

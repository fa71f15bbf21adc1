"""pawl sync from PostgreSQL: each type at its limits, and what cannot be kept as it is."""
from harness import contains, equal
from postgres_server import find_version
from postgres_shop import each_version, postgres
from sync_harness import tap

# (PostgreSQL's type, literals, DuckDB's type, what arrives; None: as PostgreSQL writes the value; the first version that has it)
CASES = [
    ("bool", ["true", "false"], "BOOLEAN", None),
    ("int2", ["-32768", "32767"], "SMALLINT", None),
    ("int4", ["-2147483648", "2147483647"], "INTEGER", None),
    ("int8", ["'-9223372036854775808'", "9223372036854775807"], "BIGINT", None),
    ("oid", ["0", "4294967295"], "BIGINT", None),
    ("float4", ["3.4028235e38", "1e-45", "'NaN'", "'-0'"], "FLOAT", ["3.4028235e+38", "1e-45", "nan", "-0.0"]),
    ("float8", ["1.7976931348623157e308", "5e-324", "0.1", "'Infinity'", "'-Infinity'"], "DOUBLE",
     ["1.7976931348623157e+308", "5e-324", "0.1", "inf", "-inf"]),
    ("numeric(4,2)", ["99.99", "-0.01", "0"], "DECIMAL(4,2)", ["99.99", "-0.01", "0.00"]),
    ("numeric(9,0)", ["999999999", "-10000"], "DECIMAL(9,0)", None),
    ("numeric(18,5)", ["9999999999999.99999", "0.00001", "10000", "0.1"], "DECIMAL(18,5)", None),
    ("numeric(38,10)", ["9999999999999999999999999999.9999999999", "-0.0000000001"], "DECIMAL(38,10)", None),
    ("numeric(38,38)", ["0." + "9" * 38, "-0." + "0" * 37 + "1"], "DECIMAL(38,38)",
     ["." + "9" * 38, "-." + "0" * 37 + "1"]),
    ("numeric(38,0)", ["9" * 38, "-" + "1" * 38], "DECIMAL(38,0)", None),
    ("numeric(39,1)", ["9" * 38 + ".9"], "VARCHAR", None),
    ("numeric", ["1e-100", "1e100", "1.10", "'NaN'", "-" + "9" * 500 + "." + "1" * 500], "VARCHAR", None),
    ("numeric", ["'Infinity'", "'-Infinity'"], "VARCHAR", None, 14),
    ("numeric(3,-2)", ["12300"], "VARCHAR", None, 15),
    ("numeric(2,4)", ["0.0012"], "VARCHAR", None, 15),
    ("text", ["''", "'ä🐱'", "E'a\\nb\\t\\\\'", "repeat('x', 100000)"], "VARCHAR", None),
    ("varchar(5)", ["'abc  '"], "VARCHAR", None),
    ("name", ["'n'"], "VARCHAR", None),
    ("\"char\"", ["'c'", "''"], "VARCHAR", None),
    ("xml", ["'<a>b</a>'", "'<?xml version=\"1.0\"?><a/>'"], "VARCHAR", None),
    ("json", ["'{\"b\" :  1, \"a\":[1.10]}'", "'null'"], "JSON", None),
    ("jsonb", ["'{\"b\": 1e400, \"a\": \"\\u00e4\"}'"], "JSON", None),
    ("uuid", ["'00000000-0000-0000-0000-000000000000'", "'ffffffff-ffff-ffff-ffff-ffffffffffff'",
              "'80000000-0000-4000-8000-000000000001'"], "UUID", None),
    ("bytea", ["''", "'\\x00ff41'"], "BLOB", ["", "\\x00\\xFFA"]),
    ("bytea[]", ["ARRAY['\\x00ff'::bytea, NULL]"], "VARCHAR", None),
    ("date", ["'0001-01-01'", "'9999-12-31'", "'5874897-12-31'", "'infinity'", "'-infinity'", "'0044-03-15 BC'"], "DATE",
     ["0001-01-01", "9999-12-31", "5874897-12-31", "infinity", "-infinity", "0044-03-15 (BC)"]),
    ("time", ["'00:00'", "'23:59:59.999999'", "'24:00'"], "TIME", None),
    ("timetz", ["'12:00:00.5+05:30'", "'24:00-15:59:59'", "'00:00+15:59:59'"], "VARCHAR", None),
    ("timestamp", ["'0001-01-01 00:00:00'", "'9999-12-31 23:59:59.999999'", "'infinity'", "'-infinity'", "'10000-01-01 00:00:00'",
                   "'4713-01-01 00:00:00 BC'"], "TIMESTAMP",
     ["0001-01-01 00:00:00", "9999-12-31 23:59:59.999999", "infinity", "-infinity", "10000-01-01 00:00:00",
      "4713-01-01 (BC) 00:00:00"]),
    ("timestamptz", ["'2024-03-31 02:30:00+01'", "'1970-01-01 00:00:00.000001+00'", "'infinity'", "'-infinity'",
                     "'0044-03-15 12:00:00+00 BC'", "'4713-01-01 00:00:00+00 BC'", "'12024-01-01 00:00:00.5+00'",
                     "'285000-12-31 23:59:59.999999+00'"], "TIMESTAMP WITH TIME ZONE",
     ["2024-03-31 01:30:00+00", "1970-01-01 00:00:00.000001+00", "infinity", "-infinity", "0044-03-15 (BC) 12:00:00+00",
      "4713-01-01 (BC) 00:00:00+00", "12024-01-01 00:00:00.5+00", "285000-12-31 23:59:59.999999+00"]),
    ("timestamptz(0)", ["'2024-03-31 02:30:00.6+00'"], "TIMESTAMP WITH TIME ZONE", None),
    ("interval", ["'1 year 2 mons -3 days 04:05:06.789'", "'-00:00:00.000001'", "'30 days'", "'178000000 years'",
                  "'-2147483648 days'"], "INTERVAL",
     ["1 year 2 months -3 days 04:05:06.789", "-00:00:00.000001", "30 days", "178000000 years", "-2147483648 days"]),
    ("interval", ["'2562047788:00:54.775807'"], "INTERVAL", None, 15),
    ("money", ["'-1234.56'", "'92233720368547758.07'", "'-92233720368547758.08'"], "VARCHAR",
     ["-$1,234.56", "$92,233,720,368,547,758.07", "-$92,233,720,368,547,758.08"]),
    ("inet", ["'::1/64'", "'10.0.0.1'"], "VARCHAR", ["::1/64", "10.0.0.1/32"]),
    ("cidr", ["'10.0.0.0/8'", "'2001:db8::/32'"], "VARCHAR", None),
    ("macaddr", ["'08:00:2b:01:02:03'"], "VARCHAR", None),
    ("macaddr8", ["'08:00:2b:01:02:03:04:05'"], "VARCHAR", None),
    ("bit(3)", ["B'101'"], "VARCHAR", None),
    ("varbit", ["B'1'", "B''", f"B'{'10' * 500}'"], "VARCHAR", None),
    ("int4range", ["'[1,5)'", "'empty'", "'(,)'"], "VARCHAR", None),
    ("numrange", ["'(-1.50,2.5]'"], "VARCHAR", None),
    ("tstzrange", ["'[2024-01-01 00:00:00+00,infinity]'"], "VARCHAR", None),
    ("daterange", ["'[2024-01-01,)'"], "VARCHAR", None),
    ("int4multirange", ["'{[1,5),[7,9)}'", "'{}'"], "VARCHAR", None, 14),
    ("tsmultirange", ["'{[2024-01-01 00:00:00,2024-01-02 00:00:00)}'"], "VARCHAR", None, 14),
    ("int4[]", ["'{1,NULL,3}'", "'{}'", "'{{1,2},{NULL,4}}'", "'[0:1]={1,2}'", "'{{{1},{2}},{{3},{4}}}'"], "VARCHAR", None),
    ("text[]", ["'{\"a,b\",\"c\\\"d\",\"NULL\",NULL,\"\"}'"], "VARCHAR", None),
    ("numeric(10,2)[]", ["'{1.10,NaN,NULL}'"], "VARCHAR", None),
    ("mood[]", ["'{good,NULL}'"], "VARCHAR", None),
    ("pair[]", ["ARRAY[ROW(1, 'x, y')::pair, NULL, ROW(NULL, NULL)::pair]"], "VARCHAR", None),
    ("point", ["'(1.5,-2)'", "'(Infinity,NaN)'", "'(1e-300,0.1)'"], "VARCHAR", None),
    ("line", ["'{1,2,3}'"], "VARCHAR", None),
    ("lseg", ["'[(0,0),(1,1)]'"], "VARCHAR", None),
    ("box", ["'(1,1),(0,0)'"], "VARCHAR", None),
    ("path", ["'[(0,0),(1,1)]'", "'((0,0),(1,1))'"], "VARCHAR", None),
    ("polygon", ["'((0,0),(1,1),(1,0))'"], "VARCHAR", None),
    ("circle", ["'<(0,0),1.5>'"], "VARCHAR", None),
    ("tsvector", ["'a:1A b:2'", "''"], "VARCHAR", None),
    ("tsquery", ["'a & !b'"], "VARCHAR", None),
    ("jsonpath", ["'$.a[*] ? (@ > 1)'"], "VARCHAR", None),
    ("pg_lsn", ["'16/B374D848'", "'FFFFFFFF/FFFFFFFF'"], "VARCHAR", None),
    ("xid", ["'4294967295'"], "VARCHAR", None),
    ("xid8", ["'18446744073709551615'"], "VARCHAR", None, 13),
    ("tid", ["'(4294967295,65535)'"], "VARCHAR", None),
    ("pg_snapshot", ["'10:20:10,14,15'"], "VARCHAR", None, 13),
    ("regclass", ["'pg_class'"], "VARCHAR", None),
    ("mood", ["'so so'"], "VARCHAR", None),
    ("pair", ["ROW(1, 'x y')", "ROW(NULL, '')"], "VARCHAR", None),
    ("price", ["12.50"], "DECIMAL(8,2)", None),
    ("price_of_price", ["12.50"], "DECIMAL(8,2)", None),
    ("moment", ["'2024-01-01 00:00:00+00'"], "TIMESTAMP WITH TIME ZONE", None),
    ("list", ["'{1,NULL}'"], "VARCHAR", None),
    ("citext", ["'Mixed'"], "VARCHAR", None),
    ("hstore", ["'a=>1, b=>NULL'", "''"], "VARCHAR", None),
    ("ltree", ["'a.b.c'"], "VARCHAR", None),  # a type that Pawl does not know
    ("cube", ["'(1,2),(3,4)'"], "VARCHAR", None),
]

TYPES = ["CREATE TYPE mood AS ENUM ('good', 'so so')", "CREATE TYPE pair AS (a int, b text)", "CREATE DOMAIN price AS numeric(8,2)",
         "CREATE DOMAIN price_of_price AS price CHECK (value > 0)", "CREATE DOMAIN moment AS timestamptz(3)",
         "CREATE DOMAIN list AS int4[]", "CREATE EXTENSION citext", "CREATE EXTENSION hstore", "CREATE EXTENSION ltree",
         "CREATE EXTENSION cube"]


@each_version
def every_type_at_its_limits(shop):
    columns = [(f"c{i}_{k}", case[0], literal, case[2], None if case[3] is None else case[3][k])
               for i, case in enumerate(CASES) if find_version() >= (case[4:] or (0,))[0]
               for k, literal in enumerate(case[1])]
    declared = ", ".join(f"{name} {kind}" for name, kind, *_ in columns)
    shop.source(*TYPES, f"CREATE TABLE t (id int PRIMARY KEY, updated_at timestamptz DEFAULT now(), {declared})",
                f"INSERT INTO t VALUES (1, now(), {', '.join(column[2] for column in columns)})", "INSERT INTO t (id) VALUES (2)")
    equal(shop.sync().table()["phase"], "backfill")
    shop.source("CREATE TEMP TABLE more AS TABLE t", "UPDATE more SET id = id + 2, updated_at = now()", "INSERT INTO t TABLE more")
    equal(shop.sync().table()["phase"], "incremental")
    types, rows = shop.types("t"), shop.select("SELECT * EXCLUDE (updated_at) FROM public.t ORDER BY id")
    texts = dict(zip((name for name, *_ in columns), shop.there("t", ", ".join(name for name, *_ in columns), "id = 1")[0]))
    wanted = [(kind, duck, *[texts[name] if text is None else text, None] * 2) for name, kind, _, duck, text in columns]
    found = [(kind, types[name], *[row[name] for row in rows]) for name, kind, *_ in columns]
    equal([pair for pair in zip(found, wanted) if pair[0] != pair[1]], [])


@postgres
def the_last_instants_are_exact(shop):
    """Not by their text: DuckDB makes it of milliseconds in a double, which end in the year 287396."""
    shop.source("CREATE TABLE t (id int PRIMARY KEY, v timestamptz)", "INSERT INTO t VALUES (1, '294246-12-31 23:59:59.999999+00')")
    shop.sync()
    equal(shop.select("SELECT epoch_us(v) AS us FROM public.t"),
          [{"us": shop.source("SELECT (extract(epoch FROM v) * 1000000)::bigint FROM t").strip()}])


@postgres
def padded_text_keeps_its_blanks(shop):
    shop.source("CREATE TABLE t (id int PRIMARY KEY, v char(4))", "INSERT INTO t VALUES (1, 'ab')")
    shop.sync()
    equal(shop.select("SELECT v FROM public.t"), [{"v": "ab  "}])


@each_version
def what_does_not_fit_becomes_text(shop):
    shop.source("CREATE TABLE t (id int PRIMARY KEY, updated_at timestamptz DEFAULT now(), n numeric(10,2), ts timestamp)",
                "INSERT INTO t SELECT i, now(), i, now() FROM generate_series(1, 5000) i",
                "UPDATE t SET n = 'NaN' WHERE id = 4321", "UPDATE t SET ts = '294276-12-31 23:59:59' WHERE id = 17")
    run = shop.sync("--full-refresh", "t", misfits="error", status=1)
    contains(run.errors[0], "the row with id ")
    run = shop.sync(misfits="text")
    equal([shop.types("t")[name] for name in ("n", "ts")], ["VARCHAR", "VARCHAR"])
    shop.same("t", columns="id, n, ts")
    assert any("which is no DECIMAL(10,2)" in warning for warning in run.warnings()), run.warnings()


@postgres
def a_value_that_is_too_large_names_its_row(shop):
    shop.source("CREATE TABLE t (id int PRIMARY KEY, v text)", "INSERT INTO t VALUES (1, 'v'), (7, repeat('x', 9000000))")
    run = shop.sync(status=1)
    contains(run.errors[0], "column 'v': the row with id 7 has a value of 9000000 bytes, more than 8388608")


@postgres
def times_that_are_numbers_and_texts(shop):
    shop.source("CREATE TABLE t (id int PRIMARY KEY, seconds bigint, text text)",
                "INSERT INTO t VALUES (1, 1700000000, '2023-11-14T22:13:20Z'), (2, NULL, NULL)")
    shop.sync(key="seconds", key_format="unix_s", formats={"text": "iso8601"})
    shop.source("INSERT INTO t VALUES (3, 1700000001, '2023-11-14T22:13:21Z')")
    shop.sync(key="seconds", key_format="unix_s", formats={"text": "iso8601"})
    equal([row["text"] for row in shop.select("SELECT text FROM public.t ORDER BY id")],
          ["2023-11-14 22:13:20", None, "2023-11-14 22:13:21"])


if __name__ == "__main__":
    tap.main()

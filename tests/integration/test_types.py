"""Every type at its limits: what is kept, what becomes of a column that is not declared, and what is refused, in what words."""
import decimal

import tap
from harness import case, equal, table, test, update, upsert, upserts

D = decimal.Decimal
NINES = "9" * 38

# type, value, what the warehouse has as text
KEPT = [
    ("BOOLEAN", True, "true"),
    ("BOOLEAN", False, "false"),
    ("SHORT", 32767, "32767"),
    ("SHORT", -32768, "-32768"),
    ("INT", 2147483647, "2147483647"),
    ("INT", -2147483648, "-2147483648"),
    ("LONG", 9223372036854775807, "9223372036854775807"),
    ("LONG", -9223372036854775808, "-9223372036854775808"),
    ("DECIMAL(4,2)", D("99.99"), "99.99"),
    ("DECIMAL(4,2)", D("-99.99"), "-99.99"),
    ("DECIMAL(9,4)", D("12345.6789"), "12345.6789"),
    ("DECIMAL(18,9)", D("-999999999.999999999"), "-999999999.999999999"),
    ("DECIMAL(38,0)", D(NINES), NINES),
    ("DECIMAL(38,0)", D("-" + NINES), "-" + NINES),
    ("DECIMAL(38,38)", D("0." + NINES), "." + NINES),
    ("DECIMAL(38,38)", D("-0." + NINES), "-." + NINES),
    ("DECIMAL(20,0)", 18446744073709551615, "18446744073709551615"),
    ("DECIMAL(10,2)", 7, "7.00"),
    ("DECIMAL(10,2)", "1.5", "1.50"),
    ("DECIMAL(10,2)", {"decimal": "1.5000000"}, "1.50"),
    ("DECIMAL(10,2)", {"decimal": "15e-1"}, "1.50"),
    ("DECIMAL(10,2)", {"decimal": "-0"}, "0.00"),
    ("FLOAT", {"float": "3.4028234663852886e38"}, "3.4028235e+38"),
    ("FLOAT", {"float": "1e-45"}, "1e-45"),
    ("FLOAT", {"float": "0.1"}, "0.1"),
    ("FLOAT", 16777216, "16777216.0"),
    ("FLOAT", {"double": "0.5"}, "0.5"),
    ("FLOAT", {"float": "nan"}, "nan"),
    ("FLOAT", {"float": "inf"}, "inf"),
    ("DOUBLE", {"double": "1.7976931348623157e308"}, "1.7976931348623157e+308"),
    ("DOUBLE", {"double": "5e-324"}, "5e-324"),
    ("DOUBLE", {"double": "0.1"}, "0.1"),
    ("DOUBLE", {"double": "-0.0"}, "-0.0"),
    ("DOUBLE", {"float": "0.1"}, "0.10000000149011612"),
    ("DOUBLE", 9007199254740992, "9007199254740992.0"),
    ("DOUBLE", {"double": "nan"}, "nan"),
    ("DOUBLE", {"double": "-inf"}, "-inf"),
    ("NAIVE_DATE", {"naive_date": 0}, "1970-01-01"),
    ("NAIVE_DATE", {"naive_date": -719162}, "0001-01-01"),
    ("NAIVE_DATE", {"naive_date": 2932896}, "9999-12-31"),
    ("NAIVE_DATE", {"naive_date": 2147483646}, "5881580-07-10"),
    ("NAIVE_DATE", {"naive_date": -2147483646}, "5877642-06-25 (BC)"),
    ("NAIVE_DATE", "2024-02-29", "2024-02-29"),
    ("NAIVE_DATETIME", {"naive_datetime": 1709251199999999}, "2024-02-29 23:59:59.999999"),
    ("NAIVE_DATETIME", {"naive_datetime": -1}, "1969-12-31 23:59:59.999999"),
    ("NAIVE_DATETIME", {"naive_datetime": 9223372036854775806}, "294247-01-10 04:00:54.775806"),
    ("NAIVE_DATETIME", {"naive_date": 1}, "1970-01-02 00:00:00"),
    ("NAIVE_DATETIME", "2024-03-16T16:40:29.5", "2024-03-16 16:40:29.5"),
    ("NAIVE_DATETIME", "2024-03-16 16:40:29", "2024-03-16 16:40:29"),
    ("NAIVE_DATETIME", "0001-01-01T00:00:00", "0001-01-01 00:00:00"),
    ("UTC_DATETIME", {"utc_datetime": 1710607229000000}, "2024-03-16 16:40:29+00"),
    ("UTC_DATETIME", {"utc_datetime": -1}, "1969-12-31 23:59:59.999999+00"),
    ("UTC_DATETIME", "2024-03-16T16:40:29Z", "2024-03-16 16:40:29+00"),
    ("UTC_DATETIME", "2024-03-16 16:40:29.123456+05:30", "2024-03-16 11:10:29.123456+00"),
    ("UTC_DATETIME", "2024-03-16T16:40:29-0800", "2024-03-17 00:40:29+00"),
    ("UTC_DATETIME", "9999-12-31T23:59:59.999999Z", "9999-12-31 23:59:59.999999+00"),
    ("BINARY", b"\x00A\xff", "\\x00A\\xFF"),
    ("BINARY", b"", ""),
    ("BINARY", "text", "text"),
    ("XML", {"xml": "<a b=\"c\">ä</a>"}, "<a b=\"c\">ä</a>"),
    ("XML", "", ""),
    ("STRING", "", ""),
    ("STRING", "Zoë, 花子 🙂 \u200b\n\t'\"\\", "Zoë, 花子 🙂 \u200b\n\t'\"\\"),
    ("STRING", 42, "42"),
    ("STRING", True, "true"),
    ("STRING", {"double": "0.1"}, "0.1"),
    ("STRING", D("1.50"), "1.50"),
    ("STRING", {"utc_datetime": 1710607229000000}, "2024-03-16T16:40:29Z"),
    ("STRING", {"naive_date": 19782}, "2024-02-29"),
    ("STRING", {"repeat": ["0123456789", 1000]}, "0123456789" * 1000),
    ("JSON", {"json": "{\"b\": 123456789012345678901234567890,  \"a\":[1.10,null]}"},
     "{\"b\": 123456789012345678901234567890,  \"a\":[1.10,null]}"),
    ("JSON", "[]", "[]"),
    ("JSON", {"json": "\"text\""}, "\"text\""),
    ("JSON", 5, "5"),
    ("JSON", {"double": "0.1"}, "0.1"),
]

DUCKDB = {"BOOLEAN": "BOOLEAN", "SHORT": "SMALLINT", "INT": "INTEGER", "LONG": "BIGINT", "FLOAT": "FLOAT", "DOUBLE": "DOUBLE",
          "NAIVE_DATE": "DATE", "NAIVE_DATETIME": "TIMESTAMP", "UTC_DATETIME": "TIMESTAMP WITH TIME ZONE", "BINARY": "BLOB",
          "XML": "VARCHAR", "STRING": "VARCHAR", "JSON": "VARCHAR"}


@test
def every_type_keeps_its_limits(box):
    columns = [(f"c{i}", kind) for i, (kind, _, _) in enumerate(KEPT)]
    box.sync(upsert("t", [("id", 1)] + [(f"c{i}", value) for i, (_, value, _) in enumerate(KEPT)]),
             upsert("t", id=2), schema=[table("t", "id", [("id", "LONG")] + columns)])
    equal(box.types("t"), {"id": "BIGINT", **{name: DUCKDB.get(kind, kind) for name, kind in columns}})
    full, empty = box.rows("SELECT CAST(COLUMNS('^c[0-9]+$') AS VARCHAR) FROM tester.t ORDER BY id")
    for i, (kind, value, text) in enumerate(KEPT):
        equal((kind, value, full[f"c{i}"]), (kind, value, text))
        equal((kind, empty[f"c{i}"]), (kind, None))


@test
def updates_keep_the_limits_too(box):
    schema = [table("t", "id", [("id", "LONG")] + [(f"c{i}", kind) for i, (kind, _, _) in enumerate(KEPT)])]
    box.sync(upsert("t", id=1), schema=schema)
    box.sync(update("t", [("id", 1)] + [(f"c{i}", value) for i, (_, value, _) in enumerate(KEPT)]), schema=schema)
    row, = box.rows("SELECT CAST(COLUMNS('^c[0-9]+$') AS VARCHAR) FROM tester.t")
    for i, (kind, value, text) in enumerate(KEPT):
        equal((kind, value, row[f"c{i}"]), (kind, value, text))


@test
def every_type_can_be_a_key(box):
    kinds = [("BOOLEAN", True), ("SHORT", 1), ("INT", 1), ("LONG", 1), ("DECIMAL(38,2)", D("1.5")), ("FLOAT", {"float": 1.5}),
             ("DOUBLE", 1.5), ("NAIVE_DATE", "2024-02-29"), ("NAIVE_DATETIME", "2024-02-29T00:00:00"),
             ("UTC_DATETIME", "2024-02-29T00:00:00Z"), ("BINARY", b"\x00"), ("XML", "<a/>"), ("STRING", ""), ("JSON", "{}")]
    schema = [table(f"t{i}", "k", [("k", kind), ("v", "LONG")]) for i, (kind, _) in enumerate(kinds)]
    box.sync(*[upsert(f"t{i}", k=key, v=1) for i, (_, key) in enumerate(kinds)], schema=schema)
    box.sync(*[update(f"t{i}", k=key, v=2) for i, (_, key) in enumerate(kinds)], schema=schema)
    for i, (kind, _) in enumerate(kinds):
        equal((kind, box.rows(f"SELECT v FROM tester.t{i}")), (kind, [dict(v=2)]))


@test
def the_same_key_in_another_spelling_is_the_same_row(box):
    schema = [table("t", "d r", d="DECIMAL(9,2)", r="DOUBLE", v="LONG"), table("u", "at", at="UTC_DATETIME", v="LONG")]
    box.sync(upsert("t", d={"decimal": "1.50"}, r={"double": "0.0"}, v=1), schema=schema)
    box.sync(upsert("t", d={"decimal": "1.5"}, r={"double": "-0.0"}, v=2), upsert("u", at="2024-03-16T16:40:29Z", v=1),
             upsert("u", at="2024-03-16 17:40:29.000+01:00", v=2), schema=schema)
    equal(box.rows("SELECT v FROM tester.t"), [dict(v=2)])
    equal(box.rows("SELECT v FROM tester.u"), [dict(v=2)])


# ---- inferred --------------------------------------------------------------------------------------------------------

# values in the order in which they come, the type in the end, and the values as text
INFERRED = [
    ([1], "BIGINT", ["1"]),
    ([True], "BOOLEAN", ["true"]),
    ([{"float": 1.5}], "FLOAT", ["1.5"]),
    ([0.1], "DOUBLE", ["0.1"]),
    ([18446744073709551615], "DECIMAL(20,0)", ["18446744073709551615"]),
    ([D("12.50")], "DECIMAL(18,2)", ["12.50"]),
    ([{"naive_date": 0}], "DATE", ["1970-01-01"]),
    ([{"naive_datetime": 0}], "TIMESTAMP", ["1970-01-01 00:00:00"]),
    ([{"utc_datetime": 0}], "TIMESTAMP WITH TIME ZONE", ["1970-01-01 00:00:00+00"]),
    ([b"\x01"], "BLOB", ["\\x01"]),
    ([{"json": "[1]"}], "VARCHAR", ["[1]"]),
    ([{"xml": "<a/>"}], "VARCHAR", ["<a/>"]),
    (["2024-01-01"], "VARCHAR", ["2024-01-01"]),
    (["007"], "VARCHAR", ["007"]),
    ([None, 1, None], "BIGINT", [None, "1", None]),
    ([1, D("1")], "DECIMAL(19,0)", ["1", "1"]),
    ([9223372036854775807, 18446744073709551615], "DECIMAL(20,0)", ["9223372036854775807", "18446744073709551615"]),
    ([18446744073709551615, -1], "DECIMAL(20,0)", ["18446744073709551615", "-1"]),
    ([7, D("1.25")], "DECIMAL(21,2)", ["7.00", "1.25"]),
    ([D("1.25"), 7], "DECIMAL(18,2)", ["1.25", "7.00"]),
    ([D("1.5"), D("1.25")], "DECIMAL(19,2)", ["1.50", "1.25"]),
    ([{"float": 1.5}, 0.1], "DOUBLE", ["1.5", "0.1"]),
    ([0.1, 7], "DOUBLE", ["0.1", "7.0"]),
    ([0.1, 9007199254740993], "VARCHAR", ["0.1", "9007199254740993"]),
    ([7, 0.5], "VARCHAR", ["7", "0.5"]),
    ([True, 1], "VARCHAR", ["true", "1"]),
    ([{"naive_date": 1}, {"naive_datetime": 5}], "TIMESTAMP", ["1970-01-02 00:00:00", "1970-01-01 00:00:00.000005"]),
    ([{"naive_datetime": 5}, {"naive_date": 1}], "TIMESTAMP", ["1970-01-01 00:00:00.000005", "1970-01-02 00:00:00"]),
    ([{"naive_date": 1}, {"utc_datetime": 5}], "VARCHAR", ["1970-01-02", "1970-01-01T00:00:00.000005Z"]),
    ([{"naive_datetime": 5}, "x"], "VARCHAR", ["1970-01-01T00:00:00.000005", "x"]),
    ([{"utc_datetime": 1500000}, "x"], "VARCHAR", ["1970-01-01T00:00:01.5Z", "x"]),
    ([1e300, "x"], "VARCHAR", ["1e+300", "x"]),
    ([{"float": 0.1}, "x"], "VARCHAR", ["0.1", "x"]),
    ([{"double": "nan"}, "x"], "VARCHAR", ["NaN", "x"]),
    ([{"double": "-inf"}, {"double": "-0.0"}, "x"], "VARCHAR", ["-Infinity", "-0", "x"]),
    ([D("1.50"), "x"], "VARCHAR", ["1.50", "x"]),
    (["x", 1, 0.5, True, {"naive_date": 0}], "VARCHAR", ["x", "1", "0.5", "true", "1970-01-01"]),
    ([{"json": "{}"}, "x"], "VARCHAR", ["{}", "x"]),
]


def infer(box, is_apart):
    """All columns at once: the n-th row has the n-th value of each. Apart: each row comes in a sync of its own."""
    count = max(len(values) for values, _, _ in INFERRED)
    rows = [upsert("t", [("id", n)] + [(f"c{i}", values[n]) for i, (values, _, _) in enumerate(INFERRED) if n < len(values)])
            for n in range(count)]
    for batch in [[row] for row in rows] if is_apart else [rows]:
        box.sync(table("t", "id"), *batch)
    types = box.types("t")
    found = box.rows("SELECT CAST(COLUMNS('^c[0-9]+$') AS VARCHAR) FROM tester.t ORDER BY id")
    for i, (values, kind, texts) in enumerate(INFERRED):
        equal((values, types[f"c{i}"]), (values, kind))
        equal((values, [row[f"c{i}"] for row in found[:len(values)]]), (values, texts))


case("columns are inferred and widened within a sync", infer, False)
case("columns are widened from sync to sync in the same way", infer, True)


@test
def a_column_of_nulls_alone_is_not_there_yet(box):
    box.sync(table("t", "id"), upsert("t", id=1, x=None))
    equal(box.types("t"), {"id": "BIGINT"})
    box.sync(table("t", "id"), upsert("t", id=2, x=None), upsert("t", id=3, x="late"), upsert("t", id=4, x=None))
    equal(box.types("t"), {"id": "BIGINT", "x": "VARCHAR"})
    equal(box.table("t"), [dict(id=1, x=None), dict(id=2, x=None), dict(id=3, x="late"), dict(id=4, x=None)])


@test
def a_key_column_may_be_widened(box):
    box.sync(table("t", "id"), upsert("t", id=1, v=1), upsert("t", id=2, v=2), upsert("t", id=D("0.5"), v=3),
             upsert("t", id=1, v=11))
    equal(box.rows("SELECT id::VARCHAR AS id, v FROM tester.t ORDER BY 1"),
          [dict(id="0.5", v=3), dict(id="1.0", v=11), dict(id="2.0", v=2)])
    box.sync(table("t", "id"), upsert("t", id=D("2.00"), v=22))
    equal(box.rows("SELECT id::VARCHAR AS id, v FROM tester.t ORDER BY 1"),
          [dict(id="0.5", v=3), dict(id="1.0", v=11), dict(id="2.0", v=22)])


KEY_HINT = ("its type was inferred from earlier values, and in a primary key it does not become STRING, since one "
            "key could become two: declare its type")


@test
def a_key_column_does_not_become_text(box):
    for first, second, error in [(1, "x", "'x' is not a LONG: it is text"),
                                 (D("1.50"), "abc", "'abc' is not a DECIMAL(18,2): it is not a decimal number"),
                                 (0.0, "x", "'x' is not a DOUBLE: it is text")]:
        sync = box.sync(table("t", "id"), upsert("t", id=first), upsert("t", id=second), options=["--reset"], status=1)
        equal([sync.error, sync.hint], [[f"table 't': column 'id': {error}"], [KEY_HINT]])
    many = "1" * 39
    box.fails(table("t", "id"), upsert("t", id=D(many)), options=["--reset"], hint=DECIMAL_HINT,
              error=f"table 't': column 'id': '{many}' is not a DECIMAL(38,0): it needs more than 38 digits")


@test
def a_declared_key_is_the_same_in_a_text_column(box):
    box.sync(upsert("t", id="1.50", v=1), schema=[table("t", "id", id="STRING")])
    for value in ("1.5", "1.500", "1.50"):
        box.sync(upsert("t", id=D(value), v=2), schema=[table("t", "id", id="DECIMAL(10,2)")])
        equal(box.table("t"), [dict(id="1.50", v=2)])


@test
def the_id_of_a_row_does_not_depend_on_the_types_of_its_columns(box):
    for first, wider in [(1, D("2.50")), (D("1.5"), D("1.555")), (1, "text"), ({"naive_date": 5}, {"naive_datetime": 7}),
                         (0.5, "text"),
                         ({"float": 0.1}, 0.1)]:
        box.sync(upsert("t", a=first), upsert("t", a=wider), upsert("t", a=first), options=["--reset"])
        box.sync(upsert("t", a=first))
        equal(box.rows("SELECT count(*) AS n, count(DISTINCT _fivetran_id) AS ids FROM tester.t"), [dict(n=2, ids=2)])


@test
def bytes_and_something_else_have_no_common_type(box):
    box.fails(table("t", "id"), upsert("t", id=1, x=b"\x01"), upsert("t", id=2, x=5),
              error="table 't': column 'x': '5' is not BINARY: it is an integer", hint="pass bytes, as BINARY")


# ---- refused ---------------------------------------------------------------------------------------------------------

# type, value, the message after "table 't': column 'v': ", hint
SHORT_HINT = "pass an integer, such as 42"
DECIMAL_HINT = "pass decimal text, such as '12.50'"
DATE_HINT = "pass a NAIVE_DATE, or text such as '2024-03-16'"
UTC_HINT = "pass a UTC_DATETIME, or text such as '2024-03-16T16:40:29.5Z'"
NAIVE_HINT = "pass a NAIVE_DATETIME, or text such as '2024-03-16T16:40:29.5'"
JSON_HINT = "pass JSON text; a JSON string has double quotes of its own"
STRING_HINT = "pass UTF-8 text, or declare the column as BINARY"
REFUSED = [
    ("BOOLEAN", 1, "'1' is not a BOOLEAN: it is an integer", "pass a BOOLEAN: true or false; in C a comparison is an int"),
    ("BOOLEAN", "true", "'true' is not a BOOLEAN: it is text", "pass a BOOLEAN: true or false; in C a comparison is an int"),
    ("SHORT", 32768, "'32768' is not a SHORT: it is beyond -32768 to 32767", "declare the column as INT"),
    ("SHORT", -32769, "'-32769' is not a SHORT: it is beyond -32768 to 32767", "declare the column as INT"),
    ("SHORT", 1.0, "'1' is not a SHORT: it is a DOUBLE", SHORT_HINT),
    ("SHORT", True, "'true' is not a SHORT: it is a BOOLEAN", SHORT_HINT),
    ("INT", 2147483648, "'2147483648' is not an INT: it is beyond -2147483648 to 2147483647", "declare the column as LONG"),
    ("INT", -2147483649, "'-2147483649' is not an INT: it is beyond -2147483648 to 2147483647", "declare the column as LONG"),
    ("INT", "7", "'7' is not an INT: it is text", SHORT_HINT),
    ("LONG", 9223372036854775808,
     "'9223372036854775808' is not a LONG: it is beyond -9223372036854775808 to 9223372036854775807",
     "declare the column as DECIMAL(20,0)"),
    ("LONG", D("1"), "'1' is not a LONG: it is a DECIMAL", SHORT_HINT),
    ("DECIMAL(4,2)", D("1.234"), "'1.234' is not a DECIMAL(4,2): it has 3 digits after the point",
     "declare the column as DECIMAL(5,3)"),
    ("DECIMAL(4,2)", 100, "'100' is not a DECIMAL(4,2): it has 3 digits before the point",
     "declare the column as DECIMAL(5,2)"),
    ("DECIMAL(38,0)", D("1" + "0" * 38), f"'1{'0' * 38}' is not a DECIMAL(38,0): it needs more than 38 digits", DECIMAL_HINT),
    ("DECIMAL(9,2)", 0.5, "'0.5' is not a DECIMAL(9,2): it is a DOUBLE", DECIMAL_HINT),
    ("DECIMAL(9,2)", "1,5", "'1,5' is not a DECIMAL(9,2): it is not a decimal number", DECIMAL_HINT),
    ("FLOAT", 0.1, "'0.1' is not a FLOAT: a FLOAT would round it",
     "declare the column as DOUBLE, or round it yourself, to a FLOAT"),
    ("FLOAT", 16777217, "'16777217' is not a FLOAT: a FLOAT would round it", "declare the column as INT"),
    ("DOUBLE", 9007199254740993, "'9007199254740993' is not a DOUBLE: a DOUBLE would round it", "declare the column as LONG"),
    ("DOUBLE", "0.5", "'0.5' is not a DOUBLE: it is text", "pass a number, such as 3.5"),
    ("NAIVE_DATE", "2024-02-30", "'2024-02-30' is not a NAIVE_DATE: the month has no such day", DATE_HINT),
    ("NAIVE_DATE", "2024-02-29T12:00:00", "'2024-02-29T12:00:00' is not a NAIVE_DATE: it has a time of day", DATE_HINT),
    ("NAIVE_DATE", {"naive_date": 2147483647}, "'+5881580-07-11' is not a NAIVE_DATE: it is beyond the days that can be kept",
     DATE_HINT),
    ("NAIVE_DATE", 19782, "'19782' is not a NAIVE_DATE: it is an integer", DATE_HINT),
    ("NAIVE_DATETIME", "2024-02-29T12:00:00Z", "'2024-02-29T12:00:00Z' is not a NAIVE_DATETIME: it has a time zone",
     "declare the column as UTC_DATETIME"),
    ("NAIVE_DATETIME", "2024-02-29T25:00:00", "'2024-02-29T25:00:00' is not a NAIVE_DATETIME: the hour is not 00 to 23",
     NAIVE_HINT),
    ("UTC_DATETIME", "2024-02-29T12:00:00", "'2024-02-29T12:00:00' is not a UTC_DATETIME: it has no time zone",
     "end it with 'Z' if it is in UTC, or declare the column as NAIVE_DATETIME"),
    ("UTC_DATETIME", "2024-02-29T12:00:00.1234567Z",
     "'2024-02-29T12:00:00.1234567Z' is not a UTC_DATETIME: the fraction of the second has more than 6 digits", UTC_HINT),
    ("UTC_DATETIME", "yesterday", "'yesterday' is not a UTC_DATETIME: it does not begin with a date, YYYY-MM-DD", UTC_HINT),
    ("UTC_DATETIME", {"naive_datetime": 0}, "'1970-01-01T00:00:00' is not a UTC_DATETIME: it is a NAIVE_DATETIME", UTC_HINT),
    ("BINARY", 5, "'5' is not BINARY: it is an integer", "pass bytes, as BINARY"),
    ("XML", b"<a/>", "'<a/>' is not XML: it is BINARY", "pass UTF-8 text, or declare the column as BINARY"),
    ("STRING", b"abc", "'abc' is not a STRING: it is BINARY", STRING_HINT),
    ("STRING", {"text": "6162ff63"}, "'ab\\xFFc' is not a STRING: it is not valid UTF-8 at byte 3", STRING_HINT),
    ("STRING", {"text": "eda080"}, "'\\xED\\xA0\\x80' is not a STRING: it is not valid UTF-8 at byte 1", STRING_HINT),
    ("STRING", {"text": "610062"}, "'a\\x00b' is not a STRING: it holds a NUL at byte 2", STRING_HINT),
    ("JSON", "{\"a\": }", "'{\"a\": }' is not JSON: line 1, column 7: a value is expected", JSON_HINT),
    ("JSON", "text", "'text' is not JSON: line 1, column 1: a value is expected", JSON_HINT),
    ("JSON", {"double": "nan"}, "'NaN' is not JSON: line 1, column 1: a value is expected", JSON_HINT),
    ("JSON", {"utc_datetime": 0}, "'1970-01-01T00:00:00Z' is not JSON: it is a UTC_DATETIME", JSON_HINT),
]


def refuse(box, kind, value, message, hint):
    sync = box.fails(upsert("t", id=1, v=value), schema=[table("t", "id", id="LONG", v=kind)],
                     error=f"table 't': column 'v': {message}", hint=hint)
    equal(sync.report["error"]["status"], "invalid")
    equal(box.table("t"), [])


for row in REFUSED:
    case(f"refused: {row[2]}", refuse, *row)


@test
def a_long_value_is_shown_in_part(box):
    sync = box.sync(upsert("t", id=1, v={"repeat": ["ab", 5000]}), schema=[table("t", "id", id="LONG", v="LONG")], status=1)
    message, = sync.error
    assert message.startswith("table 't': column 'v': 'abab") and "ab...' is not a LONG: it is text" in message, message
    assert len(message) < 200, message


@test
def a_value_of_more_than_8_mib_is_refused(box):
    box.fails(upsert("t", id=1, v={"repeat": ["x", 8 * 1024 * 1024 + 1]}), schema=[table("t", "id", id="LONG", v="STRING")],
              error="table 't': column 'v': its value has 8388609 bytes, more than 8388608",
              hint="values of this size belong in files: keep a path or an address in the row")


@test
def values_of_8_mib_are_kept(box):
    largest = {"repeat": ["0123456789abcdef", 512 * 1024]}
    box.sync(*[upsert("t", id=i, v=largest) for i in range(4)], schema=[table("t", "id", id="LONG", v="STRING")])
    equal(box.rows("SELECT count(*) AS n, min(length(v)) AS least, count(DISTINCT v) AS kinds FROM tester.t"),
          [dict(n=4, least=8388608, kinds=1)])


@test
def rows_of_100_kb_are_kept_with_memory_for_2048_of_them(box):
    text = {"repeat": ["0123456789", 10000]}
    box.sync(upserts("t", "id", 1, 2500, v=text), schema=[table("t", "id", id="LONG", v="STRING")],
             options=["--memory-limit", "2GiB"])
    equal(box.rows("SELECT count(*) AS n, min(length(v)) AS least FROM tester.t"), [dict(n=2500, least=100000)])


# ---- declarations ----------------------------------------------------------------------------------------------------

DECLARATIONS = [
    (table("t", "id", id="DECIMAL(0,0)"),
     "table 't': column 'id': 'DECIMAL(0,0)' is not a type: its precision is not 1 to 38"),
    (table("t", "id", id="DECIMAL(39,0)"),
     "table 't': column 'id': 'DECIMAL(39,0)' is not a type: its precision is not 1 to 38"),
    (table("t", "id", id="DECIMAL(4,5)"),
     "table 't': column 'id': 'DECIMAL(4,5)' is not a type: its scale is above its precision"),
    (table("t", "id", id=15), "table 't': column 'id': '15' is not a type"),
    (table("t", "id", [("id", "LONG"), ("id", "INT")]), "table 't': column 'id' is declared twice"),
    (table("t", "id id", id="LONG"), "table 't': the primary key names column 'id' twice"),
    (table("t", [""], id="LONG"), "table 't': the primary key has a column with an empty name"),
    (table("t", "id", [("id", "LONG"), (" ", "INT")]), "table 't': column 2 has an empty name"),
    (table(" \t", "id", id="LONG"), "a table has an empty name"),
]


def misdeclare(box, declaration, message):
    box.fails(upsert("t", id=1), schema=[declaration], error=message)


for row in DECLARATIONS:
    case(f"declared: {row[1]}", misdeclare, *row)


@test
def a_table_may_not_be_declared_twice(box):
    one = table("t", "id", id="LONG")
    box.fails(schema=[one, one], error="table 't' is declared twice")


tap.main()

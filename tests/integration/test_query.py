"""pawl query: a result as a table, CSV or JSON."""
import json

import tap
from harness import PAWL, contains, equal, test, upsert, upserts

VALUES = ("SELECT * FROM (VALUES (1, 'a', NULL, true), (-20, '', 1.5, NULL), (300, 'Zoë 花子', 0.25, false)) "
          "AS v(n, \"text\", \"number\", flag)")


def warehouse(box):
    box.sync(upsert("t", id=1))


@test
def a_table_is_aligned(box):
    warehouse(box)
    equal(box.query(VALUES).stdout,
          "  n | text     | number | flag\n"
          "--- + -------- + ------ + -----\n"
          "  1 | a        |   NULL | true\n"
          "-20 |          |   1.50 | NULL\n"
          "300 | Zoë 花子 |   0.25 | false\n"
          "(3 rows)\n")


@test
def csv_tells_null_from_empty(box):
    warehouse(box)
    equal(box.query(VALUES, "--format", "csv").stdout,
          'n,text,number,flag\n1,a,,true\n-20,"",1.50,\n300,Zoë 花子,0.25,false\n')


@test
def csv_quotes_what_needs_it(box):
    warehouse(box)
    equal(box.query("SELECT 'a,b' AS \"x,y\", 'say \"hi\"' AS q, 'two' || chr(10) || 'lines' AS l, ' blank ' AS b",
                    "--format=csv").stdout,
          '"x,y",q,l,b\n"a,b","say ""hi""","two\nlines", blank \n')


@test
def json_has_a_row_a_line(box):
    warehouse(box)
    output = box.query(VALUES, "--format", "json").stdout
    equal(output.splitlines()[0], "[")
    equal(json.loads(output), [dict(n=1, text="a", number=None, flag=True), dict(n=-20, text="", number=1.5, flag=None),
                               dict(n=300, text="Zoë 花子", number=0.25, flag=False)])


@test
def json_is_valid_whatever_the_value(box):
    warehouse(box)
    row, = json.loads(box.query(
        "SELECT 0.5::DECIMAL(1,1) AS a, (-0.25)::DECIMAL(2,2) AS b, 'nan'::DOUBLE AS c, '-inf'::DOUBLE AS d, 1e300 AS e, "
        "-0.0::DOUBLE AS f, 170141183460469231731687303715884105727::HUGEINT AS g, chr(1) || '\"\\' || chr(10) AS h, "
        "[1, NULL, 3] AS i, {'x': 'y', 'z': [0.5]} AS j, '\\x00\\xFF'::BLOB AS k, DATE '2024-02-29' AS l, "
        "'[1, {\"b\": 2}]'::JSON AS m, "
        "['nan'::DOUBLE] AS n, MAP {'k': 1} AS o, INTERVAL 1 DAY AS p, 5::UTINYINT AS q, 1.5::FLOAT AS r",
        "--format", "json").stdout)
    equal(row, dict(a=0.5, b=-0.25, c="nan", d="-inf", e=1e300, f=0.0, g=170141183460469231731687303715884105727,
                    h="\x01\"\\\n", i=[1, None, 3], j={"x": "y", "z": [0.5]}, k="\\x00\\xFF", l="2024-02-29",
                    m=[1, {"b": 2}], n=row["n"], o={"k": 1}, p="1 day", q=5, r=1.5))


@test
def an_empty_result_has_its_heading(box):
    warehouse(box)
    sql = "SELECT id FROM tester.t WHERE false"
    equal(box.query(sql).stdout, "id\n--\n(0 rows)\n")
    equal(box.query(sql, "--format", "csv").stdout, "id\n")
    equal(json.loads(box.query(sql, "--format", "json").stdout), [])


@test
def a_table_shows_a_thousand_rows_and_counts_the_rest(box):
    box.sync(upserts("t", "id", 1, 5))
    equal(box.query("SELECT * FROM range(1234)").stdout.splitlines()[-2:],
          ["(1,000 rows)", "... 234 more: --limit N, or --format csv"])
    equal(box.query("SELECT * FROM range(5)", "--limit", "2").stdout.splitlines()[2:],
          ["    0", "    1", "(2 rows)", "... 3 more: --limit N, or --format csv"])
    equal(box.query("SELECT * FROM range(5)", "--limit", "2", "--format", "csv").stdout, "range\n0\n1\n")
    equal(len(box.query("SELECT * FROM range(5000)", "--format", "csv").stdout.splitlines()), 5001)


@test
def a_comment_may_begin_the_statement(box):
    warehouse(box)
    equal(box.query("-- one\nSELECT 1 AS x", "--format", "csv").stdout, "x\n1\n")
    equal(box.query("/* one */ SELECT 1 AS x", "--format", "csv").stdout, "x\n1\n")


@test
def tables_are_found_without_their_schema(box):
    warehouse(box)
    equal(box.query("show tables", "--format", "csv").stdout, "name\nt\n")
    equal(box.query("SELECT id FROM t", "--format", "csv").stdout, "id\n1\n")


@test
def a_semicolon_or_a_comment_may_end_the_statement(box):
    warehouse(box)
    equal(box.query("SELECT 1 AS x; \n", "--format", "csv").stdout, "x\n1\n")
    equal(box.query("SELECT 1 AS x -- and no more", "--format", "csv").stdout, "x\n1\n")
    equal(box.query("SELECT 1 AS x; -- and no more", "--format", "csv").stdout, "x\n1\n")


@test
def control_characters_do_not_reach_the_terminal(box):
    warehouse(box)
    output = box.query("SELECT chr(27) || '[31m' AS x, 'a' || chr(10) || 'b' AS y").stdout
    equal(output.splitlines()[2], "\\x1b[31m | a\\nb")


# ---- errors ----------------------------------------------------------------------------------------------------------

def failing(box, sql, *options, status=1):
    result = box.query(sql, *options, status=status)
    equal(result.stdout, "")
    return result.stderr


@test
def what_changes_something_is_refused(box):
    warehouse(box)
    for sql in ("DROP TABLE tester.t", "DELETE FROM tester.t", "SET threads = 1", "ATTACH 'x.db'",
                "CREATE TABLE x AS SELECT 1"):
        contains(failing(box, sql), "error: the statement is none that reads rows\nhint: 'query' changes nothing")
    contains(failing(box, "SELECT 1; DROP TABLE tester.t"), "error: ")
    for sql in ("COPY tester.t TO 'x.csv'", "SELECT * FROM read_csv('/etc/passwd')"):
        contains(failing(box, sql), "file system operations are disabled by configuration")
    equal(box.tables(), ["t"])


@test
def errors_of_the_statement_are_shown(box):
    warehouse(box)
    contains(failing(box, "SELECT nothing FROM tester.t"), "nothing")
    contains(failing(box, "SELEC 1"), "syntax error")
    contains(failing(box, "SELECT 1/0 AS x, CAST('x' AS INTEGER) AS y"), "x")
    equal(failing(box, " ; ")[:27], "error: the statement is emp")


@test
def errors_show_the_statement_alone(box):
    warehouse(box)
    equal(failing(box, "pragma version"), "error: the statement cannot stand in a FROM clause, as 'query' needs it\n"
                                          "hint: instead of PRAGMA name, write FROM pragma_name()\n")
    equal(failing(box, "SELECT CAST('x' AS INTEGER)"), "error: could not convert string 'x' to INT32\n")


@test
def output_that_cannot_be_written_has_a_reason(box):
    warehouse(box)
    result = box.run("sh", "-c", f"{PAWL} query files/warehouse.db 'SELECT 1' >/dev/full", status=1)
    equal(result.stderr, "error: cannot write the output: No space left on device\n")
    result = box.run("sh", "-c", f"{PAWL} query files/warehouse.db 'FROM range(100000)' --format csv >/dev/full", status=1)
    equal(result.stderr, "error: cannot write the output: No space left on device\n")


@test
def two_columns_of_one_name_are_an_error_in_json_alone(box):
    warehouse(box)
    equal(box.query("SELECT 1 AS x, 2 AS x", "--format", "csv").stdout, "x,x\n1,2\n")
    equal(failing(box, "SELECT 1 AS x, 2 AS x", "--format", "json"),
          "error: two columns are called 'x': a JSON object holds one of them\nhint: give one of them another name with AS\n")


@test
def a_missing_warehouse_is_an_error_and_is_not_made(box):
    equal(box.run(PAWL, "query", "nowhere.db", "SELECT 1", status=1).stderr, "error: there is no warehouse 'nowhere.db'\n")
    assert not (box.folder / "nowhere.db").exists()


@test
def a_file_that_is_no_warehouse_is_an_error(box):
    (box.folder / "text.db").write_text("not a database, but long enough to be looked at\n" * 200, encoding="utf-8")
    contains(box.run(PAWL, "query", "text.db", "SELECT 1", status=1).stderr, "not a valid DuckDB database file")


@test
def a_wrong_command_line_is_exit_status_2(box):
    equal(box.run(PAWL, "query", "x.db", status=2).stderr,
          "error: SQL is missing\nhint: 'pawl help query' lists what it takes\n")
    equal(box.run(PAWL, "query", "x.db", "SELECT 1", "--frmat", "csv", status=2).stderr,
          "error: unknown option '--frmat'\nhint: did you mean '--format'?\n")
    equal(box.run(PAWL, "quary", status=2).stderr, "error: unknown verb 'quary'\nhint: did you mean 'query'?\n")
    equal(box.run(PAWL, "query", "x.db", "SELECT 1", "--limit", "0", status=2).stderr.splitlines()[0],
          "error: '--limit' is '0', but must be from 1 to 9223372036854775807")


@test
def a_reader_that_goes_away_is_no_error(box):
    warehouse(box)
    result = box.run("sh", "-c", f"{PAWL} query files/warehouse.db 'SELECT * FROM range(1000000)' --format csv | head -n 2")
    equal([result.stdout, result.stderr], ["range\n0\n", ""])


tap.main()

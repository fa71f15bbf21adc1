"""tests/interop/behaviours.py: what the contract of Fivetran's SDK says, as a table, a row for a behaviour. test_behaviours.py runs
each with the official SDK and in C, and compares what is left with what the row expects.

Rows that can be run together have tables of their own, of which `rows` and `types` say what is in them in the end; they share their
runs, so that they cost little. A row that says how a run ends (`error`, `report`, `state`, `said`) is run by itself.

Where C does something else, `c` has what differs, or is None when C cannot do it at all, and `why` says why.
"""
import dataclasses

from harness import checkpoint, checkpoint_json, delete, get, say, table, truncate, update, upsert, upserts


@dataclasses.dataclass
class Behaviour:
    name: str
    syncs: list                   # of each sync, its operations
    schema: list = None           # what harness.table makes; None: there is no schema()
    python_schema: list = None    # what schema() returns in Python, where C has no words for it
    rows: dict = dataclasses.field(default_factory=dict)   # of a table, its rows
    types: dict = dataclasses.field(default_factory=dict)  # of a table, DuckDB's types of its columns
    error: str = None             # a part of the error with which the last sync fails
    report: dict = None           # what the last sync reports
    state: dict = None            # what the state is in the end
    said: list = None             # what the last sync's lines hold
    options: list = ()            # of the command line
    configuration: dict = dataclasses.field(default_factory=dict)
    given: dict = None            # what the state file holds before the first sync
    c: dict = dataclasses.field(default_factory=dict)
    why: str = None

    @property
    def is_alone(self):
        return any(each is not None for each in (self.error, self.report, self.state, self.said)) or bool(self.options)

    def expected(self, is_c):
        return dataclasses.replace(self, **self.c) if is_c else self


def raises(text):
    return {"op": "raise", "text": text}


def python(**columns):
    return [{"table": "t", "primary_key": ["k"], "columns": {"k": "LONG", **columns}}]


NO_WORD = "types are constants in C, and primary keys and tables are arguments: the compiler refuses what is wrong"

SCHEMA = [
    Behaviour("names of types are read in any case",
              [[upsert("any_case", k=1, s="x", d="1.50", u="2024-02-29T12:00:00Z")]],
              python_schema=[{"table": "any_case", "primary_key": ["k"], "columns": {
                  "k": "long", "s": "String", "d": {"type": "decimal", "precision": 9, "scale": 2}, "u": "utc_DateTime"}}],
              types={"any_case": dict(k="BIGINT", s="VARCHAR", d="DECIMAL(9,2)", u="TIMESTAMP WITH TIME ZONE")}, c=None,
              why=NO_WORD),
    Behaviour("a column of the key that has no type takes its first value's",
              [[upsert("key_without_type", k="x", a="y")]], [table("key_without_type", "k", a="STRING")],
              rows={"key_without_type": [dict(k="x", a="y")]}, types={"key_without_type": dict(k="VARCHAR", a="VARCHAR")}),
    Behaviour("a key of which a part is in columns, and a part is not",
              [[upsert("key_in_parts", k=1, part=2, a="x"), upsert("key_in_parts", k=1, part=3, a="y")]],
              [table("key_in_parts", "k part", part="SHORT", a="STRING")],
              rows={"key_in_parts": [dict(k=1, part=2, a="x"), dict(k=1, part=3, a="y")]},
              types={"key_in_parts": dict(k="BIGINT", part="SMALLINT", a="VARCHAR")}),
    Behaviour("a table without columns has those of its rows",
              [[upsert("without_columns", k=1, a="x", b=2)]], [table("without_columns", "k")],
              types={"without_columns": dict(k="BIGINT", a="VARCHAR", b="BIGINT")}),
    Behaviour("a table that is declared is there without a row", [[]], [table("without_rows", "k", k="INT", a="JSON")],
              rows={"without_rows": []}, types={"without_rows": dict(k="INTEGER", a="VARCHAR")}),
    Behaviour("a table without a primary key is keyed by its values",
              [[upsert("without_key", a="x", b=1), upsert("without_key", a="x", b=1), upsert("without_key", a="x")]],
              [table("without_key", None, a="STRING", b="LONG")],
              rows={"without_key": [dict(a="x", b=1), dict(a="x", b=None)]},
              types={"without_key": dict(_fivetran_id="VARCHAR", a="VARCHAR", b="BIGINT")}),
    Behaviour("without schema() the tables are those of the rows",
              [[upsert("no_schema", k=1), upsert("no_schema", k=1, a="x"), upsert("no_schema_either", b=True)]],
              types={"no_schema": dict(_fivetran_id="VARCHAR", k="BIGINT", a="VARCHAR"),
                     "no_schema_either": dict(_fivetran_id="VARCHAR", b="BOOLEAN")}),
    Behaviour("a row of a table that schema() has not makes the table",
              [[upsert("t", k=1), upsert("undeclared", a="x")]], [table("t", "k", k="LONG")], report={"schema_changes": 2},
              types={"undeclared": dict(_fivetran_id="VARCHAR", a="VARCHAR")},
              c=dict(error="table 'undeclared' is not declared in schema", types={}, report=None),
              why="a typing error is not a table"),
    Behaviour("a DECIMAL needs a precision and a scale", [[]], python_schema=python(a="DECIMAL"),
              error="DECIMAL data type missing precision and scale", c=None, why=NO_WORD),
    Behaviour("no other type takes them", [[]], python_schema=python(a={"type": "LONG", "precision": 9, "scale": 2}),
              error="Expecting DECIMAL data type for dictionary column entry, but got: LONG", c=None, why=NO_WORD),
    Behaviour("a type that does not exist is refused", [[]], python_schema=python(a="INTEGER"),
              error="Unrecognized column type encountered", c=None, why=NO_WORD),
    Behaviour("a table that is declared twice is refused", [[]], [table("t", "k", k="LONG"), table("t", "k", k="LONG")],
              error="Table already defined: t", c=dict(error="table 't' is declared twice")),
    Behaviour("a table with an empty name is refused", [[]], [table(" ", "k", k="LONG")],
              error="Table name must be a non-empty string", c=dict(error="a table has an empty name")),
]

T = [table("t", "k", k="LONG", a="STRING", b="LONG")]


def keyed(name):
    return [table(name, "k", k="LONG", a="STRING", b="LONG")]


OPERATIONS = [
    Behaviour("an upsert replaces the whole row",
              [[upsert("replaced", k=1, a="x", b=1), upsert("replaced", k=1, a="y")]], keyed("replaced"),
              rows={"replaced": [dict(k=1, a="y", b=None)]}),
    Behaviour("an upsert of a later sync does, too",
              [[upsert("replaced_later", k=1, a="x", b=1)], [upsert("replaced_later", k=1, b=2)]], keyed("replaced_later"),
              rows={"replaced_later": [dict(k=1, a=None, b=2)]}),
    Behaviour("an update changes the columns that it names",
              [[upsert("patched", k=1, a="x", b=1)], [update("patched", k=1, a="y"), update("patched", k=1, b=None)]],
              keyed("patched"),
              rows={"patched": [dict(k=1, a="y", b=None)]}),
    Behaviour("an update of a row that is not there is ignored",
              [[upsert("patched_nothing", k=1, a="x"), update("patched_nothing", k=2, a="y")]], keyed("patched_nothing"),
              rows={"patched_nothing": [dict(k=1, a="x", b=None)]}),
    Behaviour("a delete marks the row and keeps its values",
              [[upsert("marked", k=1, a="x", b=1), upsert("marked", k=2, a="y")], [delete("marked", k=1)]], keyed("marked"),
              rows={"marked": [dict(k=1, a="x", b=1, deleted=True), dict(k=2, a="y", b=None)]}),
    Behaviour("a delete of a row that is not there is ignored",
              [[upsert("marked_nothing", k=1, a="x"), delete("marked_nothing", k=2)]], keyed("marked_nothing"),
              rows={"marked_nothing": [dict(k=1, a="x", b=None)]}),
    Behaviour("an upsert revives a row that was deleted",
              [[upsert("revived", k=1, a="x", b=1), delete("revived", k=1)], [upsert("revived", k=1, a="y")]], keyed("revived"),
              rows={"revived": [dict(k=1, a="y", b=None)]}),
    Behaviour("an update leaves a row deleted",
              [[upsert("still_deleted", k=1, a="x"), delete("still_deleted", k=1), update("still_deleted", k=1, a="y")]],
              keyed("still_deleted"), rows={"still_deleted": [dict(k=1, a="y", b=None, deleted=True)]}),
    Behaviour("a key of several columns is all of them",
              [[upsert("composite", k=1, part="x", a=1), upsert("composite", k=1, part="y", a=2),
                upsert("composite", k=2, part="x", a=3),
                update("composite", k=1, part="y", a=4), delete("composite", k=2, part="x"), delete("composite", k=2, part="y")]],
              [table("composite", "k part", k="LONG", part="STRING", a="LONG")],
              rows={"composite": [dict(k=1, part="x", a=1), dict(k=1, part="y", a=4), dict(k=2, part="x", a=3, deleted=True)]}),
    Behaviour("a truncate marks the rows that came before it in the sync, and no others",
              [[upsert("truncated", k=1, a="x"), truncate("truncated"), upsert("truncated", k=2, a="y")]], keyed("truncated"),
              rows={"truncated": [dict(k=1, a="x", b=None, deleted=True), dict(k=2, a="y", b=None)]}),
    Behaviour("a truncate marks the rows of earlier syncs",
              [[upsert("truncated_later", k=1, a="x"), upsert("truncated_later", k=2, a="y")], [truncate("truncated_later")]],
              keyed("truncated_later"),
              rows={"truncated_later": [dict(k=1, a="x", b=None, deleted=True), dict(k=2, a="y", b=None, deleted=True)]}),
    Behaviour("an upsert after a truncate revives its row",
              [[upsert("refilled", k=1, a="x", b=1), upsert("refilled", k=2, a="x")],
               [truncate("refilled"), upsert("refilled", k=1, a="y")]],
              keyed("refilled"), rows={"refilled": [dict(k=1, a="y", b=None), dict(k=2, a="x", b=None, deleted=True)]}),
    Behaviour("a truncate is of its own table", [[upsert("spared", k=1, a="x"), truncate("spared_not")]],
              keyed("spared") + keyed("spared_not"), rows={"spared": [dict(k=1, a="x", b=None)], "spared_not": []}),
    Behaviour("operations take effect in their order",
              [[upsert("in_order", k=1, a="1"), delete("in_order", k=1), upsert("in_order", k=1, a="2"),
                update("in_order", k=1, b=3),
                upsert("in_order", k=2, a="4"), delete("in_order", k=2)]], keyed("in_order"),
              rows={"in_order": [dict(k=1, a="2", b=3), dict(k=2, a="4", b=None, deleted=True)]}),
    Behaviour("a column that comes later is NULL in the rows before",
              [[upsert("grown", k=1, a="x")], [upsert("grown", k=2, a="y", late=True)]], keyed("grown"),
              rows={"grown": [dict(k=1, a="x", b=None, late=None), dict(k=2, a="y", b=None, late=True)]}),
    Behaviour("a key that is None is refused", [[upsert("t", k=None, a="x")]], T,
              error="table 't': column 'k' of the primary key is NULL in the upsert"),
    Behaviour("an update without the key is refused", [[update("t", a="x")]], T,
              error="table 't': column 'k' of the primary key is not given in the update, or NULL"),
    Behaviour("a warning goes on", [[say("warning", "look here"), upsert("t", k=1), checkpoint(n=1)]], T,
              report={"warnings": 1, "rows_committed": 1}, said=["look here"], rows={"t": [dict(k=1, a=None, b=None)]}),
    Behaviour("an error ends the sync", [[upsert("t", k=1), checkpoint(n=1), upsert("t", k=2), say("fail", "no more"),
                                          upsert("t", k=3),
                                          checkpoint(n=2)]], T, error="no more", state={"n": 1},
                                          rows={"t": [dict(k=1, a=None, b=None)]}),
    Behaviour("a warning that is empty is refused", [[say("warning", " ")]], T, error="Message must be a non-empty string", c=None,
              why="a warning without words is a warning"),
]

VALUES = [
    Behaviour("None is NULL, whatever the type",
              [[upsert("nothing", k=1, **dict.fromkeys("abcdefghijlmno"))]],
              [table("nothing", "k", k="LONG", a="BOOLEAN", b="SHORT", c="INT", d="LONG", e="DECIMAL(9,2)", f="FLOAT", g="DOUBLE",
                     h="NAIVE_DATE", i="NAIVE_DATETIME", j="UTC_DATETIME", l="BINARY", m="XML", n="STRING", o="JSON")],
              rows={"nothing": [dict(k=1, **dict.fromkeys("abcdefghijlmno"))]}),
    Behaviour("a column that is None alone is not made", [[upsert("only_nothing", k=1, a=None)]],
              [table("only_nothing", "k", k="LONG")],
              types={"only_nothing": dict(k="BIGINT")}),
    Behaviour("an empty text is not NULL", [[upsert("empty", k=1, a=""), upsert("empty", k=2, a=None)]], keyed("empty"),
              rows={"empty": [dict(k=1, a="", b=None), dict(k=2, a=None, b=None)]}),
    Behaviour("times have Z or an offset, with a T or a blank",
              [[upsert("instants", k=number, u=text) for number, text in enumerate([
                  "2024-02-29T12:00:00Z", "2024-02-29 12:00:00+00:00", "2024-02-29T17:30:00+0530",
                  "2024-02-29 07:00:00.000001-05:00"])]],
              [table("instants", "k", k="LONG", u="UTC_DATETIME")],
              rows={"instants": [dict(k=0, u="2024-02-29 12:00:00+00"), dict(k=1, u="2024-02-29 12:00:00+00"),
                                 dict(k=2, u="2024-02-29 12:00:00+00"), dict(k=3, u="2024-02-29 12:00:00.000001+00")]}),
    Behaviour("times without a zone, and dates",
              [[upsert("locals", k=1, n="2024-02-29T12:00:00", d="2024-02-29"),
                upsert("locals", k=2, n="2024-02-29 12:00:00.5", d="0001-01-01")]],
              [table("locals", "k", k="LONG", n="NAIVE_DATETIME", d="NAIVE_DATE")],
              rows={"locals": [dict(k=1, n="2024-02-29 12:00:00", d="2024-02-29"),
                               dict(k=2, n="2024-02-29 12:00:00.5", d="0001-01-01")]}),
    Behaviour("a UTC_DATETIME without a zone is refused",
              [[upsert("t", k=1, a="2024-02-29T12:00:00")]], [table("t", "k", k="LONG", a="UTC_DATETIME")],
              error="does not match format '%Y-%m-%dT%H:%M:%S%z'",
              c=dict(error="table 't': column 'a': '2024-02-29T12:00:00' is not a UTC_DATETIME")),
    Behaviour("an integer that its type does not hold is refused",
              [[upsert("t", k=1, a=2**31)]], [table("t", "k", k="LONG", a="INT")], error="Value out of range: 2147483648",
              c=dict(error="table 't': column 'a': '2147483648' is not an INT")),
    Behaviour("a SHORT has 16 bits", [[upsert("t", k=1, a=2**15)]], [table("t", "k", k="LONG", a="SHORT")],
              error="table 't': column 'a': '32768' is not a SHORT: it is beyond -32768 to 32767"),
    Behaviour("a STRING takes numbers, as their text", [[upsert("as_text", k=1, a=5, b=0.1)]],
              [table("as_text", "k", k="LONG", a="STRING", b="STRING")], rows={"as_text": [dict(k=1, a="5", b="0.1")]}),
    Behaviour("a STRING takes a boolean, as Python's text", [[upsert("truth_as_text", k=1, a=True)]],
              [table("truth_as_text", "k", k="LONG", a="STRING")], rows={"truth_as_text": [dict(k=1, a="True")]},
              c=dict(rows={"truth_as_text": [dict(k=1, a="true")]}), why="in C it is the text of JSON and SQL"),
    Behaviour("a JSON column takes documents", [[upsert("documents", k=1, a={"json": '{"a": [1, null]}'},
                                                        b={"json": '["\\u00fc"]'})]],
              [table("documents", "k", k="LONG", a="JSON", b="JSON")],
              rows={"documents": [dict(k=1, a='{"a": [1, null]}', b='["\\u00fc"]')]}),
    Behaviour("text in a JSON column is a string", [[upsert("quoted", k=1, a='{"a": 1}')]],
              [table("quoted", "k", k="LONG", a="JSON")],
              rows={"quoted": [dict(k=1, a='"{\\"a\\": 1}"')]}, c=dict(rows={"quoted": [dict(k=1, a='{"a": 1}')]}),
              why="in C there are no dictionaries: it is JSON already"),
    Behaviour("an int is a LONG", [[upsert("ints", k=1, a=2**63 - 1, b=-2**63 + 1, c=0)]], [table("ints", "k", k="LONG")],
              rows={"ints": [dict(k=1, a=2**63 - 1, b=-2**63 + 1, c=0)]},
              types={"ints": dict(k="BIGINT", a="BIGINT", b="BIGINT", c="BIGINT")}),
    Behaviour("an int beyond 64 bits is a FLOAT", [[upsert("large_ints", k=1, a={"unsigned": str(2**64 - 1)})]],
              [table("large_ints", "k", k="LONG")], types={"large_ints": dict(k="BIGINT", a="FLOAT")},
              c=dict(types={"large_ints": dict(k="BIGINT", a="DECIMAL(20,0)")}), why="an id that is rounded is another id"),
    Behaviour("a float is a FLOAT of 32 bits", [[upsert("floats", k=1, a=0.1, b=1.5)]], [table("floats", "k", k="LONG")],
              types={"floats": dict(k="BIGINT", a="FLOAT", b="FLOAT")},
              c=dict(types={"floats": dict(k="BIGINT", a="DOUBLE", b="DOUBLE")}),
              why="0.1 must arrive as 0.1; a C float is a FLOAT"),
    Behaviour("a bool is a BOOLEAN", [[upsert("bools", k=1, a=True, b=False)]], [table("bools", "k", k="LONG")],
              rows={"bools": [dict(k=1, a=True, b=False)]}, types={"bools": dict(k="BIGINT", a="BOOLEAN", b="BOOLEAN")}),
    Behaviour("bytes are BINARY", [[upsert("bytes", k=1, a=b"\0A\xff", b=b"")]], [table("bytes", "k", k="LONG")],
              rows={"bytes": [dict(k=1, a="\\x00A\\xFF", b="")]}, types={"bytes": dict(k="BIGINT", a="BLOB", b="BLOB")}),
    Behaviour("a dict and a list are JSON", [[upsert("nested", k=1, a={"json": '{"a": {"b": 1}}'}, b={"json": "[1, [2]]"})]],
              [table("nested", "k", k="LONG")], rows={"nested": [dict(k=1, a='{"a": {"b": 1}}', b="[1, [2]]")]}),
    Behaviour("text is text, whatever it looks like",
              [[upsert("looks", k=1, a="2024-02-29", b="007", c="true", d="2024-02-29T12:00:00Z", e="1.50", f="null",
                       g='{"a": 1}')]],
              [table("looks", "k", k="LONG")],
              rows={"looks": [dict(k=1, a="2024-02-29", b="007", c="true", d="2024-02-29T12:00:00Z", e="1.50", f="null",
                                   g='{"a": 1}')]}),
    Behaviour("a NaN is kept", [[upsert("no_number", k=1, a={"double": "nan"}, b={"double": "-inf"})]],
              [table("no_number", "k", k="LONG", a="DOUBLE", b="DOUBLE")],
              types={"no_number": dict(k="BIGINT", a="DOUBLE", b="DOUBLE")},
              rows={"no_number": [dict(k=1, a="nan", b="-inf")]}),
    Behaviour("a value may have some megabytes", [[upsert("long_value", k=1, a={"repeat": ["\u00fc", 3000000]})]],
              keyed("long_value"),
              rows={"long_value": [dict(k=1, a="\u00fc" * 3000000, b=None)]}),
]

STATES = [
    Behaviour("the first state is {}", [[get("state", "json", "json")]], T, said=["state json: {}"]),
    Behaviour("the state comes back whole",
              [[checkpoint_json('{"cursor": "2024-02-29", "deep": {"list": [1, null, true, "\\u00fc"]}}')],
               [get("state", "json", "json")]], T,
              said=['state json: {"cursor": "2024-02-29", "deep": {"list": [1, null, true, "\\u00fc"]}}'],
              state={"cursor": "2024-02-29", "deep": {"list": [1, None, True, "\u00fc"]}}),
    Behaviour("the last checkpoint of a sync is its state", [[checkpoint(n=1, only="first"), upsert("t", k=1), checkpoint(n=2)]], T,
              report={"checkpoints": 2}, state={"n": 2}),
    Behaviour("rows after the last checkpoint are kept when update ends well", [[checkpoint(n=1), upsert("t", k=1)]], T,
              report={"rows_committed": 1, "checkpoints": 1}, state={"n": 1}, rows={"t": [dict(k=1, a=None, b=None)]}),
    Behaviour("a sync without a checkpoint leaves the state as it was",
              [[checkpoint(n=1)], [upsert("t", k=1)]], T, report={"rows_committed": 1, "checkpoints": 0}, state={"n": 1}),
    Behaviour("a sync that fails goes back to its last checkpoint",
              [[upsert("t", k=1), checkpoint(n=1), upserts("t", "k", 2, 300), raises("broken")]], T,
              error="failed while executing update() error: broken", state={"n": 1}, rows={"t": [dict(k=1, a=None, b=None)]},
              c=None,
              why="there are no exceptions in C: pawl_fail, above, is an error()"),
    Behaviour("a state file is where a new warehouse starts from", [[get("state", "json", "json")]], T, given={"n": 7},
              said=['state json: {"n": 7}']),
]

RUNS = [
    Behaviour("no record is lost between batches of a hundred", [[upserts("t", "k", 1, 105), checkpoint(n=1)]], T,
              report={"rows_committed": 105, "operations": dict(upserts=105, updates=0, deletes=0, truncates=0)}),
    Behaviour("values of the configuration are texts", [[]], T, configuration={"port": 1}, error="'port'"),
    Behaviour("a configuration has a hundred values at most", [[]], T, configuration={f"key{number}": "" for number in range(100)},
              error="100"),
    Behaviour("debug lines are shown", [[say("log", "for who looks", level="debug"), say("log", "for all", level="info")]], T,
              said=["DEBUG", "for who looks", "for all"]),
    Behaviour("names become the destination's",
              [[upsert("userData", {"k": 1, "firstName": "x", "2fast": 1, "Stra\u00dfe": "y", "a.b": 2, "order": 3})]],
              [table("userData", "k", k="LONG")],
              rows={"user_data": [{"k": 1, "first_name": "x", "_2fast": 1, "strasse": "y", "a_b": 2, "order": 3}]}),
    Behaviour("or stay the source's", [[upsert("userData", {"k": 1, "firstName": "x", "a.b": 2})]],
              [table("userData", "k", k="LONG")],
              options=["--naming", "SOURCE"], rows={"userData": [{"k": 1, "firstName": "x", "a.b": 2}]}),
    Behaviour("the report counts the calls",
              [[upserts("t", "k", 1, 5), update("t", k=1, a="x"), update("t", k=9, a="x"), delete("t", k=2), truncate("t"),
                checkpoint(n=1)]], T,
              report={"operations": dict(upserts=5, updates=2, deletes=1, truncates=1), "checkpoints": 1, "schema_changes": 1}),
]

TABLE = [(section, row) for section, rows in [
    ("schema", SCHEMA), ("operations", OPERATIONS), ("values", VALUES), ("state", STATES), ("runs", RUNS)] for row in rows]

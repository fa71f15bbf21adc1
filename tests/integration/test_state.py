"""The state: which one a sync starts from, what may stand in it, and that the file is an exact copy of the warehouse's."""
import decimal
import json
import os

import tap
from harness import PROGRAMS, checkpoint, checkpoint_json, contains, equal, get, say, table, test, truncate, update, upsert

SHOW = get("state", "json")
DIFFERS = ("WARNING pawl: state 'files/state.json' differs from the warehouse's, which is used, since it was committed "
           "together with the rows")


def started_from(sync):
    line, = [line for line in sync.log if line.startswith("INFO state : ")]
    return line.removeprefix("INFO state : ")


def warnings(sync):
    return [line for line in sync.log if line.startswith("WARNING")]


# ---- what is kept ----------------------------------------------------------------------------------------------------

@test
def the_first_sync_starts_from_nothing(box):
    sync = box.sync(SHOW, get("state", "string", "x", fallback="none"))
    equal(started_from(sync), "{}")
    contains(sync.lines, "state x: none\n")
    equal(warnings(sync), [])
    equal([sync.report["state"], sync.report["checkpoints"]], [{}, 0])


@test
def fields_become_an_object_of_their_kinds(box):
    box.sync(checkpoint({"text": "ä\"\\\n", "integer": -9223372036854775808, "real": 0.1, "flag": True, "none": None,
                         "json": {"json": "{\"b\": [1]}"}, "decimal": decimal.Decimal("1.50"), "at": {"utc_datetime": 1500000},
                         "day": {"naive_date": 19782}, "big": 18446744073709551615}))
    text = ('{"text": "ä\\"\\\\\\n", "integer": -9223372036854775808, "real": 0.1, "flag": true, "none": null, '
            '"json": {"b": [1]}, "decimal": "1.50", "at": "1970-01-01T00:00:01.5Z", "day": "2024-02-29", '
            '"big": "18446744073709551615"}')
    equal(box.saved_state(), text)
    equal(box.state_file(), text + "\n")


@test
def json_is_kept_byte_for_byte(box):
    text = '{ "b" : [1.50, 1e3,\t"\\u00e4" ],\n\n "a":{ } }'
    box.sync(checkpoint_json(text))
    equal(box.saved_state(), text)
    equal(box.state_file(), text + "\n")
    sync = box.sync(SHOW)
    equal(started_from(sync), text.replace("\n", " ").replace("\t", "\\t"))
    equal(warnings(sync), [])


@test
def the_next_sync_reads_what_was_kept(box):
    box.sync(checkpoint(text="a", number=-5, flag=True, none=None))
    sync = box.sync(get("state", "string", "text"), get("state", "integer", "number"), get("state", "boolean", "flag"),
                    get("state", "integer", "none", fallback=9), get("state", "integer", "missing", fallback=8))
    equal([line for line in sync.log if line.startswith("INFO state ")],
          ["INFO state text: a", "INFO state number: -5", "INFO state flag: true", "INFO state none: 9",
           "INFO state missing: 8"])
    equal(sync.report["state"], {"text": "a", "number": -5, "flag": True, "none": None})


@test
def a_state_of_another_type_fails_the_sync(box):
    box.sync(checkpoint(x="text", y=1))
    hint = "another version of the connector may have kept it; --reset starts from nothing"
    box.fails(get("state", "integer", "x"), error="state: 'x' is not an integer", hint=hint)
    box.fails(get("state", "boolean", "x"), error="state: 'x' is not true or false", hint=hint)
    box.fails(get("state", "string", "y"), error="state: 'y' is not a string", hint=hint)


@test
def the_last_checkpoint_counts(box):
    sync = box.sync(checkpoint(n=1), checkpoint(n=2), checkpoint(n=3))
    equal([box.saved_state(), box.state_file(), sync.report["checkpoints"]], ['{"n": 3}', '{"n": 3}\n', 3])


@test
def a_checkpoint_with_the_same_state_writes_nothing(box):
    box.sync(checkpoint(n=1))
    saved = box.rows("SELECT saved_at FROM _pawl.connector_state")
    changed = os.stat(box.folder / "files/state.json").st_mtime_ns
    sync = box.sync(checkpoint(n=1))
    equal(sync.report["checkpoints"], 1)
    equal(box.rows("SELECT saved_at FROM _pawl.connector_state"), saved)
    equal(os.stat(box.folder / "files/state.json").st_mtime_ns, changed)


# ---- what is refused -------------------------------------------------------------------------------------------------

@test
def a_state_must_be_an_object(box):
    for text, message in [("[1]", "an array, where an object is expected"), ("null", "null, where an object is expected"),
                          ("\"x\"", "a string, where an object is expected"),
                          ("5", "a number, where an object is expected")]:
        box.fails(upsert("t", id=1), checkpoint_json(text), error=f"state of a checkpoint: {message}")
    contains(box.sync(checkpoint_json("{"), status=1).error[0], "state of a checkpoint: line 1, column 2: ")
    box.fails(checkpoint_json(None), error="a checkpoint has no state")
    equal(box.tables(), [])


@test
def a_number_that_would_not_stay_exact_is_refused(box):
    sync = box.sync(checkpoint_json('{"n": 12345678901234567890}'), status=1)
    equal(sync.hint, ["a number beyond 64 bits would not stay exact: write it as a string, in quotes"])


@test
def bytes_are_refused(box):
    box.fails(checkpoint(x=b"\x00"), error="state: 'x': bytes cannot stand in a state")


@test
def a_double_that_is_no_number_is_refused(box):
    box.sync(checkpoint(x={"double": "nan"}), status=1)
    equal(box.saved_state() if (box.folder / "files/state.json").exists() else None, None)


@test
def a_state_of_ten_million_bytes_is_refused(box):
    def state(size):
        return '{"x": "' + "y" * (size - 9) + '"}'
    equal(len(state(50)), 50)
    box.sync(checkpoint_json(state(9999999)))
    equal(len(box.state_file()), 10000000)
    equal(len(box.saved_state()), 9999999)
    sync = box.sync(get("state", "string", "missing"))
    equal(warnings(sync), [])
    box.fails(checkpoint_json(state(10000000)), hint="keep cursors in the state, not data",
              error="state of a checkpoint: it has 10000000 bytes, the limit is 10000000")
    equal(len(box.saved_state()), 9999999)


# ---- which state wins ------------------------------------------------------------------------------------------------

@test
def the_warehouse_wins_over_the_file(box):
    box.sync(checkpoint(n=1))
    (box.folder / "files/state.json").write_text('{"n": 2}\n', encoding="utf-8")
    sync = box.sync(SHOW)
    equal(started_from(sync), '{"n": 1}')
    equal(warnings(sync), [DIFFERS])
    equal(box.state_file(), '{"n": 1}\n')


@test
def the_same_state_in_other_words_is_no_difference(box):
    box.sync(checkpoint_json('{"a": 1, "b": 2}'))
    (box.folder / "files/state.json").write_text('{"b":2,"a":1}', encoding="utf-8")
    sync = box.sync(SHOW)
    equal([started_from(sync), warnings(sync)], ['{"a": 1, "b": 2}', []])


@test
def a_lost_file_is_written_again(box):
    box.sync(checkpoint(n=1))
    (box.folder / "files/state.json").unlink()
    sync = box.sync(SHOW)
    equal([started_from(sync), warnings(sync)], ['{"n": 1}', []])
    equal(box.state_file(), '{"n": 1}\n')


@test
def a_damaged_file_is_no_harm_to_a_warehouse_with_a_state(box):
    box.sync(checkpoint(n=1))
    for damage in (b'{"n": ', b"", b"\xff\xfe", b"[]"):
        (box.folder / "files/state.json").write_bytes(damage)
        sync = box.sync(SHOW)
        equal(started_from(sync), '{"n": 1}')
        equal(warnings(sync), ["WARNING pawl: state 'files/state.json' is damaged, and ignored: the warehouse decides"])
        equal(box.state_file(), '{"n": 1}\n')


@test
def a_damaged_file_is_no_start_for_a_new_warehouse(box):
    (box.folder / "files").mkdir()
    (box.folder / "files/state.json").write_text('{"n": ', encoding="utf-8")
    sync = box.sync(SHOW)
    equal([started_from(sync), warnings(sync)],
          ["{}", ["WARNING pawl: state 'files/state.json' is damaged, and ignored: the warehouse decides"]])


@test
def a_damaged_file_that_was_named_is_an_error_for_a_new_warehouse(box):
    (box.folder / "mine.json").write_text('{"n": ', encoding="utf-8")
    sync = box.sync(SHOW, status=1, options=["--state", "mine.json"])
    contains(sync.error[0], "state 'mine.json': line ")
    equal(box.state_file("mine.json"), '{"n": ')


@test
def the_usual_file_is_no_start_for_a_new_warehouse(box):
    box.sync(checkpoint(n=1))
    (box.folder / "files/warehouse.db").unlink()
    sync = box.sync(SHOW)
    equal(started_from(sync), "{}")
    equal(warnings(sync), ["WARNING pawl: state 'files/state.json' is ignored: the warehouse is new, so the sync starts from "
                           "nothing; name the file with --state to start from it"])
    equal(box.state_file(), "{}\n")


@test
def a_named_file_is_the_start_of_a_new_warehouse(box):
    (box.folder / "mine.json").write_text('{"n": 7}', encoding="utf-8")
    sync = box.sync(SHOW, upsert("t", id=1), checkpoint(n=8), options=["--state", "mine.json"])
    equal([started_from(sync), warnings(sync)], ['{"n": 7}', []])
    equal([box.saved_state(), box.state_file("mine.json")], ['{"n": 8}', '{"n": 8}\n'])
    assert not (box.folder / "files/state.json").exists()


@test
def a_named_file_does_not_win_over_a_warehouse_with_a_state(box):
    box.sync(checkpoint(n=1))
    (box.folder / "mine.json").write_text('{"n": 7}', encoding="utf-8")
    sync = box.sync(SHOW, options=["--state=mine.json"])
    equal(started_from(sync), '{"n": 1}')
    equal(warnings(sync), [DIFFERS.replace("files/state.json", "mine.json")])


@test
def a_named_file_that_is_missing_means_nothing_for_a_new_warehouse(box):
    sync = box.sync(SHOW, checkpoint(n=1), options=["--state", "mine.json"])
    equal([started_from(sync), warnings(sync)],
          ["{}", ["WARNING pawl: state 'mine.json' does not exist: the sync starts from nothing"]])
    equal([box.saved_state(), box.state_file("mine.json")], ['{"n": 1}', '{"n": 1}\n'])


@test
def reset_starts_from_nothing(box):
    schema = [table("t", "id", id="LONG"), table("u", "id", id="LONG")]
    box.sync(upsert("t", id=1), upsert("u", id=1), checkpoint(n=1), schema=schema)
    sync = box.sync(SHOW, upsert("t", id=2), schema=schema[:1], options=["--reset"])
    equal([started_from(sync), warnings(sync)], ["{}", []])
    equal(box.tables(), ["t"])
    equal(box.table("t"), [dict(id=2)])
    equal(box.state_file(), "{}\n")


@test
def reset_leaves_other_schemas_alone(box):
    box.sync(upsert("t", id=1))
    box.sync(options=["--reset"])
    equal(box.tables(), [])
    equal(box.rows("SELECT DISTINCT schema_name AS name FROM duckdb_tables() ORDER BY name"), [dict(name="_pawl")])


# ---- rows and state together -----------------------------------------------------------------------------------------

@test
def rows_after_the_last_checkpoint_are_kept_with_its_state(box):
    sync = box.sync(upsert("t", id=1), checkpoint(n=1), upsert("t", id=2))
    equal([len(box.table("t")), box.saved_state(), sync.report["rows_committed"]], [2, '{"n": 1}', 2])


@test
def a_failed_sync_discards_what_came_after_the_last_checkpoint(box):
    key = table("t", "id")
    box.sync(key, upsert("t", id=1, v=1), upsert("t", id=2, v=1), checkpoint(n=1))
    sync = box.sync(key, upsert("t", id=3, v=1), checkpoint(n=2), upsert("t", id=4, v=1), update("t", id=1, v=9), truncate("t"),
                    say("fail", "the source went away"), checkpoint(n=3), upsert("t", id=5, v=1), status=1)
    equal(box.table("t"), [dict(id=1, v=1), dict(id=2, v=1), dict(id=3, v=1)])
    equal([box.saved_state(), box.state_file()], ['{"n": 2}', '{"n": 2}\n'])
    equal([sync.error, sync.report["rows_committed"], sync.report["rows_discarded"]], [["the source went away"], 1, 2])
    equal([sync.report["checkpoints"], sync.report["state"]], [1, {"n": 2}])


@test
def a_state_file_that_cannot_be_written_fails_after_the_commit(box):
    box.sync(upsert("t", id=1), checkpoint(n=1))
    (box.folder / "files/state.json").unlink()
    (box.folder / "files/state.json").mkdir()
    sync = box.sync(upsert("t", id=2), checkpoint(n=2), status=1)
    contains(sync.error[0], "state: ")
    equal(len(box.tables()), 1)


@test
def an_update_that_fails_without_an_error_is_told(box):
    box.fails(upsert("t", id=1), {"op": "return"},
              error="update of connector 'inferred' failed without an error (status 'connector')")
    equal(json.loads(box.run(PROGRAMS["inferred"], *box.script(SHOW), "--json").stdout)["state"], {})


tap.main()

"""What a run prints: lines, the table of calls, one JSON object; into a pipe and onto a terminal."""
import fcntl
import json
import os
import pty
import re
import struct
import subprocess
import termios

import tap
from harness import (PAWL, PROGRAMS, SANITIZERS, checkpoint, contains, delete, equal, say, table, test, truncate, update,
                     upsert,
                     upserts)

T = table("t", "id", id="LONG", a="LONG")
SCRIPT = [upsert("t", id=1, a=1), upsert("t", id=2, a=1), update("t", id=1, a=2), delete("t", id=2), truncate("t"),
          say("warning", "look here"), checkpoint(n=1), upsert("t", id=3)]


def plain(box, *script, status=0, options=(), **more):
    return box.run(PROGRAMS["scripted"], *box.script(*script, schema=[T]), *options, status=status, **more)


@test
def the_report_is_a_table_and_one_line(box):
    output = plain(box, *SCRIPT).stdout
    report = output[output.index("\nSYNC PROGRESS:"):]
    contains(report, "\nSYNC PROGRESS:\n"
                     "Operation     |        Calls\n"
                     "------------- + ------------\n"
                     "Upserts       |            3\n"
                     "Updates       |            1\n"
                     "Deletes       |            1\n"
                     "Truncates     |            1\n"
                     "SchemaChanges |            1\n"
                     "Checkpoints   |            1\n"
                     "Warnings      |            1\n"
                     "\n"
                     "Sync SUCCEEDED in ")
    assert re.search(r"\nSync SUCCEEDED in \d+\.\d\d s: 5 rows, [\d,]+ rows?/s, peak memory \d+ MiB\n$", report), report


@test
def a_failed_sync_tells_what_was_kept(box):
    output = plain(box, upsert("t", id=1), checkpoint(n=1), upsert("t", id=2), upsert("t", id=3), say("fail", "no"),
                   status=1).stdout
    verdict = r"\nSync FAILED in \d+\.\d\d s: 1 row committed, 2 rows discarded, peak memory \d+ MiB\n$"
    assert re.search(verdict, output), output


@test
def numbers_are_grouped(box):
    contains(plain(box, upserts("t", "id", 1, 12345, a=1)).stdout,
             "\nUpserts       |       12,345\nUpdates       |            0\n")


@test
def what_did_not_start_has_no_table(box):
    result = box.run(PROGRAMS["customers"], "debug", "--configuration", "nowhere.json", status=1)
    equal(result.stdout, "Sync FAILED before it started\n")
    contains(result.stderr, "error: configuration: ")


@test
def the_last_checkpoint_is_told(box):
    output = plain(box, *[checkpoint(n=n) for n in range(1, 51)], upsert("t", id=1)).stdout
    lines = re.findall(r"pawl: checkpoint (.*)$", output, re.MULTILINE)
    equal([lines[0], lines[-1]], ['1: {"n": 1}', '50: {"n": 50}'])
    assert len(lines) < 10, lines


@test
def the_lines_tell_what_happens(box):
    levels = ("debug", "fine", "info", "warning", "severe")
    output = plain(box, *[say("log", f"a {level} line", level=level) for level in levels],
                   say("warning", "two\nlines"), upsert("t", id=1), checkpoint(n=1)).stdout
    for line in output[:output.index("\nSYNC PROGRESS")].splitlines():
        assert re.match(r"[012]\d:[0-5]\d:[0-5]\d\.\d{3} (DEBUG|FINE|INFO|WARNING|SEVERE) +\S", line), line
    lines = re.findall(r"^\S+ (\w+) +(.*)$", output, re.MULTILINE)
    for expected in [("INFO", "pawl: sync of connector scripted"),
                     ("INFO", "pawl: destination schema path: files/warehouse.db (schema=tester)"),
                     ("INFO", "pawl: previous state: {}"), ("INFO", "pawl: schema change detected: tester.t created"),
                     ("DEBUG", "a debug line"), ("FINE", "a fine line"),
                     ("INFO", "a info line"), ("WARNING", "a warning line"), ("SEVERE", "a severe line"),
                     ("WARNING", "pawl: two lines"), ("INFO", 'pawl: checkpoint 1: {"n": 1}')]:
        equal((expected, lines.count(expected)), (expected, 1))


# ---- JSON ------------------------------------------------------------------------------------------------------------

@test
def json_is_one_complete_object_on_one_line(box):
    result = plain(box, *SCRIPT, options=["--json"])
    equal(result.stdout.count("\n"), 1)
    report = json.loads(result.stdout)
    for name, kind in [("rows_per_second", int), ("elapsed_seconds", float), ("peak_memory_bytes", int)]:
        value = report.pop(name)
        assert isinstance(value, kind) and value > 0, (name, value)
    equal(report, {"status": "succeeded", "operations": {"upserts": 3, "updates": 1, "deletes": 1, "truncates": 1},
                   "schema_changes": 1, "checkpoints": 1, "warnings": 1, "rows_committed": 5, "rows_discarded": 0,
                   "state": {"n": 1}, "error": None})
    contains(result.stderr, "WARNING  pawl: look here\n")
    assert "SYNC PROGRESS" not in result.stdout + result.stderr


@test
def json_tells_the_error(box):
    result = plain(box, upsert("t", id=1), upsert("t", id="ä\n\"", a=1), options=["--json"], status=1)
    report = json.loads(result.stdout)
    equal([report["status"], report["rows_committed"], report["rows_discarded"], report["state"]], ["failed", 0, 1, {}])
    equal(report["error"], {"status": "invalid", "message": "table 't': column 'id': 'ä\\x0A\"' is not a LONG: it is text",
                            "hint": "pass an integer, such as 42", "sqlstate": None, "retryable": False})


@test
def json_without_a_warehouse_has_no_state(box):
    report = json.loads(box.run(PROGRAMS["customers"], "debug", "--json", "--configuration", "nowhere", status=1).stdout)
    equal([report["status"], report["state"], report["error"]["status"]], ["failed", None, "not found"])


@test
def json_of_the_state_is_the_state(box):
    state = '{"a": {"b": [1, 2.50, "ä\\n"]}, "n": 9223372036854775807}'
    result = box.run(PROGRAMS["inferred"], *box.script({"op": "checkpoint_json", "json": state}), "--json")
    equal(json.loads(result.stdout)["state"], json.loads(state))


# ---- pipes and terminals ---------------------------------------------------------------------------------------------

def on_terminal(box, *script, status=0, command=None, **environment):
    """What the connector, or the command, writes to a terminal of 80 columns. Standard error goes there too."""
    command = [str(word) for word in command or [PROGRAMS["scripted"], *box.script(*script, schema=[T])]]
    variables = {name: value for name, value in os.environ.items() if name != "NO_COLOR"}
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 25, 80, 0, 0))
    process = subprocess.Popen(command, cwd=box.folder, env={**variables, **SANITIZERS, "TERM": "xterm", **environment},
                               stdin=subprocess.DEVNULL, stdout=theirs, stderr=theirs, close_fds=True)
    os.close(theirs)
    output = b""
    try:
        while chunk := os.read(ours, 65536):
            output += chunk
    except OSError:  # Linux says EIO at the end of a terminal
        pass
    os.close(ours)
    equal(process.wait(timeout=60), status)
    text = output.decode().replace("\r\n", "\n")
    box.history.append(f"$ {' '.join(command)}\n{text}")
    return text


@test
def a_pipe_gets_plain_lines(box):
    result = plain(box, upserts("t", "id", 1, 300000, a=1), *SCRIPT, environment={"TERM": "xterm"})
    assert "\x1b" not in result.stdout + result.stderr and "\r" not in result.stdout + result.stderr, result.stdout


@test
def a_terminal_gets_live_progress_and_colours(box):
    output = on_terminal(box, upserts("t", "id", 1, 300000, a=1), *SCRIPT)
    drawn = re.findall("\r( *[\\d,]+ rows, +[\\d,]+ rows/s, +\\d+\\.\\d\\d s)\x1b\\[K", output)
    equal({len(line) for line in drawn}, {47})
    contains(output, "Sync \x1b[32mSUCCEEDED\x1b[0m in ")
    contains(output, "\x1b[33mWARNING \x1b[0m pawl: look here\n")
    # Nothing of the live line is left: after the last one the line is emptied.
    assert re.search(f"{drawn[-1]}\x1b\\[K\r\x1b\\[K", output), output
    # Without a colour there is nothing to switch off.
    assert re.search(r"^\S{12} INFO     pawl: checkpoint 1: ", output, re.MULTILINE), output


@test
def an_error_is_red_on_a_terminal(box):
    output = on_terminal(box, say("fail", "no"), status=1)
    contains(output, "Sync \x1b[31mFAILED\x1b[0m in ")
    contains(output, "\x1b[31merror:\x1b[0m no\n")


@test
def colours_can_be_switched_off(box):
    assert "\x1b[3" not in on_terminal(box, *SCRIPT, NO_COLOR="1")
    assert "\x1b" not in on_terminal(box, *SCRIPT, TERM="dumb")


@test
def rows_of_a_query_fit_a_terminal(box):
    box.sync(upsert("t", id=1, a="x" * 100, b="short"))
    sql = "SELECT id, a, b FROM tester.t"
    lines = on_terminal(box, command=[PAWL, "query", "files/warehouse.db", sql]).splitlines()
    equal(lines[2:], [" 1 | " + "x" * 66 + "… | short", "(1 row, shortened to fit: --format csv shows all)"])
    equal(len(lines[2]), 80)
    contains(box.query(sql).stdout, "x" * 100)
    contains(on_terminal(box, command=[PAWL, "query", "files/warehouse.db", sql, "--format", "csv"]), "x" * 100)


@test
def control_characters_of_the_connector_do_not_reach_the_terminal(box):
    contains(on_terminal(box, say("log", "\x1b[2Jgone\x07", level="info")), "\\x1b[2Jgone\\x07\n")


# ---- other verbs -----------------------------------------------------------------------------------------------------

@test
def version_and_help_tell_of_the_program(box):
    version = box.run(PROGRAMS["scripted"], "version").stdout
    assert re.fullmatch(r"scripted \(pawl \d+\.\d+\.\d+, DuckDB v\d+\.\d+\.\d+\)\n", version), version
    equal(box.run(PROGRAMS["scripted"], "--version").stdout, version)
    contains(box.run(PROGRAMS["scripted"], "help").stdout, "usage: scripted VERB [OPTION...]\n")
    options = box.run(PROGRAMS["scripted"], "help", "debug").stdout
    for option in ("--configuration FILE", "--state FILE", "--warehouse FILE", "--naming FIVETRAN|SOURCE", "--reset", "--json",
                   "--memory-limit SIZE", "--threads N"):
        contains(options, f"  {option}  ")


@test
def schema_of_a_connector_without_one_says_so(box):
    arguments = box.script()[1:]
    equal(box.run(PROGRAMS["inferred"], "schema", *arguments).stdout,
          "no table is declared: tables and columns are inferred from the rows\n")
    equal(json.loads(box.run(PROGRAMS["inferred"], "schema", "--json", *arguments).stdout),
          {"connector": "inferred", "tables": [], "has_schema": False})


@test
def schema_touches_no_warehouse(box):
    box.run(PROGRAMS["customers"], "schema")
    assert not (box.folder / "files").exists()


tap.main()

"""What goes wrong is told once, with names and a hint; the exit status is not 0, and nothing that was committed is lost."""
import os
import resource
import signal
import subprocess
import time

import tap
from harness import (PROGRAMS, case, checkpoint, contains, delete, equal, get, say, table, test, truncate, update, upsert,
                     upserts)

T = table("t", "id", id="LONG", a="LONG")
PAIR = table("pair", "x y", x="LONG", y="STRING", v="LONG")


# ---- keys and tables -------------------------------------------------------------------------------------------------

def bad_key(box, operation, message):
    sync = box.fails(upsert("pair", x=1, y="a"), checkpoint(n=1), operation, schema=[T, PAIR], error=f"table 'pair': {message}")
    equal([sync.report["error"]["status"], sync.report["error"]["retryable"]], ["invalid", False])
    equal(box.table("pair"), [dict(x=1, y="a", v=None)])


for op in (upsert, update, delete):
    name = op("t")["op"]
    case(f"{name} with a NULL in the key", bad_key, op("pair", x=1, y=None),
         f"column 'y' of the primary key is NULL in the {name}")
    case(f"{name} without a part of the key", bad_key, op("pair", x=1),
         f"column 'y' of the primary key is not given in the {name}, or NULL")


@test
def a_key_that_was_never_given_is_told_of(box):
    box.fails(table("t", "id"), upsert("t", a=1),
              error="table 't': column 'id' of the primary key is not given in the upsert, or NULL")


@test
def a_misspelt_table_is_an_error_with_a_suggestion(box):
    for operation in (upsert("customer", id=1), update("customer", id=1), delete("customer", id=1), truncate("customer")):
        box.fails(operation, schema=[table("customers", "id"), table("orders", "id")],
                  error="table 'customer' is not declared in schema", hint="did you mean 'customers'?")


@test
def a_table_like_no_other_is_an_error_with_advice(box):
    box.fails(upsert("xyz", id=1), schema=[table("customers", "id")], error="table 'xyz' is not declared in schema",
              hint="declare it in schema, or with pawl_sync_table before its first operation")


@test
def a_schema_that_fails_makes_the_sync_fail(box):
    box.fails(say("schema_fail", "the source has no tables"), schema=[T], error="the source has no tables")


# ---- the first error counts ------------------------------------------------------------------------------------------

@test
def after_an_error_nothing_happens_any_more(box):
    sync = box.fails(upsert("t", id=1, a=1), checkpoint(n=1), upsert("t", id=2, a=2), upsert("t", id="x"),
                     upsert("nowhere", id=1),
                     upsert("t", id=3), checkpoint(n=2), say("warning", "unheard"), say("fail", "later"), {"op": "status"},
                     schema=[T], error="table 't': column 'id': 'x' is not a LONG: it is text")
    contains(sync.lines, "status: invalid\n")
    assert "unheard" not in sync.lines
    equal(box.table("t"), [dict(id=1, a=1)])
    equal([sync.report[name] for name in ("rows_committed", "rows_discarded", "checkpoints", "warnings", "state")],
          [1, 1, 1, 0, {"n": 1}])


@test
def the_error_is_printed_once_and_on_standard_error(box):
    result = box.run(PROGRAMS["inferred"], *box.script(say("fail", "the source went away")), status=1)
    equal(result.stderr, "error: the source went away\n")
    equal((result.stdout + result.stderr).count("went away"), 1)
    contains(result.stdout, "\nSync FAILED in ")


@test
def the_getters_errors_fail_the_sync(box):
    box.fails(get("configuration", "require", "key"), upsert("t", id=1), checkpoint(n=1),
              error="configuration: 'key' is missing")
    equal(box.saved_state() if box.tables() else None, None)


# ---- the command line ------------------------------------------------------------------------------------------------

def misuse(box, arguments, stderr):
    equal(box.run(PROGRAMS["customers"], *arguments, status=2).stderr, stderr)
    assert not (box.folder / "files").exists()


LISTS = "'customers help debug' lists what it takes\n"
case("an unknown verb", misuse, ["dbug"], "error: unknown verb 'dbug'\nhint: did you mean 'debug'?\n")
case("a verb like no other", misuse, ["frobnicate"],
     "error: unknown verb 'frobnicate'\nhint: 'customers help' lists the verbs\n")
case("an unknown option", misuse, ["debug", "--warehose", "x"],
     "error: unknown option '--warehose'\nhint: did you mean '--warehouse'?\n")
case("an option without its value", misuse, ["debug", "--state"],
     "error: '--state' needs a value\nhint: write '--state FILE'\n")
case("an option instead of a value", misuse, ["debug", "--state", "--json"],
     "error: '--state' needs a value\nhint: write '--state FILE'\n")
case("an option twice", misuse, ["debug", "--json", "--json"], "error: '--json' is given twice\nhint: " + LISTS)
case("a flag with a value", misuse, ["debug", "--json=yes"], "error: '--json' takes no value, but has 'yes'\nhint: " + LISTS)
case("an argument too many", misuse, ["debug", "here"], "error: unexpected argument 'here'\nhint: " + LISTS)
case("a size that is none", misuse, ["debug", "--memory-limit", "much"],
     "error: '--memory-limit' is 'much', which is not a size\nhint: write an integer and a unit: 512MiB, 2GiB\n")
case("too many threads", misuse, ["debug", "--threads", "1025"],
     "error: '--threads' is '1025', but must be from 1 to 1024\nhint: " + LISTS)
case("too little memory", misuse, ["debug", "--memory-limit", "191MiB"],
     "error: '--memory-limit' is '191MiB', but must be at least 192 MiB\nhint: " + LISTS)


@test
def no_verb_prints_the_help_to_standard_error(box):
    result = box.run(PROGRAMS["customers"], status=2)
    equal(result.stdout, "")
    contains(result.stderr, "usage: customers VERB [OPTION...]")
    contains(box.run(PROGRAMS["customers"], "debug", "--help").stdout, "--warehouse FILE")


# ---- files -----------------------------------------------------------------------------------------------------------

@test
def folders_of_the_warehouse_are_made(box):
    box.sync(upsert("t", id=1), options=["--warehouse", "a/b/c.db"])
    equal(len(box.rows("FROM tester.t", "a/b/c.db")), 1)


@test
def a_folder_that_cannot_be_made_is_told_of(box):
    (box.folder / "file").write_text("", encoding="utf-8")
    box.fails(options=["--warehouse", "file/x.db"], error="cannot make folder 'file': File exists")


@test
def a_file_that_is_no_warehouse_is_left_alone(box):
    text = "not a database, but long enough to be looked at\n" * 200
    (box.folder / "notes.txt").write_text(text, encoding="utf-8")
    sync = box.sync(options=["--warehouse", "notes.txt"], status=1)
    contains(sync.error[0], "not a valid DuckDB database file")
    equal(sync.hint, ["give the path of a DuckDB file, or of a file that does not exist yet"])
    equal((box.folder / "notes.txt").read_text(encoding="utf-8"), text)


@test
def a_folder_is_no_warehouse(box):
    (box.folder / "folder").mkdir()
    sync = box.sync(options=["--warehouse", "folder"], status=1)
    equal(len(sync.error), 1)
    contains(sync.error[0], "folder")


@test
def a_folder_that_cannot_be_written_is_told_of(box):
    arguments = box.script(upsert("t", id=1))
    box.folder.chmod(0o555)
    options = {"user": 65534, "group": 65534, "extra_groups": []} if os.geteuid() == 0 else {}
    try:
        result = box.run(PROGRAMS["inferred"], *arguments, status=1, **options)
    except PermissionError as reason:
        raise tap.Skip("nobody may not run programs of this build folder") from reason
    finally:
        box.folder.chmod(0o755)
    equal(result.stderr, "error: cannot make folder 'files': Permission denied\n")


# ---- the disk is full ------------------------------------------------------------------------------------------------

def run_with_full_disk(box, program, arguments, limit_bytes):
    """A write beyond so many bytes of a file fails; SIGXFSZ, which says so, is ignored as Python ignores it."""
    return box.run(program, *arguments, status=None, restore_signals=False,
                   preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit_bytes, limit_bytes)))


@test
def a_full_disk_costs_nothing_that_was_committed(box):
    box.sync(upserts("t", "id", 1, 10, a=1), checkpoint(n=1), schema=[T])
    script = [upserts("t", "id", 1, 200000, a=2), checkpoint(n=2)]
    size = sum(path.stat().st_size for path in (box.folder / "files").iterdir())
    result = run_with_full_disk(box, PROGRAMS["scripted"], box.script(*script, schema=[T]), size + 100000)
    equal(result.returncode, 1)
    equal(result.stderr.count("error: "), 1)
    equal([len(box.table("t")), box.saved_state(), box.state_file()], [10, '{"n": 1}', '{"n": 1}\n'])
    box.sync(*script, schema=[T])
    equal(box.rows("SELECT count(*) AS n, min(a) AS a FROM tester.t"), [dict(n=200000, a=2)])
    equal(box.saved_state(), '{"n": 2}')


@test
def output_that_cannot_be_written_is_told_of(box):
    result = box.run("sh", "-c", f"{PROGRAMS['customers']} debug --json >/dev/full", status=1)
    contains(result.stderr, "error: cannot write the output")


# ---- signals and other processes -------------------------------------------------------------------------------------

def wait_for(path):
    for _ in range(6000):
        if path.exists():
            return
        time.sleep(0.01)
    raise AssertionError(f"nobody made {path}")


def start_waiting(box, *after):
    """A sync that has committed one row, and waits for the file "go" before it does what is left."""
    arguments = box.script(upsert("t", id=1, a=1), checkpoint(n=1), upsert("t", id=2, a=2),
                           {"op": "touch", "path": str(box.folder / "ready")},
                           {"op": "wait", "path": str(box.folder / "go")}, *after, schema=[T])
    process = box.start(PROGRAMS["scripted"], *arguments, "--json")
    wait_for(box.folder / "ready")
    return process


def finish(box, process, status):
    (box.folder / "go").touch()
    out, err = process.communicate(timeout=60)
    box.history.append(f"$ the one that was started\n{out}{err}[exit status {process.returncode}]")
    equal(process.returncode, status)
    return err


def interrupted(box, number):
    process = start_waiting(box, upsert("t", id=3, a=3), checkpoint(n=2))
    process.send_signal(number)
    lines = finish(box, process, 3)
    contains(lines, "error: interrupted by a signal\nhint: what was checkpointed is kept; the next run goes on from there\n")
    equal([box.table("t"), box.saved_state(), box.state_file()], [[dict(id=1, a=1)], '{"n": 1}', '{"n": 1}\n'])


case("SIGINT stops the sync at its next call", interrupted, signal.SIGINT)
case("SIGTERM stops the sync at its next call", interrupted, signal.SIGTERM)


@test
def a_second_signal_ends_the_process_at_once(box):
    process = start_waiting(box)
    process.send_signal(signal.SIGINT)
    time.sleep(0.3)
    equal(process.poll(), None)
    process.send_signal(signal.SIGTERM)
    equal(process.wait(timeout=60), -signal.SIGTERM)
    process.communicate()
    equal([box.table("t"), box.saved_state()], [[dict(id=1, a=1)], '{"n": 1}'])


@test
def a_killed_sync_loses_what_came_after_its_checkpoint_alone(box):
    arguments = box.script(upsert("t", id=1, a=1), checkpoint(n=1), upsert("t", id=2, a=2), {"op": "kill"}, schema=[T])
    box.run(PROGRAMS["scripted"], *arguments, status=-signal.SIGKILL)
    sync = box.sync(get("state", "json"), schema=[T])
    contains(sync.lines, 'state : {"n": 1}\n')
    equal(box.table("t"), [dict(id=1, a=1)])


@test
def a_second_sync_of_one_warehouse_is_refused_and_the_first_goes_on(box):
    process = start_waiting(box, upsert("t", id=3, a=3), checkpoint(n=2))
    sync = box.sync(upsert("t", id=9), schema=[T], status=1)
    contains(sync.error[0], "could not set lock on file")
    contains(sync.error[0], f"PID {process.pid}")
    equal(sync.hint, ["another process has the file open: close it, or wait until it is done, and try again"])
    equal([sync.report["error"]["status"], sync.report["error"]["retryable"]], ["database", True])
    contains(box.query("FROM tester.t", status=1).stderr, "another process has the file open")
    box.sync(upsert("t", id=9), schema=[T], options=["--reset"], status=1)
    equal(box.state_file(), '{"n": 1}\n')
    finish(box, process, 0)
    equal([box.table("t"), box.saved_state(), box.state_file()],
          [[dict(id=1, a=1), dict(id=2, a=2), dict(id=3, a=3)], '{"n": 2}', '{"n": 2}\n'])


@test
def two_warehouses_may_be_written_at_once(box):
    process = start_waiting(box)
    (box.folder / "other.json").write_text("{}", encoding="utf-8")
    box.sync(upsert("t", id=9), schema=[T], options=["--warehouse", "other.db", "--state", "other.json"])
    finish(box, process, 0)
    equal([len(box.table("t")), len(box.rows("FROM tester.t", "other.db"))], [2, 1])


@test
def a_reader_that_goes_away_does_not_stop_the_sync(box):
    arguments = box.script(*[say("log", f"line {i} " + "x" * 1000, level="info") for i in range(300)],
                           upsert("t", id=1), checkpoint(n=1))
    subprocess.run(["sh", "-c", " ".join(map(str, [PROGRAMS["inferred"], *arguments])) + " | head -n 1 >/dev/null"],
                   cwd=box.folder, check=False, timeout=60, stderr=subprocess.DEVNULL, restore_signals=False)
    equal(box.saved_state(), '{"n": 1}')


tap.main()

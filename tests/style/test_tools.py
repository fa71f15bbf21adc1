"""The tools that judge the rest must be able to say no."""
import json
import pathlib
import sys

import tap

TOOLS, BUILD = (pathlib.Path(argument) for argument in sys.argv[1:])


def count(folder, *tests, status):
    """What tools/count-tests says of (result, stdout) pairs."""
    log = folder / "testlog.json"
    log.write_text("".join(json.dumps({"name": f"test {number}", "result": result, "stdout": stdout}) + "\n"
                           for number, (result, stdout) in enumerate(tests)), encoding="utf-8")
    return tap.run(TOOLS / "count-tests", log, status=status).stdout.splitlines()


@tap.test
def a_program_counts_as_one_or_as_its_tests(folder):
    lines = count(folder, ("OK", "no TAP, though\nok is a word"), ("OK", "1..2\nok 1 - a\nok 2 - b\n"), status=0)
    assert lines[-1] == "3 passed, 0 failed", lines


@tap.test
def failures_are_counted_and_named(folder):
    lines = count(folder, ("FAIL", ""), ("FAIL", "1..3\nok 1\nnot ok 2\nok 3\n"), ("TIMEOUT", ""), status=1)
    assert lines[-1] == "2 passed, 3 failed", lines
    assert [line.split(",")[0] for line in lines if line.startswith("failed: ")] == [
        "failed: test 0 (fail)", "failed: test 1 (fail)", "failed: test 2 (timeout)"], lines


@tap.test
def a_program_that_ends_early_has_failed(folder):
    assert count(folder, ("OK", "1..3\nok 1\nok 2\n"), status=1)[-1] == "2 passed, 1 failed"
    assert count(folder, ("ERROR", "1..3\nok 1\nok 2\n"), status=1)[-1] == "2 passed, 1 failed"


@tap.test
def a_leak_after_the_last_test_has_failed(folder):
    assert count(folder, ("FAIL", "1..1\nok 1\n"), status=1)[-1] == "1 passed, 1 failed"


@tap.test
def what_is_skipped_has_a_reason(folder):
    lines = count(folder, ("OK", ""), ("SKIP", "no network\n"), ("OK", "1..2\nok 1\nok 2 - b # SKIP no server\n"), status=0)
    assert lines[-1] == "2 passed, 0 failed, 2 skipped", lines
    assert lines[:2] == ["skipped: test 1: no network", "skipped: test 2: SKIP no server"], lines


@tap.test
def nothing_ran_is_a_failure(folder):
    assert count(folder, status=1)[-1] == "0 passed, 0 failed"


@tap.test
def every_suite_is_there(_folder):
    """A folder of tests that no meson.build names would not be missed otherwise."""
    tests = json.loads((BUILD / "meson-info/intro-tests.json").read_text(encoding="utf-8"))
    suites = {suite.split(":")[-1] for test in tests for suite in test["suite"]}
    assert suites == {"bench", "conformance", "coverage", "fuzz", "headers", "install", "integration", "interop", "servers", "style",
                      "torture", "unit"}, suites


@tap.test
def every_test_program_is_built(_folder):
    tests = TOOLS.parent / "tests"
    for folder in {path.parent for pattern in ("test_*.c", "test_*.py") for path in tests.rglob(pattern)}:
        text = (folder / "meson.build").read_text(encoding="utf-8")
        for path in [*folder.glob("test_*.c"), *folder.glob("test_*.py")]:
            assert f"'{path.stem.removeprefix('test_')}'" in text or f"'{path.name}'" in text, f"{path} is in no meson.build"
        above = (folder.parent / "meson.build").read_text(encoding="utf-8")
        assert f"subdir('{folder.name}')" in above, f"{folder} is in no meson.build"


def layers(folder, files, status):
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    output = tap.run(TOOLS / "check-layers", folder, status=status).stdout
    return output.replace(f"{folder}/", "").splitlines()


@tap.test
def arrows_that_point_down_are_allowed(folder):
    assert layers(folder, {
        "cli/main.c": '#include <stdio.h>\n#include <pawl/pawl.h>\n#include "report/report.h"\n',
        "report/report.c": '#include "connector/run.h"\n#include "replicate/run.h"\n#include "report/report.h"\n',
        "duck/duck.c": "#include <duckdb.h>\n",
        "destination/duckdb/apply.c": '#include "destination/duckdb/duckdb.h"\n#include "duck/duck.h"\n',
        "protocol/fivetran/drive/drive.c": '#include "protocol/fivetran/drive/internal.h"\n#include "protocol/fivetran/record.h"\n',
    }, status=0) == []


@tap.test
def every_other_arrow_is_named(folder):
    lines = layers(folder, {
        "base/text.c": '\n#include "types/type.h"\n',
        "report/report.c": '#include "connector/batch.h"\n#include "replicate/window.h"\n',
        "connector/run.c": '#include "report/report.h"\n#include "destination/duckdb/apply.h"\n',
        "types/type.c": "#include <duckdb.h>\n",
        "duck/rows.c": '#include "rows.h"\n',
        "misc/misc.c": "",
        "protocol/fivetran/drive/drive.c": '#include "protocol/fivetran/serve/internal.h"\n#include "protocol/grpc/frame.h"\n',
        "protocol/fivetran/record.c": '#include "protocol/fivetran/drive/internal.h"\n',
    }, status=1)
    assert lines == [
        "base/text.c:2: includes types/type.h: 'types' is not below 'base'",
        "connector/run.c:1: includes report/report.h: 'report' is not below 'connector'",
        "connector/run.c:2: includes destination/duckdb/apply.h: 'destination/duckdb' is a folder of its own: "
        "only its own files may include its headers",
        "duck/rows.c:1: includes rows.h: name it by its room: \"room/header.h\"",
        "misc/misc.c: 'misc' is no room that tools/check-layers knows",
        *[f"protocol/fivetran/{line}: only its own files may include its headers" for line in [
            "drive/drive.c:1: includes protocol/fivetran/serve/internal.h: 'protocol/fivetran/serve' is a folder of its own",
            "drive/drive.c:2: includes protocol/grpc/frame.h: 'protocol/grpc' is a folder of its own",
            "record.c:1: includes protocol/fivetran/drive/internal.h: 'protocol/fivetran/drive' is a folder of its own"]],
        "report/report.c:1: includes connector/batch.h: 'report' may include only connector/run.h of 'connector'",
        "report/report.c:2: includes replicate/window.h: 'report' may include only replicate/run.h, replicate/job.h, "
        "replicate/plan.h, replicate/look.h, replicate/status.h of 'replicate'",
        "types/type.c:1: includes duckdb.h: only src/duck/ may include duckdb.h",
    ], lines


def symbols(folder, header, source, status):
    (folder / "pawl.h").write_text(header, encoding="utf-8")
    (folder / "pawl.c").write_text(source, encoding="utf-8")
    tap.run("cc", "-shared", "-fPIC", "-nostdlib", folder / "pawl.c", "-o", folder / "libpawl.so")
    return tap.run(TOOLS / "check-symbols", folder / "libpawl.so", folder, status=status).stdout.splitlines()


@tap.test
def symbols_that_agree(folder):
    assert symbols(folder, "PAWL_EXPORT int pawl_a(int);\n", "int pawl_a(int x) { return x; }\n", status=0) == []


@tap.test
def symbols_that_do_not(folder):
    lines = symbols(folder, "PAWL_EXPORT const char *pawl_a(int,\n  int);\n", "int pawl_b(int x) { return x; }\n", status=1)
    assert lines == ["'pawl_a' is declared in a public header, but the library does not export it",
                     "'pawl_b' is exported, but no public header declares it"], lines


tap.main()

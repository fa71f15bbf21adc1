"""tests/tap.py: tests in Python, spoken as TAP (https://testanything.org), so that each counts.

    import tap

    @tap.test
    def a_second_sync_is_empty(folder):
        assert "0 rows" in tap.run("customers", "debug", cwd=folder).stdout

    tap.main()

A test gets a fresh folder of its own; it passes when it returns, and fails by an exception. `raise tap.Skip("why")` skips it.
"""
import pathlib
import subprocess
import sys
import tempfile
import traceback

TESTS = []


class Skip(Exception):
    pass


def test(function):
    case(function.__name__.replace("_", " "), function)
    return function


def case(name, function, *arguments):
    """For tests that come from a table: function(folder, *arguments)."""
    TESTS.append((name, function, arguments))


def run(*command, status=0, **options):
    """Runs a program, expects its exit status, and returns what subprocess.run does, with output as text."""
    command = [str(word) for word in command]
    result = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False, **options)
    assert result.returncode == status, (
        f"{' '.join(command)}: exit status {result.returncode}, not {status}\n{result.stdout}{result.stderr}")
    return result


def run_test(number, name, function, arguments):
    with tempfile.TemporaryDirectory(prefix="pawl-test-") as folder:
        try:
            function(pathlib.Path(folder), *arguments)
        except Skip as reason:
            print(f"ok {number} - {name} # SKIP {reason}", flush=True)
        except Exception:  # pylint: disable=broad-except
            print(f"not ok {number} - {name}", flush=True)
            print("".join(f"# {line}\n" for line in traceback.format_exc().splitlines()), end="", flush=True)
            return False
        else:
            print(f"ok {number} - {name}", flush=True)
        return True


def main():
    print(f"1..{len(TESTS)}", flush=True)
    results = [run_test(number, *row) for number, row in enumerate(TESTS, 1)]
    sys.exit(0 if results and all(results) else 1)

"""customers_keyset is killed at random times, again and again, until it is done: the warehouse is that of an undisturbed sync.

The seed is printed; PAWL_TEST_SEED=N repeats it.
"""
import os
import random
import subprocess
import time

import tap
from harness import PROGRAMS, SANITIZERS, case, equal

ROUNDS, ROWS, PAGE, KILLS = 4, 60000, 2000, 12
SEED = int(os.environ.get("PAWL_TEST_SEED", random.SystemRandom().randrange(1000000)))
ARGUMENTS = [str(PROGRAMS["customers_keyset"]), "debug", "--rows", str(ROWS), "--page", str(PAGE)]


def contents(box):
    return box.rows("SELECT count(*) AS n, count(DISTINCT customer_id) AS ids, CAST(bit_xor(hash(customer_id, first_name, "
                    "last_name, email, updated_at, _fivetran_deleted)) AS VARCHAR) AS sum, any_value(s.state) AS state "
                    "FROM tester.customers, _pawl.connector_state AS s")


def run_for(box, seconds):
    """True when it ended by itself before."""
    process = subprocess.Popen(ARGUMENTS, cwd=box.folder, env={**os.environ, **SANITIZERS}, stdin=subprocess.DEVNULL,
                               stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    try:
        _, lines = process.communicate(timeout=seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()
        return False
    equal((process.returncode, lines), (0, b""))
    return True


def kill(box, number):
    generator = random.Random(SEED * ROUNDS + number)
    other = type(box)(box.folder / "undisturbed")
    other.folder.mkdir()
    started = time.monotonic()
    other.run(*ARGUMENTS)
    seconds = time.monotonic() - started
    kills = 0
    while kills < KILLS and not run_for(box, generator.uniform(0.05, 0.6) * seconds):
        kills += 1
    box.run(*ARGUMENTS)
    found = contents(box)
    equal(found, contents(other))
    equal(found[0]["n"], ROWS)
    equal(box.state_file(), found[0]["state"] + "\n")
    print(f"# killed {kills} times, an undisturbed sync takes {seconds:.1f} s", flush=True)


print(f"# PAWL_TEST_SEED={SEED}", flush=True)
for count in range(ROUNDS):
    case(f"killed at random times, round {count + 1}", kill, count)
tap.main()

"""pawl sync from PostgreSQL while others write: nothing is lost, and would be without the horizon (T-LATE)."""
import random
import subprocess
import time

from harness import equal
from postgres_shop import postgres
from sync_harness import HAS_HOOKS, tap

WRITERS, SECONDS = 8, 8
SETTINGS = {"clock": "database", "key": "updated_at", "window_rows": 50}


def script(seed, writer):
    """Transactions of 0 to 5 s, of which each writes at its end with the time of its beginning; some are rolled back."""
    chance, lines, total = random.Random(seed * 100 + writer), [], 0.0
    number = 0
    while total < SECONDS:
        pause = chance.choice([0, 0.01, 0.05, 0.2, chance.uniform(3, 5)])
        total += pause + 0.02
        number += 1
        lines += ["BEGIN;", f"SELECT now(), pg_sleep({pause:.3f});",
                  f"INSERT INTO t (id, v) VALUES ({writer} * 1000000 + {number}, 0);",
                  f"UPDATE t SET v = v + 1, updated_at = now() WHERE id = {writer} * 1000000 + {chance.randint(1, number)};",
                  "ROLLBACK;" if chance.random() < 0.1 else "COMMIT;"]
    return "\n".join(lines)


def write_and_sync(shop, environment):
    """Returns how many syncs there were."""
    seed = random.randrange(10**6)
    shop.history.append(f"seed {seed}")
    shop.source("CREATE TABLE t (id int PRIMARY KEY, v int, updated_at timestamptz NOT NULL DEFAULT now())",
                "CREATE INDEX ON t (updated_at, id)", "INSERT INTO t VALUES (0, 0, now())")
    writers = []
    for writer in range(1, WRITERS + 1):
        # pylint: disable=consider-using-with
        process = subprocess.Popen(shop.server.command(shop.database), env=shop.server.environment(), text=True,
                                   stdin=subprocess.PIPE, stdout=subprocess.DEVNULL)
        process.stdin.write(script(seed, writer))
        process.stdin.close()
        writers.append(process)
    count = 0
    while any(writer.poll() is None for writer in writers):
        equal(shop.sync(environment=environment, **SETTINGS).table()["guarantee"], "exact")
        count += 1
        time.sleep(0.05)
    equal([writer.returncode for writer in writers], [0] * WRITERS)
    shop.sync(environment=environment, **SETTINGS)
    return count


@postgres
def nothing_is_lost_among_late_commits(shop):
    assert write_and_sync(shop, {}) > 5
    shop.same("t")


@postgres
def without_the_horizon_rows_are_lost(shop):
    if not HAS_HOOKS:
        raise tap.Skip("this build cannot do without the horizon")
    write_and_sync(shop, {"PAWL_TEST_NO_HORIZON": "1"})
    assert shop.there("t") != shop.here("public.t"), "no row was lost: the test above proves nothing"


if __name__ == "__main__":
    tap.main()

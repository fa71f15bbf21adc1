"""pawl sync from PostgreSQL while many write and commit late (T-LATE): nothing is lost, and would be without the horizon.

    late_commits.py                                         the short form
    PAWL_TEST_SECONDS=60 PAWL_TEST_WRITERS=16 late_commits.py

The writers' transactions are of random length; some are idle, some are rolled back as a whole or to a savepoint, some are prepared
and committed later. Beside them `pawl sync` runs in a loop, into two warehouses by turns: into one as it is, into the other with
its horizon switched off. In the end the first is the source's equal; the second is not, which shows that the first might not be.
Of the two tables one has times for keys, now() and clock_timestamp() by turns, with inserts and updates; the other a sequence.

The seed is printed: PAWL_TEST_SEED=N gives the writers the same to do.
"""
import os
import random
import subprocess
import time

from harness import equal
from postgres_shop import postgres
from sync_harness import HAS_HOOKS, tap

SECONDS = float(os.environ.get("PAWL_TEST_SECONDS", 8))
WRITERS = int(os.environ.get("PAWL_TEST_WRITERS", 16))
SEED = int(os.environ.get("PAWL_TEST_SEED", random.SystemRandom().randrange(1000000)))
PREPARING = 2  # writers that prepare: as long as anything is prepared no cursor moves, and a test of such is none
SHARED = 20    # rows that all update

LATE_SECONDS = 3  # more than a clock may be put right by without a word
PAUSES = [0, 0.002, 0.005, 0.01, 0.02, 0.03, 0.05, 0.1, 0.15, 0.2, 0.3]

TABLES = {"stamped": {"key": "updated_at", "clock": "database"}, "counted": {"key": "id"}}
SOURCE = [
    "CREATE TABLE stamped (id bigint PRIMARY KEY, v int NOT NULL, updated_at timestamptz NOT NULL)",
    "CREATE INDEX ON stamped (updated_at, id)",
    "CREATE TABLE counted (id bigserial PRIMARY KEY, writer int NOT NULL)",
    f"INSERT INTO stamped SELECT i, 0, now() FROM generate_series(1, {SHARED}) i",
    "INSERT INTO counted (writer) VALUES (0)",
]


class Writer:
    """Writes the script of a session of psql, transaction by transaction."""

    def __init__(self, number):
        self.number, self.chance = number, random.Random(SEED * 1000 + number)
        self.lines, self.total, self.count = [], 0.0, 0

    def wait(self, seconds):
        """Idle, or within a statement."""
        self.total += seconds + 0.01
        self.lines.append(f"\\! sleep {seconds:.3f}" if self.chance.random() < 0.5 else f"SELECT pg_sleep({seconds:.3f});")

    def row(self):
        self.count += 1
        return self.number * 1000000 + self.count

    def stamp(self, is_short):
        """A new row, and an old one of its own; and if others have not to wait for long, one of those that all update."""
        key = self.chance.choice(["now()", "clock_timestamp()"])
        if is_short and self.chance.random() < 0.2:
            self.lines.append(f"UPDATE stamped SET v = v + 1, updated_at = {key} WHERE id = {self.chance.randint(1, SHARED)};")
        self.lines.append(f"INSERT INTO stamped VALUES ({self.row()}, 0, {key});")
        old = self.number * 1000000 + self.chance.randint(1, self.count)
        self.lines.append(f"UPDATE stamped SET v = v + 1, updated_at = {key} WHERE id = {old};")

    def number_one(self):
        self.lines.append(f"INSERT INTO counted (writer) VALUES ({self.number});")

    def undo(self):
        """What happens behind a savepoint, and may not have been."""
        self.lines.append("SAVEPOINT s;")
        self.number_one()
        self.lines.append(f"INSERT INTO stamped VALUES ({self.row()}, 0, now());")
        self.lines.append(self.chance.choice(["ROLLBACK TO s;", "RELEASE s;"]))

    def prepare(self):
        name = f"w{self.number}n{self.count}"
        self.lines.append(f"PREPARE TRANSACTION '{name}';")
        self.wait(self.chance.choice([0.1, 0.5, 2.5]))
        self.lines.append(f"{self.chance.choice(['COMMIT', 'COMMIT', 'COMMIT', 'ROLLBACK'])} PREPARED '{name}';")
        self.wait(self.chance.uniform(1, 3))

    def transaction(self):
        # Some begin with a long one, so that there are some in every run.
        is_long = self.chance.random() < 0.08 or (self.count == 0 and self.number % 3 == 0)
        pause = self.chance.uniform(2.5, 3.5) if is_long else self.chance.choice(PAUSES)
        is_prepared = self.number <= PREPARING and self.chance.random() < 0.1
        parts = [lambda: self.stamp(pause < 1 and not is_prepared), self.number_one]
        parts += [self.undo] if self.chance.random() < 0.2 else []
        self.chance.shuffle(parts)
        parts.insert(self.chance.randint(0, len(parts)), lambda: self.wait(pause))
        self.lines.append("BEGIN;")
        if self.chance.random() < 0.5:
            self.lines.append("SELECT now();")  # from here on it has a time, and nobody sees that it will write
        for part in parts:
            part()
        if is_prepared:
            self.prepare()
        else:
            self.lines.append("ROLLBACK;" if self.chance.random() < 0.1 else "COMMIT;")
        if self.chance.random() < 0.3:
            self.wait(self.chance.uniform(0, 0.1))

    def script(self):
        while self.total < SECONDS:
            self.transaction()
        return "\n".join(self.lines) + "\n"


def start_writers(shop):
    writers = []
    for number in range(1, WRITERS + 1):
        # pylint: disable=consider-using-with
        process = subprocess.Popen(shop.server.command(shop.database), env=shop.server.environment(), text=True,
                                   stdin=subprocess.PIPE, stdout=subprocess.DEVNULL)
        process.stdin.write(Writer(number).script())
        process.stdin.close()
        writers.append(process)
    return writers


class Target:
    """A warehouse, and what was seen of its syncs."""

    def __init__(self, shop, name, environment):
        self.shop, self.name, self.environment = shop, name, environment
        self.syncs, self.held, self.cursors = 0, 0, {table: set() for table in TABLES}

    def sync(self):
        self.shop.warehouse = self.shop.folder / f"{self.name}.duckdb"
        self.shop.history.clear()
        run = self.shop.sync(environment=self.environment, tables=TABLES, window_rows=50)
        self.syncs += 1
        for name, cursors in self.cursors.items():
            equal(run.table(name)["guarantee"], "exact")
            cursors.add(run.table(name)["cursor_to"])
        self.held += "prepared" in run.table("stamped")["guarantee_reason"]

    def losses(self):
        """Of each table: the rows that are not here, and those that are not as they are at the source."""
        self.shop.warehouse = self.shop.folder / f"{self.name}.duckdb"
        found = {}
        for name in TABLES:
            there = {row[0]: row for row in self.shop.there(name)}
            here = {row[0]: row for row in self.shop.here(f"public.{name}")}
            lost = len(there.keys() - here.keys())
            stale = sum(here.get(key, row) != row for key, row in there.items())
            more = len(here.keys() - there.keys())
            moves = len(self.cursors[name])
            print(f"# {self.name}: {name}: {len(there)} rows, {lost} lost, {stale} stale, {more} of no row; {self.syncs} syncs, "
                  f"{moves} cursors, {self.held} syncs held by a prepared transaction", flush=True)
            found[name] = lost + stale + more
        return found


class Latecomer:
    """A transaction that is open when the writers are done, so that without a horizon a row of each table is lost in any case."""

    def __init__(self, shop):
        self.session = shop.session()
        for statement in ["BEGIN", "INSERT INTO stamped VALUES (-1, 0, now())", "INSERT INTO counted (writer) VALUES (-1)"]:
            self.session.run(statement)
        shop.source("INSERT INTO stamped VALUES (-2, 0, clock_timestamp() + interval '10 ms')", "INSERT INTO counted (writer) VALUES (-2)")

    def commit(self):
        self.session.run("COMMIT")
        self.session.close()


@postgres
def nothing_is_lost_among_late_commits(shop):
    """And without the horizon rows of both kinds of keys are."""
    print(f"# PAWL_TEST_SEED={SEED} PAWL_TEST_SECONDS={SECONDS:g} PAWL_TEST_WRITERS={WRITERS}", flush=True)
    shop.source(*SOURCE)
    targets = [Target(shop, "exact", {})] + ([Target(shop, "blind", {"PAWL_TEST_NO_HORIZON": "1"})] if HAS_HOOKS else [])
    for target in targets:
        target.sync()
    writers = start_writers(shop)
    while any(writer.poll() is None for writer in writers):
        for target in targets:
            target.sync()
        time.sleep(0.05)
    equal([writer.returncode for writer in writers], [0] * WRITERS)
    late = Latecomer(shop)
    for pause in [0, LATE_SECONDS]:  # the key of a sequence is seen, and is ripe
        time.sleep(pause)
        for target in targets:
            target.sync()
    late.commit()
    for target in targets:
        target.sync()
    losses = {target.name: target.losses() for target in targets}
    equal(losses["exact"], {"stamped": 0, "counted": 0})
    assert all(len(cursors) > 1 for cursors in targets[0].cursors.values()), "a cursor did not move: this proves nothing"
    if HAS_HOOKS:
        assert all(losses["blind"].values()), f"no row was lost without the horizon: this proves nothing {losses}"


if __name__ == "__main__":
    tap.main()

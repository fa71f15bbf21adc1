"""pawl sync against a model: random changes of several tables, and random syncs that come to their end, are killed or stopped.

A change is *promised* when its key is one that the next sync has to see: not less than any before it, or at most as old as the
lag, or NULL. After a sync that ends well each row whose last change was promised is in the warehouse as it is at the source. Any
other row is one of those that a sync has seen: it was deleted, or its key went back, and a key cannot tell. A sync that was
killed may have brought some rows, and none that are of no snapshot.

The seed is printed: PAWL_TEST_SEED=N repeats it, PAWL_TEST_ROUNDS=N makes it shorter or longer.
"""
import collections
import datetime
import json
import os
import random
import signal
import subprocess
import sys

import tap
from harness import PAWL, SANITIZERS, case
from sync_harness import HAS_HOOKS, Pair, literal

KIND = sys.argv[1]
SEED = int(os.environ.get("PAWL_TEST_SEED", random.SystemRandom().randrange(1000000)))
ROUNDS = int(os.environ.get("PAWL_TEST_ROUNDS", 22))
RUNS, CHANGES, LAG = 3, 12, 8


def version_of(row):
    """A row's values as text, without its NULLs: a column that the table does not have is one of NULLs."""
    return frozenset((name, str(value)) for name, value in row.items() if value is not None)


class Clock:
    """Keys that rise, with ties: seconds since some day, or numbers."""

    def __init__(self, generator, is_number=False):
        self.generator, self.is_number, self.ticks = generator, is_number, 1000

    def at(self, ticks):
        if self.is_number:
            return ticks
        return str(datetime.datetime(2024, 1, 1) + datetime.timedelta(seconds=ticks))

    def next(self):
        """At least as great as every key before."""
        self.ticks += self.generator.choice([0, 0, 1, 1, 2, 60])
        return self.at(self.ticks), True

    def is_greatest(self, key):
        return key == self.at(self.ticks)

    def back(self):
        return self.at(self.generator.randrange(1000)), False


class Now(Clock):
    """The time, and up to two seconds less, as transactions of applications have it; and a few rows of the future."""

    def next(self):
        if self.generator.random() < 0.03:
            return "2099-12-31 00:00:00", True
        instant = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(seconds=self.generator.uniform(0, 2))
        return instant.strftime("%Y-%m-%d %H:%M:%S.%f").rstrip("0").rstrip("."), True

    def is_greatest(self, key):
        return key is not None and key.startswith("2099")


class Day(Now):
    """Today, which is as good as any time of it."""

    def at(self, ticks):
        return super().at(ticks)[:10]

    def next(self):
        return datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%d"), True

    def is_greatest(self, key):
        return key == self.next()[0]


class Table:
    """A table of mode upsert: rows by primary key, and the versions that the warehouse may have of each (None: no row)."""

    primary_key, columns, declared, mode = ["id"], ["id", "k", "v"], "id INTEGER PRIMARY KEY, k TIMESTAMP, v VARCHAR", "upsert"

    def __init__(self, name, generator, keys, **settings):
        self.name, self.generator, self.keys, self.settings = name, generator, keys, {"key": "k", **settings}
        self.rows, self.promised, self.possible = {}, {}, collections.defaultdict(lambda: {None})
        self.numbers, self.added, self.is_filled, self.is_in_the_middle = 0, [], False, False

    def create(self):
        return f"CREATE TABLE {self.name} ({self.declared})"

    # ---- changes, as SQL

    def new_identity(self):
        self.numbers += 1
        return (self.numbers,)

    def where(self, identity):
        is_same = "IS NOT DISTINCT FROM" if KIND == "duckdb" else "IS"
        return " AND ".join(f"{name} {is_same} {literal(value)}" for name, value in zip(self.primary_key, identity))

    def set_row(self, identity, row, is_promised):
        self.rows[identity] = row
        self.promised[identity] = is_promised

    def fields(self):
        """Of a change that the next sync has to see."""
        key, is_promised = self.keys.next()
        if self.generator.random() < 0.15:
            key = None
        return {"k": key, "v": f"v{self.generator.randrange(100)}"}, is_promised

    def insert(self):
        identity = self.new_identity()
        if identity in self.rows:
            return []
        fields, is_promised = self.fields()
        row = dict(zip(self.primary_key, identity)) | fields
        self.set_row(identity, row, is_promised)
        return [f"INSERT INTO {self.name} ({', '.join(row)}) VALUES ({', '.join(literal(value) for value in row.values())})"]

    def update(self, identity, fields, is_promised):
        text = ", ".join(f"{name} = {literal(value)}" for name, value in fields.items())
        statement = f"UPDATE {self.name} SET {text} WHERE {self.where(identity)}"
        row = self.rows.pop(identity) | fields
        self.set_row(tuple(row[name] for name in self.primary_key), row, is_promised)
        return [statement]

    def key_of(self, row):
        return row["k"]

    def change(self):
        kind = self.generator.random()
        if not self.rows or kind < 0.35:
            return self.insert()
        identity = self.generator.choice(list(self.rows))
        if kind < 0.7:
            return self.update(identity, *self.fields())
        if kind < 0.78:  # the key stays
            key = self.key_of(self.rows[identity])
            return self.update(identity, {"v": f"w{self.generator.randrange(100)}"}, key is None or self.keys.is_greatest(key))
        if kind < 0.84:
            return self.update(identity, self.back() | {"v": "back"}, False)
        if kind < 0.92:
            del self.rows[identity]
            return [f"DELETE FROM {self.name} WHERE {self.where(identity)}"]
        new = self.new_identity()
        fields, is_promised = self.fields()
        return [] if new in self.rows else self.update(identity, dict(zip(self.primary_key, new)) | fields, is_promised)

    def back(self):
        return {"k": self.keys.back()[0]}

    def changes(self):
        return [statement for _ in range(self.generator.randrange(2 * CHANGES)) for statement in self.change()]

    # ---- what the warehouse may have

    def attempt(self, is_done, is_whole):
        """A sync has seen the rows as they are now, and perhaps brought them; `is_whole`: all of them, and no others. One that was
        cut off in the middle of that leaves rows that the next one, which may go on from there or start anew, does not look at."""
        is_exact = is_done and is_whole and not self.is_in_the_middle
        for identity, row in self.rows.items():
            version = version_of(row)
            if is_exact or (is_done and self.promised[identity]):
                self.possible[identity] = {version}
            else:
                self.possible[identity].add(version)
        for identity in list(self.possible):
            if identity not in self.rows and (is_whole or self.is_in_the_middle):
                self.possible[identity] = {None} if is_exact else self.possible[identity] | {None}
        self.is_in_the_middle = not is_done and (is_whole or self.is_in_the_middle)

    def check(self, found):
        """`found` are the rows of the warehouse, as dicts of texts."""
        versions = {}
        for row in found:
            identity = tuple(row[name] for name in self.primary_key)
            assert identity not in versions, f"{self.name} has {identity} twice"
            versions[identity] = version_of(row)
        known = {tuple(None if part is None else str(part) for part in identity): identity for identity in self.possible}
        for identity in versions.keys() | known.keys():
            allowed = self.possible[known[identity]] if identity in known else {None}
            version = versions.get(identity)
            assert version in allowed, (f"{self.name}: of {identity} the warehouse has {shown(version)}, which is none of "
                                        f"{[shown(one) for one in allowed]}; the source has {self.rows.get(known.get(identity))}")
            if identity in known:
                self.possible[known[identity]] = {version}


def shown(version):
    return None if version is None else dict(sorted(version))


class Changing(Table):
    """Columns come and go."""

    def changes(self):
        statements = super().changes()
        if self.generator.random() < 0.2:
            statements += self.drop() if self.added and self.generator.random() < 0.5 else self.add()
        return statements

    def add(self):
        name, value = f"c{self.generator.randrange(6)}", self.generator.choice([None, None, 5])
        if name in self.added:
            return []
        self.added.append(name)
        if value is not None:
            for identity, row in self.rows.items():
                self.set_row(identity, row | {name: value}, self.promised[identity] and self.is_new(identity))
        return [f"ALTER TABLE {self.name} ADD COLUMN {name} INTEGER" + ("" if value is None else f" DEFAULT {value}")]

    def drop(self):
        name = self.added.pop(self.generator.randrange(len(self.added)))
        for identity, row in self.rows.items():
            if row.pop(name, None) is not None:
                self.promised[identity] = self.promised[identity] and self.is_new(identity)
        return [f"ALTER TABLE {self.name} DROP COLUMN {name}"]

    def is_new(self, identity):
        """No sync has seen the row: what it is in the end comes with it."""
        return self.possible[identity] == {None}

    def insert(self):
        """A value for each column: what DEFAULT a column had is not remembered."""
        statements = super().insert()
        identity = (self.numbers,)
        if not statements or not self.added:
            return statements
        fields = {name: self.generator.choice([None, 7]) for name in self.added}
        return statements + self.update(identity, fields, self.promised[identity])


class Pairs(Table):
    """Two columns tell rows apart, and both may be NULL; no constraint keeps them so."""

    primary_key, declared = ["a", "b"], "a INTEGER, b VARCHAR, k TIMESTAMP, v VARCHAR"

    def new_identity(self):
        return self.generator.choice([None, 1, 2, 3, 4]), self.generator.choice([None, "", "x", "y", "z"])


class Greatest(Table):
    """The key is the greater of two columns."""

    declared = "id INTEGER PRIMARY KEY, k1 TIMESTAMP, k2 TIMESTAMP, v VARCHAR"

    def fields(self):
        key, is_promised = self.keys.next()
        older = self.generator.choice([None, self.keys.back()[0]])
        keys = self.generator.choice([(key, older), (older, key), (key, key), (None, None)])
        return {"k1": keys[0], "k2": keys[1], "v": f"v{self.generator.randrange(100)}"}, is_promised

    def key_of(self, row):
        return max((key for key in [row["k1"], row["k2"]] if key is not None), default=None)

    def back(self):
        return {"k1": self.keys.back()[0], "k2": None}


class Days(Table):
    declared = "id INTEGER PRIMARY KEY, k DATE, v VARCHAR"


class Numbers(Table):
    declared = "id INTEGER PRIMARY KEY, k BIGINT, v VARCHAR"


class Append(Table):
    """Rows come once, and as often as they are there. Some are equal in everything."""

    declared, mode = "id INTEGER, k TIMESTAMP, v VARCHAR", "append"

    def __init__(self, *arguments, **settings):
        super().__init__(*arguments, mode="append", **settings)
        self.there, self.here = collections.Counter(), collections.Counter()
        self.least, self.most = collections.Counter(), collections.Counter()

    def change(self):
        key = self.keys.next()[0] if self.generator.random() > 0.1 else None
        row = {"id": self.generator.randrange(3), "k": key, "v": self.generator.choice(["x", None])}
        count = self.generator.choice([1, 1, 2, 3])
        self.there[version_of(row)] += count
        values = f"({', '.join(literal(value) for value in row.values())})"
        return [f"INSERT INTO {self.name} (id, k, v) VALUES {', '.join([values] * count)}"]

    def attempt(self, is_done, is_whole):
        self.least = self.there if is_done else collections.Counter() if is_whole else self.here
        self.most = self.there

    def check(self, found):
        here = collections.Counter(version_of(row) for row in found)
        assert self.least <= here <= self.most, (
            f"{self.name}: missing {[(shown(row), count) for row, count in (self.least - here).items()]}, "
            f"too many {[(shown(row), count) for row, count in (here - self.most).items()]}")
        self.here = here


class Waiting(Append):
    """Rows come when the horizon has passed them, and not before."""

    def attempt(self, is_done, is_whole):
        """What is surely older than the lag has come; what is surely younger has not."""
        super().attempt(is_done, is_whole)
        if is_done:
            limit = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(seconds=LAG + 120)
            self.least = collections.Counter({
                version: count for version, count in self.there.items()
                if dict(version).get("k", "") < limit.strftime("%Y-%m-%d %H:%M:%S") or version in self.here})
        limit = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(seconds=LAG)
        self.most = collections.Counter({version: count for version, count in self.there.items()
                                         if dict(version).get("k", "") < limit.strftime("%Y-%m-%d %H:%M:%S.%f")})


class Replace(Table):
    """The whole table, or what it was."""

    declared, mode = "id INTEGER PRIMARY KEY, k TIMESTAMP, v VARCHAR", "replace"

    def __init__(self, *arguments, **settings):
        super().__init__(*arguments, mode="replace", **settings)
        self.allowed = [{}]

    def changes(self):
        statements = super().changes()
        return statements if self.rows else statements + self.insert()

    def contents(self):
        return {identity: version_of(row) for identity, row in self.rows.items()}

    def attempt(self, is_done, is_whole):
        self.allowed = [self.contents()] if is_done else self.allowed + [self.contents()]

    def check(self, found):
        here = {(int(row["id"]),): version_of(row) for row in found}
        assert here in self.allowed, f"{self.name}: {here} is none of {self.allowed}"
        self.allowed = [here]


def make_tables(generator):
    exact = {"clock": "database", "key_zone": "UTC"}
    lag = {"lag": f"{LAG}s"}
    return [Changing("changing", generator, Clock(generator)), Table("now", generator, Now(generator), **lag),
            Days("day", generator, Day(generator), **lag), Pairs("pairs", generator, Clock(generator), primary_key=["a", "b"]),
            Greatest("greatest_of", generator, Clock(generator), key=["k1", "k2"]),
            Numbers("numbers", generator, Clock(generator, True)), Append("appended", generator, Clock(generator), **exact),
            Waiting("waiting", generator, Now(generator), **lag), Replace("replaced", generator, Clock(generator))]


class Model:
    def __init__(self, pair, seed):
        self.generator = random.Random(seed)
        self.pair = pair
        self.tables = make_tables(self.generator)
        self.counts = collections.Counter()
        pair.source(*[table.create() for table in self.tables])

    def change(self):
        statements = [statement for table in self.tables for statement in table.changes()]
        self.counts["changes"] += len(statements)
        if KIND == "sqlite":
            statements = ["BEGIN;" + ";".join(statements) + ";COMMIT"]
        self.pair.source(*statements)

    # ---- a sync

    def run(self, arguments, kill_at, signal_after):
        """The tables that are done."""
        number, seconds = signal_after
        process = subprocess.Popen(arguments, cwd=self.pair.folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE, text=True, env={**os.environ, **SANITIZERS, **kill_at})
        try:
            out, lines = process.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            process.send_signal(number)
            out, lines = process.communicate(timeout=120)
        self.pair.history.append(f"$ {' '.join(arguments[1:])} {kill_at} {number} after {seconds}: {process.returncode}\n{lines}")
        # A signal may come before the program has begun to listen to it.
        assert process.returncode in (0, 3, -signal.SIGKILL, -signal.SIGTERM), process.returncode
        self.counts[{0: "succeeded", 3: "stopped"}.get(process.returncode, "killed")] += 1
        result = json.loads(out) if out else {"tables": []}
        assert all(table["outcome"] != "failed" for table in result["tables"]), result
        return {table["source_name"].split(".")[1] for table in result["tables"] if table["outcome"] == "done"}

    def sync(self):
        generator = self.generator
        whole = {table.name for table in self.tables if generator.random() < 0.03}
        tables = {table.name: {**table.settings, "window_rows": generator.choice([1, 2, 5, 10, 1000])} for table in self.tables}
        name = self.pair.job(tables=tables, job={"tables_at_once": generator.choice([1, 2, 4])})
        arguments = [str(PAWL), "sync", name, "--json", *[word for one in sorted(whole) for word in ("--full-refresh", one)]]
        kind, kill_at, signal_after = generator.random(), {}, (signal.SIGKILL, 120)
        if kind < 0.3 and HAS_HOOKS:
            kill_at = {"PAWL_KILL_AT": str(int(generator.uniform(1, 19) ** 2))}
        elif kind < 0.4:
            signal_after = (signal.SIGKILL, generator.uniform(0.05, 1))
        elif kind < 0.5:
            signal_after = (signal.SIGTERM, generator.uniform(0.3, 1))
        done = self.run(arguments, kill_at, signal_after)
        for table in self.tables:
            table.attempt(table.name in done, table.name in whole or not table.is_filled)
            table.is_filled = table.is_filled or table.name in done
        self.check()

    def check(self):
        if not self.pair.warehouse.exists():
            return
        there = {row["table_name"] for row in self.pair.select("SELECT table_name FROM duckdb_tables() WHERE schema_name = 'main'")}
        parts = [f"SELECT '{name}' AS name, CAST(to_json(r) AS VARCHAR) AS \"row\" FROM (SELECT CAST(COLUMNS(*) AS VARCHAR) FROM {name}) r"
                 for name in sorted(there)]
        found = collections.defaultdict(list)
        for row in self.pair.select(" UNION ALL ".join(parts)) if parts else []:
            found[row["name"]].append(json.loads(row["row"]))
        assert there <= {table.name for table in self.tables}, there
        for table in self.tables:
            table.check(found[table.name])

    def play(self):
        for _ in range(ROUNDS):
            if self.generator.random() < 0.8:
                self.change()
            self.sync()


def play(box, number):
    pair = Pair(box.folder, KIND)
    pair.history = box.history
    model = Model(pair, SEED * RUNS + number)
    try:
        model.play()
    finally:
        print(f"# {', '.join(f'{count} {what}' for what, count in model.counts.items())}", flush=True)
        del box.history[:-12]  # the last ones tell most


print(f"# PAWL_TEST_SEED={SEED}", flush=True)
for count in range(RUNS):
    case(f"{KIND}: random changes and syncs, killed and not, {count + 1}", play, count)
tap.main()

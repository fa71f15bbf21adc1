#!/usr/bin/env python3
"""pawl sync beside other tools that copy a PostgreSQL table, on the same database and machine, in the same run.

    bench/peers.py --docs docs                      # all of them, 5,000,000 rows; writes tables and a plot
    bench/peers.py --rows 100000 --seconds 5        # a small form
    bench/peers.py --tools pawl,duckdb

It starts a server of its own, installs each tool from PyPI into an environment of its own, in the versions of
bench/peers/requirements, and has it copy a table of 5 columns with a primary key and an indexed updated_at:

    first    the first sync, into nothing
    changed  after 1 of 100 rows was updated
    late     while 16 writers commit transactions of 0 to 240 ms, which set updated_at to now(): syncs in a loop, one more when they
             are done, and a count of the rows that are missing or out of date then; once more with a lag of 1 s for tools that
             have such a setting

Each of the tools takes its turn before the next run begins; the fastest of its runs counts, and the slowest is told beside it. A
tool that cannot be installed, or fails, is shown with what it said; where PyPI cannot be reached, all is skipped (exit status 77).
Costs are those of whole processes: wall time; user and system time of the process and its descendants, and that of the server
beside it; the greatest memory of them together. What arrived is compared with the source row by row, by a DuckDB that knows nothing
of the tools.
"""
import argparse
import atexit
import contextlib
import dataclasses
import datetime
import fcntl
import functools
import json
import os
import pathlib
import random
import shlex
import signal
import subprocess
import sys
import tempfile
import time

sys.path.insert(1, str(pathlib.Path(__file__).resolve().parent / "peers"))

# pylint: disable=wrong-import-position
import database  # noqa: E402
import machine  # noqa: E402
import report  # noqa: E402
import tools  # noqa: E402

LAG = 1.0


class Quiet:
    """A lock that others hold while they are at work on this machine: shared by all but measurements, which follow each other
    for a while before others have their turn."""
    LONGEST = 150  # seconds

    def __init__(self, file):
        self.file = None if file is None else open(file, "ab")  # pylint: disable=consider-using-with
        self.since = None
        self.share()

    def share(self):
        if self.file is not None:
            fcntl.flock(self.file, fcntl.LOCK_SH)
        self.since = None

    @contextlib.contextmanager
    def alone(self):
        if self.since is None and self.file is not None:
            fcntl.flock(self.file, fcntl.LOCK_EX)
            self.since = time.monotonic()
        yield
        if self.since is not None and time.monotonic() - self.since > self.LONGEST:
            self.share()


class Contender:
    """A tool and what was found about it."""

    def __init__(self, bench, tool):
        self.bench, self.tool, self.costs = bench, tool, {"first": [], "changed": []}
        self.items = box = self.box("items")
        self.found = {"title": tool.title(), "target": tool.target, "note": tool.note, "color": tool.color, "message": None,
                      "command": self.tell(box, shlex.join(str(word) for word in tool.command(box))),
                      "job": self.tell(box, tool.job(box) or "")}

    def box(self, table, lag=0.0):
        return tools.Box(self.bench.folder / f"{type(self.tool).__name__}-{table}", self.bench.server.host,
                         self.bench.server.port, table, lag)

    def tell(self, box, text):
        """As others would write it."""
        names = {box.url(): "URL", box.url("postgres", ""): "URL", box.folder: "FOLDER", self.tool.folder: "ENVIRONMENT",
                 tools.HERE: "bench/peers", self.bench.build: "build"}
        for long, short in names.items():
            text = text.replace(str(long), short)
        return text

    def fail(self, reason):
        self.found["message"] = str(reason).replace("|", "/").replace("\n", " ")
        print(f"{self.found['title']:32} {self.found['message']}", flush=True)

    def runs(self):
        return self.found["message"] is None

    def sync(self, box, run=machine.run):
        environment = {"HOME": str(self.bench.home), "TMPDIR": str(box.folder), **self.tool.environment(box)}
        began = time.time()
        cost = run(self.tool.command(box), box.folder, environment, self.bench.options.timeout)
        box.synced_at = began
        return cost

    def begin(self, table, lag=0.0):
        box = self.box(table, lag)
        database.fresh(box.folder)
        job = self.tool.job(box)
        if job is not None:
            (box.folder / "job.yaml").write_text(job)
        return box

    def install(self):
        """Installs the tool, and has it copy a small table: once for its caches, and to see whether it runs."""
        try:
            self.tool.install()
            self.sync(self.begin("late"))
        except (tools.Unavailable, machine.Failure) as reason:
            self.fail(reason)

    def measure(self, scenario):
        try:
            with self.bench.quiet.alone():
                cost = self.sync(self.items, functools.partial(machine.run_beside, self.bench.server))
        except machine.Failure as reason:
            self.fail(reason)
            return
        self.costs[scenario].append(cost)
        self.found[scenario] = dataclasses.asdict(min(self.costs[scenario], key=lambda cost: cost.wall))
        self.found[scenario]["walls"] = [cost.wall for cost in self.costs[scenario]]
        print(f"{self.found['title']:32} {scenario:8} {cost.wall:8.2f} s  CPU {cost.cpu:8.2f} s  server {cost.server_cpu:8.2f} s  "
              f"others {cost.others_cpu:8.2f} s  {cost.peak / (1 << 20):8,.0f} MiB", flush=True)

    def others_share(self):
        """How much of the machine other work took during the runs that count."""
        costs = [self.found[scenario] for scenario in self.costs if scenario in self.found]
        return max((cost["others_cpu"] / cost["wall"] / os.cpu_count() for cost in costs), default=0.0)

    def look(self, scenario):
        """Compares the copy with the reference."""
        counts = self.bench.reference.compare(self.tool, self.items)
        self.found[scenario + "_copy"] = counts
        if any(counts):
            print("{:32} {:,} missing, {:,} differ, {:,} too many".format(self.found["title"], *counts), flush=True)

    def late(self, key, lag):
        """How many rows are lost among late commits."""
        try:
            with self.bench.quiet.alone():
                self.found[key] = self.sync_among_writers(lag)
        except machine.Failure as reason:
            self.found[key] = {"message": str(reason)}
        print(f"{self.found['title']:32} {key:8} {json.dumps(self.found[key])}", flush=True)

    def sync_among_writers(self, lag):
        bench, syncs = self.bench, 1
        bench.server.make("late", 1000)
        box = self.begin("late", lag)
        self.sync(box)
        with bench.server.writers("late", bench.options.seconds, bench.options.seed) as at_work:
            while at_work():
                self.sync(box)
                syncs += 1
        time.sleep(2 * lag)
        self.sync(box)
        written = bench.reference.take("late") - 1000
        missing, stale, extra = bench.reference.compare(self.tool, box)
        return {"syncs": syncs + 1, "written": written, "lost": missing + stale, "missing": missing, "stale": stale, "extra": extra}


class Bench:
    def __init__(self, options, folder, environments):
        self.options, self.folder, self.quiet = options, folder, Quiet(options.lock)
        self.build = pathlib.Path(options.build).resolve()
        subprocess.run(["ninja", "-C", self.build, "src/pawl", "tests/tools/duck_sql"], check=True, stdout=subprocess.DEVNULL)
        tools.Pawl.program = self.build / "src" / "pawl"
        self.home = environments / "home"
        self.home.mkdir(parents=True, exist_ok=True)
        self.server = database.Server()
        atexit.register(self.server.stop)
        self.reference = database.Reference(self.server, self.build / "tests" / "tools" / "duck_sql", folder)
        self.server.make("late", 1000)
        self.contenders = self.find_contenders(environments)

    def find_contenders(self, environments):
        """Those that were asked for, installed; of a tool that runs, no older version."""
        contenders = []
        for kind in tools.TOOLS:
            if self.options.tools is not None and kind.__name__.lower() not in self.options.tools:
                continue
            if any(isinstance(one.tool, kind.fallback_of or ()) and one.runs() for one in contenders):
                continue
            contenders.append(Contender(self, kind(environments, self.home)))
            contenders[-1].install()
        return contenders

    def running(self):
        return [one for one in self.contenders if one.runs()]

    def first(self):
        self.server.make("items", self.options.rows)
        for _ in range(self.options.runs):
            for contender in self.running():
                contender.items = contender.begin("items")
                contender.measure("first")
        self.look("first")

    def changed(self):
        for turn in range(self.options.runs):
            self.server.change("items", turn)
            for contender in self.running():
                if contender.tool.is_incremental:
                    contender.measure("changed")
        self.look("changed")

    def look(self, scenario):
        self.reference.take("items")
        for contender in self.running():
            if contender.costs[scenario]:
                contender.look(scenario)

    def late(self):
        for contender in self.running():
            if contender.tool.is_incremental:
                contender.late("late", 0.0)
                if contender.tool.has_lag:
                    contender.late("lagging", LAG)

    def run(self):
        """What was found, and under which conditions."""
        self.first()
        self.changed()
        if self.options.seconds > 0:
            self.late()
        about = {
            "rows": self.options.rows, "runs": self.options.runs, "seconds": self.options.seconds, "seed": self.options.seed,
            "busy": max(one.others_share() for one in self.contenders), "writers": database.WRITERS, "machine": machine.describe(),
            "postgres": self.server.version, "settings": ", ".join(f"`{setting}`" for setting in database.SETTINGS),
            "day": datetime.date.today().isoformat()}
        return about, [contender.found for contender in self.contenders]


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", default="build")
    parser.add_argument("--rows", type=int, default=5_000_000)
    parser.add_argument("--runs", type=int, default=3, help="of the first sync, and of that of changed rows")
    parser.add_argument("--seconds", type=float, default=20, help="how long the writers of `late` write; 0: not at all")
    parser.add_argument("--seed", type=int, default=random.randrange(10**6), help="of these writers")
    parser.add_argument("--tools", help="some of them: " + ", ".join(tool.__name__.lower() for tool in tools.TOOLS))
    parser.add_argument("--timeout", type=float, default=900, help="seconds after which a sync is ended")
    parser.add_argument("--folder", type=pathlib.Path, help="keep the tools' environments here for the next run")
    parser.add_argument("--lock", metavar="FILE",
                        help="a file that all who work on this machine hold a shared lock of; each measurement waits for them")
    parser.add_argument("--docs", metavar="DIR", type=pathlib.Path, help="where benchmarks.md is, to write the results into")
    parser.add_argument("--out", metavar="FILE", type=pathlib.Path, help="write the figures as JSON too")
    options = parser.parse_args()
    if options.tools is not None:
        options.tools = options.tools.split(",")
        if not set(options.tools) <= {tool.__name__.lower() for tool in tools.TOOLS}:
            parser.error("see --help for the names of the tools")
    return options


def run_in(options, folder):
    environments = (options.folder or folder / "environments").resolve()
    environments.mkdir(parents=True, exist_ok=True)
    bench = Bench(options, folder, environments)
    if len(bench.contenders) > 1 and not any(one.runs() for one in bench.contenders if one.tool.requirements is not None):
        raise database.Skip(f"none of the other tools can be had here: {bench.contenders[1].found['message']}")
    about, results = bench.run()
    print(f"\nseed {about['seed']}\n\n{report.tabulate_times(results)}\n\n{report.tabulate_late(results)}")
    if options.out is not None:
        options.out.write_text(json.dumps({"about": about, "results": results}, indent=1) + "\n")
    if options.docs is not None:
        report.write(options.docs, about, results)
    return 0


def main():
    options = parse_arguments()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("ended"))
    with tempfile.TemporaryDirectory(prefix="pawl-peers-", dir=os.environ.get("TMPDIR")) as folder:
        try:
            return run_in(options, pathlib.Path(folder))
        except database.Skip as reason:
            print(f"skipped: {reason}")
            return 77


if __name__ == "__main__":
    sys.exit(main())

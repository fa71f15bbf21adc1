"""bench/measure.py: what the benchmarks of pawl sync share: running it, telling figures beside their bars."""
import json
import os
import pathlib
import shutil
import subprocess
import sys
import time

MIB = 1 << 20


class Measure:
    def __init__(self, options, folder, floor):
        """`floor` is the program in bench/ that pawl is measured against."""
        self.options, self.folder = options, pathlib.Path(folder)
        build = pathlib.Path(options.build).resolve()
        subprocess.run(["ninja", "-C", build, "src/pawl", f"bench/{floor}"], check=True, stdout=subprocess.DEVNULL)
        self.program, self.floor_program = build / "src" / "pawl", build / "bench" / floor
        self.results, self.peak = [], 0

    def sync(self, arguments, expect=None, **environment):
        """One sync that succeeds and writes `expect` rows, if that is told; (wall seconds, seconds of all cores, the report)."""
        start = time.perf_counter()
        with subprocess.Popen([self.program, "sync", *arguments, "--json", "--progress", "none"], cwd=self.folder,
                              env={**os.environ, **environment}, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
            report = json.loads(process.stdout.read())
            _, status, usage = os.wait4(process.pid, 0)
            wall = time.perf_counter() - start
            process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode != 0 or expect not in (None, report["rows_written"]):
            sys.exit(f"pawl sync {' '.join(arguments)} gave {json.dumps(report, indent=2)}")
        report["peak"] = usage.ru_maxrss * 1024
        self.peak = max(self.peak, report["peak"])
        return wall, usage.ru_utime + usage.ru_stime, report

    def file(self, name, *copy_of):
        """A name in the folder with nothing there, or a copy of another one."""
        for ending in ("", ".wal", ".pawl"):
            (self.folder / (name + ending)).unlink(missing_ok=True)
        shutil.rmtree(self.folder / (name + ".tmp"), ignore_errors=True)
        if copy_of:
            shutil.copyfile(self.folder / copy_of[0], self.folder / name)
        return name

    def tell(self, what, value, unit, limit=None, at_least=False):
        met = None if limit is None else value >= limit if at_least else value <= limit
        self.results.append({"what": what, "value": value, "unit": unit, "limit": limit, "met": met})
        bar = "" if limit is None else f"{'at least' if at_least else 'at most'} {limit:g}: {'met' if met else 'NOT MET'}"
        print(f"{what:66} {value:12,.3f} {unit:8} {bar}", flush=True)

    def tell_peak(self, what):
        self.tell(f"{what}: peak memory", self.peak / MIB, "MiB", 256)
        self.peak = 0

    def write(self):
        """The figures, as JSON, where --out says."""
        if self.options.out is not None:
            pathlib.Path(self.options.out).write_text(json.dumps(self.results, indent=1) + "\n", encoding="utf-8")

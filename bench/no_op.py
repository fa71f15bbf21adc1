#!/usr/bin/env python3
"""What a sync costs when nothing changed: the second and later runs of examples/customers, as a user starts them.

    bench/no_op.py [--build build] [--runs 20]

Prints the wall time of the whole process, from its start to its end, in milliseconds.
"""
import argparse, os, statistics, subprocess, tempfile, time


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--build", default="build")
    arguments.add_argument("--runs", type=int, default=20)
    options = arguments.parse_args()
    program = os.path.abspath(os.path.join(options.build, "examples", "customers"))
    with tempfile.TemporaryDirectory() as folder:
        times = []
        for _ in range(options.runs + 1):
            start = time.perf_counter()
            subprocess.run([program, "debug"], cwd=folder, stdout=subprocess.DEVNULL, check=True)
            times.append((time.perf_counter() - start) * 1000)
    first, later = times[0], times[1:]
    print(f"first sync        {first:6.1f} ms")
    print(f"nothing changed   {statistics.median(later):6.1f} ms median, {min(later):.1f} to {max(later):.1f} "
          f"in {len(later)} runs")


main()

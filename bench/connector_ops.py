#!/usr/bin/env python3
"""What an operation costs: upserts through the C API against DuckDB's own INSERT ... SELECT of the same rows.

    bench/connector_ops.py [--build build] [--runs 5] [--rows 1000000] [--big 10000000]

Pawl and the floor run in turn, each time into a new file; the medians are compared. The last lines are single runs with many
rows, for the peak memory: ascending and random keys, with no checkpoint until the end and with one every 100,000 rows.
"""
import argparse, json, os, statistics, subprocess, tempfile


def pawl(program, rows, order, checkpoint_every, folder):
    command = [program, "--rows", str(rows), "--order", order, "--checkpoint-every", str(checkpoint_every), "debug", "--json"]
    out = subprocess.run(command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True).stdout
    report = json.loads(out)
    return report["elapsed_seconds"], report["peak_memory_bytes"]


def floor(program, rows, folder):
    command = [program, "--rows", str(rows), "floor", os.path.join(folder, "floor.db")]
    return float(subprocess.run(command, cwd=folder, stdout=subprocess.PIPE, check=True).stdout)


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--build", default="build")
    arguments.add_argument("--runs", type=int, default=5)
    arguments.add_argument("--rows", type=int, default=1_000_000)
    arguments.add_argument("--big", type=int, default=10_000_000, help="rows of the memory runs; 0 leaves them out")
    options = arguments.parse_args()
    subprocess.run(["ninja", "-C", options.build, "bench/connector_ops"], check=True, stdout=subprocess.DEVNULL)
    program = os.path.abspath(os.path.join(options.build, "bench", "connector_ops"))

    times = {"ascending keys": [], "random keys": [], "INSERT ... SELECT": []}
    for _ in range(options.runs):
        for name in times:
            with tempfile.TemporaryDirectory() as folder:
                if name == "INSERT ... SELECT":
                    times[name].append(floor(program, options.rows, folder))
                else:
                    times[name].append(pawl(program, options.rows, name.split()[0], 0, folder)[0])
    base = statistics.median(times["INSERT ... SELECT"])
    print(f"{options.rows:,} upserts of 5 columns, {options.runs} runs each, medians "
          "(Pawl: the whole sync, floor: the statement)")
    print(f"{'':20} {'seconds':>8} {'rows/s':>12} {'of the floor rate':>18}")
    for name, seconds in times.items():
        median = statistics.median(seconds)
        print(f"{name:20} {median:8.3f} {options.rows / median:12,.0f} {base / median:17.2f}x")
    if options.big == 0:
        return
    print(f"\n{options.big:,} upserts, one run each")
    print(f"{'':42} {'seconds':>8} {'rows/s':>12} {'peak MiB':>9}")
    for order in ("ascending", "random"):
        for every in (0, 100_000):
            with tempfile.TemporaryDirectory() as folder:
                seconds, peak = pawl(program, options.big, order, every, folder)
            name = f"{order} keys, " + (f"a checkpoint every {every:,}" if every else "one checkpoint")
            print(f"{name:42} {seconds:8.2f} {options.big / seconds:12,.0f} {peak / 2**20:9.0f}")


main()

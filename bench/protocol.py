#!/usr/bin/env python3
"""What Fivetran's contract costs: a connector of 5 columns that serves it, to a client that throws the records away, and to `pawl
debug --connect`, which applies them.

    bench/protocol.py [--build build] [--rows 2000000] [--runs 3]

Prints records/s, and the peaks of memory. Server and client share the machine's cores.
"""
import argparse, json, os, re, signal, statistics, subprocess, tempfile


class Server:
    def __init__(self, build, rows, folder):
        command = [f"{build}/bench/connector_ops", "--rows", str(rows), "serve", "--any-port"]
        self.process = subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, text=True)
        self.target = "localhost:" + re.search(r"port (\d+)", self.process.stdout.readline())[1]

    def end(self):
        """The peak of its memory in MiB, and its seconds of processor time."""
        with open(f"/proc/{self.process.pid}/status", encoding="ascii") as status:
            peak = int(re.search(r"VmHWM:\s+(\d+)", status.read())[1]) // 1024
        with open(f"/proc/{self.process.pid}/stat", encoding="ascii") as stat:
            cpu = sum(int(field) for field in stat.read().rsplit(")", 1)[1].split()[11:13]) / os.sysconf("SC_CLK_TCK")
        self.process.send_signal(signal.SIGTERM)
        self.process.communicate(timeout=60)
        return peak, cpu


def drain(build, rows, folder, *pause):
    server = Server(build, rows, folder)
    out = subprocess.run([f"{build}/bench/protocol_drain", server.target, *pause], check=True, capture_output=True, text=True).stdout
    count, seconds, cpu = out.split()
    return int(count), float(seconds), float(cpu), *server.end()


def drive(build, rows, folder):
    server = Server(build, rows, folder)
    out = subprocess.run([f"{build}/src/pawl", "debug", "--connect", server.target, "--json", "--reset"], cwd=folder, check=True,
                         capture_output=True, text=True).stdout
    report = json.loads(out)
    assert report["rows_committed"] == rows, report
    return report["elapsed_seconds"], report["peak_memory_bytes"] // 2**20, *server.end()


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--build", default="build")
    arguments.add_argument("--rows", type=int, default=2000000)
    arguments.add_argument("--runs", type=int, default=3)
    options = arguments.parse_args()
    build = os.path.abspath(options.build)
    with tempfile.TemporaryDirectory() as folder:
        drains = [drain(build, options.rows, folder) for _ in range(options.runs)]
        drives = [drive(build, options.rows, folder) for _ in range(options.runs)]
        slow = drain(build, 10**9, folder, "20")
    assert all(run[0] == options.rows for run in drains), drains
    print(f"served to a client that throws away   {options.rows / statistics.median(run[1] for run in drains):10,.0f} records/s; "
          f"processor time: server {drains[-1][4]:.2f} s, client {drains[-1][2]:.2f} s; server's peak {max(run[3] for run in drains)} MiB")
    print(f"driven into a warehouse               {options.rows / statistics.median(run[0] for run in drives):10,.0f} records/s; "
          f"pawl's peak {max(run[1] for run in drives)} MiB, server's {max(run[2] for run in drives)} MiB")
    print(f"a client that reads slowly            server's peak {slow[3]} MiB")


main()

"""bench/peers/machine.py: runs a command and says what it cost: wall time, processor time, memory; and the same of the server."""
import contextlib
import dataclasses
import os
import pathlib
import platform
import re
import signal
import subprocess
import threading
import time

TICKS = os.sysconf("SC_CLK_TCK")
PAGE = os.sysconf("SC_PAGE_SIZE")


def read_or_nothing(path):
    try:
        return pathlib.Path(path).read_text(encoding="utf-8", errors="replace")
    except OSError:  # the process is over
        return ""


def find_tree(pid):
    """The process and all that descend from it."""
    found = [pid]
    for process in found:
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):  # it has ended
            for task in pathlib.Path(f"/proc/{process}/task").glob("*/children"):
                found += [int(child) for child in read_or_nothing(task).split()]
    return found


def resident_bytes(pids):
    """Of several processes, pages that they share count once."""
    if len(pids) == 1:
        return int((read_or_nothing(f"/proc/{pids[0]}/statm").split() or [0, 0])[1]) * PAGE
    sizes = (re.search(r"^Pss: +(\d+) kB", read_or_nothing(f"/proc/{pid}/smaps_rollup"), re.MULTILINE) for pid in pids)
    return sum(int(size[1]) * 1024 for size in sizes if size)


def processor_seconds(pid):
    """Those of a process and of all that descend from it, also of those that are over."""
    ticks = 0
    for process in find_tree(pid):
        fields = read_or_nothing(f"/proc/{process}/stat").rpartition(")")[2].split()
        if fields:
            ticks += sum(int(field) for field in fields[11:15])  # utime, stime, cutime, cstime
    return ticks / TICKS


@dataclasses.dataclass
class Cost:
    wall: float
    cpu: float
    peak: int
    server_cpu: float = 0.0
    others_cpu: float = 0.0


class Failure(Exception):
    """A command that did not do its work; says what it said."""


def last_words(output, folder):
    """The line that most likely says why: the last one, without colours and the names of our folders."""
    text = re.sub(r"\x1b\[[0-9;]*m", "", output)
    lines = [line.strip(" ~") for line in text.splitlines() if re.search(r"\w", line)]
    return lines[-1].replace(str(folder), "FOLDER")[:400] if lines else "it said nothing"


class Watch(threading.Thread):
    """Looks at the memory of a process and its descendants until told to stop."""

    def __init__(self, pid):
        super().__init__(daemon=True)
        self.pid, self.peak, self.over = pid, 0, threading.Event()

    def run(self):
        while not self.over.wait(0.02):
            self.peak = max(self.peak, resident_bytes(find_tree(self.pid)))

    def stop(self):
        self.over.set()
        self.join()
        return self.peak


def busy_seconds():
    """Those that all cores together were at work, for whomever."""
    user, nice, system, _, _, irq, softirq = map(int, read_or_nothing("/proc/stat").split()[1:8])
    return (user + nice + system + irq + softirq) / TICKS


def run_beside(server, *command):
    """run(), and what the server did meanwhile, which has no other clients, and all else on the machine."""
    before, busy, own = processor_seconds(server.process.pid), busy_seconds(), time.process_time()
    cost = run(*command)
    busy, own = busy_seconds() - busy, time.process_time() - own
    server.wait_until_alone()  # its processes are over a little later than the command
    cost.server_cpu = processor_seconds(server.process.pid) - before
    cost.others_cpu = max(busy - own - cost.cpu - cost.server_cpu, 0.0)
    return cost


def run(command, folder, environment, timeout):
    """The cost of a command; Failure if it fails."""
    with open(folder / "output", "wb") as output:
        start = time.perf_counter()
        # pylint: disable=consider-using-with
        process = subprocess.Popen([str(word) for word in command], cwd=folder, env={**os.environ, **environment},
                                   stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT, start_new_session=True)
        watch = Watch(process.pid)
        watch.start()
        alarm = threading.Timer(timeout, os.killpg, (process.pid, signal.SIGKILL))
        alarm.start()
        try:
            _, status, usage = os.wait4(process.pid, 0)
        except BaseException:
            os.killpg(process.pid, signal.SIGKILL)
            raise
        finally:
            wall = time.perf_counter() - start
            alarm.cancel()
            peak = watch.stop()
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        said = last_words((folder / "output").read_text(encoding="utf-8", errors="replace"), folder)
        raise Failure(f"it took longer than {timeout} s" if wall >= timeout else said)
    return Cost(wall, usage.ru_utime + usage.ru_stime, max(peak, usage.ru_maxrss * 1024))


def describe():
    """This machine, in a line."""
    model = re.search(r"^model name\s*: (.*)", read_or_nothing("/proc/cpuinfo"), re.MULTILINE)
    memory = int(re.search(r"MemTotal: +(\d+)", read_or_nothing("/proc/meminfo"))[1]) / (1 << 20)
    return (f"{os.cpu_count()} cores ({model[1].strip() if model else platform.machine()}), {memory:.0f} GiB, "
            f"Linux {platform.release().split('-')[0]}")

"""pawl sync from PostgreSQL when something breaks: the server, the session, the network, the disk (T-FAULT).

Each ends in a clear error or in another try that succeeds; and the next sync finds nothing lost or doubled. Where a read is at that
moment is certain: the server sleeps when it comes to a row, see Guarded.
"""
import contextlib
import os
import resource
import signal
import socket
import struct
import subprocess
import sys
import threading
import time

from harness import PAWL, SANITIZERS, contains, equal
from postgres_server import server
from postgres_shop import postgres, standby
from sync_harness import Run, tap

ROWS = 1200
TABLE = "CREATE TABLE t (id int PRIMARY KEY, updated_at timestamptz NOT NULL DEFAULT now(), v text)"
INDEX = "CREATE INDEX ON t (updated_at, id)"
FILL = (f"INSERT INTO t SELECT i, now() - interval '1 h' + i * interval '1 us', md5(i::text) FROM generate_series(1, {ROWS}) i")
OURS = "application_name = 'pawl'"
STOPS = {"fast": signal.SIGINT, "immediate": signal.SIGQUIT, "killed": signal.SIGKILL}
CHANGE = "UPDATE t SET v = v || 'w', updated_at = now() + id * interval '1 us'"
SETTINGS = {"where": "guard(id)", "window_rows": 100, "clock": "database", "key": "updated_at"}


class Guarded:
    """A shop with one table, whose read waits at a row when it is told to."""

    def __init__(self, shop):
        self.shop, self.session = shop, shop.session()
        # In the order of the key, row by row, and not sorted before the first one comes.
        shop.source(TABLE, INDEX, *(f"ALTER DATABASE {shop.database} SET enable_{way} = off" for way in ["sort", "seqscan"]))
        self.set("RETURN true")
        shop.source(FILL)

    def set(self, body):
        self.session.run(f"CREATE OR REPLACE FUNCTION guard(id int) RETURNS bool LANGUAGE plpgsql AS $$ BEGIN {body}; END $$")

    def change(self):
        """From here on syncs read changes; before that, they copy."""
        self.shop.sync(**SETTINGS)
        self.shop.source(CHANGE, "ANALYZE t")

    def start(self, row, retries, **settings):
        """A sync that waits at the row, until the session is ended or the guard lets others pass."""
        self.set(f"IF id = {row} THEN PERFORM pg_sleep(60); END IF; RETURN true")
        job = {"retries": retries, **settings.pop("job", {})}
        process = self.shop.start_sync(environment={"PGPASSWORD": self.shop.password}, job=job, **{**SETTINGS, **settings})
        self.wait()
        self.set("RETURN true")
        return process

    def wait(self):
        """Until a session of Pawl's sleeps."""
        for _ in range(600):
            if self.session.run(f"SELECT count(*) > 0 FROM pg_stat_activity WHERE {OURS} AND wait_event = 'PgSleep'") == ["t"]:
                return
            time.sleep(0.05)
        raise AssertionError("no session came to the row")

    def end_session(self):
        self.session.run(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {OURS}")

    def lose_server(self, how):
        """The server ends; this returns when it has."""
        server().crash(STOPS[how])
        self.session.abandon()

    def find_server(self):
        server().restart()
        self.session = self.shop.session()

    def finish(self, process, status):
        """Waits for it, and if it failed for one more; then all is there, once."""
        run = finish(self.shop, process, status)
        if status != 0:
            self.shop.sync(**SETTINGS)
        self.shop.same("t")
        return run


def finish(shop, process, status):
    out, lines = process.communicate(timeout=60)
    shop.history.append(f"{out}{lines}[exit status {process.returncode}]")
    run = Run(subprocess.CompletedProcess([], process.returncode, out, lines))
    equal(process.returncode, status)
    return run


def assert_clear(run, *parts):
    """One error, which says what happened, and a hint."""
    equal((len(run.errors), len(run.hints)), (1, 1))
    for part in parts:
        contains(run.errors[0], part)


GOING_ON = "going on where the last run stopped"


def retries_of(run):
    return [line for line in run.lines.splitlines() if "trying again in" in line]


# ---- the session -----------------------------------------------------------------------------------------------------

@postgres(times=["backfill at 1", "backfill at 850", "incremental at 1", "incremental at 100", "incremental at 750"])
def a_session_that_is_ended_is_begun_again(shop, where):
    """At the first row, at a window's edge, in the midst. Among changes it goes on behind the last window."""
    phase, row = where.split(" at ")
    guarded = Guarded(shop)
    if phase == "incremental":
        guarded.change()
    process = guarded.start(int(row), retries=1)
    guarded.end_session()
    run = guarded.finish(process, 0)
    equal((run.table()["phase"], run.table()["rows_read"] >= ROWS, len(retries_of(run))), (phase, True, 1))
    contains(run.warnings()[0], "terminating connection")
    equal(GOING_ON in run.lines, where == "incremental at 750")


@postgres
def tries_come_to_an_end(shop):
    guarded = Guarded(shop)
    guarded.set("IF id = 150 THEN PERFORM pg_terminate_backend(pg_backend_pid()); END IF; RETURN true")
    run = shop.sync(status=1, job={"retries": 2}, **SETTINGS)
    assert_clear(run, "table 'public.t'", "terminating connection")
    equal(len(retries_of(run)), 2)
    guarded.set("RETURN true")
    shop.sync(**SETTINGS)
    shop.same("t")


@postgres
def a_stop_ends_the_pause_before_a_try(shop):
    guarded = Guarded(shop)
    process = guarded.start(150, retries=20)
    guarded.set("PERFORM pg_terminate_backend(pg_backend_pid()); RETURN true")
    guarded.end_session()
    time.sleep(1.5)
    process.send_signal(signal.SIGINT)
    started = time.monotonic()
    run = finish(shop, process, 3)
    assert time.monotonic() - started < 5
    assert len(retries_of(run)) >= 1
    guarded.set("RETURN true")
    shop.sync(**SETTINGS)
    shop.same("t")


@postgres
def what_was_cancelled_is_not_tried_again(shop):
    guarded = Guarded(shop)
    process = guarded.start(150, retries=5)
    guarded.session.run(f"SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE {OURS}")
    run = guarded.finish(process, 1)
    assert_clear(run, "canceling statement due to user request")
    equal(retries_of(run), [])


@postgres
def a_statement_timeout_is_not_tried_again(shop):
    guarded = Guarded(shop)
    process = guarded.start(750, retries=5, job={"source": shop.url() + "?options=-c%20statement_timeout%3D3s"})
    run = guarded.finish(process, 1)
    assert_clear(run, "statement timeout")
    equal(retries_of(run), [])


# ---- the server ------------------------------------------------------------------------------------------------------

@postgres(times=list(STOPS))
def a_server_that_comes_back(shop, how):
    """The same run goes on with it."""
    guarded = Guarded(shop)
    process = guarded.start(750, retries=8)
    guarded.lose_server(how)
    guarded.find_server()
    assert len(retries_of(guarded.finish(process, 0))) >= 1


@postgres
def a_server_that_stays_away(shop):
    guarded = Guarded(shop)
    process = guarded.start(150, retries=1)
    guarded.lose_server("immediate")
    run = finish(shop, process, 1)
    guarded.find_server()
    assert_clear(run, "table 'public.t'")
    contains(run.hints[0], "run it again")
    shop.sync(**SETTINGS)
    shop.same("t")


@postgres
def a_standby_that_gives_way_to_its_primary(shop):
    """It ends a read whose rows the primary has cleaned up; the next try is in a newer snapshot."""
    with standby("max_standby_streaming_delay=0", "max_standby_archive_delay=0") as copy:
        guarded = Guarded(shop)
        primary, shop.port = shop.port, copy.port
        process = None
        try:
            guarded.set("IF id = 150 THEN PERFORM pg_sleep(60); END IF; RETURN true")
            copy.wait_for(shop.database, "prosrc LIKE '%sleep%' FROM pg_proc WHERE proname = 'guard'")
            process = shop.start_sync(environment={"PGPASSWORD": shop.password}, job={"retries": 5}, **SETTINGS)
            copy.wait_for(shop.database, "count(*) > 0 FROM pg_stat_activity WHERE wait_event = 'PgSleep'")
            guarded.set("RETURN true")
            shop.source("DELETE FROM t WHERE id > 1100", "VACUUM t")
            run = finish(shop, process, 0)
            contains(run.warnings()[0], "conflict with recovery")
            copy.wait_for(shop.database, "count(*) = 1100 FROM t")
            shop.same("t", where="id <= 1100")
        finally:
            shop.port = primary
            if process is not None:
                process.kill()


# ---- the network -----------------------------------------------------------------------------------------------------

class Proxy:
    """Forwards connections to the server. The first one breaks, in some way, when the server has said so many bytes."""

    def __init__(self, shop, most_bytes, way):
        self.target, self.most_bytes, self.way = shop.server.port, most_bytes, way
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.has_broken, self.kept = False, []
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            up = socket.create_connection(("127.0.0.1", self.target))
            threading.Thread(target=self.forward, args=(client, up, None), daemon=True).start()
            threading.Thread(target=self.forward, args=(up, client, self.most_bytes), daemon=True).start()

    def forward(self, origin, target, left):
        with contextlib.suppress(OSError):
            while data := origin.recv(65536):
                if left is not None and not self.has_broken and len(data) >= left:
                    target.sendall(data[:left])
                    self.has_broken = True
                    self.kept += [origin, target]  # a socket that nobody has is closed
                    self.way(origin, target)
                    return
                target.sendall(data)
                left = None if left is None else left - len(data)
        for end in (origin, target):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def close(self):
        self.listener.close()
        for end in self.kept:
            end.close()


def reset(up, client):
    """Both sides are told that the connection is no more."""
    for end in (up, client):
        end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        with contextlib.suppress(OSError):
            end.shutdown(socket.SHUT_RD)
        end.close()


def half_close(_, client):
    """No more will come, says the server's side, and still listens."""
    client.shutdown(socket.SHUT_WR)


def stall(_up, _client):
    """Nothing comes any more, and nobody says so."""


WAYS = {"reset": reset, "half closed": half_close}


@contextlib.contextmanager
def broken_network(shop, most_bytes, way):
    proxy = Proxy(shop, most_bytes, way)
    shop.port = proxy.port
    try:
        yield proxy
    finally:
        shop.port = shop.server.port
        proxy.close()


@postgres(times=list(WAYS))
def a_connection_that_breaks(shop, way):
    """In the midst of a row of a first copy, then of changes; another one is made."""
    guarded = Guarded(shop)
    for most_bytes in [30000, 60001]:
        with broken_network(shop, most_bytes, WAYS[way]) as proxy:
            run = shop.sync(job={"retries": 2}, **SETTINGS)
            equal((proxy.has_broken, len(retries_of(run))), (True, 1))
        shop.same("t")
        shop.source(CHANGE, "ANALYZE t")


@postgres
def a_server_that_falls_silent_can_be_left(shop):
    """It may be busy for as long as it likes: that is no error. But who has enough of it can go."""
    Guarded(shop)
    with broken_network(shop, 40000, stall) as proxy:
        process = shop.start_sync(environment={"PGPASSWORD": shop.password}, **SETTINGS)
        while not proxy.has_broken:
            time.sleep(0.05)
        time.sleep(0.5)
        equal(process.poll(), None)
        process.send_signal(signal.SIGINT)
        run = finish(shop, process, 3)
        contains(run.errors[0], "stopped")
    shop.sync(**SETTINGS)
    shop.same("t")


CUT = {"keepalives_idle": 1, "keepalives_interval": 1, "keepalives_count": 2, "tcp_user_timeout": 2000, "connect_timeout": 2}


@postgres
def a_network_that_is_cut(shop):
    """Packets vanish, and no one answers: the kernel finds out, by keepalives, here after three seconds instead of two minutes."""
    if "PAWL_TEST_IS_ALONE" not in os.environ:
        raise tap.Skip("it needs a network of its own, and the rights to make one")
    guarded = Guarded(shop)
    process = guarded.start(750, retries=8, job={"source": shop.url() + "?" + "&".join(f"{k}={v}" for k, v in CUT.items())})
    subprocess.run(["ip", "link", "set", "lo", "down"], check=True)
    time.sleep(4)
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    guarded.end_session()  # which knows of nothing
    run = guarded.finish(process, 0)
    assert len(retries_of(run)) >= 1
    contains(run.warnings()[0], "Connection timed out")


# ---- the disk --------------------------------------------------------------------------------------------------------

def limit_files():
    resource.setrlimit(resource.RLIMIT_FSIZE, (2000000, 2000000))


@postgres
def a_full_disk_costs_nothing(shop):
    """Of the warehouse: in a first copy, then among changes. It is no fault of the source, and not tried again."""
    shop.source(TABLE, INDEX, "INSERT INTO t SELECT i, now() - interval '1 h', string_agg(md5(i * 100 + k || ''), '') "
                              "FROM generate_series(1, 10000) i, generate_series(1, 10) k GROUP BY i")
    for change in ["SELECT 1", "UPDATE t SET v = reverse(v), updated_at = now()"]:
        shop.source(change)
        finished = shop.run(PAWL, "sync", shop.job(window_rows=2000), "--json", status=1, restore_signals=False,
                            environment={"PGPASSWORD": shop.password}, preexec_fn=limit_files)
        run = Run(finished)
        equal((len(run.errors), retries_of(run)), (1, []))
        contains(run.errors[0], "table 'public.t'")
        shop.sync(window_rows=2000)
        shop.same("t")


def run_alone():
    """The whole program again, in a network of its own, where that can be made."""
    program = ["unshare", "--net", "sh", "-c", 'ip link set lo up && exec "$0" "$@"', sys.executable, *sys.argv]
    can = subprocess.run(["unshare", "--net", "ip", "link", "set", "lo", "up"], check=False, capture_output=True).returncode == 0
    if can:
        os.execvpe(program[0], program, {**os.environ, "PAWL_TEST_IS_ALONE": "1"})


if __name__ == "__main__":
    if "PAWL_TEST_IS_ALONE" not in os.environ:
        with contextlib.suppress(OSError):
            run_alone()
    tap.main()

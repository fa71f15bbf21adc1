"""tests/integration/postgres_server.py: a PostgreSQL server of the tests' own, for as long as the program runs.

    from postgres_server import server

    server().run("shop", "CREATE TABLE t (id int PRIMARY KEY)")
    print(server().url("shop"))

It lives in a temporary folder, listens on a free port of 127.0.0.1, and is started when first asked for. As root, it runs as the
user `postgres`, since a server refuses root. `python3 postgres_server.py COMMAND...` runs a command with such a server, whose URL
is in PAWL_TEST_POSTGRES. The newest one of Debian's is started, or that of the folder PAWL_TEST_POSTGRES_PROGRAMS.
"""
import atexit
import functools
import os
import pathlib
import pwd
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

import tap

PASSWORD = "not for you: p@ss%word"
SUPERUSER = "owner"


# The folder of a server's programs, when it is not Debian's that is to be tested.
NAMED = os.environ.get("PAWL_TEST_POSTGRES_PROGRAMS")


def find_debians():
    folders = sorted(pathlib.Path("/usr/lib/postgresql").glob("*/bin/postgres"), key=lambda path: int(path.parts[4]))
    return folders[-1].parent if folders else None


def find_programs():
    return find_debians() if NAMED is None else pathlib.Path(NAMED)


@functools.cache
def find_version():
    """12, 13, ... of the server that is tested; 0 where there is none."""
    programs = find_programs()
    if programs is None:
        return 0
    said = subprocess.run([programs / "postgres", "--version"], check=True, capture_output=True, text=True).stdout
    return int(re.search(r"\d+", said)[0])


def find_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


class Server:
    def __init__(self, programs, *settings):
        self.programs, self.settings = programs, settings
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="pawl-postgres-"))
        self.port = find_port()
        self.process, self.timeout = None, 120
        self.account = pwd.getpwnam("postgres") if os.geteuid() == 0 else None
        if self.account is not None:
            os.chown(self.folder, self.account.pw_uid, self.account.pw_gid)
        self.start()

    def as_account(self, *command):
        words = [str(word) for word in command]
        return words if self.account is None else ["runuser", "-u", "postgres", "--", *words]

    def start(self):
        self.make_data(self.folder / "data")
        self.restart()

    def make_data(self, data):
        password = self.folder / "password"
        password.write_text(PASSWORD, encoding="utf-8")
        subprocess.run(self.as_account(
            self.programs / "initdb", "-D", data, "-U", SUPERUSER, "-E", "UTF8", "--locale=C.UTF-8",
            "--auth=scram-sha-256", f"--pwfile={password}", "--no-sync"), check=True, stdout=subprocess.DEVNULL, cwd="/")

    def launch(self):
        with open(self.folder / "log", "ab") as log:
            # pylint: disable=consider-using-with
            self.process = subprocess.Popen(
                [self.programs / "postgres", "-D", self.folder / "data", "-h", "127.0.0.1", "-p", str(self.port), "-k", "",
                 "-c", "fsync=off", "-c", "max_prepared_transactions=8", "-c", "autovacuum=off",
                 *(word for setting in self.settings for word in ("-c", setting))],
                cwd="/", stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                **({} if self.account is None else {"user": self.account.pw_uid, "group": self.account.pw_gid,
                                                    "extra_groups": []}))

    def wait(self):
        for _ in range(300):
            if self.psql("postgres", "SELECT 1", check=False).returncode == 0:
                return
            if self.process.poll() is not None:
                assert self.is_held_by_the_last(), (self.folder / "log").read_text(encoding="utf-8")
                self.launch()
            time.sleep(0.1)
        raise AssertionError("the server does not answer")

    def is_held_by_the_last(self):
        """It could not start: sessions of the server that was killed before it are there for a moment longer."""
        last = (self.folder / "log").read_text(encoding="utf-8").splitlines()[-4:]
        return any("pre-existing shared memory block" in line for line in last)

    def crash(self, number):
        """Ends it by that signal: SIGINT, as stop_mode fast does, SIGQUIT, as immediate, or SIGKILL."""
        self.process.send_signal(number)
        self.process.wait(30)

    def restart(self):
        self.launch()
        self.wait()

    def stop(self):
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGQUIT)
            self.process.wait(30)
        shutil.rmtree(self.folder, ignore_errors=True)

    # ---- using it

    def environment(self, user=SUPERUSER, password=PASSWORD):
        return {**os.environ, "PGHOST": "127.0.0.1", "PGPORT": str(self.port), "PGUSER": user, "PGPASSWORD": password,
                "PGOPTIONS": "-c client_min_messages=warning"}

    def url(self, database, user=SUPERUSER, password="", more=""):
        secret = f":{password}" if password else ""
        return f"postgres://{user}{secret}@127.0.0.1:{self.port}/{database}{more}"

    def command(self, database):
        return [find_debians() / "psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", "-d", database]

    def psql(self, database, *statements, check=True):
        """Each statement in a transaction of its own, on one connection; the output has no decoration."""
        finished = subprocess.run([*self.command(database), "-A", "-t", "-f", "-"], input=";\n".join(statements) + ";",
                                  env=self.environment(), capture_output=True, text=True, check=False, timeout=self.timeout)
        assert not check or finished.returncode == 0, f"{statements}\n{finished.stderr}"
        return finished

    def run(self, database, *statements):
        return self.psql(database, *statements).stdout

    def session(self, database):
        return Session(self, database)

    def wait_for(self, database, condition):
        """Until the server answers that it is true."""
        for _ in range(300):
            found = self.psql(database, f"SELECT {condition}", check=False)
            if found.stdout == "t\n":
                return
            time.sleep(0.1)
        raise AssertionError(f"{condition}: {found.stdout}{found.stderr}")


class Standby(Server):
    """A copy of a server, which is stopped for it, that follows it from then on."""

    def __init__(self, primary, *settings):
        self.primary = primary
        super().__init__(primary.programs, *settings)

    def make_data(self, data):
        self.primary.crash(signal.SIGINT)
        subprocess.run(self.as_account("cp", "-a", self.primary.folder / "data", data), check=True, cwd="/")
        self.primary.restart()
        source = f"host=127.0.0.1 port={self.primary.port} user={SUPERUSER} password=\'\'{PASSWORD}\'\'"
        with open(data / "postgresql.auto.conf", "a", encoding="utf-8") as settings:
            settings.write(f"primary_conninfo = '{source}'\n")
        (data / "standby.signal").touch()

    def promote(self):
        self.run("postgres", "SELECT pg_promote()")


class Session:
    """A connection that stays: what is begun in it is open until it is ended."""

    def __init__(self, owner, database):
        # pylint: disable=consider-using-with
        self.process = subprocess.Popen([*owner.command(database), "-A", "-t"], env=owner.environment(), text=True,
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def run(self, statement):
        """Returns the lines of output, when the statement is done."""
        self.process.stdin.write(f"{statement};\n\\echo pawl: done\n")
        self.process.stdin.flush()
        lines = []
        while (line := self.process.stdout.readline()) != "pawl: done\n":
            assert line != "", f"{statement}: the session is over"
            lines.append(line.rstrip("\n"))
        return lines

    def close(self):
        self.process.stdin.close()
        self.process.wait(30)
        self.process.stdout.close()

    def abandon(self):
        """When the server has ended."""
        self.process.kill()
        self.close()


@functools.cache
def server():
    programs = find_programs()
    if find_debians() is None:
        raise tap.Skip("there is no PostgreSQL server to test with")
    started = Server(programs)
    atexit.register(started.stop)
    return started


def main():
    try:
        started = server()
    except tap.Skip as reason:
        print(reason)
        return 77
    environment = {**started.environment(), "PAWL_TEST_POSTGRES": started.url("postgres")}
    return subprocess.run(sys.argv[1:], env=environment, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())

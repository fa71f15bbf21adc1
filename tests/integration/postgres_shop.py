"""tests/integration/postgres_shop.py: a database and a warehouse of one's own, `pawl sync` between them.

    from postgres_shop import postgres

    @postgres
    def a_new_row_arrives(shop):
        shop.source("CREATE TABLE t (id int PRIMARY KEY, updated_at timestamptz, v text)")
        shop.sync()
        shop.same("t")

A shop is a Pair of sync_harness.py, and has its methods.
"""
import contextlib
import itertools
import json
import shutil
import signal
import socket
import subprocess
import threading
import time

from harness import case
from postgres_server import PASSWORD, SUPERUSER, find_port, server
from sync_harness import Pair, order_of

NUMBERS = itertools.count(1)


class Shop(Pair):
    def __init__(self, folder):
        super().__init__(folder, "postgres")
        self.server = server()
        self.database = f"shop{next(NUMBERS)}"
        self.user, self.password, self.port = SUPERUSER, PASSWORD, self.server.port
        self.server.run("postgres", f"CREATE DATABASE {self.database} TEMPLATE template0")

    def drop(self):
        self.server.run("postgres", f"DROP DATABASE {self.database} WITH (FORCE)")

    # ---- the source

    def source(self, *statements):
        self.history.append("source: " + "; ".join(statements)[:2000])
        return self.server.run(self.database, *statements)

    def session(self):
        return self.server.session(self.database)

    def role(self, name, *grants):
        """Lets a new role of that name sync, with no more than these grants."""
        self.drop_role(name)
        self.source(f"CREATE ROLE {name} LOGIN PASSWORD '{name} secret'", *grants)
        self.user, self.password = name, f"{name} secret"

    def drop_role(self, name):
        self.source(f"DO $$ BEGIN IF to_regrole('{name}') IS NOT NULL THEN DROP OWNED BY {name}; DROP ROLE {name}; END IF; END $$")

    # ---- syncing

    def url(self):
        return f"postgres://{self.user}@127.0.0.1:{self.port}/{self.database}"

    def job(self, tables=None, job=None, **settings):
        return super().job(tables, {"source": self.url(), **(job or {})}, **settings)

    # pylint: disable=too-many-arguments
    def sync(self, *options, status=0, environment=None, tables=None, job=None, **settings):
        environment = {"PGPASSWORD": self.password, **(environment or {})}
        return super().sync(*options, status=status, environment=environment, tables=tables, job=job, **settings)

    # ---- looking

    def there(self, table, columns="*", where="true"):
        if columns == "*":
            columns = self.source("SELECT string_agg(quote_ident(attname), ', ' ORDER BY attnum) FROM pg_attribute "
                                  f"WHERE attrelid = '{table}'::regclass AND attnum > 0 AND NOT attisdropped").strip()
        values = ", ".join(f"{column}::text" for column in columns.split(", "))
        lines = self.source(f"SELECT to_json(ARRAY[{values}]) FROM {table} WHERE {where}")
        return sorted((json.loads(line) for line in lines.splitlines()), key=order_of)

    def same(self, table, target=None, columns="*", where="true"):
        super().same(table, target or f"public.{table}", columns, where)


class Cutter:
    """Forwards connections to the server; each is cut when the server has said so many bytes."""

    def __init__(self, shop, most_bytes):
        self.target, self.most_bytes = shop.server.port, most_bytes
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
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

    @staticmethod
    def forward(origin, target, left):
        try:
            while data := origin.recv(65536):
                part = data if left is None else data[:left]
                target.sendall(part)
                if left is not None:
                    left -= len(part)
                    if left == 0:
                        break
        except OSError:
            pass
        for end in (origin, target):
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def close(self):
        self.listener.close()


# ---- standbys --------------------------------------------------------------------------------------------------------

@contextlib.contextmanager
def standby(shop, *options):
    """Yields the port of a copy of the server that follows it."""
    port, folder = find_port(), server().folder / "standby"
    subprocess.run(server().as_account(
        server().programs / "pg_basebackup", "-R", "-c", "fast", "-X", "stream", "--no-sync", "-D", folder, "-d",
        f"host=127.0.0.1 port={shop.server.port} user={SUPERUSER} password='{PASSWORD}'"),
        check=True, capture_output=True, cwd="/")
    process = server().launch(folder, port, *options)
    try:
        yield port
    finally:
        process.send_signal(signal.SIGQUIT)
        process.wait(30)
        shutil.rmtree(folder)


def wait_for_replay(shop, port, sql):
    """Until the standby answers that the condition is true."""
    for _ in range(300):
        found = subprocess.run([server().programs / "psql", "-X", "-A", "-t", "-p", str(port), "-d", shop.database, "-c", sql],
                               env=server().environment() | {"PGPORT": str(port)}, capture_output=True, text=True, check=False)
        if found.stdout == "t\n":
            return
        time.sleep(0.1)
    raise AssertionError(found.stderr)


# ---- tests -----------------------------------------------------------------------------------------------------------

def postgres(function=None, times=None):
    """A test; with `times`, one for each value of the list, which the function gets as well."""
    if function is None:
        return lambda given: postgres(given, times)
    for value in times or [None]:
        def run(box, value=value):
            shop = Shop(box.folder)
            shop.history = box.history
            try:
                function(shop, *([] if times is None else [value]))
            finally:
                shop.drop()
        case(function.__name__.replace("_", " ") + ("" if times is None else f" ({value})"), run)
    return function

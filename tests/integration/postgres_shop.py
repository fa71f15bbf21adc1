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
import socket
import threading

from harness import case
from postgres_server import NAMED, PASSWORD, SUPERUSER, Standby, find_version, server
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
        self.server.run("postgres", f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{self.database}'",
                        f"DROP DATABASE {self.database}")

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
def standby(*settings):
    """Yields a copy of the server that follows it."""
    copy = Standby(server(), *settings)
    try:
        yield copy
    finally:
        copy.stop()


# ---- tests -----------------------------------------------------------------------------------------------------------

def postgres(function=None, times=None, is_for_each=False, since=0):
    """
    A test; with `times`, one for each value of the list, which the function gets as well. Of a server that was named
    (PAWL_TEST_POSTGRES_PROGRAMS), those that depend on the server's version are run alone, and none for what came with a newer one.
    """
    if function is None:
        return lambda given: postgres(given, times, is_for_each, since)
    is_chosen = (is_for_each or NAMED is None) and (find_version() or since) >= since
    for value in (times or [None]) if is_chosen else []:
        def run(box, value=value):
            shop = Shop(box.folder)
            shop.history = box.history
            try:
                function(shop, *([] if times is None else [value]))
            finally:
                shop.drop()
        case(function.__name__.replace("_", " ") + ("" if times is None else f" ({value})"), run)
    return function


def each_version(function=None, times=None, since=0):
    """A test that tests/servers runs with every version of PostgreSQL, too."""
    return postgres(function, times, True, since) if function is not None else lambda given: postgres(given, times, True, since)

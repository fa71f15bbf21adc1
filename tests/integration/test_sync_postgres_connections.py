"""pawl sync from PostgreSQL: the ways to a server, and what each of them says when it leads nowhere."""
import contextlib
import json
import os
import pathlib
import re
import shutil
import signal
import socket
import sqlite3
import struct
import subprocess
import threading
import time

from harness import PAWL, contains, equal
from postgres_server import PASSWORD, SUPERUSER, find_debians, find_port, find_version, server
from postgres_shop import each_version, postgres, standby
from sync_harness import tap

TABLE = "CREATE TABLE t (id int PRIMARY KEY, updated_at timestamptz NOT NULL DEFAULT now(), v text)"
ROWS = "INSERT INTO t SELECT i, now() - interval '1 h', 'v' || i FROM generate_series(1, 100) i"
INDEX = "CREATE INDEX ON t (updated_at, id)"
DATABASE_CLOCK = {"clock": "database", "key": "updated_at"}


def sync(shop, source, status=0, environment=None, **settings):
    """From that location, with no password but what is given."""
    return shop.sync(status=status, environment={"PGPASSWORD": "", **(environment or {})}, job={"source": source}, **settings)


def fails(shop, source, error, hint, environment=None):
    run = sync(shop, source, status=1, environment=environment)
    contains(run.errors[0], error)
    contains(run.hints[0], hint)
    assert PASSWORD not in run.lines, run.lines


def keywords(shop, more=""):
    return f"postgres:host=127.0.0.1 port={shop.port} user={SUPERUSER} dbname={shop.database} {more}"


# ---- ways to say it --------------------------------------------------------------------------------------------------

@postgres
def every_way_to_name_a_database(shop):
    shop.source(TABLE, ROWS)
    secret = {"PGPASSWORD": PASSWORD}
    escaped = PASSWORD.replace(":", "\\:")
    (shop.folder / "passwords").write_text(f"127.0.0.1:{shop.port}:*:{SUPERUSER}:{escaped}\n")
    (shop.folder / "passwords").chmod(0o600)
    (shop.folder / "services").write_text(
        f"[shop]\nhost=127.0.0.1\nport={shop.port}\nuser={SUPERUSER}\ndbname={shop.database}\npassword={PASSWORD}\n")
    named = {"PGHOST": "127.0.0.1", "PGPORT": str(shop.port), "PGUSER": SUPERUSER, "PGDATABASE": shop.database, **secret}
    services = {"PGSERVICEFILE": str(shop.folder / "services")}
    quoted = PASSWORD.replace("%", "%25").replace("@", "%40").replace(":", "%3A").replace(" ", "%20")
    ways = [
        (shop.url(), secret),
        (shop.url().replace("postgres:", "postgresql:"), secret),
        (shop.url().replace("@", f":{quoted}@"), {}),
        (shop.url() + f"?password={quoted}&connect_timeout=5", {}),
        (keywords(shop), secret),
        (keywords(shop, f"password='{PASSWORD}'"), {}),
        (keywords(shop), {"PGPASSFILE": str(shop.folder / "passwords")}),
        (keywords(shop, f"passfile={shop.folder / 'passwords'}"), {}),
        ("postgres://", named),
        (f"postgres:///{shop.database}", named),
        ("postgres:service=shop", services),
        ("postgres://?service=shop", services),
        ("postgres://", {"PGSERVICE": "shop", **services}),
        (f"postgres://{SUPERUSER}@127.0.0.1:1,127.0.0.1:{shop.port}/{shop.database}", secret),  # the second one answers
    ]
    for source, environment in ways:
        run = sync(shop, source, environment=environment)  # it is one source for all of them, or a second one would be refused
        equal(run.table()["outcome"], "done")
        assert PASSWORD not in run.lines, run.lines
    shop.same("t")
    for file in shop.folder.rglob("*"):
        if file.is_file() and file.name not in ("passwords", "services", "job.yaml"):
            assert PASSWORD.encode() not in file.read_bytes(), file


@each_version
def what_a_session_is_like(shop):
    """As the server sees it, in the statement that reads."""
    since = {"statement_timeout": 12, "idle_session_timeout": 14, "transaction_timeout": 17}
    limits = [limit for limit, version in since.items() if find_version() >= version]
    shop.source(TABLE, ROWS, *(f"ALTER DATABASE {shop.database} SET {limit} = '1s'" for limit in limits),
                f"ALTER DATABASE {shop.database} SET TimeZone = 'Asia/Kolkata'",
                f"ALTER DATABASE {shop.database} SET DateStyle = 'German'")
    conditions = ["current_setting('application_name') = 'pawl'", "current_setting('transaction_read_only') = 'on'",
                  "current_setting('transaction_isolation') = 'repeatable read'", *(f"current_setting('{limit}') = '0'" for limit in limits),
                  "now()::text LIKE '2%+00'", "(id > 1 OR pg_sleep(1.2) IS NOT NULL)"]
    shop.sync(where=" AND ".join(conditions))
    shop.same("t", columns="id, v")


@each_version
def a_read_writes_nothing(shop):
    shop.source(TABLE, ROWS, "CREATE FUNCTION guard(id int) RETURNS bool LANGUAGE sql AS "
                "'DELETE FROM t WHERE t.id = guard.id; SELECT true'")
    run = shop.sync(status=1, where="guard(id)")
    contains(run.errors[0], "read-only transaction")
    equal(shop.source("SELECT count(*) FROM t").strip(), "100")


@postgres
def libpq_is_needed_for_this_source_alone(shop):
    """The file that is found in its place is none."""
    (shop.folder / "lib").mkdir()
    (shop.folder / "lib/libpq.so.5").write_bytes(b"")
    without = {"LD_LIBRARY_PATH": str(shop.folder / "lib")}
    fails(shop, shop.url(), "libpq.so.5 cannot be loaded: ", "install libpq5", environment=without)
    with contextlib.closing(sqlite3.connect(shop.folder / "shop.db")) as file:
        file.executescript("CREATE TABLE t (id INTEGER PRIMARY KEY, v TEXT); INSERT INTO t VALUES (1, 'x')")
    equal(sync(shop, "sqlite:shop.db", environment=without).table()["rows_written"], 1)


# ---- time ------------------------------------------------------------------------------------------------------------

@postgres
def a_server_that_does_not_answer(shop):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        started = time.monotonic()
        port = silent.getsockname()[1]
        fails(shop, f"postgres://a@127.0.0.1:{port}/b?connect_timeout=2", "timeout expired", "check host and port")
        assert time.monotonic() - started < 8


def takes_too_long(shop, limit):
    shop.source(TABLE, ROWS)
    run = shop.sync(status=1, where="pg_sleep(5) IS NOT NULL",
                    job={"source": shop.url() + f"?options=-c%20{limit}%3D300"})
    contains(run.errors[0], limit.replace("_", " "))
    contains(run.hints[0], f"'{limit}'")


@each_version
def a_statement_that_takes_too_long(shop):
    takes_too_long(shop, "statement_timeout")


@each_version(since=17)
def a_transaction_that_takes_too_long(shop):
    takes_too_long(shop, "transaction_timeout")


# ---- languages -------------------------------------------------------------------------------------------------------

class Refuser:
    """A server that lets nobody in, and says so in a language of its own."""

    def __init__(self, sqlstate, message):
        fields = f"SВАЖНО\0VFATAL\0C{sqlstate}\0M{message}\0\0".encode()
        self.answer = b"E" + struct.pack(">i", len(fields) + 4) + fields
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            with client:
                while struct.unpack(">ii", client.recv(4096)[:8])[1] in (80877103, 80877104):  # TLS? GSS?
                    client.sendall(b"N")
                client.sendall(self.answer)

    def close(self):
        self.listener.close()


HINTS = {"28P01": "a password comes from", "28000": "pg_hba.conf", "3D000": "DATABASE", "53300": "no connection left",
         "57P03": "run it again"}


@postgres(times=list(HINTS))
def what_a_server_says_is_known_by_its_code(shop, sqlstate):
    refuser = Refuser(sqlstate, "не пущу:  12345")
    fails(shop, f"postgres://a@127.0.0.1:{refuser.port}/b", "ВАЖНО:  не пущу:  12345", HINTS[sqlstate])
    refuser.close()


# ---- TLS -------------------------------------------------------------------------------------------------------------

NAME = "db.example"


def openssl(folder, *command):
    subprocess.run(["openssl", *command], cwd=folder, check=True, capture_output=True)


def make_authority(folder, name):
    openssl(folder, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", f"{name}.key", "-out", f"{name}.crt", "-days", "2",
            "-subj", f"/CN={name}")


def make_certificate(folder, name, days):
    (folder / "names").write_text(f"subjectAltName=DNS:{NAME}\n")
    openssl(folder, "req", "-newkey", "rsa:2048", "-nodes", "-keyout", f"{name}.key", "-out", f"{name}.csr", "-subj", f"/CN={NAME}")
    openssl(folder, "x509", "-req", "-in", f"{name}.csr", "-CA", "ours.crt", "-CAkey", "ours.key", "-CAcreateserial", "-days", days,
            "-extfile", "names", "-out", f"{name}.crt")


@contextlib.contextmanager
def encryption(shop, certificate):
    """The server uses that certificate."""
    account = server().account
    for ending in "crt", "key":
        copy = server().folder / f"server.{ending}"
        shutil.copy(shop.folder / f"{certificate}.{ending}", copy)
        copy.chmod(0o600)
        if account is not None:
            os.chown(copy, account.pw_uid, account.pw_gid)
        shop.source(f"ALTER SYSTEM SET ssl_{'cert' if ending == 'crt' else 'key'}_file = '{copy}'")
    shop.source("ALTER SYSTEM SET ssl = on")
    reload(shop, "on")
    try:
        yield
    finally:
        shop.source("ALTER SYSTEM RESET ALL")
        reload(shop, "off")


def reload(shop, ssl):
    shop.source("SELECT pg_reload_conf()")
    for _ in range(100):
        if shop.source("SHOW ssl").strip() == ssl:
            return
        time.sleep(0.1)
    raise AssertionError((server().folder / "log").read_text(encoding="utf-8"))


@postgres
def tls_checks_who_answers(shop):
    shop.source(TABLE, ROWS)
    make_authority(shop.folder, "ours")
    make_authority(shop.folder, "other")
    make_certificate(shop.folder, "good", "2")
    make_certificate(shop.folder, "old", "-1")

    def source(host, **settings):
        more = " ".join(f"{name}={value}" for name, value in settings.items())
        return f"postgres:host={host} hostaddr=127.0.0.1 port={shop.port} user={SUPERUSER} dbname={shop.database} {more}"

    secret = {"PGPASSWORD": PASSWORD}
    ours, other = shop.folder / "ours.crt", shop.folder / "other.crt"
    encrypted = {"where": "(SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid())"}
    fails(shop, source(NAME, sslmode="verify-full", sslrootcert=ours), "does not support SSL", "sslmode=disable", secret)
    with encryption(shop, "good"):
        sync(shop, source(NAME, sslmode="verify-full", sslrootcert=ours), environment=secret, **encrypted)
        shop.same("t")
        sync(shop, source(NAME), environment={**secret, "PGSSLMODE": "verify-full", "PGSSLROOTCERT": str(ours)}, **encrypted)
        fails(shop, source("db.elsewhere", sslmode="verify-full", sslrootcert=ours), "does not match host name", "hostaddr=",
              secret)
        fails(shop, source(NAME, sslmode="verify-full", sslrootcert=other), "certificate verify failed", "sslrootcert", secret)
        fails(shop, source(NAME, sslmode="verify-full", sslrootcert="/nowhere"), "root certificate", "sslrootcert=FILE", secret)
        sync(shop, source("db.elsewhere", sslmode="verify-ca", sslrootcert=ours), environment=secret, **encrypted)
        sync(shop, source("db.elsewhere", sslmode="require"), environment=secret, **encrypted)
    with encryption(shop, "old"):
        fails(shop, source(NAME, sslmode="verify-full", sslrootcert=ours), "certificate verify failed", "out of date", secret)


# ---- poolers ---------------------------------------------------------------------------------------------------------

@contextlib.contextmanager
def pgbouncer(shop, mode):
    """Yields the port of a pool of sessions or transactions."""
    program = shutil.which("pgbouncer", path=os.environ["PATH"] + ":/usr/sbin")
    if program is None:
        raise tap.Skip("there is no pgbouncer to test with")
    port, folder, account = find_port(), server().folder, server().account
    (folder / "users").write_text(f'"{SUPERUSER}" ""\n')
    (folder / "pgbouncer.ini").write_text(
        f"[databases]\n* = host=127.0.0.1 port={shop.server.port} user={SUPERUSER} password='{PASSWORD}'\n"
        f"[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = {port}\nunix_socket_dir =\nauth_type = trust\n"
        f"auth_file = {folder / 'users'}\npool_mode = {mode}\n")
    with open(folder / "pgbouncer.log", "wb") as log, subprocess.Popen(
            [program, folder / "pgbouncer.ini"], cwd="/", stdin=subprocess.DEVNULL, stdout=log, stderr=log,
            **({} if account is None else {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []})) as process:
        try:
            wait_for(port, process)
            yield port
        finally:
            process.send_signal(signal.SIGTERM)


def wait_for(port, process):
    for _ in range(100):
        assert process.poll() is None, "it has ended"
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port)):
            return
        time.sleep(0.1)
    raise AssertionError("it does not answer")


@postgres(times=["transaction", "statement"])
def a_pool_of_transactions_is_refused(shop, mode):
    shop.source(TABLE, ROWS)
    with pgbouncer(shop, mode) as shop.port:
        for _ in range(3):
            run = shop.sync(status=1)
            contains(run.errors[0], "a pooler that gives each transaction another session")
            contains(run.hints[0], "pool_mode=session")
        # Nothing was set that would be left to others.
        run = shop.run(find_debians() / "psql", "-X", "-A", "-t", shop.url(),
                       "-c", "SHOW default_transaction_read_only", "-c", "SHOW row_security")
        equal(run.stdout, "off\non\n")


@postgres
def a_pool_of_sessions_is_as_good_as_none(shop):
    shop.source(TABLE, ROWS, INDEX)
    with pgbouncer(shop, "session") as shop.port:
        shop.sync(**DATABASE_CLOCK)
        shop.source("UPDATE t SET v = 'w', updated_at = now() WHERE id = 7")
        equal(shop.sync(**DATABASE_CLOCK).table()["guarantee"], "exact")
        shop.same("t")


# ---- standbys --------------------------------------------------------------------------------------------------------

@each_version
def a_standby_gives_the_lag_and_says_why(shop):
    shop.source(TABLE, ROWS, INDEX)
    with standby() as copy:
        copy.wait_for(shop.database, "count(*) = 100 FROM t")
        shop.port = copy.port
        run = shop.sync(**DATABASE_CLOCK)
        equal(run.table()["guarantee"], "lag 60s")
        contains(run.table()["guarantee_reason"], "standby")
        shop.same("t")
        shop.source("UPDATE t SET v = 'w', updated_at = now() WHERE id = 7")
        copy.wait_for(shop.database, "v = 'w' FROM t WHERE id = 7")
        equal(shop.sync(**DATABASE_CLOCK).table()["phase"], "incremental")
        shop.same("t")


# ---- privileges ------------------------------------------------------------------------------------------------------

@postgres
def check_says_which_grant_is_missing(shop):
    shop.source(TABLE, ROWS, INDEX)
    shop.role("reader", "GRANT SELECT ON t TO reader")
    found = shop.run(PAWL, "check", shop.job(**DATABASE_CLOCK), environment={"PGPASSWORD": shop.password})
    contains(found.stdout, "lag 60s")
    contains(found.stdout, "GRANT pg_read_all_stats TO reader")
    shop.source("GRANT pg_read_all_stats TO reader")
    found = shop.run(PAWL, "check", shop.job(**DATABASE_CLOCK), environment={"PGPASSWORD": shop.password})
    contains(found.stdout, "exact")
    assert "GRANT" not in found.stdout, found.stdout
    shop.drop_role("reader")


@each_version
def the_grants_of_the_documentation_suffice(shop):
    text = (pathlib.Path(__file__).resolve().parents[2] / "docs/sync.md").read_text(encoding="utf-8")
    grants = re.search(r"^```sql\n(CREATE ROLE reader .*?)^```", text, re.MULTILINE | re.DOTALL).group(1)
    shop.source(TABLE, ROWS, INDEX)
    shop.drop_role("reader")
    shop.source(grants, "ALTER ROLE reader PASSWORD 'secret'", "CREATE TABLE later (id int PRIMARY KEY)")
    shop.user, shop.password = "reader", "secret"
    run = shop.sync(tables={"t": DATABASE_CLOCK, "later": {}})
    equal({name: table["guarantee"] for name, table in run.tables.items()}, {"t": "exact", "later": "exact"})
    shop.drop_role("reader")


@postgres
def a_table_that_may_not_be_read_is_not_said_to_be_missing(shop):
    shop.source(TABLE, 'CREATE SCHEMA "far away"', 'CREATE TABLE "far away".there (id int PRIMARY KEY)')
    shop.role("reader")
    secret = {"PGPASSWORD": shop.password}

    def check(*tables):
        options = [word for table in tables for word in ("--table", table)]
        found = shop.run(PAWL, "check", "--from", shop.url(), *options, status=1, environment=secret)
        return found.stderr

    grant = 'GRANT USAGE ON SCHEMA "far away" TO reader; GRANT SELECT ON "far away".there TO reader'
    equal(check(), f"error: there is no table to sync\nhint: {grant}\n")
    equal(check("t"), "error: table 't': it is there, and may not be read\nhint: GRANT SELECT ON public.t TO reader\n")
    equal(check("far away.there"), f"error: table 'far away.there': it is there, and may not be read\nhint: {grant}\n")
    contains(check("u"), "the source has no such table")
    shop.source("GRANT SELECT ON public.t TO reader")  # as it was told
    contains(shop.run(PAWL, "check", "--from", shop.url(), "--table", "t", environment=secret).stdout, "Check PASSED")
    found = shop.run(PAWL, "check", "--from", shop.url(), environment=secret).stdout
    contains(found, f"far away.there\n  left out        it may not be read\n  hint            {grant}\n")
    found = json.loads(shop.run(PAWL, "check", "--from", shop.url(), "--json", environment=secret).stdout)
    equal(found["left_out"], [{"schema": "far away", "name": "there", "hint": grant}])
    shop.drop_role("reader")


if __name__ == "__main__":
    tap.main()

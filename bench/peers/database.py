"""bench/peers/database.py: the PostgreSQL server of bench/peers.py, its tables, who writes to them, and what a copy must have."""
import contextlib
import pathlib
import random
import shutil
import subprocess
import sys
import time

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(REPOSITORY / "tests"), str(REPOSITORY / "tests" / "integration")]

# pylint: disable=wrong-import-position
import postgres_server  # noqa: E402
import tap  # noqa: E402

Skip = tap.Skip

SETTINGS = ["shared_buffers=1GB", "max_wal_size=4GB", "checkpoint_timeout=30min", "maintenance_work_mem=256MB",
            "max_connections=60"]
COLUMNS = ("id bigint PRIMARY KEY, name text NOT NULL, mail text NOT NULL, city text NOT NULL, "
           "updated_at timestamptz NOT NULL DEFAULT now()")
VALUES = "'name ' || (i::bigint * 7919) % 100000, 'user' || i || '@example.com', 'city ' || i % 1000"
WRITERS = 16


class Server(postgres_server.Server):
    def __init__(self):
        programs = postgres_server.find_programs()
        if programs is None:
            raise tap.Skip("there is no PostgreSQL server to measure with")
        super().__init__(programs, *SETTINGS)
        self.host = "127.0.0.1"
        self.run("postgres", "CREATE DATABASE bench", "CREATE ROLE bench LOGIN PASSWORD 'bench'",
                 "GRANT pg_read_all_stats TO bench")
        self.version = self.run("bench", "SHOW server_version").split()[0]

    def execute(self, *statements):
        """Runs SQL in the database of the benchmark, however long it takes."""
        return subprocess.run([*self.command("bench"), "-A", "-t"], input=";\n".join(statements) + ";", env=self.environment(),
                              stdout=subprocess.PIPE, text=True, check=True).stdout

    def make(self, table, rows):
        """A table whose rows were last updated within the year before today, in the order of their keys."""
        self.execute(
            f"DROP TABLE IF EXISTS {table}", f"CREATE TABLE {table} ({COLUMNS})",
            f"INSERT INTO {table} SELECT i, {VALUES}, now() - interval '1 year' + i * interval '1 millisecond' "
            f"FROM generate_series(1, {rows}) i",
            f"CREATE INDEX ON {table} (updated_at)", f"GRANT SELECT ON {table} TO bench", f"VACUUM ANALYZE {table}", "CHECKPOINT")

    def change(self, table, turn):
        """1 of 100 rows, each with a time of its own."""
        self.execute(f"UPDATE {table} SET city = city || '*', updated_at = clock_timestamp() WHERE id % 100 = {turn}",
                     f"VACUUM ANALYZE {table}", "CHECKPOINT")

    def wait_until_alone(self):
        """Until no client is connected, but for a while only."""
        for _ in range(100):
            others = "SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"
            if self.run("bench", others).strip() == "0":
                return
            time.sleep(0.02)

    @contextlib.contextmanager
    def writers(self, table, seconds, seed):
        """Gives a function that says whether they are still at work."""
        processes = []
        for writer in range(1, WRITERS + 1):
            # pylint: disable=consider-using-with
            process = subprocess.Popen(self.command("bench"), env=self.environment(), text=True, stdin=subprocess.PIPE,
                                       stdout=subprocess.DEVNULL)
            process.stdin.write(writer_script(table, seconds, random.Random(seed * 100 + writer), writer * 1_000_000))
            process.stdin.close()
            processes.append(process)
        try:
            yield lambda: any(process.poll() is None for process in processes)
        finally:
            for process in processes:
                process.terminate()
                process.wait()


def writer_script(table, seconds, chance, base):
    """Transactions of 0 to 240 ms, of which each inserts a row and updates another one of this writer; 1 of 20 is rolled back."""
    lines, total, number = [], 0.0, 0
    while total < seconds:
        pause = chance.uniform(0, 0.24)
        total += pause + 0.005
        number += 1
        lines += [
            "BEGIN;", f"SELECT pg_sleep({pause:.3f});",
            f"INSERT INTO {table} (id, name, mail, city) VALUES ({base + number}, 'late', 'late@example.com', 'city');",
            f"UPDATE {table} SET city = city || '*', updated_at = now() WHERE id = {base + chance.randint(1, number)};",
            "ROLLBACK;" if chance.random() < 0.05 else "COMMIT;"]
    return "\n".join(lines)


class Reference:
    """The rows that a copy must have, in a DuckDB file that is made from the server's own text; and a look at a copy."""

    def __init__(self, server, duck_sql, folder):
        self.server, self.duck_sql, self.folder = server, duck_sql, folder
        self.file = folder / "reference.duckdb"

    def duck(self, *arguments, sql):
        finished = subprocess.run([self.duck_sql, *arguments, self.file], input=sql, capture_output=True, text=True, check=False)
        if finished.returncode != 0:
            raise RuntimeError(finished.stderr.strip())
        return finished.stdout

    def take(self, table):
        """Notes the table as it is now; returns how many rows it has."""
        text = self.folder / "reference.csv"
        with open(text, "wb") as output:
            subprocess.run(
                [*self.server.command("bench"), "-c",
                 f"COPY (SELECT id, name, mail, city, (extract(epoch FROM updated_at) * 1000000)::bigint FROM {table}) TO STDOUT "
                 "(FORMAT csv)"], env=self.server.environment(), stdout=output, check=True)
        self.file.unlink(missing_ok=True)
        self.duck(sql="CREATE TABLE reference (id BIGINT, name VARCHAR, mail VARCHAR, city VARCHAR, us BIGINT);"
                      f"COPY reference FROM '{text}' (FORMAT csv, HEADER false)")
        text.unlink()
        return int(self.duck("--query", sql="SELECT count(*) FROM reference"))

    def compare(self, tool, box):
        """(rows that are missing, that are other than they should be, that should not be there)"""
        counts = self.duck("--query", sql=f"""
            {tool.attach(box)}
            WITH arrived AS (SELECT id, name, mail, city, epoch_us(updated_at) AS us FROM ({tool.rows(box)})),
            pairs AS (SELECT r.id, a.id AS there, (r.name, r.mail, r.city, r.us) IS DISTINCT FROM (a.name, a.mail, a.city, a.us) AS
                      differs FROM reference r FULL JOIN arrived a ON a.id = r.id)
            SELECT concat_ws(' ', count(*) FILTER (there IS NULL), count(*) FILTER (id = there AND differs),
                             count(*) FILTER (id IS NULL) + count(there) - count(DISTINCT there)) FROM pairs""")
        return tuple(int(count) for count in counts.split())


def fresh(folder):
    """An empty folder of that name."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder

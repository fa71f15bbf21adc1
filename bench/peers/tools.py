"""bench/peers/tools.py: the tools that bench/peers.py compares: how each is installed, told what to sync, and run.

Each is told what its own documentation recommends for PostgreSQL to a local warehouse: the incremental cursor `updated_at`,
merged by the primary key `id`. A tool is given a Box, and writes nothing outside of its folder.
"""
import dataclasses
import datetime
import pathlib
import shutil
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
LIBDUCKDB = HERE.parents[1] / ".deps" / "duckdb" / "libduckdb.so"


class Unavailable(Exception):
    """A tool cannot be had here; says why."""


@dataclasses.dataclass
class Box:
    """What a tool copies, and where to."""
    folder: pathlib.Path
    host: str
    port: int
    table: str
    lag: float = 0.0  # seconds, for tools that can read so much again, or wait so long
    synced_at: float | None = None  # when the last sync began, for tools that do not note it

    def url(self, scheme="postgresql", password=":bench"):
        return f"{scheme}://bench{password}@{self.host}:{self.port}/bench"


class Tool:
    name = version = ""
    requirements = None  # a file in requirements/, whose line for `package` has the version
    package = ""
    target = "DuckDB"
    color = "#888"
    has_lag = False
    is_incremental = True
    fallback_of = None  # runs only when the tool of that title does not
    note = ""

    def __init__(self, environments, cache):
        self.folder = environments / (self.requirements or "none")
        self.cache = cache
        if self.requirements is not None:
            lines = (HERE / "requirements" / f"{self.requirements}.txt").read_text().split()
            self.version = next(line.partition("==")[2] for line in lines if line.startswith(self.package + "=="))

    def title(self):
        return f"{self.name} {self.version}"

    def bin(self, program):
        return self.folder / "bin" / program

    def installed(self, pattern):
        """A file of a package of the environment."""
        return next(self.folder.glob(f"lib/python*/site-packages/{pattern}"))

    def install(self):
        if self.requirements is None:
            return
        wanted, there = HERE / "requirements" / f"{self.requirements}.txt", self.folder / "installed.txt"
        if there.exists() and there.read_text() == wanted.read_text():
            return
        subprocess.run([sys.executable, "-m", "venv", "--clear", self.folder], check=True)
        finished = subprocess.run(
            [self.bin("pip"), "install", "--quiet", "--disable-pip-version-check", "--retries", "1", "--timeout", "20",
             "-r", wanted], capture_output=True, text=True, check=False)
        if finished.returncode != 0:
            raise Unavailable((finished.stderr.strip().splitlines() or ["pip failed"])[-1])
        self.finish_install()
        shutil.copyfile(wanted, there)

    def finish_install(self):
        """What is to be done when the packages are there."""

    def job(self, box):
        """The text of job.yaml, if the tool wants such a file."""
        return None

    def command(self, box):
        raise NotImplementedError

    def environment(self, box):
        """Variables beside those that all have."""
        return {}

    def attach(self, box):
        """SQL that makes the copy reachable, for a DuckDB that has the rows it should have."""
        return f"ATTACH '{box.folder / 'warehouse.duckdb'}' AS there (READ_ONLY);"

    def rows(self, box):
        """The copy's rows, in SQL."""
        return f"FROM there.public.{box.table}"


class Pawl(Tool):
    name, color = "pawl", "#0a6"
    program = None

    def __init__(self, environments, cache):
        super().__init__(environments, cache)
        self.version = subprocess.run([self.program, "--version"], capture_output=True, text=True,
                                      check=True).stdout.split()[1]

    def job(self, box):
        return (f"source: {box.url('postgres', password='')}\ndestination: warehouse.duckdb\n"
                f"defaults: {{clock: database}}\ntables: {{{box.table}: {{key: updated_at}}}}\n")

    def command(self, box):
        return [self.program, "sync", "job.yaml", "--progress", "none"]

    def environment(self, box):
        return {"PGPASSWORD": "bench"}


class DuckDB(Tool):
    name, requirements, package, color = "DuckDB postgres extension", "duckdb", "duckdb", "#da0"
    has_lag = True
    note = "CREATE TABLE AS, then DELETE and INSERT of what postgres_query() reads; the statements are the benchmark's own"

    def command(self, box):
        return [self.bin("python"), HERE / "duckdb_sync.py", box.url(), box.table, "warehouse.duckdb", box.lag]

    def rows(self, box):
        return f"FROM there.main.{box.table}"


class Dlt(Tool):
    requirements, package = "dlt", "dlt"
    has_lag = True
    backend = ""

    def command(self, box):
        return [self.bin("python"), HERE / "dlt_sync.py", box.url(), self.backend, box.table, box.folder, box.lag]

    def environment(self, box):
        return {"RUNTIME__DLTHUB_TELEMETRY": "false"}

    def rows(self, box):
        return f"FROM there.shop.{box.table}"


class DltConnectorX(Dlt):
    name, backend, color = "dlt (connectorx)", "connectorx", "#06c"
    note = "`append` at first, then `merge`; connectorx gives an `arrow_stream`"


class DltPyArrow(Dlt):
    name, backend, color = "dlt (pyarrow)", "pyarrow", "#39e"
    note = "`append` at first, then `merge`"


class Ingestr(Tool):
    name, requirements, package, color = "ingestr", "ingestr", "ingestr", "#a3c"
    note = "`--incremental-strategy merge`"

    def command(self, box):
        return [self.bin("ingestr"), "ingest", "--source-uri", box.url(), "--source-table", f"public.{box.table}",
                "--dest-uri", f"duckdb:///{box.folder / 'warehouse.duckdb'}", "--dest-table", f"shop.{box.table}",
                "--incremental-strategy", "merge", "--incremental-key", "updated_at", "--primary-key", "id",
                "--yes", "--progress", "log"]

    def environment(self, box):
        return {"DISABLE_TELEMETRY": "true", "INGESTR_DISABLE_TELEMETRY": "true"}

    def rows(self, box):
        return f"FROM there.shop.{box.table}"


class IngestrPyPI(Ingestr):
    requirements = "ingestr_pypi"
    fallback_of = Ingestr
    has_lag = True
    note = ("`--incremental-strategy merge`; it keeps no cursor: from the second sync on, `--interval-start` is when the one "
            "before was started. The last version whose program is on PyPI, with Pawl's libduckdb as the driver that it would "
            "download")

    def install(self):
        super().install()
        drivers = self.cache / ".config" / "adbc" / "drivers"
        drivers.mkdir(parents=True, exist_ok=True)
        (drivers / "duckdb.toml").write_text(
            'name = "DuckDB"\nversion = "1.5.5"\n[ADBC]\nversion = "1.1.0"\n[Driver]\nentrypoint = "duckdb_adbc_init"\n'
            f'[Driver.shared]\nlinux_amd64 = "{LIBDUCKDB}"\n')

    def command(self, box):
        if box.synced_at is None:
            return super().command(box)
        start = datetime.datetime.fromtimestamp(box.synced_at - box.lag, datetime.timezone.utc)
        return [*super().command(box), "--interval-start", start.strftime("%Y-%m-%dT%H:%M:%S.%f+00:00")]


class Sling(Tool):
    name, requirements, package, color = "sling", "sling", "sling", "#c40"
    note = "`mode: incremental`"

    def job(self, box):
        return ("source: SOURCE\ntarget: WAREHOUSE\n"
                f"defaults: {{mode: incremental, primary_key: [id], update_key: updated_at, object: main.{box.table}}}\n"
                f"streams: {{public.{box.table}: }}\n")

    def command(self, box):
        return [self.bin("sling"), "run", "-r", "job.yaml"]

    def environment(self, box):
        return {"SOURCE": f"{box.url()}?sslmode=disable", "WAREHOUSE": f"duckdb://{box.folder / 'warehouse.duckdb'}",
                "SLING_DISABLE_TELEMETRY": "true"}

    def rows(self, box):
        return f"FROM there.main.{box.table}"


class SlingPyPI(Sling):
    requirements, package = "sling_pypi", "sling-linux-amd64"
    fallback_of = Sling
    note = ("`mode: incremental`; the last version whose program is on PyPI, with DuckDB's command line and extensions from "
            "there, which sling would download")

    def finish_install(self):
        self.bin("sling").symlink_to(self.installed("sling_linux_amd64/bin/sling-linux-amd64"))
        self.bin("duckdb").chmod(0o755)
        for name in ("json", "httpfs"):
            file = self.installed(f"duckdb_extension_{name}/extensions/*/*.duckdb_extension")
            subprocess.run([self.bin("duckdb"), "-c", f"INSTALL '{file}'"], env={"HOME": self.cache}, check=True,
                           stdout=subprocess.DEVNULL)

    def environment(self, box):
        return {**super().environment(box), "DUCKDB_PATH": str(self.bin("duckdb"))}


class Rivet(Tool):
    name, requirements, package, color = "rivet", "rivet", "rivet-cli", "#777"
    target = "Parquet"
    has_lag = True
    note = "`environment: local`, snappy; it merges nothing: the changed rows lie in further files"
    mode = "mode: incremental\n    cursor_column: updated_at\n    skip_empty: true"

    def job(self, box):
        settle = f"\n    settle: {{after: {box.lag:.0f}s}}" if box.lag else ""
        return (f"source:\n  type: postgres\n  url: {box.url()}\n  environment: local\n"
                f"exports:\n  - name: {box.table}\n    table: public.{box.table}\n    {self.mode}{settle}\n"
                "    format: parquet\n    compression_profile: fast\n    destination: {type: local, path: ./copy}\n")

    def command(self, box):
        return [self.bin("rivet"), "run", "--config", "job.yaml"]

    def attach(self, box):
        return ""

    def rows(self, box):
        return (f"SELECT * EXCLUDE (filename) FROM read_parquet('{box.folder}/copy/*.parquet', filename = true) "
                "QUALIFY row_number() OVER (PARTITION BY id ORDER BY updated_at DESC, filename DESC) = 1")


class RivetChunked(Rivet):
    is_incremental = False
    note = "`mode: chunked` by the primary key, 4 at once: its fastest form, which copies everything each time"
    mode = "mode: chunked\n    chunk_column: id\n    chunk_size: 250000\n    parallel: 4"

    def title(self):
        return f"{super().title()} (chunked)"


TOOLS = [Pawl, DuckDB, DltConnectorX, DltPyArrow, Ingestr, IngestrPyPI, Sling, SlingPyPI, Rivet, RivetChunked]

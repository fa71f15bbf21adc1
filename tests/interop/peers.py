"""tests/interop/peers.py: what nobody here wrote, fetched into the build folder and kept there: from PyPI the official SDK for
Python, with the grpcio that it pins, and from npm gRPC for JavaScript.

    PYTHON = peers.official_python()   # an interpreter that has the SDK; `python3 tests/interop/peers.py BUILD` prints it, too
    MODULES = peers.grpc_js()          # a folder of modules for node
    peers.node_modules(...)            # what another folder pins

All raise Missing where a registry cannot be reached, or a program that asks it is not there; that a package cannot be installed is
another error.
"""
import fcntl
import importlib.util
import os
import pathlib
import shutil
import subprocess
import sys

HERE = pathlib.Path(__file__).parent
SECONDS = 240

# Told by pip, in words, and by npm, as codes, when nobody answers.
PIP_UNREACHED = ["after connection broken by"]
NPM_UNREACHED = [f"npm error code {code}" for code in (
    "EAI_AGAIN", "ECONNREFUSED", "ECONNRESET", "EHOSTUNREACH", "ENETUNREACH", "ENOTFOUND", "ERR_SOCKET_TIMEOUT", "ETIMEDOUT")]


class Missing(Exception):
    pass


def run(unreached, what, *command, **options):
    """Runs a command that asks a registry."""
    try:
        finished = subprocess.run([str(word) for word in command], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                  stderr=subprocess.STDOUT, text=True, timeout=SECONDS, check=False, **options)
    except subprocess.TimeoutExpired:
        raise Missing(f"{what} takes more than {SECONDS} s to answer") from None
    if finished.returncode == 0:
        return
    if any(sign in finished.stdout for sign in unreached):
        raise Missing(f"{what} cannot be reached")
    raise RuntimeError(f"{' '.join(map(str, command))}: exit status {finished.returncode}\n{finished.stdout}")


def kept(name, recipe, make):
    """The folder of that name, which make(folder) fills, once for each recipe; two that want it at once wait for each other."""
    folder = pathlib.Path(os.environ["PAWL_BUILD"]) / "tests/interop" / name
    folder.parent.mkdir(parents=True, exist_ok=True)
    stamp = folder / "complete"
    with open(folder.with_suffix(".lock"), "w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not stamp.exists() or stamp.read_text(encoding="utf-8") != recipe:
            stamp.unlink(missing_ok=True)
            shutil.rmtree(folder, ignore_errors=True)
            make(folder)
            stamp.write_text(recipe, encoding="utf-8")
    return folder


def official_python():
    requirements = HERE / "requirements.txt"
    if sys.version_info < (3, 10) or importlib.util.find_spec("ensurepip") is None:
        raise Missing(f"'{sys.executable}' cannot make an environment of Python 3.10 or newer; Debian has python3-venv for it")

    def make(folder):
        subprocess.run([sys.executable, "-m", "venv", folder], stdin=subprocess.DEVNULL, check=True)
        run(PIP_UNREACHED, "PyPI", folder / "bin/python3", "-m", "pip", "install", "--disable-pip-version-check", "--no-input",
            "--timeout",
            "10", "--retries", "1", "--no-deps", "--only-binary", ":all:", "--requirement", requirements)

    recipe = f"Python {sys.version_info.major}.{sys.version_info.minor}\n" + requirements.read_text(encoding="utf-8")
    return kept("python", recipe, make) / "bin/python3"


def node_modules(name, pinned, complete=lambda modules: None):
    """What the package.json and package-lock.json of a folder pin; complete(modules) does what is left to do when they are there."""
    for program in ("node", "npm"):
        if shutil.which(program) is None:
            raise Missing(f"there is no '{program}'")
    lock = pinned / "package-lock.json"

    def make(folder):
        folder.mkdir()
        for file in ("package.json", lock.name):
            shutil.copy(pinned / file, folder)
        run(NPM_UNREACHED, "npm's registry", "npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--no-update-notifier",
            "--fetch-timeout=10000", "--fetch-retries=1", "--fetch-retry-mintimeout=1000", cwd=folder)
        complete(folder / "node_modules")

    return kept(name, lock.read_text(encoding="utf-8"), make) / "node_modules"


def grpc_js():
    return node_modules("javascript", HERE)


if __name__ == "__main__":
    os.environ["PAWL_BUILD"] = os.path.abspath(sys.argv[1])
    print(official_python())

"""The conformance suite of the PostgreSQL driver, with the server that with_server.py names: each of its programs is a test."""
import os
import pathlib

import tap
from postgres_server import server

PROGRAMS = pathlib.Path(os.environ["PAWL_BUILD"]) / "tests/conformance"


def conform(_, program):
    started = server()
    environment = {**started.environment(), "PAWL_TEST_POSTGRES": started.url("postgres")}
    tap.run(program, "postgres", env=environment)


for path in sorted(PROGRAMS.glob("test_conformance_*")):
    if path.is_file():
        tap.case(path.name, conform, path)

if __name__ == "__main__":
    tap.main()

"""The schema of a job's file is one, and says of documents what the parser says (tests/unit/config/test_schema.c)."""
import json
import os
import pathlib
import sys

import tap

try:
    import jsonschema
except ImportError:
    # Debian's module is there for Debian's Python alone, which need not be the one that the tests run with.
    if sys.executable != "/usr/bin/python3" and pathlib.Path("/usr/bin/python3").exists():
        os.execv("/usr/bin/python3", ["python3", *sys.argv])
    print("there is no python3-jsonschema")
    sys.exit(77)

SCHEMA, CASES = (json.loads(pathlib.Path(argument).read_text(encoding="utf-8")) for argument in sys.argv[1:])


@tap.test
def it_is_a_schema(_folder):
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    assert SCHEMA["$schema"] == jsonschema.Draft202012Validator.META_SCHEMA["$id"]


def judge(_folder, accepted, document):
    errors = [error.message for error in jsonschema.Draft202012Validator(SCHEMA).iter_errors(document)]
    assert accepted == (not errors), errors or "it was accepted"


for row in CASES:
    tap.case(("accepts " if row["accepted"] else "refuses ") + json.dumps(row["document"])[:100].replace("#", ""), judge,
             row["accepted"], row["document"])

tap.main()

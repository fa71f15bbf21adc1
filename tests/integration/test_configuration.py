"""configuration.json: where it is looked for, its rules, its getters."""
import json

import tap
from harness import PROGRAMS, case, contains, equal, get, say, test


def logged(sync):
    return [line.removeprefix("INFO ") for line in sync.log if line.startswith("INFO configuration ")]


@test
def getters_give_what_is_there(box):
    sync = box.sync(get("configuration", "string", "host", fallback="no"), get("configuration", "require", "host"),
                    get("configuration", "integer", "port", fallback=1), get("configuration", "boolean", "on", fallback=False),
                    get("configuration", "integer", "least", fallback=0), get("configuration", "string", "empty",
                                                                              fallback="no"),
                    get("configuration", "boolean", "off", fallback=True),
                    configuration={"host": "db.example", "port": "5432", "on": "True", "off": "FALSE",
                                   "least": "-9223372036854775808", "empty": ""})
    equal(logged(sync), ["configuration host: db.example", "configuration host: db.example", "configuration port: 5432",
                         "configuration on: true", "configuration least: -9223372036854775808", "configuration empty: ",
                         "configuration off: false"])


@test
def getters_give_the_fallback(box):
    sync = box.sync(get("configuration", "string", "host", fallback="local"),
                    get("configuration", "integer", "port", fallback=-7),
                    get("configuration", "boolean", "on", fallback=True), get("configuration", "string", "host"))
    equal(logged(sync), ["configuration host: local", "configuration port: -7", "configuration on: true",
                         "configuration host: (none)"])


@test
def a_required_key_that_is_missing_fails_the_sync(box):
    box.fails(get("configuration", "require", "host"), error="configuration: 'host' is missing",
              hint='add "host": "..." to configuration.json, or name the file with --configuration')


def mistype(box, kind, text, message):
    sync = box.fails(get("configuration", kind, "x"), configuration={"x": text}, error=message)
    assert text not in sync.lines, sync.lines


for wrong in ("5432x", "hunter2", "9223372036854775808", "0x10", "1.5", " 1"):
    case(f"'{wrong}' is no integer", mistype, "integer", wrong,
         "configuration: the value of 'x' is not an integer of at most 64 bits")
for wrong in ("yes!", "truth"):
    case(f"'{wrong}' is no boolean", mistype, "boolean", wrong, "configuration: the value of 'x' is not true or false")


# ---- the file --------------------------------------------------------------------------------------------------------

def refused(box, text, message, hint=None, name="settings.json"):
    (box.folder / name).write_bytes(text if isinstance(text, bytes) else text.encode())
    result = box.run(PROGRAMS["inferred"], "debug", "--configuration", name, status=1)
    lines = result.stderr.splitlines()
    equal(lines[0], f"error: configuration '{name}': {message}")
    equal(lines[1:], [f"hint: {hint}"] if hint else [])
    assert not (box.folder / "files").exists(), "a warehouse was made"


STRINGS = "every value must be a string: put numbers and true or false in double quotes"
case("a number is refused", refused, '{"port": 5432}', "the value of 'port' is not a string", STRINGS)
case("a boolean is refused", refused, '{"on": true}', "the value of 'on' is not a string", STRINGS)
case("null is refused", refused, '{"x": null}', "the value of 'x' is not a string", STRINGS)
case("an object is refused", refused, '{"x": {}}', "the value of 'x' is not a string", STRINGS)
case("an array is refused", refused, '["x"]', "an array, where an object is expected")
case("101 keys are refused", refused, json.dumps({f"k{i}": "x" for i in range(101)}), "it has 101 keys, more than 100",
     "move settings that are not secret or changing into the connector's code")
case("a key may not be there twice", refused, '{"a": "1", "a": "2"}', "line 1, column 14: duplicate object key near '\"a\"'",
     "remove one of the two")


@test
def broken_json_is_refused_without_showing_it(box):
    (box.folder / "settings.json").write_text('{"password": "hunter2" "host": "x"}', encoding="utf-8")
    result = box.run(PROGRAMS["inferred"], "debug", "--configuration", "settings.json", status=1)
    contains(result.stderr, "error: configuration 'settings.json': line 1, column ")
    assert "hunter2" not in result.stdout + result.stderr, result.stderr


@test
def a_hundred_keys_are_taken(box):
    sync = box.sync(get("configuration", "string", "k98"), configuration={f"k{i}": "x" for i in range(99)})
    equal(logged(sync), ["configuration k98: x"])


@test
def a_named_file_must_exist(box):
    result = box.run(PROGRAMS["inferred"], "debug", "--configuration", "nowhere.json", status=1)
    contains(result.stderr, "error: configuration: cannot open 'nowhere.json': No such file or directory\n")


@test
def a_file_of_more_than_a_mebibyte_is_refused(box):
    (box.folder / "settings.json").write_text(json.dumps({"x": "y" * 1024 * 1024}), encoding="utf-8")
    result = box.run(PROGRAMS["inferred"], "debug", "--configuration", "settings.json", status=1)
    equal(result.stderr, "error: configuration: file 'settings.json' is longer than 1048576 bytes\n")


def write(path, script, **settings):
    path.write_text(json.dumps({"script": str(script), **settings}), encoding="utf-8")


@test
def the_file_is_looked_for_in_the_documented_order(box):
    script = box.folder / "script.jsonl"
    script.write_text(json.dumps(get("configuration", "string", "from")) + "\n", encoding="utf-8")
    for name in ("named", "environment"):
        write(box.folder / f"{name}.json", script, **{"from": name})
    environment = {"FIVETRAN_CONFIGURATION": "environment.json"}
    write(box.folder / "configuration.json", script, **{"from": "folder"})
    for arguments, variables, expected in [([], {}, "folder"), ([], environment, "environment"),
                                           (["--configuration=named.json"], environment, "named")]:
        result = box.run(PROGRAMS["inferred"], "debug", *arguments, environment=variables)
        contains(result.stdout, f"configuration from: {expected}\n")


@test
def without_a_file_the_configuration_is_empty(box):
    box.run(PROGRAMS["customers"], "debug")


@test
def a_pipe_will_do(box):
    arguments = box.script(say("log", "read from a pipe", level="info"))
    settings = (box.folder / "script0.json").read_text(encoding="utf-8")
    result = box.run("sh", "-c", f"printf %s '{settings}' | {PROGRAMS['inferred']} debug --configuration /dev/fd/3 3<&0")
    contains(result.stdout, "read from a pipe\n")
    equal(len(arguments), 3)


# ---- secrets ---------------------------------------------------------------------------------------------------------

SECRETS = {"password": "pa55word!", "API-Key": "key-123456", "dbPassword": "another one", "client_secret": "s3cr3t",
           "accessToken": "tok.en", "CONNECTION_STRING": "postgres://u:p@h"}


@test
def secrets_are_masked_in_every_line(box):
    everything = " ".join(SECRETS.values())
    script = [say("log", everything, level=level) for level in ("debug", "fine", "info", "warning", "severe")]
    sync = box.sync(*script, say("warning", everything), say("fail", everything), configuration=SECRETS, status=1)
    for secret in SECRETS.values():
        assert secret not in sync.lines + sync.out, secret
    equal(sync.error, [" ".join("*" * len(secret) for secret in SECRETS.values())])
    equal(sync.log.count("INFO " + sync.error[0]), 1)


@test
def secrets_are_masked_in_errors_about_values(box):
    sync = box.sync({"op": "upsert", "table": "pa55word!", "fields": [["id", 1]]},
                    {"op": "delete", "table": "pa55word!", "fields": [["id", 1]]}, configuration=SECRETS, status=1)
    assert "pa55word!" not in sync.lines + json.dumps(sync.report["error"]), sync.lines
    contains(sync.error[0], "table '*********': delete needs a primary key")


@test
def what_is_no_secret_is_shown(box):
    sync = box.sync(say("log", "host db.example, pin 123", level="info"), configuration={"host": "db.example",
                                                                                         "password": "123"})
    contains(sync.lines, "host db.example, pin 123\n")


tap.main()

"""Each public header stands alone, and can be used, in every language and standard that it promises."""
import pathlib
import sys

import tap

ROOT = pathlib.Path(sys.argv[1])
HERE = pathlib.Path(__file__).parent
WARNINGS = ["-pedantic", "-Wall", "-Wextra", "-Werror", "-fsyntax-only", "-I", ROOT / "include"]

COMPILERS = [
    ("gcc", "c", ["c99", "c11", "c17"]),
    ("clang", "c", ["c99", "c11", "c17"]),
    ("g++", "c++", ["c++17"]),
    ("clang++", "c++", ["c++17"]),
]

# Programs that use the headers, and the standards that they are written for.
USES = [
    ("usage.c", ["c99", "c11", "c17"]),
    ("usage_of.c", ["c11", "c17"]),
    ("usage.cpp", ["c++17"]),
]

# Pointers and characters have no one meaning, but would convert to a boolean or a number.
MEANINGLESS = ["p", "(const int *) p", "(void *) p", "c"]
REFUSALS = {"c11": "not compatible with any", "c17": "not compatible with any", "c++17": "deleted function"}


def stands_alone(_folder, compiler, language, standard, header):
    tap.run(compiler, f"-std={standard}", *WARNINGS, "-include", f"pawl/{header}", "-x", language, "/dev/null")


def has_no_meaning(folder, compiler, language, standard, expression, reason):
    """pawl_of of the expression does not compile, for that reason; that of another one, in the same place, does."""
    def source(argument):
        path = folder / "source"
        path.write_text("#include <pawl/pawl.h>\npawl_value make(int i, int *p, char c);\n"
                        "pawl_value make(int i, int *p, char c)\n{\n\t(void) i, (void) p, (void) c;\n"
                        f"\treturn pawl_of({argument});\n}}\n", encoding="utf-8")
        return path
    command = [compiler, f"-std={standard}", *WARNINGS, "-x", language]
    tap.run(*command, source("i"))
    message = tap.run(*command, source(expression), status=1).stderr
    assert reason in message, message


def can_be_used(_folder, compiler, standard, source):
    tap.run(compiler, f"-std={standard}", *WARNINGS, HERE / source)


for a_compiler, a_language, standards in COMPILERS:
    for a_standard in standards:
        for path in sorted((ROOT / "include/pawl").glob("*.h")):
            tap.case(f"pawl/{path.name} alone, {a_compiler} {a_standard}", stands_alone, a_compiler, a_language,
                     a_standard, path.name)
        for use, its_standards in USES:
            if a_standard in its_standards:
                tap.case(f"{use}, {a_compiler} {a_standard}", can_be_used, a_compiler, a_standard, use)
        for an_expression in MEANINGLESS:
            if a_standard in REFUSALS:
                tap.case(f"pawl_of({an_expression}) is refused, {a_compiler} {a_standard}", has_no_meaning, a_compiler,
                         a_language, a_standard, an_expression, REFUSALS[a_standard])

tap.main()

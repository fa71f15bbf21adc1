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


def stands_alone(_folder, compiler, language, standard, header):
    tap.run(compiler, f"-std={standard}", *WARNINGS, "-include", f"pawl/{header}", "-x", language, "/dev/null")


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

tap.main()

"""check_snippets.py ROOT: the C code that the documentation shows is code that the build compiles.

Each block that is fenced as ```c must stand, line by line and apart from its indentation as a whole, in one of the files
examples/*/*.c, all of which meson builds.
"""
import pathlib
import sys
import textwrap

import tap

DOCUMENTS = ["README.md", "docs/sdk.md"]


def code_blocks(text):
    """(line number, lines) of each block."""
    blocks, block = [], None
    for number, line in enumerate(text.splitlines(), 1):
        if block is None and line.strip() == "```c":
            block = (number, [])
        elif block is not None and line.strip() == "```":
            blocks.append(block)
            block = None
        elif block is not None:
            block[1].append(line)
    assert block is None, f"the block in line {block[0]} is not closed"
    return blocks


def dedent(lines):
    return textwrap.dedent("\n".join(lines)).splitlines()


def is_in(wanted, source):
    """True when the lines stand together in the source."""
    places = range(len(source) - len(wanted) + 1)
    return any(dedent(source[place:place + len(wanted)]) == wanted for place in places)


def is_compiled(_folder, lines, sources):
    wanted = dedent(lines)
    assert any(wanted), "the block is empty"
    assert any(is_in(wanted, source) for source in sources), "in no file under examples/:\n" + "\n".join(wanted)


def shows_code(_folder, blocks):
    assert blocks


def main():
    root = pathlib.Path(sys.argv[1])
    sources = [path.read_text(encoding="utf-8").splitlines() for path in sorted(root.glob("examples/*/*.c"))]
    for document in DOCUMENTS:
        blocks = code_blocks((root / document).read_text(encoding="utf-8"))
        tap.case(f"{document} shows code", shows_code, blocks)
        for number, lines in blocks:
            tap.case(f"{document}:{number} is compiled", is_compiled, lines, sources)
    tap.main()


main()

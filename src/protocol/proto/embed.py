"""embed.py INPUT OUTPUT NAME: writes the file's bytes as a C array of that name, and its length as NAME_length."""
import pathlib
import sys

source, target, name = sys.argv[1:]
data = pathlib.Path(source).read_bytes()
lines = [",".join(str(byte) for byte in data[start:start + 32]) for start in range(0, len(data), 32)]
pathlib.Path(target).write_text(
    "#include <stddef.h>\n"
    f"extern const unsigned char {name}[];\nextern const size_t {name}_length;\n"
    f"const unsigned char {name}[] = {{\n" + ",\n".join(lines) + "\n};\n"
    f"const size_t {name}_length = {len(data)};\n", encoding="utf-8")

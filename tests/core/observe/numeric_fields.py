#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# The fields of log lines whose value is made of a number are quantities of core/observe/numeric_value.cpp, so
# that JSON has them as numbers.
#     numeric_fields.py SOURCE
import pathlib
import re
import sys

# {"count", std::to_string(count)}
FIELD = re.compile(r'\{\s*"([a-z]\w*)",\s*(?:std::)?to_string\(')


def quantities(source):
    """The names and the endings of names that numeric_value.cpp takes for numbers."""
    text = (source / "core/observe/numeric_value.cpp").read_text()
    names, units = (set(re.findall(r'"(\w+)"sv', part)) for part in re.findall(r"constexpr std::array \w+ = \{([^}]*)\}", text))
    return names, tuple(units)


def other_fields(text, names, units):
    return [name for name in FIELD.findall(text) if name not in names and not name.endswith(units)]


names, units = quantities(pathlib.Path(sys.argv[1]))
assert other_fields('{{"count", std::to_string(n)}, {"x_ms", std::to_string(n)}, {"planted", std::to_string(n)}}', names,
                    units) == ["planted"]
faults = []
fields = 0
for folder in ("core", "plugins", "sdk/template"):
    for file in sorted((pathlib.Path(sys.argv[1]) / folder).rglob("*.?pp")):
        text = file.read_text()
        fields += len(FIELD.findall(text))
        faults += [f"{file}: the number {name} is missing in core/observe/numeric_value.cpp" for name in other_fields(text, names, units)]
print("\n".join(faults) or f"all {fields} fields of numbers are numbers in JSON")
sys.exit(1 if faults or fields < 10 else 0)

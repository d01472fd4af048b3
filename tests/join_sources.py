# SPDX-License-Identifier: Apache-2.0
# Usage: join_sources.py OUTPUT... -- SOURCE...
# Writes sources that include all of SOURCE, about as many in each OUTPUT.  A template that several of them use is then
# compiled once.  Each SOURCE is included in a namespace of its own, because their names repeat; the headers come first.
import os
import re
import sys


def headers(source):
    """The #include lines at the top of `source`, with a path that does not depend on its folder."""
    folder = os.path.dirname(source)
    for line in open(source, encoding="utf-8"):
        if re.match("using|namespace|#define|#undef", line):
            return
        found = re.match(r'#include ("?)([^">]+)', line)
        if found and found[1] and os.path.exists(os.path.join(folder, found[2])):
            yield f'#include "{os.path.join(folder, found[2])}"'
        elif found:
            yield line.strip()


def joined(sources):
    lines = dict.fromkeys(line for source in sources for line in headers(source))
    for source in sources:
        name = re.sub(r"\W", "_", os.path.basename(source))
        lines[f'namespace {name} {{\n#include "{source}"\n}}'] = None
    return "\n".join(lines) + "\n"


outputs, sources = sys.argv[1:sys.argv.index("--")], sys.argv[sys.argv.index("--") + 1:]
sources = [os.path.abspath(source) for source in sources]
for number, output in enumerate(outputs):
    first, last = (len(sources) * n // len(outputs) for n in (number, number + 1))
    with open(output, "w", encoding="utf-8") as file:
        file.write(joined(sources[first:last]))

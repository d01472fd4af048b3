#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# A folder of core/ includes only itself and the folders below it, as core/ARCHITECTURE.md lists them.
#     folders.py SOURCE
import pathlib
import re
import sys
import tempfile

# Each line is one level.  Folders of one level do not include each other.
LEVELS = [["util"], ["tls"], ["net", "config"], ["observe"], ["plugin", "admission", "retry"], ["instances"], ["request"],
          ["admin"], ["app"], ["cli"], ["plugin_check"]]
LEVEL = {folder: level for level, folders in enumerate(LEVELS) for folder in folders}
INCLUDE = re.compile(r'^#include "core/(\w+)/', re.MULTILINE)


def upward_includes(core):
    """A line for each include that goes up, or sideways to another folder, and for each unknown folder."""
    found = []
    for file in sorted(core.rglob("*.?pp")):
        folder = file.relative_to(core).parts[0]
        if folder == "main.cpp":
            continue
        if folder not in LEVEL:
            found.append(f"{file}: core/{folder} has no level in tests/core/folders.py")
            continue
        for target in INCLUDE.findall(file.read_text()):
            if target != folder and LEVEL.get(target, len(LEVELS)) >= LEVEL[folder]:
                found.append(f"{file}: core/{folder} must not include core/{target}")
    return found


def check_itself():
    """Planted faults are found, so that silence means something."""
    with tempfile.TemporaryDirectory() as scratch:
        core = pathlib.Path(scratch)
        for file, target in [("util/a.hpp", "net"), ("net/server/b.cpp", "config"), ("retry/c.hpp", "app"), ("attic/d.cpp", "util"),
                             ("app/fine.cpp", "util"), ("net/server/fine.cpp", "net")]:
            path = core / file
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(f'#include "core/{target}/x.hpp"\n')
        found = upward_includes(core)
        assert len(found) == 4, found


check_itself()
problems = upward_includes(pathlib.Path(sys.argv[1]) / "core")
print("\n".join(problems) or "every include goes down")
sys.exit(1 if problems else 0)

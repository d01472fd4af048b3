# SPDX-License-Identifier: Apache-2.0
# Usage: names.py SOURCE
# The names of metrics and of the fields of the access log, which dashboards, alerts and scripts of operators use.  They must be
# those of names.txt.  A change of that file needs an entry in CHANGELOG.md (sdk/VERSIONING.md, "Names for operators").
import pathlib
import re
import sys

source = pathlib.Path(sys.argv[1])


def found(pattern, *files):
    return {name for file in files for name in re.findall(pattern, file.read_text(encoding="utf-8"), re.MULTILINE)}


observe = source / "core/observe"
metrics = found(r'"((?:gatehouse|gen_ai_client|process)_[a-z_]+)",', observe / "metric_families.hpp", observe / "process_metrics.cpp")
fields = found(r'^    \{"([a-z_]+)"', source / "core/config/access_fields.hpp")
now = sorted(metrics) + [f"access log: {name}" for name in sorted(fields)]
golden = (source / "tests/core/observe/names.txt").read_text(encoding="utf-8").split("\n")[:-1]
for name in sorted(set(golden) - set(now)):
    print("removed or renamed:", name)
for name in sorted(set(now) - set(golden)):
    print("new, add it to names.txt:", name)
assert len(metrics) > 50 and len(fields) > 30, "the patterns find too little"
sys.exit(golden != now)

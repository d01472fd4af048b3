# SPDX-License-Identifier: Apache-2.0
"""Checks that each test that README.md names in quotes exists.  Usage: named_tests.py SOURCE_ROOT"""
import pathlib
import re
import sys

root = pathlib.Path(sys.argv[1])
begin = re.compile(r'TEST_CASE(?:_FIXTURE)?\((?:\w+,\s*)?"((?:[^"\\]|\\.)*)"')
names = [name for path in (root / "tests").rglob("*.cpp") for name in begin.findall(path.read_text())]
readme = (root / "tests/plugins/messy/README.md").read_text()
rows = [line.split("|") for line in readme.splitlines() if line.startswith("|")]
missing = [name for row in rows for name in re.findall(r'"([^"]+)"', row[2])
           if not any(test.startswith(name) for test in names)]
for name in missing:
    print(f'tests/plugins/messy/README.md: no test begins with "{name}"')
sys.exit(bool(missing))

#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Every word of plugin-check has one section in sdk/CHECKS.md.

usage: words.py SOURCE_FOLDER
"""
import pathlib
import re
import sys

root = pathlib.Path(sys.argv[1])
word = r'"([a-z][a-z0-9]*(?:-[a-z0-9]+)*)"'
calls = re.compile(
    rf'(?:\b(?:check|check_)(?:\.|->)(?:error|warning|note)\(\s*|(?:\.|->|\b)add\(\s*(?:Severity::\w+|[\w ?:!]+),\s*'
    rf'|Severity::\w+,\s*|\bbroken\(\s*){word}\s*,')
used = {}
for path in sorted((root / 'core/plugin_check').glob('*.[ch]pp')):
    for found in calls.findall(path.read_text()):
        used.setdefault(found, path.name)
page = (root / 'sdk/CHECKS.md').read_text() if (root / 'sdk/CHECKS.md').exists() else ''
described = re.findall(r'^### ([a-z0-9-]+)$', page, re.MULTILINE)
wrong = [f'sdk/CHECKS.md has no section "### {one}" ({used[one]})' for one in sorted(set(used) - set(described))]
wrong += [f'sdk/CHECKS.md: {one} has two sections' for one in sorted(set(described)) if described.count(one) > 1]
if described != sorted(described):
    wrong.append('sdk/CHECKS.md: the sections are not sorted')
if len(used) < 90:
    wrong.append(f'words.py finds only {len(used)} words in core/plugin_check: its pattern is out of date')
print('\n'.join(wrong) or f'{len(used)} words have a section')
sys.exit(bool(wrong))

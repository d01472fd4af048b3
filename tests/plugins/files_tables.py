#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Checks that each `## Files` table of a plugin's README names exactly the C and C++ sources of its folder.

    files_tables.py SOURCE

A row's first cell names files in backticks: `chat/request` stands for chat/request.hpp and chat/request.cpp,
and `example/` for all sources of that subfolder.
"""
import os
import re
import sys
import tempfile
from pathlib import Path

# Folders whose README has no table.  Remove a folder when its table is written.
WITHOUT_TABLE = set()
SUFFIXES = {'.c', '.cc', '.cpp', '.h', '.hpp'}


def table(text):
    """The names in the first column of the table, or None if there is no table."""
    section = re.search(r'^## Files[ \t]*\n(.*?)(?=^## |\Z)', text, re.MULTILINE | re.DOTALL)
    if not section:
        return None
    rows = [line for line in section[1].splitlines() if line.startswith('|')]
    return [name for row in rows[2:] for name in re.findall(r'`([^`]+)`', row.split('|')[1])]


def faults(root, without_table):
    root = Path(root)
    readmes = sorted(root.glob('plugins/*/*/README.md')) + sorted(root.glob('tools/oci_emulator/README.md'))
    for readme in readmes:
        folder = readme.parent.relative_to(root).as_posix()
        names = table(readme.read_text(encoding='utf-8'))
        if names is None:
            if folder not in without_table:
                yield f'{folder}/README.md: no table "## Files"'
            continue
        if folder in without_table:
            yield f'{folder}/README.md has a table: remove the folder from WITHOUT_TABLE'
        files = {path.relative_to(readme.parent).as_posix() for path in readme.parent.rglob('*')
                 if path.suffix in SUFFIXES}
        seen = set()
        for name in names:
            named = {file for file in files if name in (file, os.path.splitext(file)[0])
                     or name.endswith('/') and file.startswith(name)}
            if not named:
                yield f'{folder}/README.md: `{name}` is in the table, but there is no such source'
            elif named & seen:
                yield f'{folder}/README.md: `{name}` is in the table twice'
            seen |= named
        for file in sorted(files - seen):
            yield f'{folder}/README.md: {file} is missing from the table'
    present = {readme.parent.relative_to(root).as_posix() for readme in readmes}
    for folder in sorted(without_table - present):
        yield f'{folder}: in WITHOUT_TABLE, but it has no README.md'


def self_test():
    """Plants each fault, and expects exactly that fault."""
    with tempfile.TemporaryDirectory() as root:
        folder = Path(root, 'plugins/provider/sample')
        (folder / 'chat').mkdir(parents=True)
        for file in ('sample.cpp', 'chat/request.hpp', 'chat/request.cpp', 'model.h'):
            (folder / file).touch()
        good = ['`sample`', '`chat/request`', '`model.h`']

        def found(names, without_table=frozenset()):
            rows = ''.join(f'| {name} | text |\n' for name in names)
            heading = '## Files\n\n| file | contents |\n|---|---|\n' if names else ''
            (folder / 'README.md').write_text(f'# sample\n\n{heading}{rows}\n## See also\n', encoding='utf-8')
            return [fault.removeprefix('plugins/provider/sample') for fault in faults(root, set(without_table))]

        def expect(result, *parts):
            if len(result) != len(parts) or any(part not in fault for part, fault in zip(parts, result)):
                sys.exit(f'self test: expected {parts}, found {result}')

        expect(found(good))
        expect(found(['`sample`, `chat/request`', '`model`']))
        expect(found(['`sample`', '`chat/`', '`model`']))
        expect(found(good[:1] + good[2:]), 'chat/request.cpp is missing', 'chat/request.hpp is missing')
        expect(found(good + ['`gone`']), '`gone` is in the table, but there is no such source')
        expect(found(good + ['`sample.cpp`']), '`sample.cpp` is in the table twice')
        expect(found([]), 'no table')
        expect(found([], ['plugins/provider/sample']))
        expect(found(good, ['plugins/provider/sample']), 'has a table')
        expect(found(good, ['plugins/provider/gone']), 'it has no README.md')


if __name__ == '__main__':
    self_test()
    result = list(faults(sys.argv[1], WITHOUT_TABLE))
    print('\n'.join(result) if result else 'every table names the sources of its folder')
    sys.exit(1 if result else 0)

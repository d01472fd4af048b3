#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Checks the tables of failures of other gateways: each failure has its row, and each named test exists.

    failures.py SOURCE

The last cell of a row names tests as `file`: the beginning of the test's name, separated by semicolons, or it
begins with "does not arise: " and says why.  A file without a folder is in the table's folder or in OTHERS.
"""
import re
import sys
import tempfile
from pathlib import Path

TABLES = {
    'tests/plugins/dialect/openai/responses/README.md': [str(n) for n in range(1, 41)],
    'tests/plugins/dialect/anthropic/README.md':
        [f'{letter}{n}' for letter, last in zip('ABCDEFG', (9, 13, 10, 4, 6, 4, 3)) for n in range(1, last + 1)],
}
OTHERS = ['tests/plugins/lossless', 'tests/plugins/provider', 'tests/plugins/provider/oci', 'tests/end_to_end']
NAME = re.compile(r'''\b(?:TEST_CASE|test)\(\s*(?:"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)'|`([^`]*)`)''')
TEXT = re.compile(r'"((?:[^"\\\n]|\\.)*)"')


def names(path):
    """The names of the tests of a file, or the complaints of a strict reader."""
    text = path.read_text(encoding='utf-8')
    pattern = TEXT if path.stem.startswith('grammar') else NAME
    return [next(group for group in match if group is not None).replace("\\'", "'").replace('\\"', '"')
            for match in ((found.groups() + (None,))[:3] for found in pattern.finditer(text))
            if any(match)]


def find(root, folder, file):
    for place in [folder] + OTHERS:
        for suffix in ('.cpp', '.hpp', '.test.mjs'):
            path = root / place / (file + suffix)
            if path.exists() and (suffix != '.hpp' or names(path)):
                return path
    return None


def faults_of_row(root, folder, cell):
    if cell.startswith('does not arise: '):
        return
    references = [one.strip() for one in cell.split(';')]
    for reference in references:
        match = re.fullmatch(r'`([^`]+)`: (.+)', reference)
        if not match:
            yield f'"{reference}" is not `file`: the beginning of a name'
            continue
        path = find(root, folder, match[1])
        if path is None:
            yield f'there is no file {match[1]}'
        elif not any(name.startswith(match[2]) for name in names(path)):
            yield f'{path.name} has no test "{match[2]}"'


def faults(root, tables):
    for table, expected in tables.items():
        folder = str(Path(table).parent)
        rows = [[cell.strip() for cell in line.strip('| \n').split(' | ')]
                for line in (root / table).read_text(encoding='utf-8').splitlines()
                if re.match(r'\| [A-Z]?\d+ \|', line)]
        if [row[0] for row in rows] != expected:
            yield f'{table}: the rows are not {expected[0]} to {expected[-1]} in their order'
        for row in rows:
            if len(row) != 4:
                yield f'{table}: row {row[0]} has not four cells'
                continue
            for fault in faults_of_row(root, folder, row[3]):
                yield f'{table}: row {row[0]}: {fault}'


def own_test():
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        (root / 'a_test.cpp').write_text('TEST_CASE("one and two") {}\n')
        (root / 'T.md').write_text('| 1 | f | r | `a_test`: one |\n| 2 | f | r | does not arise: why |\n')
        assert not list(faults(root, {'T.md': ['1', '2']}))
        (root / 'T.md').write_text('| 1 | f | r | `a_test`: two |\n| 2 | f | r | `b_test`: one |\n| 4 | f |\n')
        assert len(list(faults(root, {'T.md': ['1', '2', '3']}))) == 4


def main():
    own_test()
    found = list(faults(Path(sys.argv[1]), TABLES))
    print('\n'.join(found) or 'each failure has its test')
    return 1 if found else 0


if __name__ == '__main__':
    sys.exit(main())

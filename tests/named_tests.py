#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Checks the tables that name tests: each table has its rows, and each named test exists.

    named_tests.py SOURCE

A cell of a row names tests, separated by semicolons or commas.  A reference is `file`: the beginning of the test's
name, or "the beginning of the name" of a test in any file.  An empty cell needs a reason in the next one.  A file is in the folder of the table, in a folder of
OTHERS, or has a path below tests/.  The comments of a shell script are its names.  A cell that begins with
"does not arise: " says why there is no test.
"""
import re
import sys
import tempfile
from pathlib import Path


def numbers(letter, *ranges):
    """The rows of a list: letter1, letter2 and so on."""
    return [f'{letter}{number}' for first, last in ranges for number in range(first, last + 1)]


# The rows of each table, in their order, and the cell that names tests.  None: any rows, also of several tables.
TABLES = {
    'tests/OPERATOR.md': (numbers('F', (2, 2), (6, 27)) + numbers('S', (1, 13)) + numbers('P', (1, 9)) + numbers('M', (1, 22)) + numbers('Q', (1, 5)), 3),
    'tests/plugins/dialect/openai/responses/README.md': (numbers('', (1, 40)), 3),
    'tests/plugins/dialect/anthropic/README.md':
        ([row for letter, last in zip('ABCDEFG', (9, 13, 10, 4, 6, 4, 3)) for row in numbers(letter, (1, last))], 3),
    'tests/plugins/messy/README.md': (None, 1),
    'tests/plugins/limiter/README.md': (numbers('', (1, 53)), 2),
}
OTHERS = ['tests/plugins/lossless', 'tests/plugins/provider', 'tests/plugins/provider/oci', 'tests/end_to_end', 'tests']
NAME = re.compile(r'''\b(?:TEST_CASE(?:_FIXTURE)?|test)\(\s*(?:\w+,\s*)?'''
                  r'''(?:"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)'|`([^`]*)`)''')
TEXT = re.compile(r'"((?:[^"\\\n]|\\.)*)"')
COMMENT = re.compile(r'^# (.*)$', re.MULTILINE)
REFERENCE = re.compile(r'`([^`]+)`: (.+)')
CODE = {'.cpp', '.hpp', '.mjs'}


def names(path):
    """The names of the tests of a file, the complaints of a strict reader, or the comments of a script."""
    text = path.read_text(encoding='utf-8')
    pattern = TEXT if path.stem.startswith('grammar') else COMMENT if path.suffix == '.sh' else NAME
    return [next(group for group in found.groups() if group is not None).replace("\\'", "'").replace('\\"', '"')
            for found in pattern.finditer(text) if any(found.groups())]


def all_names(root):
    """The names of the tests in all files."""
    files = [path for path in (root / 'tests').rglob('*') if path.suffix in CODE and 'node_modules' not in path.parts]
    return [name for path in files for name in names(path)]


def find(root, folder, file):
    for place in [folder] + OTHERS:
        for suffix in ('.cpp', '.hpp', '.test.mjs', '.sh'):
            path = root / place / (file + suffix)
            if path.exists() and (suffix != '.hpp' or names(path)):
                return path
    return None


def faults_of_row(root, folder, cell, everywhere):
    if cell.startswith('does not arise: '):
        return
    if cell.startswith('"'):
        for start in re.findall(r'"([^"]+)"', cell):
            if not any(name.startswith(start) for name in everywhere):
                yield f'no test begins with "{start}"'
        return
    for reference in (one.strip() for one in cell.split(';')):
        match = REFERENCE.fullmatch(reference)
        if not match:
            yield f'"{reference}" is not `file`: the beginning of a name'
            continue
        path = find(root, folder, match[1])
        if path is None:
            yield f'there is no file {match[1]}'
        elif not any(name.startswith(match[2]) for name in names(path)):
            yield f'{path.name} has no test "{match[2]}"'


def rows_of(text, any_row):
    """The cells of each row: of a list, or of all tables without their heads."""
    lines = text.splitlines()
    if any_row:
        kept = [line for at, line in enumerate(lines) if line.startswith('|') and not line.startswith('|-')
                and not (at + 1 < len(lines) and lines[at + 1].startswith('|-'))]
    else:
        kept = [line for line in lines if re.match(r'\| [A-Z]?\d+ \|', line)]
    return [[cell.strip() for cell in line.strip().strip('|').split('|')] for line in kept]


def faults(root, tables):
    everywhere = all_names(root)
    for table, (expected, place) in tables.items():
        folder = str(Path(table).parent)
        rows = rows_of((root / table).read_text(encoding='utf-8'), expected is None)
        if expected is not None and [row[0] for row in rows] != expected:
            yield f'{table}: the rows are not {expected[0]} to {expected[-1]} in their order'
        for row in rows:
            if len(row) <= place:
                yield f'{table}: row {row[0]} has too few cells'
                continue
            if not row[place] and any(row[place + 1:]):
                continue
            for fault in faults_of_row(root, folder, row[place], everywhere):
                yield f'{table}: row {row[0]}: {fault}'


def own_test():
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        (root / 'tests').mkdir()
        (root / 'tests/a_test.cpp').write_text('TEST_CASE("one and two") {}\nTEST_CASE_FIXTURE(F, "three") {}\n')
        (root / 'tests/b.sh').write_text('# It works.\n')
        lists = {'tests/T.md': (['1', '2', '3'], 3)}
        kinds = {'tests/T.md': (None, 1)}

        def found(text, tables):
            (root / 'tests/T.md').write_text(text)
            return len(list(faults(root, tables)))

        assert found('| 1 | f | r | `a_test`: one; `b`: It |\n| 2 | f | r | does not arise: why |\n'
                     '| 3 | f | r | "three" |\n', lists) == 0
        assert found('| 1 | f | r | `a_test`: two |\n| 2 | f | r | `b_test`: one |\n| 4 | f |\n', lists) == 4
        head = '| kind | tests | n |\n|---|---|---|\n'
        assert found(head + '| k | "one", "three" | 1 |\n', kinds) == 0
        assert found(head + '| k | "two" | 1 |\n| l | no quotes | 1 |\n', kinds) == 2


def main():
    own_test()
    found = list(faults(Path(sys.argv[1]), TABLES))
    print('\n'.join(found) or 'each named test exists')
    return 1 if found else 0


if __name__ == '__main__':
    sys.exit(main())

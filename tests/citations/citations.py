#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Finds citations of sections that do not exist, citations without a file, and dead links.

    citations.py SOURCE

A citation is FILE.md, section 2.3 or FILE.md, sections 2.3 and 4 or FILE.md, "Heading".  FILE.md is looked for in
the citing file's folder, then SOURCE, then FOLDERS.  Documents of OUTSIDE may be cited by section without a file.
"""
import os
import pathlib
import re
import sys
import tempfile
import urllib.parse

TREE = ('core', 'plugins', 'sdk', 'tools', 'tests', 'config', '.github', 'README.md', 'CHANGELOG.md')
SKIPPED = ('tests/data', 'tests/fuzz/seeds', 'tests/citations')  # this folder plants faults
TYPES = tuple('.md .hpp .cpp .h .c .py .sh .mjs .js .ts .toml .in .yml .yaml .map .txt .json meson.build'.split())
FOLDERS = {'PROTOCOL.md': 'plugins/provider/oci', 'ARCHITECTURE.md': 'core'}  # cited by name alone
# Documents outside of the tree.
OUTSIDE = (r'RFC \d{3,5}', r'WHATWG HTML specification', r'Fetch standard', r'draft-cavage-http-signatures-\d+')

NUMBERS = r'\d+(?:\.\d+)*(?:(?:,\s+|,?\s+(?:and|or|to)\s+)\d+(?:\.\d+)*)*(?!\d)'
FILE = r'[A-Za-z0-9_./-]*[A-Za-z0-9_-]\.md'
CITED = re.compile(rf'(?P<file>{FILE})`?,?\s+(?:\bsections?\s+(?P<numbers>{NUMBERS})|"(?P<heading>[^"\n]{{2,80}})")')
CITED_HEADING_NEEDS_COMMA = re.compile(rf'{FILE}`?,\s+"')
SECTION = re.compile(rf'\b[Ss]ections?\s+(?P<numbers>{NUMBERS})')
BARE = re.compile(rf"\b(?:[Rr]eference|[Aa]rchitecture)(?:'s)?,?\s+(?P<numbers>\d+\.\d+\b|table\s+\d)")
OUTSIDE_BEFORE = re.compile(rf'(?:{"|".join(OUTSIDE)})(?:,|\s+and|)\s*$')
LINK = re.compile(r'(?<!!)\[[^\]\n]*\]\((?P<target>[^)\s]+)(?:\s+"[^"]*")?\)|!\[[^\]\n]*\]\((?P<image>[^)\s]+)\)')


def files(source):
    """The paths, relative to source, of the text files of the tree."""
    for top in TREE:
        path = os.path.join(source, top)
        if os.path.isfile(path):
            yield top
        for folder, folders, names in os.walk(path):
            relative = os.path.relpath(folder, source).replace(os.sep, '/')
            folders[:] = sorted(f for f in folders if not f.startswith('build') and f not in ('node_modules', '.git')
                                and f'{relative}/{f}' not in SKIPPED)
            yield from (f'{relative}/{name}' for name in sorted(names) if name.endswith(TYPES))


def flattened(text):
    """The text with comment markers and line breaks as blanks, of the same length."""
    return re.sub(r'\n[ \t]*(?:///?|#|\*)?', lambda m: ' ' * len(m.group()), text)


def without_code(text):
    """Markdown with fenced code blocks and code spans blanked, of the same length."""
    blank = lambda m: re.sub(r'[^\n]', ' ', m.group())
    text = re.sub(r'(?ms)^[ \t]*(```|~~~).*?^[ \t]*\1', blank, text)
    return re.sub(r'`[^`\n]+`', blank, text)


def headings(path):
    """The headings of a Markdown file, as text without markup."""
    text = re.sub(r'(?ms)^[ \t]*(```|~~~).*?^[ \t]*\1', '', pathlib.Path(path).read_text('utf-8'))
    titles = re.findall(r'(?m)^#{1,6}\s+(.+?)\s*#*$', text)
    return [re.sub(r'[`*]|\[([^\]]*)\]\([^)]*\)', r'\1', title).strip() for title in titles]


def anchors(titles):
    """The anchors that GitHub gives to headings: a repeated one gets a number."""
    slugs = [re.sub(r'[^\w\- ]', '', title.lower()).replace(' ', '-') for title in titles]
    return {f'{slug}-{n}' if (n := slugs[:i].count(slug)) else slug for i, slug in enumerate(slugs)}


def plain(heading):
    return re.sub(r'[`*]', '', ' '.join(heading.split())).rstrip(':.').lower()


class Tree:
    def __init__(self, source):
        self.source = source
        self.known = {}
        self.faults = []

    def resolve(self, citing, name):
        candidates = (os.path.join(os.path.dirname(citing), name), name, f'{FOLDERS.get(name, ".")}/{name}')
        paths = [os.path.normpath(os.path.join(self.source, candidate)) for candidate in candidates]
        return next(filter(os.path.isfile, paths), None)

    def headings(self, path):
        if path not in self.known:
            self.known[path] = headings(path)
        return self.known[path]

    def fault(self, path, text, at, message):
        self.faults.append(f'{path}:{text.count(chr(10), 0, at) + 1}: {message}')

    def check_numbers(self, path, text, at, document, name, numbers):
        titles = self.headings(document)
        for number in re.findall(r'\d+(?:\.\d+)*', numbers):
            if not any(re.match(rf'{re.escape(number)}\.?\s', title) for title in titles):
                self.fault(path, text, at, f'{name} has no heading "{number}"')

    def check_citations(self, path, text):
        flat = flattened(text)
        cited = []
        for match in CITED.finditer(flat):
            if match['heading'] and not CITED_HEADING_NEEDS_COMMA.match(match.group()):
                continue  # FILE.md "words" is prose
            document = self.resolve(path, match['file'])
            cited.append(match.span())
            if not document:
                self.fault(path, text, match.start(), f'there is no file {match["file"]}')
            elif match['numbers']:
                self.check_numbers(path, text, match.start(), document, match['file'], match['numbers'])
            elif plain(match['heading']) not in map(plain, self.headings(document)):
                self.fault(path, text, match.start(), f'{match["file"]} has no heading "{match["heading"]}"')

        numbered = path.endswith('.md') and any(re.match(r'\d', title)
                                                for title in self.headings(os.path.join(self.source, path)))
        for match in SECTION.finditer(flat):
            if any(start <= match.start() < end for start, end in cited):
                continue
            sentence = re.split(r'(?<=[.!?:;])\s+(?=[A-Z"`])', flat[max(0, match.start() - 300):match.start()])[-1]
            if OUTSIDE_BEFORE.search(sentence):
                continue
            earlier = re.findall(FILE, sentence)
            if earlier and (document := self.resolve(path, earlier[-1])):
                self.check_numbers(path, text, match.start(), document, earlier[-1], match['numbers'])
            elif numbered:  # a numbered page cites its own sections
                self.check_numbers(path, text, match.start(), os.path.join(self.source, path), path, match['numbers'])
            else:
                self.fault(path, text, match.start(), f'"{match.group()}" does not name its file')
        for bare in BARE.finditer(flat):
            self.fault(path, text, bare.start(), f'"{bare.group()}" does not name its file')

    def check_links(self, path, text):
        for match in LINK.finditer(without_code(text)):
            target = match['target'] or match['image']
            if re.match(r'[a-z][a-z0-9+.-]*:|/', target):
                continue
            name, _, anchor = urllib.parse.unquote(target).partition('#')
            name = os.path.join(os.path.dirname(path), name or os.path.basename(path))
            page = os.path.normpath(os.path.join(self.source, name))
            if not os.path.exists(page):
                self.fault(path, text, match.start(), f'the link {target} leads to no file')
            elif anchor and page.endswith('.md') and anchor not in anchors(self.headings(page)):
                self.fault(path, text, match.start(), f'the link {target} leads to no heading')

    def check(self):
        for path in files(self.source):
            text = pathlib.Path(self.source, path).read_text('utf-8', 'replace')
            self.check_citations(path, text)
            if path.endswith('.md'):
                self.check_links(path, text)
        return self.faults


PAGE = '# Page\n\n## 2. Requests\n\n### 2.3 `chat` messages\n\n## Life of a request\n\nAs section 2.3 says.\n'
# A file's text and the fault that it must give; '' stands for no fault.
PLANTED = (
    ('core/a.hpp', '// Fields: PAGE.md, section 2.3.\n', ''),
    ('core/deep/a.hpp', '// Fields (core/PAGE.md,\n// section 2.3).\n', ''),
    ('plugins/provider/oci/chat/a.hpp', '// PROTOCOL.md, sections 2\n// to 2.3.\n', ''),
    ('core/a.hpp', '// core/PAGE.md, "Life of a request".\n', ''),
    ('core/a.hpp', '// By RFC 9112, section 6, and the Fetch standard, section 3.2.\n', ''),
    ('core/b.md', 'A [page](PAGE.md#23-chat-messages) and a [site](https://a.example).\n```\n[x](gone.md)\n```\n', ''),
    ('core/node_modules/a.hpp', '// Reference, section 9.\n', ''),
    ('core/a.hpp', '\n// PAGE.md, section 2.4.\n', 'core/a.hpp:2: PAGE.md has no heading "2.4"'),
    ('core/a.hpp', '// PAGE.md, sections 2.3 and\n// 7.\n', 'core/a.hpp:1: PAGE.md has no heading "7"'),
    ('core/a.hpp', '// PAGE.md, "Life of a plugin".\n', 'core/a.hpp:1: PAGE.md has no heading "Life of a plugin"'),
    ('core/a.hpp', '// GONE.md, section 2.\n', 'core/a.hpp:1: there is no file GONE.md'),
    ('core/a.hpp', '// As the reference, section 3.\n', 'core/a.hpp:1: "section 3" does not name its file'),
    ('core/a.hpp', '// Defaults as in architecture section 7.\n', 'core/a.hpp:1: "section 7" does not name its file'),
    ('core/a.hpp', '// In PAGE.md.  See section 2.3.\n', 'core/a.hpp:1: "section 2.3" does not name its file'),
    ('core/a.hpp', '// The fields\n// (reference, 2.4).\n', 'core/a.hpp:2: "reference, 2.4" does not name its file'),
    ('core/b.md', '# Page\n\nA [page](gone.md).\n', 'core/b.md:3: the link gone.md leads to no file'),
    ('core/b.md', 'A [page](PAGE.md#23).\n', 'core/b.md:1: the link PAGE.md#23 leads to no heading'),
)


def self_test():
    for name, text, expected in PLANTED:
        with tempfile.TemporaryDirectory() as source:
            for path, content in (('core/PAGE.md', PAGE), ('plugins/provider/oci/PROTOCOL.md', PAGE), (name, text)):
                os.makedirs(os.path.join(source, os.path.dirname(path)), exist_ok=True)
                with open(os.path.join(source, path), 'w', encoding='utf-8') as file:
                    file.write(content)
            found = Tree(source).check()
            if found != ([expected] if expected else []):
                sys.exit(f'self test: {text!r} gives {found}, not {expected!r}')


def main():
    if len(sys.argv) != 2 or not os.path.isdir(os.path.join(sys.argv[1], 'core')):
        sys.exit('usage: citations.py SOURCE')
    self_test()
    sys.exit('\n'.join(Tree(sys.argv[1]).check()) or 0)


if __name__ == '__main__':
    main()

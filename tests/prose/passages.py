# SPDX-License-Identifier: Apache-2.0
"""Finds the prose of a source tree: Markdown outside of code, comments, TOML strings, and C++ strings that are sentences."""
import bisect
import fnmatch
import os
import re

NOT_READ = ['.git', '.cache', '.venv', 'build*', 'node_modules', '__pycache__', 'subprojects', 'tests/data',
            'tests/fuzz/seeds', 'tests/abi/headers-*', 'tests/prose']
CPP = ('.c', '.h', '.cpp', '.hpp')
HASH = ('.py', '.sh', '.build', '.in', '.yml', 'meson_options.txt', 'Dockerfile')


class Passage:
    """Text that belongs together, and the line of each of its pieces."""

    def __init__(self):
        self.text, self.offsets, self.lines, self.flows = '', [], [], True

    def add(self, line, text, between=' '):
        if self.text:
            self.text += between
        self.offsets.append(len(self.text))
        self.lines.append(line)
        self.text += text

    def line(self, offset):
        return self.lines[max(0, bisect.bisect_right(self.offsets, offset) - 1)]


def without_code(text):
    text = re.sub(r'(`+)(?!`).+?(?<!`)\1(?!`)', 'code', text)
    return re.sub(r'\]\([^)]*\)', ']', text)


def paragraphs(lines):
    """Joins (line, column, text, follows code) into passages; an empty line, another column or a gap ends one."""
    passage, last_line, last_column = Passage(), 0, 0
    for line, column, text, follows_code in lines:
        if not text or 'SPDX-License-Identifier' in text or text.startswith('Copyright'):
            continue
        if line != last_line + 1 or follows_code or column != last_column or re.match(r'(- |\* |\d+\. )', text):
            if passage.text:
                yield passage
            passage = Passage()
            passage.flows = column >= 0
        passage.add(line, text)
        last_line, last_column = line, column
    if passage.text:
        yield passage


def markdown(content):
    lines, fence, in_list, before = [], None, False, ''
    content = re.sub(r'<!--.*?-->', lambda found: '\n' * found.group().count('\n'), content, flags=re.S)
    for number, raw in enumerate(content.split('\n'), 1):
        text = raw.strip()
        mark = re.match(r'(```+|~~~+)', text)
        if mark and (not fence or text.startswith(fence)):
            fence = None if fence else mark.group()
        elif fence or (raw.startswith('    ') and not in_list and not before):
            continue
        elif text.startswith('|'):
            for cell in without_code(text).strip('|').split('|'):
                lines.append((number, -1, cell.strip(), True))
        elif text.startswith('#'):
            lines.append((number, -1, text.lstrip('# '), True))
        else:
            lines.append((number, 0, re.sub(r'^> ?', '', text), False))
            in_list = bool(re.match(r'[-*] |\d+\. ', text)) or (in_list and raw[:1] in ('', ' '))
        before = text
    return paragraphs(lines)


def block_comment(line, text):
    return [(line + step, -1, piece.strip('* \t'), step == 0) for step, piece in enumerate(text[2:-2].split('\n'))]


def line_comments(content, mark):
    """Comments that begin with # or //: at the start of a line, or after code and blank.

    With //, also block comments that begin a line.
    """
    lines = []
    for block in re.finditer(r'(?m)^[ \t]*(/\*(?s:.*?)\*/)', content) if mark == '//' else ():
        yield from paragraphs(block_comment(content.count('\n', 0, block.start(1)) + 1, block[1]))
    for number, raw in enumerate(content.split('\n'), 1):
        found = re.search(rf'(?:^|(?<=\s)){mark}+(?!!)\s*', raw)
        if found:
            before = raw[:found.start()]
            if before.count('"') % 2 == 0 and before.count("'") % 2 == 0 and before.count('`') % 2 == 0:
                lines.append((number, found.start(), raw[found.end():].strip(), bool(before.strip())))
    yield from paragraphs(lines)


def is_sentence(text):
    return len(re.findall(r"[A-Za-z][A-Za-z'-]*", text)) >= 3 and ' ' in text and '":' not in text and '{"' not in text


def toml(content):
    # A commented key (#key = value) is an example, not prose.
    yield from line_comments(re.sub(r'(?m)^#[\w.]+ = .*$|^#\[.*\]$', '', content), '#')
    for number, raw in enumerate(content.split('\n'), 1):
        if not raw.lstrip().startswith('#'):
            for literal in re.findall(r'"((?:[^"\\]|\\.)*)"|\'([^\']*)\'', raw):
                passage = Passage()
                passage.add(number, ''.join(literal))
                if is_sentence(passage.text):
                    yield passage


TOKEN = re.compile(r'''(?P<line>//[^\n]*)|(?P<block>/\*.*?\*/)|(?:u8|[uUL])?R"(?P<mark>[^(\s]*)\((?P<raw>.*?)\)(?P=mark)"
    |(?:u8|[uUL])?"(?P<text>(?:[^"\\\n]|\\.)*)"|'(?:[^'\\\n]|\\.)+'|\w(?:[\w.]|'(?=\w))*|(?P<other>\S)''', re.S | re.X)


def cpp(content):
    newlines = [found.start() for found in re.finditer('\n', content)]
    comments, literals, adjacent = [], [], False
    for token in TOKEN.finditer(content):
        line = bisect.bisect_left(newlines, token.start()) + 1
        start = newlines[line - 2] + 1 if line > 1 else 0
        kind = token.lastgroup
        if kind == 'line':
            follows_code = bool(content[start:token.start()].strip())
            comments.append((line, token.start() - start, token.group().lstrip('/').strip(), follows_code))
        elif kind == 'block':
            comments += block_comment(line, token.group())
        elif kind == 'text' or kind == 'raw':
            if kind == 'raw':
                # Raw strings with JSON, TOML or code are data.
                text = '' if re.search(r'[{}=;]|data:', token['raw']) else token['raw']
            else:
                text = re.sub(r'\\(.)', lambda found: {'n': '\n', 't': ' ', 'r': ''}.get(found[1], found[1]), token['text'])
            if not adjacent:
                literals.append(Passage())
            literals[-1].add(line, text, '')
        adjacent = kind in ('text', 'raw') or (adjacent and kind == 'line')
    yield from paragraphs(comments)
    yield from (literal for literal in literals if is_sentence(literal.text))


def passages(path):
    name = os.path.basename(path)
    with open(path, encoding='utf-8', errors='replace') as file:
        content = file.read()
    shebang = content.split('\n', 1)[0] if content.startswith('#!') else ''
    if name.endswith('.md'):
        return markdown(content)
    if name.endswith('.toml'):
        return toml(content)
    if name.endswith(CPP):
        return cpp(content)
    if name.endswith(('.mjs', '.js')) or 'node' in shebang:
        return line_comments(content, '//')
    return line_comments(content, '#') if name.endswith(HASH) or shebang else []


def without_inline_code(text):
    """The text with inline code as one word of the same length."""
    return re.sub(r'`[^`]+`', lambda code: 'X' * len(code[0]), text)


def sentences(text):
    """A match for each sentence."""
    return re.finditer(r'\S.*?(?:[.!?]["\')*]*(?=\s+[^a-z\s]|$)|$)', text, re.S)


def sources(root, below=''):
    for name in sorted(os.listdir(os.path.join(root, below))):
        path = os.path.join(below, name)
        if any(fnmatch.fnmatchcase(path, skip) or fnmatch.fnmatchcase(name, skip) for skip in NOT_READ):
            continue
        if os.path.isdir(os.path.join(root, path)):
            yield from sources(root, path)
        elif os.path.splitext(name)[1] in ('', '.md', '.toml', '.mjs', '.js', *CPP) or name.endswith(HASH):
            yield path

#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Counts phrases that make the project's prose hard to read, and fails above a limit.

    prose.py SOURCE                           the table, then the hits of each pattern above its limit
    prose.py SOURCE --list [PATTERN] [PATH…]  FILE:LINE: PATTERN: TEXT of each hit

It reads Markdown outside of code, comments, TOML strings, and C++ string literals that are sentences.
"""
import os
import re
import signal
import sys
import tempfile

sys.dont_write_bytecode = True  # nothing is written into the source tree
from passages import passages, sentences, sources, without_inline_code

# Highest count allowed for each pattern.  Lower a limit when its count has fallen.
LIMITS = {
    'nobody': 1, 'somebody': 3, 'whoever': 0, 'who': 2, 'is none': 3, 'is no X': 1, 'says nothing': 0,
    'What begins': 5, 'Of begins': 6, 'So begins': 1, 'Else begins': 0, 'besides': 0, 'goes on': 1, 'anew': 0,
    'manners': 0, 'so many': 0, 'whole answer': 0, 'held stream': 0, 'left alone': 0, 'taken over': 0,
    'turned away': 0, 'let in': 0, 'now and then': 0, 'one that': 0, 'the rest is': 0, 'comes along': 0, 'rests': 0,
    'long sentence': 0,
}
TOTAL_LIMIT = 23


def begins_with(words):
    """Matches a sentence or a list item that begins with one of the words and is not a question."""
    return rf'(?:(?<![^\n])(?:[-*"\'(\s]|\d+\. )*(?i:{words})|(?<=[.!?:])["\')*]*\s+["\'(*]*(?:{words}))\b(?![^.!?]*\?)'


# name: (expression, advice, a fault that the self test plants)
PATTERNS = {
    'nobody': (r'(?i)\b(nobody|no one)\b', 'name the actor: no client, no plugin, no thread', 'here nobody listens to it'),
    'somebody': (r'(?i)\b(somebody|someone)\b', 'name the actor: a client, another thread', 'then somebody calls it'),
    'whoever': (r'(?i)\b(whoever|whomever)\b', 'name the actor: a client that ..., a plugin that ...', 'then whoever calls it pays'),
    'who': (r'(?i)\bwho\b', 'name the actor: client, upstream, connection, operator', 'it knows who calls it'),
    'is none': (r'(?i)\b(is|are|was|were) none\b', 'write "there is no NOUN" or "is not"', 'or null if there is none'),
    'is no X': (r'(?i)(?<!\bthere )\b(is|are|was|were) no (?!longer\b)[a-z]', 'write "is not a NOUN"', 'this file is no plugin'),
    'says nothing': (r"(?i)\b(says? nothing|(is|are) not there)\b", 'write what is missing or not set', 'its header says nothing of it'),
    'What begins': (begins_with('What|Whatever|Whose'), 'begin with the noun that acts', 'What is left is dropped'),
    'Of begins': (begins_with('Of'), 'begin with the noun that acts', 'Of a request the head is kept'),
    'So begins': (begins_with('So'), 'begin with the noun that acts; give the reason with "because"', 'So the loop ends here'),
    'Else begins': (begins_with('Else'), 'write "Otherwise" or name the condition', 'Else the loop ends here'),
    'besides': (r'(?i)\bbesides?\b', 'write "next to", "also", "in addition"', 'it keeps a copy besides'),
    'goes on': (r'(?i)\b(go|goes|going|gone|went) on\b', 'write "continues", or what happens next', 'then the request goes on'),
    'anew': (r'(?i)\banew\b', 'write "again" or "new"', 'then it is read anew'),
    'manners': (r'(?i)\bmanners\b', 'write "capabilities", "wire format", "behaviour"', 'it has the manners of a model'),
    'so many': (r'(?i)\bso (many|long|much)\b(?![^.;]*\bthat\b)', 'give the number, or write "as long as"', 'it may hold so many requests'),
    'whole answer': (r'(?i)\bwhole answers?\b|\banswer(s|ed)? whole\b|\bwhole (and|or) streamed\b|\bstreamed (and|or) whole\b'
                     r'|\bstreamed answers?\b', 'write "streaming" and "non-streaming response"', 'for a whole answer it waits'),
    'held stream': (r'(?i)\bheld streams?\b|\bstreams? (is|are) held\b', 'write "paused stream" or "buffered stream"',
                    'the end of a held stream'),
    'left alone': (r'(?i)\b(left|leaves?|leaving) (\w+ )?alone\b', 'write "skipped", "not changed"', 'then it is left alone'),
    'taken over': (r'(?i)\b(take|takes|taken|taking|took) over\b', 'write "applied", "copied", "owned by"', 'the file is taken over'),
    'turned away': (r'(?i)\bturn(s|ed|ing)? (\w+ )?away\b', 'write "rejected"', 'then it is turned away'),
    'let in': (r'(?i)\b(lets?|letting) (\w+ ){0,3}in\b', 'write "accepts", "admits"', 'it lets the client in'),
    'now and then': (r'(?i)\bnow and then\b', 'give the interval', 'it asks now and then'),
    'one that': (r'(?i)\bones? that\b', 'repeat the noun', 'it drops one that fails'),
    'the rest is': (r'(?i)\bthe rest (is|are|was|were)\b', 'name the remaining things', 'then the rest is dropped'),
    'comes along': (r'(?i)\b(comes?|came|coming) along\b', 'name what arrives', 'then a request comes along'),
    'rests': (r'(?i)\b(rests|rested|resting)\b', 'write "open" (circuit breaker) or "ejected" (endpoint)', 'an endpoint rests then'),
}
PATTERNS = {name: (re.compile(expression), *others) for name, (expression, *others) in PATTERNS.items()}


# Pages in which no sentence may have more than MOST_WORDS.
PAGES = ['README.md', 'core/OPERATIONS.md']
MOST_WORDS = 35
LONG = 'long sentence'


def hits(root):
    """Each (file, line, pattern, text around the hit)."""
    for path in sources(root):
        for passage in passages(os.path.join(root, path)):
            text = without_inline_code(passage.text)
            for name, (expression, *_) in PATTERNS.items():
                for found in expression.finditer(text):
                    around = passage.text[max(0, found.start() - 50):found.end() + 50]
                    yield path, passage.line(found.end() - 1), name, ' '.join(around.split())
            if path in PAGES and passage.flows:  # not a table's cell, not a heading
                for found in sentences(text):
                    if len(found[0].split()) > MOST_WORDS:
                        yield path, passage.line(found.start()), LONG, ' '.join(passage.text[found.start():found.end()].split())


def print_sentence_lengths(root):
    """Counts the running text of Markdown: no headings, no tables."""
    lengths = {}
    for path in sources(root):
        if path.endswith('.md'):
            counts = [len(found[0].split()) for passage in passages(os.path.join(root, path)) if passage.flows
                      for found in sentences(without_inline_code(passage.text))]
            lengths.setdefault('all Markdown', []).extend(counts)
            if path in PAGES:
                lengths[path] = counts
    print(f'\n{"page":20}{"sentences":>10}{"mean words":>12}{"over 25":>9}{"longest":>9}')
    for page, counts in sorted(lengths.items()):
        if counts:
            share = sum(count > 25 for count in counts) / len(counts)
            print(f'{page:20}{len(counts):10}{sum(counts) / len(counts):12.1f}{share:9.0%}{max(counts):9}')


PLANT = {
    'page.md': 'A heading of it\n\n{}.\n',
    'comment.toml': 'key = 1\n\n# {}.\n',
    'string.toml': '\n\nkey = "{}"\n',
    'comment.hpp': 'int a;\n\n// {}.\n',
    'block.h': '\n\n/* {}. */\n',
    'literal.cpp': "auto n = 1'000;\n\nTEST_CASE(\"{}\") {{}}\n",
    'script.sh': '#!/bin/sh\n\n# {}.\n',
    'program': '#!/usr/bin/env node\n\nf(); // {}.\n',
    'test.mjs': '\n\n// {}.\n',
    'block.mjs': 'const a = 1;\n/* It is.\n   {}. */\n',
    '.github/page.md': '- A list.\n\n- {}.\n',
    'meson.build': '\n\n# {}.\n',
    'program.py': '\n\n# {}.\n',
}
INNOCENT = {
    'page.md': '```\nnobody is none\n```\nSee `nobody` for it. There is no key. It is no longer read. It is so long that it is cut.\n',
    'code.cpp': '// SPDX-License-Identifier: who\nint nobody = who; auto a = "nobody"; auto b = R"({"a": "so who is it"})"; // that\n',
    'tests/data/page.md': 'So nobody is it.\n', 'build-it/page.md': 'So nobody is it.\n',
    'question.cpp': 'auto a = "What is the weather in Oslo?";\n',
}


def self_test():
    """Each pattern is found in each kind of file, so that silence means something."""
    def expect(files, wanted):
        with tempfile.TemporaryDirectory() as root:
            for name, content in files.items():
                os.makedirs(os.path.dirname(os.path.join(root, name)), exist_ok=True)
                with open(os.path.join(root, name), 'w', encoding='utf-8') as file:
                    file.write(content)
            found = sorted({hit[:3] for hit in hits(root)})
        if found != sorted(wanted):
            sys.exit(f'self test: {list(files)}: found {found}, not {wanted}')

    for name, (_, _, fault) in PATTERNS.items():
        expect({file: content.format(fault) for file, content in PLANT.items()}, [(file, 3, name) for file in PLANT])
        broken = fault.replace(' ', ' "\n "')
        last = [found.end() for found in PATTERNS[name][0].finditer(fault)][-1]
        expect({'broken.cpp': f'f("{broken}");\n'}, [('broken.cpp', 1 + fault[:last].count(' '), name)])
        expect({'wrapped.md': fault.replace(' ', '\n') + '\n'}, [('wrapped.md', 1 + fault[:last].count(' '), name)])
    expect(INNOCENT, [])
    words = ' '.join(['Word'] * MOST_WORDS)
    expect({'README.md': f'It is. {words}.\n\n| {words} {words} |\n'}, [])
    expect({'README.md': f'It is.\nA {words}.\n'}, [('README.md', 2, LONG)])


def main(root, arguments):
    found = list(hits(root))
    if arguments[:1] == ['--list']:
        names = [name for name in arguments[1:2] if name in PATTERNS or name == LONG]
        below = [os.path.relpath(path, root) if os.path.isabs(path) else os.path.normpath(path)
                 for path in arguments[1 + len(names):]]
        for path in below:
            if not os.path.exists(os.path.join(root, path)):
                sys.exit(f'{path}: neither a pattern nor a path below {root}')
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)
        for path, line, name, text in found:
            if (not names or name in names) and (not below or any(
                    top in ('.', path) or path.startswith(top + '/') for top in below)):
                print(f'{path}:{line}: {name}: {text}')
        return 0
    self_test()
    counts = {name: [hit for hit in found if hit[2] == name] for name in [*PATTERNS, LONG]}
    print(f'{"pattern":20}{"count":>6}{"limit":>7}')
    for name, matching in counts.items():
        hint = '  the limit can be lowered' if len(matching) < 0.8 * LIMITS[name] else ''
        print(f'{name:20}{len(matching):6}{LIMITS[name]:7}{hint}')
    print(f'{"total":20}{len(found):6}{TOTAL_LIMIT:7}')
    print_sentence_lengths(root)
    failed = [name for name in counts if len(counts[name]) > LIMITS[name]]
    for name in failed:
        advice = PATTERNS[name][1] if name in PATTERNS else f'at most {MOST_WORDS} words: one fact a sentence'
        print(f'\n{name}: {len(counts[name])}, above its limit of {LIMITS[name]}; {advice}', file=sys.stderr)
        for path, line, _, text in counts[name][:20]:
            print(f'  {path}:{line}: {text}', file=sys.stderr)
    if len(found) > TOTAL_LIMIT:
        print(f'\ntotal: {len(found)}, above its limit of {TOTAL_LIMIT}', file=sys.stderr)
    return 1 if failed or len(found) > TOTAL_LIMIT else 0


if __name__ == '__main__':
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    sys.exit(main(sys.argv[1], sys.argv[2:]))

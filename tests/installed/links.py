#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Finds relative links of installed documents to files that are not installed.

    links.py BUILD

It reads the install plan that meson has written in BUILD, so nothing is built or installed.
"""
import json
import os
import pathlib
import re
import subprocess
import sys

LINK = re.compile(r'\[[^\]\n]*\]\((?P<target>[^)\s#]+)(?:#[^)\s]*)?\)')
EXAMPLE = re.compile(r'`(?P<folder>plugins/[a-z]+/[a-z_/]+)`')
DATA = '{datadir}/gatehouse'


def installed_files(plan):
    """The source of each installed file, by its destination."""
    found = {}
    for kind in plan.values():
        for source, entry in kind.items():
            destination = entry['destination']
            if not os.path.isdir(source):
                found[destination] = source
            for folder, _, names in os.walk(source):
                for name in names:
                    path = os.path.join(folder, name)
                    found.setdefault(os.path.normpath(os.path.join(destination, os.path.relpath(path, source))), path)
    return found


def without_code(text):
    """Markdown without fenced code and code spans."""
    text = re.sub(r'(?ms)^[ \t]*(```|~~~).*?^[ \t]*\1', '', text)
    return re.sub(r'`[^`\n]+`', '', text)


def dead_links(files):
    """Lines about the links whose target is neither an installed file nor a folder with installed files."""
    places = set(files)
    for file in files:
        while file := os.path.dirname(file):
            places.add(file)
    for destination, source in sorted(files.items()):
        if not destination.endswith('.md'):
            continue
        text = pathlib.Path(source).read_text('utf-8')
        for link in LINK.finditer(without_code(text)):
            target = link['target']
            place = os.path.normpath(os.path.join(os.path.dirname(destination), target))
            if not re.match(r'[a-z]+:', target) and place not in places:
                yield f'{destination}: the link to {target} is dead: {place} is not installed'
        for example in EXAMPLE.finditer(text):
            folder = f'{DATA}/{example["folder"]}'
            if destination.startswith(f'{DATA}/sdk/') and not any(
                    file.startswith(folder + '/') and file.endswith(('.cpp', '.c')) for file in files):
                yield f'{destination}: the sources of the example {example["folder"]} are not installed'


def self_test(files):
    """A file that is taken away is missed by the documents that link to it."""
    for gone, expected in ((f'{DATA}/core/OPERATIONS.md', 'sdk/README.md: the link to ../core/OPERATIONS.md is dead'),
                           (f'{DATA}/plugins/hook/guardrail/guardrail.cpp', 'the sources of the example plugins/hook/guardrail')):
        rest = {place: source for place, source in files.items() if place != gone}
        if len(rest) == len(files) or not any(expected in line for line in dead_links(rest)):
            return f'the check does not notice that {gone} is missing'
    return None


def main():
    plan = json.loads(subprocess.run(['meson', 'introspect', '--install-plan', sys.argv[1]], check=True,
                                     stdout=subprocess.PIPE).stdout)
    files = installed_files(plan)
    faults = list(dead_links(files)) or [fault for fault in (self_test(files),) if fault]
    print('\n'.join(faults) or f'all links of {sum(file.endswith(".md") for file in files)} installed documents resolve')
    return 1 if faults else 0


if __name__ == '__main__':
    sys.exit(main())

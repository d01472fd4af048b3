#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes the manual pages and the completions of the program that has just been built.

    write.py PROGRAM VERSION SOURCES FOLDER

PROGRAM is run for its help and its schema, so its plugins must be built.  SOURCES is this folder, with the templates of the pages.
"""
import pathlib
import sys

sys.dont_write_bytecode = True  # nothing is written into the source tree
import completions
import man_pages
import program


def main():
    binary, version, sources, folder = sys.argv[1:]
    sources, folder = pathlib.Path(sources), pathlib.Path(folder)
    commands, schema = program.read_commands(binary), program.read_schema(binary)
    words = program.read_words(schema, sources.resolve().parents[2] / 'config')
    template = {page: (sources / f'{page}.in').read_text('utf-8') for page in ('gatehouse.1', 'gatehouse.toml.5')}
    for name, text in {
            'gatehouse.1': man_pages.program_page(template['gatehouse.1'], commands, version),
            'gatehouse.toml.5': man_pages.configuration_page(template['gatehouse.toml.5'], schema, version),
            'gatehouse': completions.bash(commands, words),
            '_gatehouse': completions.zsh(commands, words),
            'gatehouse.fish': completions.fish(commands, words)}.items():
        (folder / name).write_text(text, 'utf-8')


if __name__ == '__main__':
    main()

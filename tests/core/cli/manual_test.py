#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Each command, option and key of the program stands in its manual pages, and each command and option in each completion.

    manual_test.py GATEHOUSE FOLDER

FOLDER holds the pages and completions that the build has written.
"""
import os
import pathlib
import re
import shutil
import subprocess
import sys

ENVIRONMENT = dict(os.environ, ASAN_OPTIONS='detect_leaks=0')
COMMAND = re.compile(r'^ {2}(?P<name>[a-z][a-z-]*)(?: |$)', re.M)
OPTION = re.compile(r'^ {2}(?P<names>-[-\w,]+)', re.M)
KEY = re.compile(r'^ {2,}(?P<name>[a-z]\w*) {2,}(?:boolean|integer|number|string|list of|table)', re.M)


def output(*arguments, **more):
    return subprocess.run(arguments, check=True, stdout=subprocess.PIPE, env=ENVIRONMENT, **more).stdout.decode()


def read_options(program):
    """The options of each command, from the command's own help."""
    top = output(program, '--help')
    names = COMMAND.findall(top.split('Subcommands:')[1])
    return {name: [option for names in OPTION.findall(output(program, name, '--help')) for option in names.split(',')
                   if option != '--help-all'] for name in names}


def read_keys(program):
    """The keys of each table of the core and of each plugin."""
    for line in re.findall(r'^ +\[(.+?)\] +(.*)$', output(program, 'explain'), re.M):
        path, rest = line
        for arguments in ([path.split('.')[0], name] for name in rest.split(', ')) if path.endswith('.NAME') else [[path]]:
            if rest != 'no plugin found':
                yield ' '.join(arguments), set(KEY.findall(output(program, 'explain', *arguments)))


def page_text(page):
    """The text of a page without fonts and escapes."""
    return re.sub(r'\\f[BIR]', '', page).replace('\\-', '-').replace('\\&', '')


def missing_in_page(page, options):
    for name, wanted in options.items():
        part = re.search(rf'^\.SS "{name}"\n(.*?)(?=^\.S[SH] )', page, re.M | re.S)
        if not part:
            yield f'gatehouse.1 lacks the command {name}'
            continue
        for option in wanted:
            if option not in ('-h', '--help') and not re.search(rf'(?<![-\w]){option}(?![-\w])', part[1]):
                yield f'gatehouse.1 lacks {option} of {name}'


def missing_in_completions(texts, options):
    for name, wanted in options.items():
        lines = {
            'gatehouse': re.findall(rf'^ +{name}\) options="(.*)"', texts['gatehouse'], re.M),
            '_gatehouse': re.findall(rf'^ +{name}\) (_arguments .*?) ;;$', texts['_gatehouse'], re.M | re.S),
            'gatehouse.fish': re.findall(rf"seen_subcommand_from {name}' (.*)$", texts['gatehouse.fish'], re.M)}
        for shell, found in lines.items():
            text = ' ' + re.sub(r"'?[{},()\[]", ' ', ' '.join(found)) + ' '
            if shell == 'gatehouse.fish':
                text = re.sub(r' -l (\S+)', r' --\1 ', re.sub(r' -s (\w)', r' -\1 ', text))
            for option in wanted:
                if not re.search(rf"[ '*]{option} ", text):
                    yield f'{shell} lacks {option} of {name}'


def missing_keys(page, keys):
    present = set(re.findall(r'^(\w+) \(', page, re.M))
    for table, names in keys:
        if not names:
            yield f'explain {table} shows no keys'
        for name in sorted(names - present):
            yield f'gatehouse.toml.5 lacks {name} of {table}'


def completed(folder, line):
    """The words with which bash completes a line whose end is the cursor."""
    words = line.split(' ')
    script = f'. "{folder}/gatehouse"; COMP_WORDS=({" ".join(repr(word) for word in words)}); COMP_CWORD={len(words) - 1}; ' \
        '_gatehouse; printf "%s\\n" "${COMPREPLY[@]}"'
    return output('bash', '-c', script).split()


def wrong_in_bash(program, folder):
    os.environ['PATH'] = ENVIRONMENT['PATH'] = f'{os.path.dirname(program)}:{os.environ["PATH"]}'
    for line, wanted in {'gatehouse che': ['check'], 'gatehouse check --li': ['--live'], 'gatehouse explain mapp': ['mapper'],
                         'gatehouse explain mapper ta': ['table'], 'gatehouse explain --path x mapper ta': ['table'],
                         'gatehouse new-plugin dia': ['dialect'], 'gatehouse init de': ['demo'], 'gatehouse hash-key x': []}.items():
        if (found := completed(folder, line)) != wanted:
            yield f'bash completes "{line}" by {found}, not {wanted}'


def wrong_for_others(folder):
    """The complaints of the programs that will read the files, if they are installed."""
    for command in (['zsh', '-n', '_gatehouse'], ['fish', '-n', 'gatehouse.fish'], ['bash', '-n', 'gatehouse'],
                    ['groff', '-man', '-Kutf8', '-ww', '-z', 'gatehouse.1'], ['groff', '-man', '-Kutf8', '-ww', '-z', 'gatehouse.toml.5']):
        if shutil.which(command[0]):
            run = subprocess.run(command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
            if run.returncode or run.stdout:
                yield f'{" ".join(command)}: {run.stdout.decode().strip()}'


def self_test(page, texts, options, keys):
    """Omissions are noticed, so that silence means something."""
    planted = {**options, 'check': [*options['check'], '--frob'], 'frobnicate': []}
    found = [*missing_in_page(page, planted), *missing_in_completions(texts, planted), *missing_keys(page, [('x', {'frob'})])]
    if len(found) != 6 or not keys:
        yield f'the check does not notice an omission: {found}'


def main():
    program, folder = os.path.abspath(sys.argv[1]), pathlib.Path(sys.argv[2])
    options, keys = read_options(program), list(read_keys(program))
    page = page_text((folder / 'gatehouse.1').read_text('utf-8'))
    configuration = page_text((folder / 'gatehouse.toml.5').read_text('utf-8'))
    texts = {name: (folder / name).read_text('utf-8') for name in ('gatehouse', '_gatehouse', 'gatehouse.fish')}
    faults = [*missing_in_page(page, options), *missing_in_completions(texts, options), *missing_keys(configuration, keys),
              *self_test(page, texts, options, keys), *wrong_in_bash(program, folder), *wrong_for_others(folder)]
    count = sum(len(names) for _, names in keys)
    print('\n'.join(faults) or f'{len(options)} commands, {sum(map(len, options.values()))} options and {count} keys stand in the pages')
    return 1 if faults else 0


if __name__ == '__main__':
    sys.exit(main())

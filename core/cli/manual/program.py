# SPDX-License-Identifier: Apache-2.0
"""Reads the commands and options of the program from its help, and the keys of the configuration from its schema."""
import dataclasses
import json
import os
import re
import subprocess

ENTRY = re.compile(r'^ {2,4}(?P<head>\S.*?)(?: {2,}(?P<doc>\S.*))?$')
MORE = re.compile(r'^ {20,}(?P<doc>\S.*)$')
ENVIRONMENT = re.compile(r'\(Env:(?P<name>\w+)\)')


@dataclasses.dataclass
class Argument:
    """An option with its names, or a positional argument whose only name is its place holder."""
    names: list
    value: str = ''  # the place holder of the option's value; empty for a flag
    required: bool = False
    repeated: bool = False
    variable: str = ''  # the environment variable that replaces the option
    doc: str = ''


@dataclasses.dataclass
class Command:
    name: str
    doc: str = ''
    positionals: list = dataclasses.field(default_factory=list)
    options: list = dataclasses.field(default_factory=list)


@dataclasses.dataclass
class Words:
    """The words that positional arguments may be."""
    tables: list
    kinds: list
    backends: list
    clients: list


HELP = Argument(['-h', '--help'], doc='Print this help message and exit')


def output(program, *arguments):
    """The output of the program.  A sanitizer's search for leaks is not its task here."""
    environment = dict(os.environ, ASAN_OPTIONS='detect_leaks=0', COLUMNS='100')
    return subprocess.run([program, *arguments], check=True, stdout=subprocess.PIPE, env=environment).stdout.decode()


def argument(head, doc):
    names, _, rest = head.partition(' ')
    found = Argument(names.split(','), doc=doc or '')
    if variable := ENVIRONMENT.search(rest):
        found.variable = variable['name']
        rest = ENVIRONMENT.sub('', rest)
    rest = re.sub(r'(Excludes|Needs): [-\w, ]+', '', rest)
    found.required = 'REQUIRED' in rest
    found.repeated = '...' in rest
    words = [word for word in rest.split() if word not in ('REQUIRED', '...')]
    found.value = words[0].split(':')[0] if words else ''
    return found


def read_commands(program):
    """The program itself, whose name is empty, and its commands, in the order of the help."""
    commands, section = [Command('')], ''
    for line in output(program, '--help-all').splitlines():
        if re.fullmatch(r'[a-z][a-z-]*', line):
            commands.append(Command(line))
            section = 'doc'
        elif heading := re.fullmatch(r' *(Options|Positionals|Subcommands):', line):
            section = heading[1]
        elif section in ('Options', 'Positionals') and line.strip():
            place = commands[-1].options if section == 'Options' else commands[-1].positionals
            if more := MORE.match(line):
                place[-1].doc = f'{place[-1].doc} {more["doc"]}'.strip()
            elif entry := ENTRY.match(line):
                place.append(argument(entry['head'], entry['doc']))
        elif section == 'doc' and line.strip():
            commands[-1].doc = f'{commands[-1].doc} {line.strip()}'.strip()
    for command in commands[1:]:
        if not any('--help' in option.names for option in command.options):
            command.options.insert(0, HELP)
    return commands


def read_schema(program):
    return json.loads(output(program, 'schema'))


def kinds(schema):
    """The kinds of plugins: tables whose entries the user names."""
    return [name for name, table in schema['properties'].items() if 'propertyNames' in table]


def core_tables(schema):
    """Each table of the core by its path, such as server.tls, in the order of the schema."""
    found = {}
    for name, table in schema['properties'].items():
        if 'propertyNames' in table:
            continue
        inner = {key: value for key, value in table['properties'].items() if is_core_table(value)}
        keys = {key: value for key, value in table['properties'].items() if key not in inner}
        found[name] = {**table, 'properties': keys}
        for key, value in inner.items():
            found[f'{name}.{key}'] = value
    return found


def is_core_table(value):
    return value.get('type') == 'object' and 'properties' in value and 'default' not in value


def read_words(schema, examples):
    """`examples` is the folder with those of the configuration."""
    names = {suffix: sorted(file.name[:-len(suffix)] for file in (examples / folder).glob(f'*{suffix}'))
             for folder, suffix in (('init', '.toml.in'), ('connect', '.json'))}
    return Words(list(core_tables(schema)), kinds(schema), [name for name in names['.toml.in'] if name != 'common'], names['.json'])

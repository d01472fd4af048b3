# SPDX-License-Identifier: Apache-2.0
"""The manual pages gatehouse(1), from the help, and gatehouse.toml(5), from the declared keys."""
import json
import re

import program
from roff import bold, escaped, italic, lines, section, subsection, tagged


def usage(command):
    """The command with its arguments, in one line."""
    words = [bold(f'gatehouse {command.name}'.strip())]
    for option in command.options:
        if option is program.HELP or '--version' in option.names or '--help-all' in option.names or '--help' in option.names:
            continue
        word = bold(option.names[0]) + (f' {italic(option.value)}' if option.value else '')
        word = word if option.required else f'[{word}]'
        words.append(word + ('...' if option.repeated else ''))
    for place in command.positionals:
        words.append(italic(place.names[0].upper()) if place.required else f'[{italic(place.names[0].upper())}]')
    return ' '.join(words)


def option_tag(option):
    names = ', '.join(bold(name) for name in option.names)
    return names + (f' {italic(option.value)}' if option.value else '')


def option_doc(option):
    """The sentence of the help, and the facts that the help has in brackets."""
    doc = option.doc.rstrip('.') + '.'
    if option.repeated and 'repeated' not in doc:
        doc += ' May be repeated.'
    if option.variable:
        doc += f' The environment variable {option.variable} replaces this option.'
    elif option.required:
        doc += ' Required.'
    return doc


def synopsis(commands):
    out = []
    for command in commands[1:]:
        out += [usage(command), '.br']
    return out[:-1]


def command_sections(commands):
    out = []
    for command in commands[1:]:
        out += subsection(command.name) + [usage(command), '.PP'] + lines(command.doc.rstrip('.') + '.')
        for place in command.positionals:
            out += tagged(italic(place.names[0].upper()), option_doc(place))
        for option in command.options:
            if '--help' not in option.names:
                out += tagged(option_tag(option), option_doc(option))
    return out


def variables(commands):
    """The environment variables of options."""
    used = {}
    for command in commands[1:]:
        for option in command.options:
            if option.variable:
                used.setdefault(option.variable, (option.names[-1], []))[1].append(command.name)
    out = []
    for name, (option, names) in used.items():
        out += tagged(bold(name), f'Replaces {option} of {", ".join(names)}.')
    return out


def type_of(key):
    """A few words for the type of a key."""
    if 'anyOf' in key:
        kinds = [type_of(choice) for choice in key['anyOf'] if 'type' in choice]
        if any('enum' in choice or 'pattern' in choice for choice in key['anyOf']):
            return 'string'
        return ' or '.join(kinds) or 'string'
    if key.get('type') == 'array':
        return 'list of tables' if key['items'].get('type') == 'object' else 'list of strings'
    if key.get('type') == 'object':
        return 'table' if 'properties' in key else 'table of entries'
    return key.get('type', 'string')


def words_of(key):
    return [word for choice in key.get('anyOf', []) for word in choice.get('enum', [])]


def facts(key, required):
    """Type, default and range, in brackets behind the name of a key."""
    parts = [type_of(key)]
    if required:
        parts.append('required')
    elif 'default' in key:
        parts.append(f'default {json.dumps(key["default"], ensure_ascii=False)}')
    if 'minimum' in key and 'maximum' in key:
        parts.append(f'{key["minimum"]} to {key["maximum"]}')
    elif 'minimum' in key:
        parts.append(f'at least {key["minimum"]}')
    elif 'maximum' in key:
        parts.append(f'at most {key["maximum"]}')
    return ', '.join(parts)


def inner_objects(key):
    """The tables that a key may hold."""
    choices = [key] + key.get('anyOf', [])
    for choice in choices:
        if choice.get('type') == 'array' and choice['items'].get('type') == 'object':
            yield choice['items']
        elif choice.get('type') == 'object' and 'properties' in choice:
            yield choice
        elif choice.get('type') == 'object' and isinstance(choice.get('additionalProperties'), dict):
            if 'properties' in choice['additionalProperties']:
                yield choice['additionalProperties']


def key_lines(properties, required):
    out = []
    for name, key in properties.items():
        doc = key.get('description', '')
        if words := words_of(key):
            doc += f' One of {", ".join(json.dumps(word) for word in words)}.'
        out += ['.TP', f'{bold(name)} ({escaped(facts(key, name in required))})'] + (lines(doc) or ['\\&'])
        for inner in inner_objects(key):
            out += ['.RS'] + key_lines(inner['properties'], inner.get('required', [])) + ['.RE']
    return out


def common_keys(plugins):
    """The names of the first keys, which all plugins of a kind share."""
    if len(plugins) == 1:
        return ['use']
    names = []
    for column in zip(*(plugin['properties'].items() for plugin in plugins)):
        if len({name for name, _ in column}) != 1 or len({key.get('description') for _, key in column}) != 1:
            break
        names.append(column[0][0])
    return names


def table_sections(schema):
    out = section('TABLES OF THE CORE')
    for path, table in program.core_tables(schema).items():
        out += subsection(f'[{path}]') + lines(table.get('description', ''))
        out += key_lines(table['properties'], table.get('required', []))
    for kind in program.kinds(schema):
        plugins = {name.split('.', 1)[1]: plugin for name, plugin in schema['definitions'].items() if name.startswith(f'{kind}.')}
        out += section(f'[{kind.upper()}.NAME]') + lines(schema['properties'][kind]['description'])
        if not plugins:
            continue
        common = common_keys(list(plugins.values()))
        first = next(iter(plugins.values()))
        shared = {name: first['properties'][name] for name in common}
        use = schema['properties'][kind]['additionalProperties']['properties']['use']
        out += key_lines({**shared, 'use': {**use, 'anyOf': [{'enum': list(plugins)}]}}, ['use'])
        for name, plugin in plugins.items():
            own = {key: value for key, value in plugin['properties'].items() if key not in common}
            out += subsection(f'use = "{name}"')
            out += key_lines(own, plugin.get('required', [])) if own else lines('This plugin has no keys of its own.')
    return out


def filled(template, values):
    """The template, in which each line @NAME@ becomes several lines, and each @NAME@ in a line becomes a text."""
    out = []
    for line in template.splitlines():
        if line.startswith('.\\"'):
            continue
        whole = re.fullmatch(r'@(\w+)@', line)
        if whole and isinstance(values[whole[1]], list):
            out += values[whole[1]]
        else:
            out.append(re.sub(r'@(\w+)@', lambda found: values[found[1]], line))
    return '\n'.join(out) + '\n'


def program_page(template, commands, version):
    return filled(template, {'VERSION': escaped(version), 'SYNOPSIS': synopsis(commands), 'COMMANDS': command_sections(commands),
                             'VARIABLES': variables(commands)})


def configuration_page(template, schema, version):
    return filled(template, {'VERSION': escaped(version), 'TABLES': table_sections(schema)})

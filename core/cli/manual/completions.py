# SPDX-License-Identifier: Apache-2.0
"""Completions for bash, zsh and fish."""
FOLDERS = ('DIR', 'FOLDER')
FILES = ('FILE', 'FILE.so')


def words_of(command, place, words):
    """The words of a positional argument: a list, 'plugins' for those of the kind before it, 'files', or None."""
    known = {('explain', 'kind'): words.tables + words.kinds, ('explain', 'name'): 'plugins', ('new-plugin', 'kind'): words.kinds,
             ('init', 'backend'): words.backends, ('connect', 'client'): words.clients}
    return known.get((command.name, place.names[0]), 'files' if place.value in FILES else None)


def with_value(command):
    return [option for option in command.options if option.value]


# --- bash

BASH = r'''# SPDX-License-Identifier: Apache-2.0
# bash completion for gatehouse(1).

_gatehouse_plugins() {
    gatehouse explain "$1" 2>/dev/null | sed -n 's/^ *\[.*\] *//p' | tr -d ','
}

_gatehouse() {
    local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]} command="" options="" i
    local places=()
    COMPREPLY=()
    for ((i = 1; i < COMP_CWORD; i++)); do
        case $command:${COMP_WORDS[i]} in
            :-*) ;;
            :*) command=${COMP_WORDS[i]} ;;
@SKIPPED@            *:-*) ;;
            *) places+=("${COMP_WORDS[i]}") ;;
        esac
    done
    case $command:$previous in
@VALUES@    esac
    case $command in
@OPTIONS@    esac
    if [[ $current == -* ]]; then
        mapfile -t COMPREPLY < <(compgen -W "$options" -- "$current")
        return
    fi
    case $command:${#places[@]} in
@PLACES@    esac
}
complete -F _gatehouse gatehouse
'''


def bash(commands, known):
    skipped, values, options, places = [], [], [], []
    for command in commands:
        names = [name for option in command.options for name in option.names]
        options.append(f'        {command.name or chr(34) * 2}) options="{" ".join(names)}" ;;')
        valued = [f'{command.name}:{name}' for option in with_value(command) for name in option.names]
        if valued:
            skipped.append(f'            {" | ".join(valued)}) i=$((i + 1)) ;;')
        for option in with_value(command):
            pattern = ' | '.join(f'{command.name}:{name}' for name in option.names)
            action = 'return'
            if option.value in FOLDERS + FILES:
                kind = '-d' if option.value in FOLDERS else '-f'
                action = f'compopt -o filenames 2>/dev/null; mapfile -t COMPREPLY < <(compgen {kind} -- "$current"); return'
            values.append(f'        {pattern}) {action} ;;')
        for number, place in enumerate(command.positionals):
            words = words_of(command, place, known)
            if words is None:
                continue
            if words == 'files':
                action = 'compopt -o filenames 2>/dev/null; mapfile -t COMPREPLY < <(compgen -f -- "$current")'
            else:
                given = '$(_gatehouse_plugins "${places[0]}")' if words == 'plugins' else ' '.join(words)
                action = f'mapfile -t COMPREPLY < <(compgen -W "{given}" -- "$current")'
            places.append(f'        {command.name}:{number}) {action} ;;')
    names = ' '.join(command.name for command in commands[1:])
    places.insert(0, f'        :0) mapfile -t COMPREPLY < <(compgen -W "{names}" -- "$current") ;;')
    text = BASH
    for name, lines in (('SKIPPED', skipped), ('VALUES', values), ('OPTIONS', options), ('PLACES', places)):
        text = text.replace(f'@{name}@', ''.join(f'{line}\n' for line in lines))
    return text


# --- zsh

ZSH = r'''#compdef gatehouse
# SPDX-License-Identifier: Apache-2.0
# zsh completion for gatehouse(1).

_gatehouse_plugins() {
    local -a names
    names=(${=$(gatehouse explain "$words[2]" 2>/dev/null | sed -n 's/^ *\[.*\] *//p' | tr -d ',')})
    compadd -- $names
}

_gatehouse() {
    local context state state_descr line
    typeset -A opt_args
    _arguments -C @OPTIONS@ \
        '1:command:->command' '*::argument:->argument'
    case $state in
        command)
            local -a commands
            commands=(
@COMMANDS@            )
            _describe -t commands command commands
            ;;
        argument)
            case $words[1] in
@ARGUMENTS@            esac
            ;;
    esac
}

_gatehouse "$@"
'''


def zsh_text(text):
    """Text between single quotes, in which brackets and colons are not special."""
    for special in '\\[]:':
        text = text.replace(special, '\\' + special)
    return text.replace("'", "'\\''")


def zsh_option(option):
    action = ''
    if option.value:
        files = {True: ':_files', False: ''}[option.value in FILES]
        action = f':{zsh_text(option.value)}{":_files -/" if option.value in FOLDERS else files or ": "}'
    rest = f"'[{zsh_text(option.doc)}]{action}'"
    once = '' if option.repeated else f"'({' '.join(option.names)})'"
    if len(option.names) == 1:
        star = '*' if option.repeated else ''
        return f"'{star}{option.names[0]}[{zsh_text(option.doc)}]{action}'"
    return f"{once}{{{','.join(option.names)}}}{rest}"


def zsh_place(command, place, known):
    words = words_of(command, place, known)
    action = {'plugins': '_gatehouse_plugins', 'files': '_files', 'None': ' '}.get(str(words)) or f'({" ".join(words)})'
    return f"':{zsh_text(place.names[0])}:{action}'"


def zsh(commands, known):
    described = [f"                '{command.name}:{zsh_text(command.doc)}'" for command in commands[1:]]
    arguments = []
    for command in commands[1:]:
        parts = [zsh_option(option) for option in command.options]
        parts += [zsh_place(command, place, known) for place in command.positionals]
        arguments.append(f'                {command.name}) _arguments ' + ' \\\n                    '.join(parts) + ' ;;')
    text = ZSH.replace('@OPTIONS@', ' \\\n        '.join(zsh_option(option) for option in commands[0].options))
    for name, lines in (('COMMANDS', described), ('ARGUMENTS', arguments)):
        text = text.replace(f'@{name}@', ''.join(f'{line}\n' for line in lines))
    return text


# --- fish

FISH = r'''# SPDX-License-Identifier: Apache-2.0
# fish completion for gatehouse(1).

function __gatehouse_place --description 'Whether the command has this number of words before the current one'
    set -l words (commandline -opc)
    test "$words[2]" = "$argv[1]"; and test (count (string match -v -- '-*' $words[3..])) -eq $argv[2]
end

function __gatehouse_plugins
    set -l words (commandline -opc)
    gatehouse explain $words[3] 2>/dev/null | sed -n 's/^ *\[.*\] *//p' | tr -d ',' | tr ' ' '\n'
end

complete -c gatehouse -f
'''


def fish_text(text):
    return "'" + text.replace('\\', '\\\\').replace("'", "\\'") + "'"


def fish(commands, known):
    lines = []
    for command in commands:
        when = f"'__fish_seen_subcommand_from {command.name}'" if command.name else '__fish_use_subcommand'
        if command.name:
            lines.append(f'complete -c gatehouse -n __fish_use_subcommand -a {command.name} -d {fish_text(command.doc)}')
        for option in command.options:
            names = ' '.join(f'-l {name[2:]}' if name.startswith('--') else f'-s {name[1:]}' for name in option.names)
            value = {True: " -x -a '(__fish_complete_directories)'", False: ' -r -F' if option.value in FILES else ' -x'}[option.value in FOLDERS]
            lines.append(f'complete -c gatehouse -n {when} {names}{value if option.value else ""} -d {fish_text(option.doc)}')
        for number, place in enumerate(command.positionals):
            words = words_of(command, place, known)
            if words is None:
                continue
            given = {'plugins': " -a '(__gatehouse_plugins)'", 'files': ' -F'}.get(str(words)) or f" -a '{' '.join(words)}'"
            lines.append(f"complete -c gatehouse -n '__gatehouse_place {command.name} {number}'{given} -d {fish_text(place.doc)}")
    return FISH + '\n'.join(lines) + '\n'

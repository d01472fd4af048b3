#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A mistake of a plugin's author is one sentence of the compiler, in few lines.

usage: mistakes.py SDK_INCLUDE COMPILER [ARGUMENT...]
"""
import subprocess
import sys

include, *compiler = sys.argv[1:]
plugin = '''#include <gatehouse/sdk.hpp>
using namespace gatehouse;
struct Options {{ {member} = {{}}; }};
const Fields<Options> fields = {{optional("times", &Options::times, "How often.")}};
class Mine final : public Provider {{
public:
    Mine({parameters}) {{}}
    Result<std::unique_ptr<Exchange>> chat(const ChatRequest&) override {{ return answer("x"); }}
}};
GATEHOUSE_PLUGIN(Mine, Options, fields, "{name}", "1.0.0");
'''
right = {'member': 'std::int64_t times', 'parameters': 'Options, Host&', 'name': 'mine'}
mistakes = [
    ({'member': 'int times'}, 'an option is a bool, std::int64_t (not int)', 15),
    ({'member': 'std::vector<int> times'}, 'an option is a bool, std::int64_t (not int)', 15),
    ({'name': 'my plugin!'}, 'the name of a plugin has only letters, digits', 15),
    ({'parameters': ''}, 'the class of a plugin has a public constructor (Options, gatehouse::Host&)', 40),
    ({}, None, 0),
]
wrong = []
for change, sentence, lines in mistakes:
    done = subprocess.run([*compiler, '-std=c++20', '-fsyntax-only', '-I', include, '-x', 'c++', '-'],
                          input=plugin.format(**{**right, **change}), capture_output=True, text=True)
    said = done.stderr.replace('\\"', '"')
    if bool(done.returncode) != bool(sentence):
        wrong.append(f'{change}: the compiler ends with {done.returncode}\n{said}')
    elif sentence and sentence not in said:
        wrong.append(f'{change}: no line says "{sentence}":\n{said}')
    elif said.count('\n') > lines:
        wrong.append(f'{change}: {said.count(chr(10))} lines, more than {lines}:\n{said}')
print('\n'.join(wrong) or f'{len(mistakes)} sources give the right sentences')
sys.exit(bool(wrong))

#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The core names no provider, dialect or hook of plugins/, and no vendor.  Text that is
# specific to one of them belongs into its plugin, and examples can do without.
#     names.sh SOURCE
set -eu
source=$1
names="oci OCI Oci oracle Oracle OpenAI Anthropic cohere Cohere openclaw OpenClaw azure Azure ollama Ollama
    vllm vLLM gemini Gemini claude Claude mistral Mistral gpt GPT llama"
for folder in "$source"/plugins/provider/*/ "$source"/plugins/dialect/*/ "$source"/plugins/hook/*/; do
    name=$(basename "$folder")
    # A process is also what the core is.
    if [ "$name" != process ]; then names="$names $name"; fi
done
pattern="(^|[^[:alpha:]])($(echo $names | tr ' ' '|'))([^[:alpha:]]|\$)"

# The page on what is defended speaks of the whole project.
found() { grep -rnE --exclude=SECURITY.md "$pattern" "$1"; }

# Each name is found where it stands, so that silence means something.
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
for name in $names; do
    echo "// as my_$name does" > "$scratch/planted.hpp"
    if ! found "$scratch" > /dev/null; then
        echo "\"$name\" would not be found" >&2
        exit 1
    fi
done
echo "// the choir echoes othello" > "$scratch/planted.hpp"
if found "$scratch"; then
    echo "only whole words are names" >&2
    exit 1
fi

if found "$source/core"; then
    echo "the core names what belongs into a plugin" >&2
    exit 1
fi

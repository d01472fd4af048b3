#!/bin/sh
# Compiles every C++ block of sdk/README.md as it stands, with all warnings.
# Arguments: the README, the folder of the headers, the compiler and its options.
set -eu
readme=$1 headers=$2
shift 2
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

awk -v folder="$folder" '
    /^```cpp$/ { file = sprintf("%s/%02d.cpp", folder, ++count); line = NR; next }
    /^```$/    { if (file) close(file); file = ""; next }
    file       { if (line) printf "#line %d \"README.md\"\n", line + 1 > file; line = 0; print > file }
' "$readme"

count=0 failed=0
for block in "$folder"/*.cpp; do
    count=$((count + 1))
    "$@" -std=c++20 -Wall -Wextra -Wpedantic -Werror -Wno-unused-const-variable -fsyntax-only -I"$headers" "$block" || failed=$((failed + 1))
done
echo "$count blocks, $failed failed"
# Nine at least: an empty README must not pass.
[ "$count" -ge 9 ] && [ "$failed" -eq 0 ]

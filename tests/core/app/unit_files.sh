#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The unit files say what systemd understands, and leave the service little to harm:
# unit_files.sh GATEHOUSE SERVICE SOCKET.  Skipped where systemd is not installed.
set -eu
command -v systemd-analyze >/dev/null || exit 77
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
gatehouse=$(realpath "$1")  # systemd wants it absolute
sed "s|^ExecStart=[^ ]*|ExecStart=$gatehouse|" "$2" >"$folder/gatehouse.service"
cp "$3" "$folder/gatehouse.socket"
# It also speaks of the machine's own units; ours are what is asked about.
complaints=$(systemd-analyze verify --man=no "$folder/gatehouse.service" "$folder/gatehouse.socket" 2>&1 | grep -F gatehouse || true)
test -z "$complaints" || { echo "$complaints"; exit 1; }
# Its examples may be uncommented.
sed -i 's/^#\(LoadCredential=\|Environment=\)/\1/' "$folder/gatehouse.service"
test "$(grep -c '^LoadCredential=' "$folder/gatehouse.service")" = 2
complaints=$(systemd-analyze verify --man=no "$folder/gatehouse.service" "$folder/gatehouse.socket" 2>&1 | grep -F gatehouse || true)
test -z "$complaints" || { echo "$complaints"; exit 1; }
systemd-analyze security --offline=yes --no-pager --threshold=15 "$folder/gatehouse.service" | tail -1

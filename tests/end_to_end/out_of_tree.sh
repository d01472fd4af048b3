#!/bin/sh
# A plugin that the gateway's build knows nothing of: written by `new-plugin` of an
# installed Gatehouse, built with clang++ against it, and loaded by the installed
# gateway after one line of the TOML has changed.
#
# Usage: out_of_tree.sh BUILD_FOLDER   (built; nothing in it is built again)
# CXX chooses the plugin's compiler.  Needs meson, pkg-config, curl and python3.
set -eu
build=$1
compiler=${CXX:-clang++}
command -v "$compiler" >/dev/null || { echo "skipped: there is no $compiler"; exit 77; }

work=$(mktemp -d)
gateway_pid= backend_pid=
clean_up() {
    status=$?
    [ -z "$gateway_pid" ] || kill "$gateway_pid" 2>/dev/null || true
    [ -z "$backend_pid" ] || kill "$backend_pid" 2>/dev/null || true
    [ "$status" -eq 0 ] || tail -n 50 "$work"/*.log 2>/dev/null || true
    rm -rf "$work"
    exit "$status"
}
trap clean_up EXIT
fail() {
    echo "FAILED: $*"
    exit 1
}
# Waits until a log has a line with $2, and prints what follows it in that line.
await() {
    for _ in $(seq 3000); do
        found=$(sed -n "s/.*$2//p" "$1" 2>/dev/null | head -n 1)
        [ -z "$found" ] || { echo "$found"; return; }
        sleep 0.1
    done
    fail "no '$2' in $1"
}

# 1. Installed somewhere else than it was configured for.
meson install -C "$build" --no-rebuild --destdir "$work/installed" >"$work/install.log"
gatehouse=$(find "$work/installed" -type f -path '*/bin/gatehouse')
package=$(find "$work/installed" -name gatehouse-sdk.pc)
[ -x "$gatehouse" ] || fail "no gatehouse was installed"
[ -n "$package" ] || fail "no gatehouse-sdk.pc was installed"
grep -q '^prefix=.*pcfiledir' "$package" ||
    fail "gatehouse-sdk.pc is bound to its prefix: meson configure $build -Dpkgconfig.relocatable=true"
PKG_CONFIG_PATH=$(dirname "$package")
export PKG_CONFIG_PATH

# 2. A project, and its own steps.
"$gatehouse" new-plugin provider my_backend --folder "$work/my_backend" >"$work/new_plugin.log"
CXX=$compiler meson setup "$work/my_backend/build" "$work/my_backend" >"$work/setup.log"
ninja -C "$work/my_backend/build" >"$work/ninja.log"
meson test -C "$work/my_backend/build" >"$work/test.log" || fail "the project's own test"
strings -a "$work/my_backend/build/my_backend.so" 2>/dev/null | grep -i '^.*clang version' | head -n 1 || true

# Also by hand, as the README says.
"$compiler" -std=c++20 -O2 -fPIC -shared "$work/my_backend/my_backend.cpp" -o "$work/by_hand.so" \
    $(pkg-config --cflags --libs gatehouse-sdk) || fail "the compiler line of the README"

# The template has no findings.
"$gatehouse" plugin-check "$work/my_backend/build/my_backend.so" >"$work/plugin_check.txt" 2>&1 || true
grep -q '^0 errors, 0 warnings, 0 notes; ' "$work/plugin_check.txt" ||
    fail "plugin-check has findings: $(cat "$work/plugin_check.txt")"

# 3. A backend, and a gateway whose model does not exist yet.
cat >"$work/backend.py" <<'PYTHON'
import http.server, json, sys

class Backend(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        asked = json.loads(self.rfile.read(int(self.headers["content-length"])))
        text = "event: x\ndata: You asked %s\n\ndata:  %s\n\nevent: end\ndata: {}\n\n" % (asked["model"], asked["prompt"])
        body = text.encode()
        self.send_response(200 if self.path == "/generate" else 404)
        self.send_header("content-type", "text/event-stream")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

server = http.server.HTTPServer(("127.0.0.1", 0), Backend)
print("port=%d" % server.server_port, file=sys.stderr, flush=True)
server.serve_forever()
PYTHON
python3 "$work/backend.py" 2>"$work/backend.log" &
backend_pid=$!
backend=$(await "$work/backend.log" 'port=')

cat >"$work/gatehouse.toml" <<TOML
provider.mine = { use = "hello", greeting = "Hello" }

[server]
listen = "127.0.0.1:0"
allow_anonymous = true

[plugins]
path = ["$work/my_backend/build"]

[mapper.models]
use = "table"
unknown = "mine/*"

[dialect.openai]
use = "openai"
TOML

# Asks the gateway "small" for an answer to "now", with the configuration as it is.
answer() {
    "$gatehouse" serve -c "$work/gatehouse.toml" 2>"$work/gateway.log" &
    gateway_pid=$!
    address=$(await "$work/gateway.log" 'address=' | tr -d '"')
    curl -sS --max-time 300 "http://$address/v1/chat/completions" -H 'content-type: application/json' \
        -d '{"model":"small","messages":[{"role":"user","content":"now"}]}'
    kill "$gateway_pid"
    wait "$gateway_pid" || fail "the gateway did not end well"
    gateway_pid=
}
expect() {
    answer >"$work/answer.json"
    grep -qF "\"content\":\"$1\"" "$work/answer.json" || fail "expected \"$1\", got: $(cat "$work/answer.json")"
}

expect 'Hello, now'
# The one line:
sed -i "1s|.*|provider.mine = { use = \"my_backend\", base_url = \"http://127.0.0.1:$backend\" }|" "$work/gatehouse.toml"
expect 'You asked small now'

# 4. The plugin needs no path if it is installed in the folder of the gateway's own plugins.
meson install -C "$work/my_backend/build" --no-rebuild >"$work/install_plugin.log"
sed -i '/^path = /d' "$work/gatehouse.toml"
expect 'You asked small now'
"$gatehouse" explain provider my_backend | grep -q base_url || fail "explain does not show the plugin's keys"

# 5. The gateway reports mistakes in the plugin's keys, with the file's line.
sed -i '1s|base_url|base_ulr|' "$work/gatehouse.toml"
if "$gatehouse" check -c "$work/gatehouse.toml" >"$work/check.txt" 2>&1; then fail "a wrong key was accepted"; fi
grep -q 'gatehouse.toml:1:' "$work/check.txt" || fail "no place in: $(cat "$work/check.txt")"
grep -q 'base_url' "$work/check.txt" || fail "no advice in: $(cat "$work/check.txt")"
echo "passed"

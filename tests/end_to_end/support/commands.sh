# SPDX-License-Identifier: Apache-2.0
# The first lines of each script of commands.test.mjs.  Programs that serve run in the background, as in
# another terminal, and end with the document.  Needs SOURCE, LISTEN, TLS_PORT and HOME.
set -eEuo pipefail
exec 2>&1
declare -A servers=()

# serving COMMAND...: starts it and waits for its line "listening".  A server of the same name ends first.
serving() {
    local name=${1##*/} log
    log=$PWD/serving-${name}.log
    stop "$name"
    : > "$log"
    "$@" > "$log" 2>&1 &
    servers[$name]=$!
    until grep -q 'listening' "$log"; do
        kill -0 "${servers[$name]}" 2> /dev/null || { cat "$log" && return 1; }
        sleep 0.05
    done
}

# stop NAME: ends that server, which must end well.
stop() {
    local process=${servers[$1]:-} status=0
    unset "servers[$1]"
    [ -n "$process" ] || return 0
    kill "$process" 2> /dev/null || true
    wait "$process" || status=$?
    [ "$status" = 0 ] || { cat "serving-$1.log" && return 1; }
}

finish() {
    local status=$?
    trap - EXIT
    for name in "${!servers[@]}"; do stop "$name" || status=1; done
    exit "$status"
}
trap finish EXIT

# The environments that a document may name with <!-- run with: ... -->.
with_quickstart() {
    serving oci_emulator --listen 127.0.0.1:0 --public-key "$HOME/.oci/key.pem"
    OCI_GENAI_ENDPOINT=$(sed -n 's/^listening on //p' serving-oci_emulator.log)
    export OCI_GENAI_ENDPOINT OCI_CONFIG_FILE=$HOME/.oci/config GATEHOUSE_LISTEN=$LISTEN
    serving gatehouse serve -c "$SOURCE/config/quickstart.toml"
}

with_tls_server() {
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=localhost -keyout served.key -out served.pem 2> /dev/null
    serving openssl_server
}

openssl_server() {
    openssl s_server -accept "$TLS_PORT" -cert served.pem -key served.key -quiet &
    local server=$!
    trap 'kill $server; exit 0' TERM
    until openssl s_client -connect "127.0.0.1:$TLS_PORT" < /dev/null > /dev/null 2>&1; do sleep 0.05; done
    echo listening
    wait
}

# SPDX-License-Identifier: Apache-2.0
# Runs the image as an engine would: unpacked by umoci, with a read-only root, as its user, and without capabilities.

most_bytes=60000000

# image_command VARIABLES CONFIGURATION ARGUMENT...: sets `command` so that it runs the program of the image.  VARIABLES
# are NAME=VALUE words; CONFIGURATION is mounted over the file of the image unless it is empty.
image_command() {
    local place=$work/image-bundle/rootfs variables mounted=$2
    read -r -a variables <<< "$1"
    shift 2
    # shellcheck disable=SC2016  # the inner shell expands the names
    command=(env "MOUNTED=$mounted" unshare --mount sh -c '
        mount --bind "$0" "$0" && mount --rbind /proc "$0/proc" && mount -t tmpfs -o uid=10001,mode=700 tmpfs "$0/var/lib/gatehouse" &&
        { [ -z "$MOUNTED" ] || mount --bind "$MOUNTED" "$0/etc/gatehouse/gatehouse.toml"; } &&
        mount -o remount,bind,ro "$0" && exec env -i "$@"' "$place"
        PATH=/usr/sbin:/usr/bin:/sbin:/bin GATEHOUSE_CONFIG=/etc/gatehouse/gatehouse.toml HOME=/var/lib/gatehouse "${variables[@]}"
        setpriv --no-new-privs --inh-caps=-all --bounding-set=-all,+setuid,+setgid,+sys_chroot
        chroot --userspec=10001:10001 "$place" /usr/bin/gatehouse "$@")
}

# wait_until_healthy VARIABLES CONFIGURATION: by the command of the health check.
wait_until_healthy() {
    local tries=0
    image_command "$1" "$2" health
    until "${command[@]}" > /dev/null 2>&1; do
        tries=$((tries + 1))
        [ "$tries" -lt 100 ] || fail "the gateway of the image does not answer"
        sleep 0.2
    done
}

# test_image VERSION
test_image() {
    local command bytes port=$((20000 + $$ % 10000)) variables file=$work/mounted.toml answer gateway
    bytes=$(cat "$work"/image/blobs/sha256/* | wc -c)
    [ "$bytes" -le "$most_bytes" ] || fail "the image has $bytes bytes, more than $most_bytes"
    rm -rf "$work/image-bundle"
    umoci unpack --image "$work/image:$1" "$work/image-bundle" >> "$log" 2>&1 || fail "umoci cannot unpack the image"
    [ ! -e "$work/image-bundle/rootfs/bin/sh" ] || fail "the image has a shell"

    variables=GATEHOUSE_LISTEN=127.0.0.1:$port
    image_command "$variables" "" serve
    ! "${command[@]}" > "$work/answer" 2>&1 || fail "the gateway starts without a key for clients"
    grep -q GATEHOUSE_KEY "$work/answer" || fail "no word of GATEHOUSE_KEY: $(cat "$work/answer")"
    say "ok: without GATEHOUSE_KEY the image does not start, and names it"

    image_command "$variables GATEHOUSE_KEY=sk-image" "" serve
    "${command[@]}" >> "$log" 2>&1 &
    gateway=$!
    wait_until_healthy "$variables GATEHOUSE_KEY=sk-image" ""
    answer=$(curl --noproxy '*' -s -o "$work/answer" -w '%{http_code}' "http://127.0.0.1:$port/v1/models")
    [ "$answer" = 401 ] || fail "a request without a key gets $answer"
    kill "$gateway" && wait "$gateway" || fail "the gateway ended with an error"
    say "ok: configured by variables, its health check succeeds, a request without the key gets 401, TERM ends it"

    sed "s/127.0.0.1:8050/127.0.0.1:$port/" "$root/config/service.toml" > "$file"
    chmod 644 "$file"
    image_command "" "$file" serve
    "${command[@]}" >> "$log" 2>&1 &
    gateway=$!
    wait_until_healthy "" "$file"
    curl --noproxy '*' -s -o "$work/answer" "http://127.0.0.1:$port/v1/chat/completions" -H 'content-type: application/json' \
        -d '{"model": "hello", "messages": [{"role": "user", "content": "hello"}]}'
    grep -q '"chat.completion"' "$work/answer" || fail "no answer: $(cat "$work/answer")"
    kill "$gateway" && wait "$gateway" || fail "the gateway ended with an error"
    say "ok: with a mounted configuration it answers a chat; as user 10001, with a read-only root"
    rm -rf "$work/image-bundle" "$file" "$work/answer"
}

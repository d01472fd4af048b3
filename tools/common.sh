# SPDX-License-Identifier: Apache-2.0
# Shell functions of the commands in this folder.  Sourced, with `root` set to
# the project's folder and `log` to the log file that a failure names.

say() { printf '%s\n' "$*"; }

# fail MESSAGE: prints the message and the log file.  Exits 1.
fail() {
    printf '\n%s: %s\n' "${0##*/}" "$1" >&2
    if [ -s "${log:-}" ]; then
        printf -- '--- the end of %s\n' "$log" >&2
        tail -n 25 "$log" >&2
    fi
    exit 1
}

# missing_packages KIND...: prints the missing packages of these kinds, one per line.
missing_packages() {
    local kind package instead
    while read -r kind package instead; do
        case " $* " in *" $kind "*) ;; *) continue ;; esac
        if [ -n "$instead" ] && command -v "$instead" > /dev/null 2>&1; then continue; fi
        if [ "$(dpkg-query -W -f='${db:Status-Status}' "$package" 2> /dev/null)" = installed ]; then continue; fi
        say "$package"
    done < <(grep -v '^#' "$root/tools/packages")
}

# install_packages KIND...: installs the missing packages.  Needs no network if
# all are installed.  Without dpkg it does nothing, and the build reports missing ones.
install_packages() {
    command -v dpkg-query > /dev/null 2>&1 || return 0
    local missing as_root=()
    mapfile -t missing < <(missing_packages "$@")
    [ "${#missing[@]}" -eq 0 ] && return 0
    say "Installing: ${missing[*]}"
    if [ "$(id -u)" -ne 0 ]; then
        command -v sudo > /dev/null 2>&1 ||
            fail "these packages are missing, and there is no sudo to install them: ${missing[*]}"
        as_root=(sudo)
    fi
    "${as_root[@]}" apt-get update >> "$log" 2>&1 || say "(apt-get update failed; trying with the lists that are there)"
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "${missing[@]}" >> "$log" 2>&1 ||
        fail "apt-get could not install: ${missing[*]}"
}

# If ccache is installed, meson uses it.  It needs this to cache sources that have a precompiled header.
export CCACHE_SLOPPINESS=${CCACHE_SLOPPINESS:-pch_defines,time_macros}

# show_progress: reads the lines of ninja, adds them to the log, and prints the progress of the build.
show_progress() {
    local line step steps now last=0 start=$SECONDS
    while IFS= read -r line; do
        say "$line" >> "$log"
        [[ $line =~ ^\[([0-9]+)/([0-9]+)\] ]] || continue
        step=${BASH_REMATCH[1]} steps=${BASH_REMATCH[2]} now=$SECONDS
        if [ "$step" -eq "$steps" ] || { [ "$step" -ge 20 ] && [ $((now - last)) -ge 15 ]; }; then
            last=$now
            printf '[%3d/%d]' "$step" "$steps"
            [ "$step" -eq "$steps" ] || printf ' about %d min left' $((((now - start) * (steps - step) / step + 59) / 60))
            printf '\n'
        fi
    done
}

# build_in FOLDER [TARGET...]: builds these targets, or all, in a configured folder.  Needs pipefail.
build_in() {
    local folder=$1
    shift
    ninja -C "$folder" "$@" 2>&1 | show_progress || fail "the build failed"
}

# build_release FOLDER [TARGET...]: builds these targets, or all, without tests, as for an installation.
build_release() {
    local folder=$1
    shift
    if [ ! -f "$folder/build.ninja" ]; then
        meson setup "$folder" "$root" --buildtype=release -Dtests=false >> "$log" 2>&1 || fail "meson could not configure the build"
    fi
    build_in "$folder" "$@"
}

# get_client: installs the packages of the end-to-end tests.
get_client() {
    local folder=$root/tests/end_to_end
    if [ ! "$folder/node_modules/.package-lock.json" -nt "$folder/package-lock.json" ]; then
        (cd "$folder" && npm ci) >> "$log" 2>&1
    fi
}

# run_long FILE...: runs tests of tests/end_to_end that take too long for tools/test, with a release build.
run_long() {
    install_packages build test
    say "Building into build-release/ (the first time takes minutes) ..."
    build_release "$root/build-release"
    get_client || fail "npm ci in tests/end_to_end"
    export GATEHOUSE=$root/build-release/core/gatehouse SOURCE=$root BUILD=$root/build-release
    export OCI_EMULATOR=$root/build-release/tools/oci_emulator/oci_emulator
    local file status=0
    for file in "$@"; do node --test-reporter=tap "$root/tests/end_to_end/$file" || status=1; done
    exit "$status"
}

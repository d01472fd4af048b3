# SPDX-License-Identifier: Apache-2.0
# Tests of the Debian packages in a Debian root of its own, for tools/package.  Needs root.

# bump FOLDER TO VERSION: packages of the same content with another version, and a changed configuration file.
bump() {
    local deb folder from
    mkdir -p "$2"
    for deb in "$1"/gatehouse*_*.deb; do
        case "$deb" in *-dbgsym_*) continue ;; esac
        folder=$(mktemp -d "$work/bump-XXXXXX")
        dpkg-deb -R "$deb" "$folder"
        from=$(dpkg-deb -f "$deb" Version)
        sed -i -e "s/^Version: .*/Version: $3/" -e "s/(= $from)/(= $3)/g" "$folder/DEBIAN/control"
        if [ -f "$folder/etc/gatehouse/gatehouse.toml" ]; then
            printf '\n# Another line of the next version.\n' >> "$folder/etc/gatehouse/gatehouse.toml"
        fi
        dpkg-deb --root-owner-group -Zgzip -z1 -b "$folder" "$2" >> "$log"
        rm -rf "$folder"
    done
}

# make_root FOLDER: a Debian 12 without a compiler.  The archive of it is kept for the next test.
make_root() {
    if [ ! -f "$work/root.tar" ]; then
        say "Making a Debian root in $work/root.tar ..."
        mmdebstrap --variant=apt bookworm "$work/root.tar.new" >> "$log" 2>&1 || fail "mmdebstrap could not make a root"
        mv "$work/root.tar.new" "$work/root.tar"
    fi
    rm -rf "$1"
    mkdir -p "$1"
    tar -x -C "$1" -f "$work/root.tar"
    cp /etc/resolv.conf "$1/etc/resolv.conf"
}

# enter FOLDER COMMAND...: runs the command in the root, with processes, mounts and devices of its own.
enter() {
    local folder=$1
    shift
    # shellcheck disable=SC2016  # the inner shell expands it
    unshare --mount --pid --fork --kill-child sh -c '
        mount -t proc proc "$0/proc" && mount --rbind /dev "$0/dev" && exec chroot "$0" /usr/bin/env -i \
            PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive "$@"' "$folder" "$@"
}

# package_test [FOLDER]: FOLDER has the packages, instead of build-package/deb.
package_test() {
    local folder=${1:-$work/deb} root_folder=$work/test-root version
    install_packages package
    version=$(dpkg-deb -f "$folder"/gatehouse_*.deb Version) || fail "there are no packages in $folder; run tools/package deb"
    make_root "$root_folder"
    mkdir "$root_folder/packages"
    cp "$parts/in_root.sh" "$root_folder/packages"
    mkdir "$root_folder/packages/old"
    find "$folder" -name 'gatehouse*.deb' ! -name '*-dbgsym_*' -exec cp {} "$root_folder/packages/old" \;
    bump "$folder" "$root_folder/packages/new" "$version+next"
    enter "$root_folder" sh /packages/in_root.sh 2>> "$log" || fail "the test in the root failed"
    rm -rf "$root_folder"
}

# SPDX-License-Identifier: Apache-2.0
# The container image, for tools/package.  Its root has only libraries, certificates and the gateway: no shell and no
# package manager.  libcurl is there for upstreams behind a proxy.

# needed_packages DEB...: prints the packages that these packages need, without those of the installation.
needed_packages() {
    local deb
    for deb in "$@"; do dpkg-deb -f "$deb" Depends; done | tr ',' '\n' | awk '$1 !~ /^(adduser$|gatehouse)/ { print $1 }' | sort -u
}

# fill_root ROOT FOLDER: adds the gateway and its files to the root that mmdebstrap has made.
fill_root() {
    local place=$1 folder=$2 deb name
    for deb in "$folder"/gatehouse_*.deb "$folder"/gatehouse-plugins-*.deb; do
        case "$deb" in *-dbgsym_*) ;; *) dpkg-deb -x "$deb" "$place" ;; esac
    done
    (cd "$place/tmp" && apt-get download ca-certificates >> "$log" 2>&1 && dpkg-deb -x ca-certificates_*.deb "$place/tmp/authorities" &&
        dpkg-deb -W ca-certificates_*.deb >> "$work/image.packages") ||
        fail "the certificate authorities could not be downloaded"
    mkdir -p "$place/etc/ssl/certs"
    find "$place/tmp/authorities/usr/share/ca-certificates/mozilla" -name '*.crt' | LC_ALL=C sort | xargs cat > "$place/etc/ssl/certs/ca-certificates.crt"
    # OpenSSL looks for the bundle here.
    mkdir -p "$place/usr/lib/ssl"
    ln -sf /etc/ssl/certs/ca-certificates.crt "$place/usr/lib/ssl/cert.pem"
    for name in tmp etc/hostname etc/resolv.conf var/lib/apt var/lib/dpkg var/cache var/log etc/apt etc/logrotate.d lib/systemd usr/share/bash-completion \
        usr/share/fish usr/share/gatehouse/plugins usr/share/lintian usr/share/locale usr/share/man usr/share/zsh; do
        rm -rf "${place:?}/$name"
    done
    find "$place/usr/share/doc" ! -type d ! -name copyright -delete
    mkdir -m 1777 "$place/tmp"
    printf 'root:x:0:0::/:/sbin/nologin\ngatehouse:x:10001:10001::/var/lib/gatehouse:/sbin/nologin\n' > "$place/etc/passwd"
    printf 'root:x:0:\ngatehouse:x:10001:\n' > "$place/etc/group"
    install -m 644 "$parts/image/gatehouse.toml" "$place/etc/gatehouse/gatehouse.toml"
    install -d -o 10001 -g 10001 -m 700 "$place/var/lib/gatehouse"
}

# package_image [FOLDER]
package_image() {
    local folder=${1:-$work/deb} place=$work/image-root packages version
    install_packages package
    version=$(dpkg-deb -f "$folder"/gatehouse_*.deb Version) || fail "there are no packages in $folder; run tools/package deb"
    SOURCE_DATE_EPOCH=$(source_date)
    export SOURCE_DATE_EPOCH
    packages=$(needed_packages "$folder"/gatehouse_*.deb "$folder"/gatehouse-plugins-*.deb | paste -sd,)
    say "Making a root with $packages ..."
    rm -rf "$place"
    # shellcheck disable=SC2016  # the shell of the hook expands it
    LISTED=$work/image.packages mmdebstrap --variant=extract --include="base-files,netbase,libcurl4,$packages" \
        --extract-hook='for deb in "$1"/var/cache/apt/archives/*.deb; do dpkg-deb -W "$deb"; done > "$LISTED"' \
        bookworm "$place" >> "$log" 2>&1 || fail "mmdebstrap could not make a root"
    fill_root "$place" "$folder"
    tar -c -C "$place" --sort=name --mtime="@$SOURCE_DATE_EPOCH" --clamp-mtime --numeric-owner --format=posix \
        --pax-option=delete=atime,delete=ctime -f "$work/image.tar" .
    rm -rf "$place"
    python3 "$parts/image/layout.py" "$work/image.tar" "$work/image" "$version" "$SOURCE_DATE_EPOCH"
    rm -f "$work/image.tar"
    skopeo inspect "oci:$work/image:$version" > "$work/image.json" || fail "skopeo cannot read the image"
    . "$parts/image_test.sh"
    test_image "$version"
}

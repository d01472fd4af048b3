# SPDX-License-Identifier: Apache-2.0
# The Debian packages, for tools/package.

# version_of TREE: prints the version, which only the file meson.build holds.
version_of() { sed -n "s/^project(.* version: '\([^']*\)'.*/\1/p" "$1/meson.build"; }

# export_tree FOLDER: copies the last commit, or REVISION, there.  A tree without git, such as a source archive, is copied as it is.
export_tree() {
    if git -C "$root" rev-parse --git-dir > /dev/null 2>&1; then
        [ -z "$(git -C "$root" status --porcelain)" ] || say "Changes that are not committed are not in the packages."
        git -C "$root" archive "${REVISION:-HEAD}" | tar -x -C "$1"
    else
        tar -c -C "$root" --exclude='./build*' --exclude=node_modules . | tar -x -C "$1"
    fi
}

# source_date: prints the time of the last commit, which becomes the time of every file in the packages.
source_date() {
    if [ -n "${SOURCE_DATE_EPOCH:-}" ]; then
        say "$SOURCE_DATE_EPOCH"
    else
        git -C "$root" log -1 --format=%ct "${REVISION:-HEAD}" 2> /dev/null || stat -c %Y "$root/meson.build"
    fi
}

# prepare_source FOLDER: exports the tree there and adds the folder debian.
prepare_source() {
    export_tree "$1"
    cp -r "$1/tools/packaging/debian" "$1/debian"
    cat > "$1/debian/changelog" << END
gatehouse ($(version_of "$1")) bookworm; urgency=medium

  * /usr/share/gatehouse/CHANGELOG.md describes this version.

 -- $(sed -n 's/^Maintainer: //p' "$1/debian/control")  $(LC_ALL=C date -R -u -d "@$SOURCE_DATE_EPOCH")
END
}

# build_debs SOURCE: leaves the packages next to the folder SOURCE.
build_debs() {
    (cd "$1" && DEB_BUILD_OPTIONS="nocheck parallel=${JOBS:-$(nproc)} ${DEB_BUILD_OPTIONS:-}" dpkg-buildpackage --build=binary --no-sign 2>&1) | show_progress ||
        fail "dpkg-buildpackage failed"
}

# package_deb [FOLDER]
package_deb() {
    local folder=${1:-$work/deb} source
    install_packages build package
    SOURCE_DATE_EPOCH=$(source_date)
    export SOURCE_DATE_EPOCH
    source=$work/source
    rm -rf "$source"
    mkdir -p "$source/gatehouse"
    prepare_source "$source/gatehouse"
    say "Building the packages of version $(version_of "$source/gatehouse") in $source ..."
    build_debs "$source/gatehouse"
    mkdir -p "$folder"
    rm -f "$folder"/*.deb "$folder"/*.changes "$folder"/*.buildinfo
    mv "$source"/*.deb "$source"/*.changes "$source"/*.buildinfo "$folder"
    rm -rf "$source"
    lintian --fail-on error,warning "$folder"/*.changes || fail "lintian has complaints"
    (cd "$folder" && sha256sum ./*.deb)
}

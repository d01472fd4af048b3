# SPDX-License-Identifier: Apache-2.0
# The steps of tools/release.  They read the variables root, parts, work, folder and key, and write to `folder`.

# check_tree: fails if the files would not be those of a commit, or if the changelog lacks the version.  Sets version, commit and SOURCE_DATE_EPOCH.
check_tree() {
    local changes
    git -C "$root" rev-parse --git-dir > /dev/null 2>&1 || fail "$root is not a git repository: a release is made from a commit"
    changes=$(git -C "$root" status --porcelain)
    [ -z "$changes" ] || fail "these files have changes that are not committed:
$changes"
    version=$(version_of "$root") commit=$(git -C "$root" rev-parse HEAD)
    grep -qF "## [$version]" "$root/CHANGELOG.md" || fail "CHANGELOG.md has no section for version $version, which meson.build names"
    SOURCE_DATE_EPOCH=$(git -C "$root" log -1 --format=%ct)
    export SOURCE_DATE_EPOCH
}

# check_key: fails if the key cannot sign, or is not the one whose public key the tree has.
check_key() {
    [ -n "$key" ] || fail "the step sign needs --key FILE, a private Ed25519 key"
    openssl pkey -in "$key" -noout -text 2> /dev/null | grep -q '^ED25519 Private-Key' || fail "$key is not a private Ed25519 key in PEM"
    [ ! -f "$parts/release.pub" ] || openssl pkey -in "$key" -pubout | cmp -s - "$parts/release.pub" ||
        fail "$key does not belong to tools/packaging/release.pub, the public key that users have"
}

release_deb() {
    rm -f "$folder"/gatehouse*.deb
    WORK=$work "$root/tools/package" deb "$work/deb"
    find "$work/deb" -name '*.deb' ! -name '*-dbgsym_*' -exec cp {} "$folder" \;
}

release_image() {
    WORK=$work "$root/tools/package" image "$work/deb"
    rm -f "$folder"/gatehouse-*-image.tar
    tar -c -C "$work/image" --sort=name --mtime="@$SOURCE_DATE_EPOCH" --owner=0 --group=0 --numeric-owner --mode=u=rwX,go=rX --format=ustar \
        -f "$folder/gatehouse-$version-image.tar" .
}

# The modes do not depend on the umask, and the compressed file has no name and no time.
release_source() {
    git -C "$root" -c tar.umask=0022 archive --format=tar --prefix="gatehouse-$version/" "$commit" | gzip -9n > "$folder/gatehouse-$version.tar.gz"
    say "$folder/gatehouse-$version.tar.gz"
}

release_sbom() {
    local image=()
    [ ! -f "$work/image.packages" ] || image=("$work/image.packages")
    python3 -B "$parts/sbom.py" "$root" "$work/deb" "$version" "$commit" "$SOURCE_DATE_EPOCH" "${image[@]}" > "$work/sbom.new" ||
        fail "the bill of materials could not be made"
    mv "$work/sbom.new" "$folder/gatehouse-$version.cdx.json"
    say "$folder/gatehouse-$version.cdx.json"
}

release_sums() {
    (cd "$folder" && find . -maxdepth 1 -type f ! -name 'SHA256SUMS*' ! -name '*.pub' -printf '%P\n' | LC_ALL=C sort | xargs -d '\n' -r sha256sum) > "$work/sums.new"
    [ -s "$work/sums.new" ] || fail "there are no files in $folder"
    mv "$work/sums.new" "$folder/SHA256SUMS"
    rm -f "$folder/SHA256SUMS.sig"
}

release_sign() {
    [ -f "$folder/SHA256SUMS" ] || fail "there is no SHA256SUMS in $folder; run the step sums"
    (cd "$folder" && sha256sum --check --quiet SHA256SUMS) || fail "the files are not those of SHA256SUMS; run the step sums"
    openssl pkeyutl -sign -rawin -inkey "$key" -in "$folder/SHA256SUMS" -out "$folder/SHA256SUMS.sig" || fail "openssl could not sign"
    openssl pkey -in "$key" -pubout -out "$folder/gatehouse-release.pub"
    say "$folder/SHA256SUMS.sig"
}

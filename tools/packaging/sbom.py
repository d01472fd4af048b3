#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes the bill of materials of a release: CycloneDX 1.5 in JSON, on standard output.

    sbom.py SOURCE PACKAGES VERSION COMMIT SECONDS [IMAGE]

SOURCE is the source tree and PACKAGES the folder of the Debian packages with their .buildinfo. IMAGE is the list of the packages in the
container image, which tools/package writes. The components are:

- the built packages, with their SHA-256;
- the packages that a built package needs at run time. dpkg-shlibdeps found them in the programs and plugins;
- the libraries that it recommends, because it opens them at run time if they are installed;
- the libraries of Build-Depends that are compiled in, because they have headers only;
- the packages of the container image, with their own versions.

The other versions are those of the build, from the .buildinfo. The same input gives the same bytes.
"""
import datetime
import hashlib
import json
import pathlib
import re
import subprocess
import sys
import uuid

NAME = re.compile(r'[a-z0-9][a-z0-9+.-]+')
HELPERS = {'adduser'}  # needed by a script of the package, not by the program


def fields(text):
    """The fields of a Debian control paragraph; the lines of a long value are joined."""
    found, name = {}, None
    for line in text.splitlines():
        if line[:1] in ' \t' and name:
            found[name] += ' ' + line.strip()
        elif ':' in line:
            name, value = line.split(':', 1)
            found[name] = value.strip()
    return found


def names(dependencies):
    """The first alternative of each dependency, without versions and architectures."""
    return [NAME.match(one.strip())[0] for one in dependencies.split(',') if one.strip()]


def built_packages(folder):
    """The control fields of each built package that is shipped, with its file and digest."""
    built = []
    for path in sorted(folder.glob('gatehouse*.deb')):
        if '-dbgsym_' in path.name:
            continue
        control = fields(subprocess.run(['dpkg-deb', '-f', path], check=True, capture_output=True, text=True).stdout)
        built.append({**control, 'file': path.name, 'digest': hashlib.sha256(path.read_bytes()).hexdigest()})
    if not built:
        sys.exit(f'sbom.py: there are no packages in {folder}')
    return built


def build_versions(folder):
    """The version of each package that was installed during the build."""
    records = sorted(folder.glob('*.buildinfo'))
    if len(records) != 1:
        sys.exit(f'sbom.py: {folder} has {len(records)} files .buildinfo instead of one')
    installed = fields(records[0].read_text())['Installed-Build-Depends']
    return {one[1]: one[2] for one in re.finditer(r'([a-z0-9][a-z0-9+.-]+)(?::\w+)? \(= ([^)]+)\)', installed)}


def real_names(built, versions):
    """Replaces each virtual package in the fields of the built packages by the installed package that provides it."""
    listed = subprocess.run(['dpkg-query', '-W', '-f', '${Package}\t${Provides}\n'], check=True, capture_output=True, text=True).stdout
    rows = (line.split('\t') for line in listed.splitlines())
    provider = {virtual: name for name, provides in rows if name in versions for virtual in names(provides)}
    for package in built:
        for field in ('Depends', 'Recommends'):
            package[field] = [name if name in versions else provider.get(name, name) for name in names(package.get(field, ''))]


def compiled_in(source, versions, needed):
    """The libraries of Build-Depends without a shared library that a built package needs: their headers are compiled in."""
    control = fields((source / 'tools/packaging/debian/control').read_text().split('\n\n')[0])
    libraries = [name for name in names(control['Build-Depends']) if name.endswith('-dev')]
    # A library `libNAME-dev` or `NAME-dev` and its package for programs share NAME without digits.
    stem = lambda name: re.sub(r'^lib|-?dev$|[\d.].*$|-core.*$', '', name).rstrip('-')
    shared = {stem(name) for name in needed}
    return sorted(name for name in libraries if name in versions and stem(name) not in shared)


def component(name, version, architecture, linkage):
    purl = f'pkg:deb/debian/{name.replace("+", "%2B")}@{version.replace("+", "%2B").replace(":", "%3A")}?arch={architecture}&distro=bookworm'
    return {'type': 'library', 'bom-ref': f'deb:{name}', 'name': name, 'version': version, 'purl': purl,
            'properties': [{'name': 'gatehouse:linkage', 'value': linkage}]}


def bill(source, folder, version, commit, seconds, image):
    built, versions = built_packages(folder), build_versions(folder)
    real_names(built, versions)
    architecture = built[0]['Architecture']
    own = {package['Package'] for package in built}
    needs = {package['Package']: [name for name in package['Depends'] if name not in HELPERS] for package in built}
    needed = sorted({name for each in needs.values() for name in each} - own)
    opened = sorted({name for package in built for name in package['Recommends'] if name.startswith('lib')} - own)
    missing = [name for name in needed + opened if name not in versions]
    if missing:
        sys.exit(f'sbom.py: the .buildinfo has no version of {", ".join(missing)}')
    headers = compiled_in(source, versions, needed + opened)
    parts = {name: component(name, versions[name], architecture, 'shared library') for name in needed}
    parts.update({name: {**component(name, versions[name], architecture, 'opened at run time'), 'scope': 'optional'} for name in opened})
    parts.update({name: component(name, versions[name], architecture, 'compiled in') for name in headers})
    for line in sorted(image.read_text().splitlines()) if image else []:
        name, installed = line.split('\t')
        parts[f'image/{name}'] = {**component(name, installed, architecture, 'container image'), 'bom-ref': f'deb:image/{name}'}
    packages = [{'type': 'application', 'bom-ref': f'deb:{package["Package"]}', 'name': package['Package'], 'version': package['Version'],
                 'hashes': [{'alg': 'SHA-256', 'content': package['digest']}], 'licenses': [{'license': {'id': 'Apache-2.0'}}],
                 'purl': f'pkg:deb/gatehouse/{package["Package"]}@{package["Version"]}?arch={package["Architecture"]}',
                 'properties': [{'name': 'gatehouse:file', 'value': package['file']}]} for package in built]
    graph = [{'ref': 'gatehouse', 'dependsOn': sorted(f'deb:{name}' for name in own)}]
    for package in sorted(own):
        more = headers + opened if package == 'gatehouse' else []
        graph.append({'ref': f'deb:{package}', 'dependsOn': sorted(f'deb:{name}' for name in {*needs[package], *more})})
    graph += [{'ref': f'deb:{name}', 'dependsOn': []} for name in sorted(parts)]
    time = datetime.datetime.fromtimestamp(seconds, datetime.timezone.utc).strftime('%Y-%m-%dT%H:%M:%SZ')
    return {'bomFormat': 'CycloneDX', 'specVersion': '1.5', 'version': 1,
            'serialNumber': f'urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, f"gatehouse {version} {commit} {architecture}")}',
            'metadata': {'timestamp': time, 'component': {
                'type': 'application', 'bom-ref': 'gatehouse', 'name': 'gatehouse', 'version': version,
                'licenses': [{'license': {'id': 'Apache-2.0'}}], 'properties': [{'name': 'gatehouse:commit', 'value': commit}]}},
            'components': sorted(packages + list(parts.values()), key=lambda one: one['bom-ref']), 'dependencies': graph}


def main():
    source, folder, version, commit, seconds, *image = sys.argv[1:]
    document = bill(pathlib.Path(source), pathlib.Path(folder), version, commit, int(seconds), pathlib.Path(image[0]) if image else None)
    print(json.dumps(document, indent=1))


if __name__ == '__main__':
    main()

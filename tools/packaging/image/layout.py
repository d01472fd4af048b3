#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes an image layout of the Open Container Initiative with one layer.

    layout.py ROOT.tar LAYOUT VERSION SECONDS

The same archive, version and time give the same bytes.  The configuration of the image follows the OCI image
specification 1.0; `Healthcheck` is the member that Docker reads, which other engines ignore.
"""
import datetime
import gzip
import hashlib
import json
import pathlib
import platform
import shutil
import sys

USER = '10001:10001'
MEDIA = 'application/vnd.oci.image.'
SECOND = 1_000_000_000


def digest(content):
    return 'sha256:' + hashlib.sha256(content).hexdigest()


class Layout:
    def __init__(self, folder):
        self.blobs = folder / 'blobs' / 'sha256'
        shutil.rmtree(folder, ignore_errors=True)
        self.blobs.mkdir(parents=True)

    def add(self, content, media_type):
        """Writes a blob.  Returns its descriptor."""
        name = digest(content)
        (self.blobs / name.split(':')[1]).write_bytes(content)
        return {'mediaType': MEDIA + media_type, 'digest': name, 'size': len(content)}

    def add_json(self, value, media_type):
        return self.add(json.dumps(value, indent=1).encode(), media_type)


def image_configuration(layer, version, created):
    architecture = {'x86_64': 'amd64', 'aarch64': 'arm64'}
    return {
        'created': created, 'architecture': architecture.get(platform.machine(), platform.machine()), 'os': 'linux',
        'config': {
            'User': USER, 'ExposedPorts': {'8050/tcp': {}}, 'WorkingDir': '/', 'StopSignal': 'SIGTERM',
            'Env': ['PATH=/usr/bin:/bin', 'GATEHOUSE_CONFIG=/etc/gatehouse/gatehouse.toml', 'HOME=/var/lib/gatehouse'],
            'Entrypoint': ['/usr/bin/gatehouse'], 'Cmd': ['serve'], 'Volumes': {'/var/lib/gatehouse': {}},
            'Healthcheck': {'Test': ['CMD', '/usr/bin/gatehouse', 'health'], 'Interval': 30 * SECOND, 'Timeout': 6 * SECOND},
            'Labels': {'org.opencontainers.image.title': 'gatehouse', 'org.opencontainers.image.version': version,
                       'org.opencontainers.image.licenses': 'Apache-2.0'}},
        'rootfs': {'type': 'layers', 'diff_ids': [digest(layer)]},
        'history': [{'created': created, 'created_by': 'tools/package image'}]}


def main():
    archive, folder, version, seconds = sys.argv[1:]
    created = datetime.datetime.fromtimestamp(int(seconds), datetime.timezone.utc).strftime('%Y-%m-%dT%H:%M:%SZ')
    layer, layout = pathlib.Path(archive).read_bytes(), Layout(pathlib.Path(folder))
    packed = layout.add(gzip.compress(layer, 9, mtime=0), 'layer.v1.tar+gzip')
    configuration = layout.add_json(image_configuration(layer, version, created), 'config.v1+json')
    manifest = layout.add_json({'schemaVersion': 2, 'mediaType': MEDIA + 'manifest.v1+json', 'config': configuration,
                                'layers': [packed]}, 'manifest.v1+json')
    manifest['annotations'] = {'org.opencontainers.image.ref.name': version}
    folder = pathlib.Path(folder)
    (folder / 'oci-layout').write_text(json.dumps({'imageLayoutVersion': '1.0.0'}))
    (folder / 'index.json').write_text(json.dumps({'schemaVersion': 2, 'manifests': [manifest]}, indent=1))
    print(f'{folder}: {packed["size"] / 1e6:.1f} MB compressed, {len(layer) / 1e6:.1f} MB')


if __name__ == '__main__':
    main()

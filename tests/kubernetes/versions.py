#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The manifests, the chart and the changelog name the version of meson.build.

    versions.py SOURCE VERSION
"""
import pathlib
import re
import sys

PLACES = {'config/kubernetes/kustomization.yaml': r'newTag: (\S+)', 'config/kubernetes/helm/Chart.yaml': r'^version: (\S+)$',
          'config/kubernetes/README.md': r'gatehouse:(\d\S+)$', 'README.md': r'version (\d+\.\d+\.\d+)'}


def main():
    source, version = pathlib.Path(sys.argv[1]), sys.argv[2]
    places = [*PLACES.items(), ('config/kubernetes/helm/Chart.yaml', r'^appVersion: (\S+)$')]
    faults = []
    for file, pattern in places:
        found = re.findall(pattern, (source / file).read_text(), re.MULTILINE)
        if set(found) != {version}:
            faults.append(f'{file}: {pattern} finds {found}, and meson.build has {version}')
    if f'## [{version}]' not in (source / 'CHANGELOG.md').read_text():
        faults.append(f'CHANGELOG.md has no section for {version}')
    print('\n'.join(faults) or f'each file names version {version}')
    return 1 if faults else 0


if __name__ == '__main__':
    sys.exit(main())

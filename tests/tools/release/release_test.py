# SPDX-License-Identifier: Apache-2.0
"""tools/release without its steps `deb` and `image`, which take minutes: small packages are made here. libspdlog1.10-fmt9
is a virtual package, which libspdlog1.10 provides on the machine that builds."""
import json
import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest

SOURCE = pathlib.Path(os.environ['SOURCE'])
NEEDED = {'gatehouse': 'adduser, libc6 (>= 2.36), libre2-9 (>= 20220601), libspdlog1.10-fmt9, libssl3 (>= 3.0.0)',
          'gatehouse-plugins-redis': 'gatehouse (= 0.1.0), libc6 (>= 2.34), libhiredis0.14 (>= 0.14.0)'}
BUILDINFO = """Format: 1.0
Source: gatehouse
Installed-Build-Depends:
 libboost-dev (= 1.74.0.3),
 libc6 (= 2.36-9+deb12u10),
 libcurl4 (= 7.88.1-10),
 libcurl4-openssl-dev (= 7.88.1-10),
 libhiredis-dev (= 0.14.1-3),
 libhiredis0.14 (= 0.14.1-3),
 libre2-9:amd64 (= 20220601+dfsg-1+b1),
 libre2-dev (= 20220601+dfsg-1+b1),
 libspdlog-dev (= 1:1.10.0+ds-0.4),
 libspdlog1.10 (= 1:1.10.0+ds-0.4),
 libssl-dev (= 3.0.15-1),
 libssl3 (= 3.0.15-1),
 meson (= 1.0.1-5)
Environment:
 LANG="C"
"""
# Neither the user's configuration of git nor the environment changes a file.
CLEAN = {'PATH': os.environ['PATH'], 'GIT_CONFIG_GLOBAL': '/dev/null', 'GIT_CONFIG_SYSTEM': '/dev/null', 'GIT_AUTHOR_DATE': '2026-01-02T03:04:05Z',
         'GIT_COMMITTER_DATE': '2026-01-02T03:04:05Z', 'GIT_AUTHOR_NAME': 'a', 'GIT_AUTHOR_EMAIL': 'a@example.org', 'GIT_COMMITTER_NAME': 'a',
         'GIT_COMMITTER_EMAIL': 'a@example.org'}


def run(*words, cwd=None, env=None, umask=0o022):
    return subprocess.run(words, cwd=cwd, env={**CLEAN, **(env or {})}, umask=umask, capture_output=True, text=True)


def must(*words, **more):
    done = run(*words, **more)
    assert done.returncode == 0, f'{words}: {done.stdout}{done.stderr}'
    return done.stdout


def make_tree(folder):
    """A repository of the files that a release reads.  Returns its folder."""
    tree = folder / 'tree'
    for part in ('tools', 'meson.build', 'CHANGELOG.md', '.gitignore'):
        place = tree / part
        place.parent.mkdir(parents=True, exist_ok=True)
        if (SOURCE / part).is_dir():
            shutil.copytree(SOURCE / part, place, ignore=shutil.ignore_patterns('node_modules', '__pycache__'))
        else:
            shutil.copy2(SOURCE / part, place)
    must('git', 'init', '-q', '-b', 'main', tree)
    must('git', 'add', '-A', cwd=tree)
    must('git', 'commit', '-q', '-m', 'a', cwd=tree)
    return tree


def make_packages(folder):
    """Packages with these dependencies and a record of their build."""
    folder.mkdir(parents=True)
    for name, depends in NEEDED.items():
        root = folder / 'root'
        (root / 'DEBIAN').mkdir(parents=True)
        recommends = 'Recommends: ca-certificates, libcurl4\n' if name == 'gatehouse' else ''
        (root / 'DEBIAN/control').write_text(f'Package: {name}\nVersion: 0.1.0\nArchitecture: amd64\nMaintainer: a <a@example.org>\n'
                                             f'Depends: {depends}\n{recommends}Description: a\n')
        must('dpkg-deb', '--root-owner-group', '-b', root, folder, env={'SOURCE_DATE_EPOCH': '1767323045'})
        shutil.rmtree(root)
    (folder / 'gatehouse_0.1.0_amd64.buildinfo').write_text(BUILDINFO)


class ReleaseTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.scratch = pathlib.Path(tempfile.mkdtemp())
        cls.addClassCleanup(shutil.rmtree, cls.scratch)
        cls.trees = []
        for name in ('one', 'another/and longer'):
            tree = make_tree(cls.scratch / name)
            make_packages(tree / 'build-package/deb')
            (tree / 'build-package/image.packages').write_text('netbase\t6.4\nlibssl3\t3.0.16-1\n')
            cls.trees.append(tree)
        cls.tree = cls.trees[0]
        cls.keys = [cls.scratch / 'key.pem', cls.scratch / 'other.pem']
        for key in cls.keys:
            must('openssl', 'genpkey', '-algorithm', 'ED25519', '-out', key)

    def release(self, *words, tree=None, **more):
        return run((tree or self.tree) / 'tools/release', *words, **more)

    def folder(self, name):
        return self.scratch / name

    def assert_fails(self, text, *words, **more):
        done = self.release(*words, **more)
        self.assertNotEqual(done.returncode, 0)
        self.assertIn(text, done.stderr)

    def make(self, name='good', **more):
        folder = self.folder(name)
        done = self.release('--only', 'source,sbom,sums,sign', '--key', self.keys[0], '--folder', folder, **more)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        return folder

    def verify(self, folder):
        """As tools/packaging/README.md describes."""
        signature = run('openssl', 'pkeyutl', '-verify', '-rawin', '-pubin', '-inkey', 'gatehouse-release.pub', '-in', 'SHA256SUMS', '-sigfile',
                        'SHA256SUMS.sig', cwd=folder)
        return signature.returncode == 0 and run('sha256sum', '--check', '--strict', 'SHA256SUMS', cwd=folder).returncode == 0

    def test_two_trees_with_different_paths_umasks_and_zones_give_the_same_bytes(self):
        first = self.make('first', tree=self.trees[0], umask=0o022, env={'TZ': 'UTC'})
        second = self.make('second', tree=self.trees[1], umask=0o077, env={'TZ': 'Asia/Tokyo', 'LC_ALL': 'C.UTF-8', 'GZIP': '-1'})
        files = sorted(path.name for path in first.iterdir())
        self.assertEqual(files, ['SHA256SUMS', 'SHA256SUMS.sig', 'gatehouse-0.1.0.cdx.json', 'gatehouse-0.1.0.tar.gz', 'gatehouse-release.pub'])
        for name in files:
            self.assertEqual((first / name).read_bytes(), (second / name).read_bytes(), name)

    def test_the_source_archive_has_the_files_of_the_commit(self):
        folder = self.make('archive')
        listed = must('tar', '-tzf', folder / 'gatehouse-0.1.0.tar.gz').splitlines()
        files = sorted(name.removeprefix('gatehouse-0.1.0/') for name in listed if not name.endswith('/'))
        self.assertEqual(files, sorted(must('git', 'ls-files', cwd=self.tree).splitlines()))

    def test_the_documented_commands_accept_the_files_and_refuse_changed_ones(self):
        folder = self.make('verified')
        self.assertTrue(self.verify(folder))
        archive = folder / 'gatehouse-0.1.0.tar.gz'
        kept = archive.read_bytes()
        archive.write_bytes(kept + b'x')
        self.assertFalse(self.verify(folder))
        archive.write_bytes(kept)
        sums = folder / 'SHA256SUMS'
        sums.write_text(sums.read_text().replace('a', 'b', 1))
        self.assertFalse(self.verify(folder))

    def test_the_bill_names_each_library_with_the_version_of_the_build(self):
        document = json.loads((self.make('bill') / 'gatehouse-0.1.0.cdx.json').read_text())
        self.assertEqual([document['bomFormat'], document['specVersion']], ['CycloneDX', '1.5'])
        found = {one['name']: (one['version'], one['properties'][0]['value']) 
                 for one in document['components'] if one['type'] == 'library' and not one['bom-ref'].startswith('deb:image/')}
        self.assertEqual(found, {
            'libboost-dev': ('1.74.0.3', 'compiled in'), 'libc6': ('2.36-9+deb12u10', 'shared library'),
            'libcurl4': ('7.88.1-10', 'opened at run time'), 'libhiredis0.14': ('0.14.1-3', 'shared library'),
            'libre2-9': ('20220601+dfsg-1+b1', 'shared library'),
            'libspdlog1.10': ('1:1.10.0+ds-0.4', 'shared library'), 'libssl3': ('3.0.15-1', 'shared library')})
        image = [f"{one['bom-ref']} {one['version']}" for one in document['components'] if one['bom-ref'].startswith('deb:image/')]
        self.assertEqual(image, ['deb:image/libssl3 3.0.16-1', 'deb:image/netbase 6.4'])
        edges = {one['ref']: one['dependsOn'] for one in document['dependencies']}
        self.assertEqual(edges['gatehouse'], ['deb:gatehouse', 'deb:gatehouse-plugins-redis'])
        self.assertEqual(edges['deb:gatehouse-plugins-redis'], ['deb:gatehouse', 'deb:libc6', 'deb:libhiredis0.14'])
        references = {one['bom-ref'] for one in document['components']} | {'gatehouse'}
        self.assertEqual(set(edges), references)
        self.assertLessEqual({name for each in edges.values() for name in each}, references)

    def test_a_tree_with_changes_is_refused(self):
        tree = make_tree(self.folder('dirty'))
        (tree / 'new.txt').write_text('x')
        self.assert_fails('changes that are not committed:\n?? new.txt', '--only', 'source', tree=tree)
        (tree / 'new.txt').unlink()
        with (tree / 'meson.build').open('a') as file:
            file.write('\n')
        self.assert_fails('changes that are not committed:\n M meson.build', '--only', 'source', tree=tree)
        self.assertFalse((tree / 'build-package/release').exists())

    def test_the_changelog_has_the_version_of_meson_build(self):
        tree = make_tree(self.folder('version'))
        build = tree / 'meson.build'
        build.write_text(build.read_text().replace("version: '0.1.0'", "version: '9.9.9'", 1))
        must('git', 'commit', '-qam', 'b', cwd=tree)
        self.assert_fails('CHANGELOG.md has no section for version 9.9.9', '--only', 'source', tree=tree)

    def test_mistakes_have_a_message(self):
        self.assert_fails('there is no step pack; the steps are: deb image source sbom sums sign', '--only', 'source,pack')
        self.assert_fails('the step sign needs --key FILE', '--only', 'sign')
        self.assert_fails('is not a private Ed25519 key in PEM', '--only', 'sign', '--key', '/dev/null')
        self.assert_fails('there is no SHA256SUMS in', '--only', 'sign', '--key', self.keys[0], '--folder', self.folder('empty'))
        self.assert_fails('there are no files in', '--only', 'sums', '--folder', self.folder('empty'))
        self.assert_fails('there are no packages in', '--only', 'sbom', env={'WORK': str(self.folder('work'))})
        self.assertEqual(self.release('--nonsense').returncode, 2)

    def test_files_that_changed_after_their_sums_are_not_signed(self):
        folder = self.make('changed')
        (folder / 'gatehouse-0.1.0.cdx.json').write_text('{}')
        self.assert_fails('the files are not those of SHA256SUMS', '--only', 'sign', '--key', self.keys[0], '--folder', folder)

    def test_a_key_that_users_do_not_have_is_refused(self):
        tree = make_tree(self.folder('published'))
        (tree / 'tools/packaging/release.pub').write_text(must('openssl', 'pkey', '-in', self.keys[0], '-pubout'))
        must('git', 'add', '-A', cwd=tree)
        must('git', 'commit', '-qm', 'b', cwd=tree)
        self.assert_fails('does not belong to tools/packaging/release.pub', '--only', 'sign', '--key', self.keys[1], tree=tree)
        done = self.release('--only', 'source,sums,sign', '--key', self.keys[0], tree=tree)
        self.assertEqual(done.returncode, 0, done.stderr)


if __name__ == '__main__':
    unittest.main()

#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Version and licences: one place for the version; debian/copyright lists what is bundled, docs/licences.md what is linked;
what the page is packaged from is what the lock file names: test_licences.py ZONE1D ZONE1CTL ROOT NODE_MODULES"""
import json
import re
import subprocess
import sys
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parent.parent / 'style'))
from tap import Tap  # noqa: E402

ZONE1D, ZONE1CTL, ROOT = (Path(word) for word in sys.argv[1:4])
MODULES = sys.argv[4]
DISPLAY = ROOT / 'display'
NOT_IN_THE_PAGE = re.compile(r'^(@?esbuild(?!-)|@types|undici-types)')
DEBIAN_NAME = {'MIT': 'Expat'}  # elsewhere Debian's name of a licence is the same as npm's


def read(path):
    return (ROOT / path).read_text(encoding='utf-8')


def run(*command):
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def check_version(tap):
    version = re.match(r'zone1d \(([^)]+)\)', read('debian/changelog'))[1]
    tap.equal("dpkg's tools read the changelog", run('dpkg-parsechangelog', '-l', ROOT / 'debian/changelog', '-S',
                                                    'Version').strip(), version)
    tap.equal('zone1d tells the version of the changelog', run(ZONE1D, '--version').strip(), f'zone1d {version}')
    tap.ok('the build files have none', not re.search(r"version: '\d", read('meson.build').split('meson_version')[0]))
    packages = [json.loads(read(f'display/{name}')).get('version') for name in ('package.json', 'package-lock.json')]
    tap.equal('nor has the display', packages, [None, None])


def stanzas():
    """pattern of files -> licence, of debian/copyright."""
    found = {}
    for stanza in read('debian/copyright').split('\n\n'):
        if (files := re.search(r'(?m)^Files: (.*)$', stanza)):
            licence = re.search(r'(?m)^License: (.*)$', stanza)
            for pattern in files[1].split():
                found[pattern] = licence[1] if licence else None
    return found


def modules_of_lock():
    lock = json.loads(read('display/package-lock.json'))
    names = {place.removeprefix('node_modules/'): about.get('license') for place, about in lock['packages'].items()
             if place and not about.get('dev')}
    return {name: licence for name, licence in names.items() if not NOT_IN_THE_PAGE.match(name)}


def check_bundled(tap):
    told, locked = stanzas(), modules_of_lock()
    listed = {pattern.removeprefix('display/vendor/').removesuffix('/*'): licence for pattern, licence in told.items()
              if pattern.startswith('display/vendor/')}
    tap.equal('debian/copyright lists the modules of the lock file, with their licences', listed,
              {name: DEBIAN_NAME.get(licence, licence) for name, licence in locked.items()})
    texts = set(re.findall(r'(?m)^License: (\S+)\n ', read('debian/copyright')))
    tap.equal('and has the text of each licence', texts, set(told.values()))
    marked = set(re.findall(r'(?m)^ *// (?:\.\./)*node_modules/((?:@[^/\s]+/)?[^/\s]+)', read('display/vendor/mqtt/dist/mqtt.js')))
    bundled = {str(path.parent.relative_to(DISPLAY / 'bundled')) for path in (DISPLAY / 'bundled').rglob('LICENSE')}
    tap.ok('mqtt.js says what is in it', len(marked) > 10, str(marked))
    tap.equal('which is in the lock file, or its licence is here', sorted(marked - locked.keys()), sorted(bundled))
    tap.ok('and in debian/copyright', all(f'display/bundled/{name}/*' in told for name in bundled), str(bundled))
    builder = read('display/build.mjs')
    tap.ok('and in the page', all(f"'{name}'" in builder for name in bundled), str(bundled))
    data = {f'tests/data/{path.name}' for path in (ROOT / 'tests/data').iterdir()} - {'tests/data/README.md'}
    foreign = {name for name in data if name.endswith('.csv') or 'dfa' in name}
    tap.equal('the recordings of others are listed', sorted(foreign - told.keys()), [])


def check_vendor(tap):
    """Needs what npm fetched; without it (no display in this build) the lock file is compared alone."""
    if MODULES:
        done = subprocess.run([DISPLAY / 'vendor-modules', '--check', MODULES], capture_output=True, text=True, check=False)
        tap.ok('display/vendor is what npm brings by the lock file (else: display/vendor-modules NODE_MODULES)',
               done.returncode == 0, done.stdout + done.stderr)
    there = {str(path.parent.relative_to(DISPLAY / 'vendor')) for path in (DISPLAY / 'vendor').rglob('*')
             if re.match(r'(?i)licen[cs]e', path.name)}
    tap.equal('display/vendor has the licence of each module', sorted(there), sorted(modules_of_lock()))


def check_linked(tap):
    told = read('docs/licences.md')
    needed = set()
    for program in (ZONE1D, ZONE1CTL):
        needed |= set(re.findall(r'Shared library: \[([^\]]+)\]', run('readelf', '-d', program)))
    ours = {name for name in needed if not re.match(r'lib(asan|ubsan|tsan|clang_rt)|ld-linux', name)}
    tap.ok('the programs are linked to libraries', len(ours) > 5, str(needed))
    missing = [name for name in sorted(ours) if f'`{name.split(".so")[0]}`' not in told]
    tap.equal('docs/licences.md lists each of them', missing, [])
    rows = set(re.findall(r'`(lib[\w.+-]+)`', told))
    tap.equal('and no other', sorted(rows - {name.split('.so')[0] for name in ours}), [])


def main():
    tap = Tap()
    check_version(tap)
    check_bundled(tap)
    check_vendor(tap)
    check_linked(tap)
    return tap.done()


if __name__ == '__main__':
    sys.exit(main())

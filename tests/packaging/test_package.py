#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The Debian package, built on this machine as dpkg-buildpackage does it, without its tests (they run by themselves):
what is in it, and what lintian says. test_package.py ZONE1D ROOT. scripts/release --check proves more, in clean roots."""
import re
import shutil
import subprocess
import sys
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parent.parent / 'style'))
from rules import tracked_files  # noqa: E402
from tap import Tap  # noqa: E402

ZONE1D, ROOT = (Path(word) for word in sys.argv[1:3])
PLACE = Path.cwd() / 'package'
WANTED = '''etc/zone1d/zone1d.conf usr/bin/zone1d usr/bin/zone1ctl usr/lib/sysusers.d/zone1d.conf
    usr/share/bash-completion/completions/zone1ctl usr/share/zone1d/display/zone1d.html
    usr/share/man/man8/zone1d.8.gz usr/share/man/man1/zone1ctl.1.gz usr/share/man/man5/zone1d.conf.5.gz
    usr/share/doc/zone1d/README.md usr/share/doc/zone1d/copyright usr/share/doc/zone1d/changelog.gz
    usr/share/doc/zone1d/docs/mqtt.md usr/share/doc/zone1d/docs/install.md
    usr/share/doc/zone1d/examples/mosquitto/access.conf usr/share/doc/zone1d/examples/nginx-display.conf
    usr/share/doc/zone1d/examples/zone1d-kiosk.service usr/share/doc/zone1d/examples/home-assistant/dashboard.yaml'''


def run(*command, **options):
    environment = {'PATH': '/usr/bin:/bin:/usr/sbin:/sbin', 'HOME': str(PLACE), 'LC_ALL': 'C.UTF-8',
                   'DEB_BUILD_OPTIONS': 'nocheck noautodbgsym parallel=2', 'CCACHE_DIR': str(PLACE.parent / 'ccache')}
    return subprocess.run(command, capture_output=True, text=True, errors='replace', env=environment, check=False,
                          **options)


def build(tap):
    source = PLACE / 'zone1d'
    shutil.rmtree(PLACE, ignore_errors=True)
    for name in tracked_files(ROOT):
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / name, source / name, follow_symlinks=False)
    done = run('dpkg-buildpackage', '-us', '-uc', cwd=source)
    (PLACE / 'build.log').write_text(done.stdout + done.stderr)
    tap.ok('dpkg-buildpackage makes it', done.returncode == 0, *(done.stdout + done.stderr).splitlines()[-30:])
    return done.returncode == 0


def check_control(tap, package):
    told = run('dpkg-deb', '-f', package).stdout
    version = run(ZONE1D, '--version').stdout.split()[-1]
    tap.ok('its version is what the daemon tells', f'\nVersion: {version}\n' in told, told)
    tap.ok('it recommends BlueZ and a broker', re.search(r'(?m)^Recommends: bluez, mosquitto$', told), told)
    tap.ok('it needs somebody who makes its user', re.search(r'(?m)^Depends:.*systemd-sysusers', told), told)
    conffiles = run('dpkg-deb', '-I', package, 'conffiles').stdout.split()
    tap.equal('one file is configuration', conffiles, ['/etc/zone1d/zone1d.conf'])


def check_files(tap, package):
    listed = run('dpkg-deb', '-c', package).stdout.splitlines()
    files = {line.split()[5].removeprefix('./') for line in listed if not line.startswith('d')}
    tap.equal('it has all that it should', sorted(set(WANTED.split()) - files), [])
    units = [name for name in files if name.endswith('lib/systemd/system/zone1d.service')]
    tap.equal('and the unit once', len(units), 1)
    strange = [name for name in files if not re.match(
        r'(etc/zone1d|usr/bin|(usr/)?lib/systemd/system|usr/lib/sysusers\.d|usr/share/(bash-completion|doc/zone1d|man|'
        r'zone1d/display))/', name)]
    tap.equal('and nothing elsewhere', strange, [])
    tap.ok('everything is root\'s', all(line.split()[1] == 'root/root' for line in listed))
    run('dpkg-deb', '-x', package, PLACE / 'unpacked')
    unpacked = PLACE / 'unpacked'
    tap.equal('the unit is the one that was judged', (unpacked / units[0]).read_text(),
              (ROOT / 'systemd/zone1d.service').read_text())
    page = (unpacked / 'usr/share/zone1d/display/zone1d.html').read_text()
    tap.ok('the page is whole, with its licences', all(part in page for part in (
        'Content-Security-Policy', 'mqtt-packet 9', '@jspm/core', 'uplot 1.6')))
    readme = (unpacked / 'usr/share/doc/zone1d/README.md').read_text()
    dead = [link for link in re.findall(r'\]\((docs/[^)#]+)', readme)
            if not (unpacked / 'usr/share/doc/zone1d' / link).exists()]
    tap.equal('the README\'s links into docs/ lead somewhere', dead, [])


def check_source(tap):
    (archive,) = PLACE.glob('*.tar.xz')
    listed = run('tar', '-tf', archive).stdout.split()
    tap.ok('the source has the page\'s modules', any('vendor/mqtt/dist/mqtt.js' in name for name in listed))
    tap.equal('and nothing that was built', [name for name in listed if re.match(r'[^/]+/(build|obj-|\.git)', name)], [])


def check_lintian(tap):
    (changes,) = PLACE.glob('*.changes')
    done = run('lintian', '--fail-on', 'error,warning', '--pedantic', '--display-info', '--allow-root', changes)
    tap.ok('lintian has no error and no warning', done.returncode == 0, done.stdout + done.stderr)


def main():
    tap = Tap()
    if build(tap):
        (package,) = PLACE.glob('zone1d_*.deb')
        check_control(tap, package)
        check_files(tap, package)
        check_source(tap)
        check_lintian(tap)
    return tap.done()


if __name__ == '__main__':
    sys.exit(main())

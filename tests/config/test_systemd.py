# SPDX-License-Identifier: MIT
"""The unit and its user, judged by systemd's own tools, without a running systemd: test_systemd.py FOLDER"""
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / 'style'))
from tap import Tap

MAX_EXPOSURE = 1.5


def run(*command):
    done = subprocess.run(command, capture_output=True, text=True, env={**os.environ, 'LC_ALL': 'C.UTF-8'})
    return done.returncode, (done.stdout + done.stderr).strip()


def verify(folder, text):
    """What systemd-analyze verify says of the unit TEXT; the daemon's place is taken by a file that is there."""
    unit = Path(folder) / 'zone1d.service'
    unit.write_text(re.sub(r'(?m)^(Exec\w+)=/usr/bin/zone1d', r'\1=/bin/true', text))
    return run('systemd-analyze', 'verify', '--man=no', str(unit))


def exposure(folder, text):
    unit = Path(folder) / 'zone1d.service'
    unit.write_text(text)
    _, said = run('systemd-analyze', 'security', '--offline=true', '--no-pager', str(unit))
    found = re.search(r'exposure level for zone1d\.service: ([0-9.]+)', said)
    return (float(found[1]) if found else 10.0), said


def test_unit(tap, folder, text):
    status, said = verify(folder, text)
    tap.ok('verify finds nothing', status == 0 and 'zone1d' not in said, *said.splitlines())
    _, said = verify(folder, text.replace('NoNewPrivileges=yes', 'NoNewPrivilegs=yes'))
    tap.ok('verify finds a typo', 'NoNewPrivilegs' in said, *said.splitlines())
    level, said = exposure(folder, text)
    tap.ok(f'exposure {level} is at most {MAX_EXPOSURE}', level <= MAX_EXPOSURE, *said.splitlines())
    level, _ = exposure(folder, text.replace('PrivateUsers=yes\n', '').replace('CapabilityBoundingSet=\n', ''))
    tap.ok(f'exposure {level} of a weakened unit is more', level > MAX_EXPOSURE)


def test_keys(tap, text):
    keys = dict(re.findall(r'(?m)^(\w+)=(.*)$', text))
    tap.equal('type', keys.get('Type'), 'notify')
    tap.ok('watchdog', 'WatchdogSec' in keys)
    tap.equal('command', keys.get('ExecStart'), '/usr/bin/zone1d --config /etc/zone1d/zone1d.conf')
    tap.equal('the boot is told, which ProcSubset hides', (keys.get('Environment'), keys.get('ProcSubset')),
              ('ZONE1D_BOOT_ID=%b', 'pid'))
    tap.equal('user', (keys.get('User'), keys.get('Group')), ('zone1d', 'zone1d'))
    # A credential with a path would have to be there; a bare name may be missing.
    tap.equal('the password and the key are optional', re.findall(r'(?m)^LoadCredential=(.*)$', text),
              ['zone1d.password', 'zone1d.key'])


def test_user(tap, folder, sysusers):
    status, said = run('systemd-sysusers', f'--root={folder}', '--dry-run', str(sysusers))
    tap.ok('sysusers makes the user', status == 0 and 'zone1d' in said, *said.splitlines())


def main():
    systemd = Path(sys.argv[1]).resolve()
    text = (systemd / 'zone1d.service').read_text()
    tap = Tap()
    with tempfile.TemporaryDirectory(dir='.') as folder:
        folder = os.path.abspath(folder)
        test_unit(tap, folder, text)
        test_keys(tap, text)
        test_user(tap, folder, systemd / 'zone1d.sysusers')
    return tap.done()


sys.exit(main())

#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""scripts/packages against stand-ins of apt-get and dpkg-query: a real installation would change the
machine that tests. What is installed is a file; every call is written down."""
import os
import subprocess
import sys
import tempfile
from pathlib import Path

sys.dont_write_bytecode = True
from tap import Tap  # noqa: E402

ROOT = Path(sys.argv[1])
OWN_POLICY = '#!/bin/sh\n# mine\nexit 0\n'
COMMANDS = {
    'dpkg-query': 'for last; do :; done; grep -qx "$last" "$W/installed" && printf "installed " && exit 0; exit 1',
    'apt-get': '''echo "apt-get $*" >>"$W/calls"
        [ ! -e "$W/policy" ] || cp "$W/policy" "$W/policy-seen"
        if [ -s "$W/locks" ]; then
            sed -i 1d "$W/locks"
            echo "E: Could not get lock /var/lib/dpkg/lock-frontend. It is held by process 1 (apt)"
            exit 100
        fi
        case " $* " in
        *" update "*) [ ! -e "$W/no-network" ] ;;
        *) [ -e "$W/no-network" ] && echo "E: Unable to fetch some archives" && exit 100
           for word; do case $word in -*|install|*=*) ;; *) echo "$word" >>"$W/installed" ;; esac; done ;;
        esac''',
    'systemctl': 'echo "systemctl $*" >>"$W/calls"',
    'deb-systemd-helper': 'echo "deb-systemd-helper $*" >>"$W/calls"',
    'update-rc.d': 'echo "update-rc.d $*" >>"$W/calls"',
    'sudo': 'if [ "$1" = -n ]; then shift; fi; exec "$@"',
    'clang': 'exit 1',
}


class Machine:
    """A folder that stands for a machine; the call of scripts/packages on it."""

    def __init__(self, folder, installed='', policy=None, locks=0, network=True):
        self.folder = Path(folder)
        (self.folder / 'bin').mkdir()
        for name, body in COMMANDS.items():
            (self.folder / 'bin' / name).write_text(f'#!/bin/sh\n{body}\n')
            (self.folder / 'bin' / name).chmod(0o755)
        (self.folder / 'installed').write_text(''.join(f'{name}\n' for name in installed.split()))
        (self.folder / 'locks').write_text('x\n' * locks)
        (self.folder / 'calls').write_text('')
        if policy is not None:
            (self.folder / 'policy').write_text(policy)
        if not network:
            (self.folder / 'no-network').touch()

    def run(self, what):
        environment = {**os.environ, 'W': str(self.folder), 'PATH': f'{self.folder}/bin:{os.environ["PATH"]}',
                       'ZONE1D_POLICY_RC_D': str(self.folder / 'policy'), 'ZONE1D_APT_PAUSE_S': '0',
                       'ZONE1D_INSTALL_LOCK': str(self.folder / 'lock'), 'ZONE1D_APT_PATIENCE_S': '60'}
        return subprocess.run([ROOT / 'scripts' / 'packages', what], env=environment, stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, check=False)

    def read(self, name):
        path = self.folder / name
        return path.read_text() if path.exists() else None


def check_fresh(tap, folder):
    machine = Machine(folder)
    done = machine.run('run')
    calls = machine.read('calls')
    tap.equal('a fresh machine: succeeds', done.returncode, 0)
    tap.ok('the lists are fetched first', calls.startswith('apt-get') and ' update' in calls.splitlines()[0], calls)
    tap.ok('nothing is installed that is only recommended', ' install -y --no-install-recommends gcc ' in calls, calls)
    tap.ok('while it installs no service may start', 'exit 101' in (machine.read('policy-seen') or ''))
    tap.equal('the policy is gone afterwards', machine.read('policy'), None)
    tap.ok('the broker does not come up at the next boot',
           any('disable' in call and 'mosquitto' in call for call in calls.splitlines()), calls)
    (machine.folder / 'calls').write_text('')
    tap.equal('a second time: nothing to do', (machine.run('run').returncode, machine.read('calls')), (0, ''))


def check_others(tap, make):
    machine = Machine(make(), installed='mosquitto')
    machine.run('run')
    tap.ok('a broker that was there is left alone', 'disable' not in machine.read('calls'), machine.read('calls'))
    machine = Machine(make(), policy=OWN_POLICY)
    machine.run('run')
    tap.equal("the administrator's policy stays as it was", machine.read('policy'), OWN_POLICY)
    machine = Machine(make(), policy='#!/bin/sh\n# temporary: scripts/packages of zone1d, removed when the installation '
                      'ends\nexit 101\n')
    machine.run('run')
    tap.equal('one that a killed run left behind is removed', machine.read('policy'), None)
    machine = Machine(make(), locks=3)
    done = machine.run('run')
    tap.equal('while apt is busy it waits', (done.returncode, machine.read('calls').count(' update\n')), (0, 4))
    tap.ok('and says so', 'waiting for it' in done.stderr, done.stderr)
    machine = Machine(make(), network=False)
    done = machine.run('run')
    tap.equal('without network: status 69', done.returncode, 69)
    tap.ok('and a sentence', 'is the network up?' in done.stderr, done.stderr)
    tap.equal('and the policy is gone', machine.read('policy'), None)
    tap.equal('an unknown set is refused', Machine(make()).run('all').returncode, 64)


def check_bluetooth(tap, make):
    machine = Machine(make())
    machine.run('tests')
    calls = machine.read('calls')
    tap.ok('for the tests bluetoothd is not started', 'enable --now' not in calls.replace('disable --now', ''), calls)
    machine = Machine(make())
    machine.run('live')
    tap.ok('for real straps it is', 'systemctl enable --now bluetooth.service' in machine.read('calls'),
           machine.read('calls'))


def main():
    tap = Tap()
    with tempfile.TemporaryDirectory(dir=os.getcwd()) as folder:
        def make():
            return tempfile.mkdtemp(dir=folder)
        check_fresh(tap, make())
        check_others(tap, make)
        check_bluetooth(tap, make)
    return tap.done()


if __name__ == '__main__':
    sys.exit(main())

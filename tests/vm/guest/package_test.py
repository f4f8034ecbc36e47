#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The package in a machine with systemd: installed, at work under its sandbox, and gone again.

usage: package_test.py PACKAGE     (in the machine: tests/vm/system)
"""
import json
import os
import pathlib
import re
import signal
import subprocess
import sys
import time

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import stack  # noqa: E402
from messages import Messages  # noqa: E402
from process import Timeout, end_all, wait_until  # noqa: E402
from straps import Strap  # noqa: E402
from tap import Tap, recovery, say  # noqa: E402

SLOW_S = 180
MAX_EXPOSURE = 1.5
UNIT = 'zone1d.service'
CONF = pathlib.Path('/etc/zone1d/zone1d.conf')
LIVE = 'zone1d/athlete/anna/live'
PASSWORDS = '/var/lib/mosquitto/passwords'
CREDENTIAL = pathlib.Path('/etc/credstore/zone1d.password')
PACKAGE = sys.argv[1]


def run(*command, check=True):
    done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          env={**os.environ, 'DEBIAN_FRONTEND': 'noninteractive'})
    if check and done.returncode != 0:
        raise AssertionError(f'{" ".join(command)}: status {done.returncode}: {done.stdout}')
    return done.stdout.strip()


def show(name):
    return run('systemctl', 'show', '--value', '-p', name, UNIT)


def wait_active(what):
    wait_until(lambda: show('ActiveState') == 'active' and show('SubState') == 'running', SLOW_S, what)


def main_pid():
    return int(show('MainPID'))


def journal(*fields):
    lines = run('journalctl', '-o', 'json', '--no-pager', *fields).splitlines()
    return [json.loads(line) for line in lines if line.startswith('{')]


def write_conf(extra='', mqtt=''):
    CONF.write_text(f'[gateway]\nname = gym\n[mqtt]\nhost = 127.0.0.1\n{mqtt}'
                    f'[athlete anna]\nstrap = Strap 1\nmax = 185\nrest = 55\n{extra}')


def is_live(message):
    return message.topic == LIVE and message['hr'] is not None and message['signal'] == 'live'


class Machine:
    """What is there before the package is."""

    def __init__(self):
        pathlib.Path('/etc/bluetooth/main.conf').write_text(stack.BLUETOOTHD_CONF + '\n[Policy]\nAutoEnable = true\n')
        # Without the profiles that this kernel and these controllers have no use for (stack.py).
        drop_in = pathlib.Path('/etc/systemd/system/bluetooth.service.d/test.conf')
        drop_in.parent.mkdir()
        drop_in.write_text(f'[Service]\nExecStart=\nExecStart={stack.BLUETOOTHD} -P sap,a2dp,avrcp,volume\n')
        run('systemctl', 'daemon-reload')
        # Who gives no name is let in, who gives one must know its password.
        run('mosquitto_passwd', '-b', '-c', PASSWORDS, 'gym', 'rest in zone 1')
        run('chown', 'mosquitto', PASSWORDS)
        pathlib.Path('/etc/mosquitto/conf.d/test.conf').write_text(
            f'listener 1883 127.0.0.1\nallow_anonymous true\npassword_file {PASSWORDS}\n')
        run('systemctl', 'restart', 'mosquitto')
        self.before = self.files()
        self.users = pathlib.Path('/etc/passwd').read_text()
        self.controllers = self.start_controllers()
        # The strap sits on the first of bluetoothd's list, for the reason that bench.py gives.
        peripheral, central = stack.adapters()
        stack.set_powered(central, True)
        stack.set_powered(peripheral, True)
        self.strap = Strap(peripheral, 'Strap 1', [{'hr': rate} for rate in range(100, 131)])
        self.messages = None

    @staticmethod
    def start_controllers():
        """On a busy host the kernel gives up on an emulated controller that answers late."""
        for left in (3, 2, 1, 0):
            controllers = stack.start_controllers(2)
            run('systemctl', 'start', 'bluetooth')
            try:
                wait_until(lambda: len(stack.adapters()) == 2, SLOW_S / 4, 'two adapters are on the bus')
                return controllers
            except Timeout:
                if left == 0:
                    raise
            controllers.kill()

    def files(self):
        """All files outside of what a system writes by itself."""
        listed = run('find', '/etc', '/usr', '/var/lib', '/opt', '/srv', '-xdev', '!', '-type', 'd')
        own = re.compile(r'/var/lib/(dpkg|apt|systemd|bluetooth|mosquitto)/|/etc/(group|gshadow|passwd|shadow|subuid|subgid)-?$'
                         r'|__pycache__|/etc/\.pwd\.lock$|/etc/(machine-id|\.updated)|/var/\.updated')
        return {path for path in listed.splitlines() if not own.search(path)}

    def wait_live(self, what, since=None):
        since = self.messages.mark() if since is None else since
        return self.messages.wait_for(what, is_live, SLOW_S, since)


def test_installed(machine):
    """Installed: runs at once, enabled, under the hardened unit"""
    run('apt-get', 'install', '-y', PACKAGE)
    wait_active('the service runs')
    assert run('systemctl', 'is-enabled', UNIT) == 'enabled'
    assert pathlib.Path(f'/proc/{main_pid()}').owner() == 'zone1d'
    assert pathlib.Path('/var/lib/zone1d').resolve().stat().st_mode & 0o777 == 0o700
    said = run('systemd-analyze', 'security', '--no-pager', UNIT)
    level = float(re.search(r'exposure level for zone1d\.service: ([0-9.]+)', said)[1])
    say(f'exposure {level}')
    assert level <= MAX_EXPOSURE, said


def test_live(machine):
    """A strap's rate arrives over MQTT, under the whole sandbox"""
    write_conf()
    run('systemctl', 'restart', UNIT)
    wait_active('it runs with its own file')
    machine.strap.start().started()
    machine.messages = Messages()
    machine.messages.wait_connected()
    message = machine.wait_live('a live rate', 0)
    sent = {entry['hr'] for entry in machine.strap.sent()}
    assert message['hr'] in sent, (message.payload, sent)
    status = pathlib.Path(f'/proc/{main_pid()}/status').read_text()
    assert re.search(r'(?m)^Seccomp:\t2$', status) and re.search(r'(?m)^CapEff:\t0+$', status), status


def test_journal(machine):
    """The journal has the fields of the documentation"""
    entries = journal('-u', UNIT, 'SYSLOG_IDENTIFIER=zone1d') or journal('-u', UNIT)
    own = [entry for entry in entries if entry.get('GLIB_DOMAIN') == 'zone1d']
    assert own, [sorted(entry) for entry in entries[-3:]]
    assert all({'MESSAGE', 'PRIORITY'} <= set(entry) for entry in own)
    assert any({'CODE_FILE', 'CODE_LINE', 'CODE_FUNC'} <= set(entry) for entry in own), sorted(own[0])
    assert {entry['PRIORITY'] for entry in own} <= {'3', '4', '5', '6', '7'}
    straps = [entry for entry in own if 'strap 1: live' in entry['MESSAGE']]
    assert straps and straps[0]['PRIORITY'] == '5' and straps[0]['ZONE1D_STRAP'] == '1', straps


def test_reload(machine):
    """Reload: taken over without a new process, and a bad file refused"""
    pid, since = main_pid(), machine.messages.mark()
    write_conf('alias = Anna B.\n[athlete ben]\nage = 40\n')
    run('systemctl', 'reload', UNIT)
    machine.messages.wait_for('the new athlete', lambda m: m.topic == 'zone1d/athlete/ben/session', SLOW_S, since)
    machine.wait_live('anna is live')
    write_conf('rset = 50\n')
    said = subprocess.run(['systemctl', 'reload', UNIT], stdin=subprocess.DEVNULL, capture_output=True, text=True)
    assert said.returncode != 0, 'a bad file was taken'
    os.kill(pid, signal.SIGHUP)  # past the unit's own check
    wait_until(lambda: any('stays in force' in entry['MESSAGE'] for entry in journal('-u', UNIT)), SLOW_S, 'it is refused')
    faults = [entry['MESSAGE'] for entry in journal('-u', UNIT) if '[athlete anna] rset:' in entry['MESSAGE']]
    assert faults and 'zone1d.conf:' in faults[-1], faults
    wait_active('it runs on')
    assert main_pid() == pid and show('NRestarts') == '0'
    lost = machine.messages.of('zone1d/athlete/anna/strap', since)
    assert all(message['connected'] for message in lost), [message.payload for message in lost]
    since = machine.messages.mark()
    write_conf()
    run('systemctl', 'reload', UNIT)
    machine.messages.wait_for('the athlete is taken back', lambda m: m.topic == 'zone1d/athlete/ben/session' and
                              not m.payload, SLOW_S, since)


def test_password(machine):
    """The broker's password comes from a file that root alone can read"""
    CREDENTIAL.parent.mkdir(mode=0o700, exist_ok=True)
    CREDENTIAL.write_text('rest in zone 2\n')
    CREDENTIAL.chmod(0o600)
    write_conf(mqtt='username = gym\npassword-file = zone1d.password\n')
    run('systemctl', 'restart', UNIT)
    wait_until(lambda: any('refuses the connection' in entry['MESSAGE'] for entry in journal('-u', UNIT)), SLOW_S,
               'the wrong one is refused')
    CREDENTIAL.write_text('rest in zone 1\n')
    since = machine.messages.mark()
    run('systemctl', 'restart', UNIT)
    machine.wait_live('live with the right one', since)
    assert CREDENTIAL.owner() == 'root' and CREDENTIAL.stat().st_mode & 0o777 == 0o600
    for entry in journal('-b'):
        assert 'rest in zone' not in str(entry.get('MESSAGE')), entry


def session_id(machine):
    told = [m for m in machine.messages.of('zone1d/athlete/anna/session') if m.payload and m['state'] == 'active']
    return told[-1]['id'] if told else None


def test_restart(machine):
    """A restart in the middle of a session: it goes on"""
    before = wait_until(lambda: session_id(machine), SLOW_S, 'a session runs')
    since = machine.messages.mark()
    run('systemctl', 'restart', UNIT)
    machine.messages.wait_for('it is active again', lambda m: m.topic == 'zone1d/athlete/anna/session' and m.payload and
                              m['state'] == 'active', SLOW_S, since)
    machine.wait_live('live again')
    assert session_id(machine) == before, (session_id(machine), before)


def test_watchdog(machine):
    """A daemon that is stopped is ended by the watchdog and started again"""
    pid, since, stopped = main_pid(), machine.messages.mark(), time.monotonic()
    os.kill(pid, signal.SIGSTOP)
    wait_until(lambda: main_pid() not in (0, pid), SLOW_S, 'another process')
    wait_active('it runs again')
    recovery('watchdog', time.monotonic() - stopped)
    assert any('atchdog' in entry.get('MESSAGE', '') for entry in journal('-u', UNIT)), 'not by the watchdog'
    machine.wait_live('live again', since)


def test_others_restart(machine):
    """bluetooth.service and mosquitto.service restarted, in any order"""
    pid = main_pid()
    for services in (['bluetooth'], ['mosquitto'], ['bluetooth', 'mosquitto'], ['mosquitto', 'bluetooth']):
        back = time.monotonic()
        for service in services:
            run('systemctl', 'restart', service)
        if 'bluetooth' in services:
            machine.strap.started(back)
        machine.wait_live('live after the restart of ' + ', '.join(services), machine.messages.mark())
        recovery('restart_of_' + '_'.join(services), time.monotonic() - back)
    assert main_pid() == pid, 'zone1d was restarted, too'


def test_removed(machine):
    """Removed: stopped, its file and its sessions kept; installed again: goes on"""
    run('apt-get', 'remove', '-y', 'zone1d')
    assert run('systemctl', 'is-active', UNIT, check=False) != 'active'
    assert CONF.exists() and any(pathlib.Path('/var/lib/zone1d').resolve().iterdir())
    run('apt-get', 'install', '-y', PACKAGE)
    wait_active('it runs again')
    machine.wait_live('live again')


def test_purged(machine):
    """Purged: nothing of it is left but its user"""
    run('apt-get', 'purge', '-y', 'zone1d')
    left = machine.files() - machine.before
    assert not left, sorted(left)  # nor the credential
    assert not pathlib.Path('/var/lib/zone1d').exists() and not CONF.parent.exists()
    assert run('systemctl', 'list-unit-files', '--no-legend', UNIT, check=False) == ''
    said = run('systemctl', '--failed', '--no-legend', '--plain')
    assert 'zone1d' not in said, said


TESTS = [test_installed, test_live, test_journal, test_reload, test_password, test_restart, test_watchdog, test_others_restart,
         test_removed, test_purged]


def main():
    tap, machine = Tap(), Machine()
    say(f'Debian {pathlib.Path("/etc/debian_version").read_text().strip()}, '
        f'{run("systemctl", "--version").splitlines()[0]}, booted in {time.monotonic():.0f} s')
    for test in TESTS:
        if not tap.run(test.__doc__, test, machine):
            say(run('journalctl', '-b', '--no-pager', '-n', '40', check=False))
    end_all()
    tap.end()


if __name__ == '__main__':
    main()

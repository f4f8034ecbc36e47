# SPDX-License-Identifier: MIT
"""The configuration read anew on SIGHUP: the real daemon, a real broker, a bluetoothd that is played.

usage: test_reload.py ZONE1D MOCK_STRAPS
"""
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / 'style'))
from broker import PATIENCE_S, Broker, Subscriber  # noqa: E402
from tap import Tap  # noqa: E402

ZONE1D, MOCK_STRAPS = sys.argv[1:3]
TAP = Tap()
ADDRESS = {name: f'00:AA:05:00:00:0{number}' for number, name in enumerate(('anna', 'ben', 'cleo', 'dora'), 1)}
BPM = {'anna': 121, 'ben': 122, 'cleo': 123, 'dora': 124}
SLOW_S = 3 * PATIENCE_S


class Straps:
    """All four are on the air; which is connected is the daemon's business."""

    def __init__(self):
        self.process = subprocess.Popen([MOCK_STRAPS], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.bus = self.process.stdout.readline().strip()
        for name, address in ADDRESS.items():
            self.say(f'strap {address} {BPM[name]}')

    def say(self, line):
        self.process.stdin.write(line + '\n')
        self.process.stdin.flush()

    def tell(self, name):
        """(connected, calls of Connect)"""
        self.say(f'tell {ADDRESS[name]}')
        _, state, calls = self.process.stdout.readline().split()
        return state == 'connected', int(calls)

    def wait_away(self, name):
        deadline = time.monotonic() + SLOW_S
        while self.tell(name)[0]:
            if time.monotonic() > deadline:
                raise TimeoutError(f'{name} is still connected')
            time.sleep(0.1)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        self.process.wait(PATIENCE_S)


class Manager:
    """What the service manager is told."""

    def __init__(self, folder):
        self.path = str(Path(folder) / 'notify')
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(self.path)
        self.socket.settimeout(SLOW_S)

    def next(self):
        return self.socket.recv(4096).decode()


class Daemon:
    def __init__(self, folder, broker, straps):
        self.port, self.manager = broker.port, Manager(folder)
        self.folder = Path(folder) / 'state'
        self.folder.mkdir()
        self.path = Path(folder) / 'zone1d.conf'
        self.log, self.lock = [], threading.Condition()
        self.athletes = {}

        self.write({'anna': '', 'ben': ''})
        self.process = subprocess.Popen(
            [ZONE1D, '--config', self.path], stderr=subprocess.PIPE, text=True,
            env={**os.environ, 'DBUS_SYSTEM_BUS_ADDRESS': straps.bus, 'NOTIFY_SOCKET': self.manager.path})
        self.reader = threading.Thread(target=self.read, daemon=True)
        self.reader.start()

    def read(self):
        for line in self.process.stderr:
            with self.lock:
                self.log.append(line.rstrip())
                self.lock.notify_all()

    def wait_log(self, text, after=0):
        with self.lock:
            if not self.lock.wait_for(lambda: any(text in line for line in self.log[after:]), SLOW_S):
                raise TimeoutError(f'{text!r} was not said: {self.log}')

    def write(self, athletes, extra=''):
        """ATHLETES: name -> more lines of their section."""
        sections = ''.join(f'[athlete {name}]\nstrap = {ADDRESS[name]}\nmax = 185\nrest = 55\n{lines}'
                           for name, lines in athletes.items())
        self.path.write_text(f'[gateway]\nname = test\nstate-dir = {self.folder}\n'
                             f'[mqtt]\nhost = 127.0.0.1\nport = {self.port}\n{extra}{sections}', encoding='utf-8')

    def reload(self, said='was read anew'):
        before = len(self.log)
        self.process.send_signal(signal.SIGHUP)
        self.wait_log(said, before)
        told = [self.manager.next(), self.manager.next()]
        fine = told[0].startswith('RELOADING=1\nMONOTONIC_USEC=') and told[1].startswith('READY=1')
        if not fine:
            TAP.ok('the service manager is told', False, str(told))
        return [line for line in self.log[before:]]


def live(name):
    return lambda topic, payload, _: topic == f'zone1d/athlete/{name}/live' and json.loads(payload)['hr'] == BPM[name]


def retained(broker, topic):
    with Subscriber(broker, topic) as subscriber:
        return {seen: payload for seen, payload, kept in subscriber.seen if kept and not seen.startswith('ready/')}


def test_come_and_go(daemon, subscriber, straps, broker):
    """anna stays through all of it."""
    for name in ('anna', 'ben'):
        subscriber.wait(live(name), SLOW_S)
    daemon.write({'cleo': 'group = hall\n', 'anna': '', 'ben': ''})
    log = daemon.reload()
    TAP.ok('what changed is counted in the log', any('1 athletes added, 0 changed, 0 removed' in x for x in log), str(log))
    subscriber.wait(lambda topic, *_: topic == 'homeassistant/device/zone1d_cleo/config', SLOW_S)
    subscriber.wait(live('cleo'), SLOW_S)
    TAP.ok('one more: announced, and live', True)
    daemon.write({'cleo': 'strap = ' + ADDRESS['dora'] + '\n', 'anna': 'alias = A.\n'})
    daemon.path.write_text(daemon.path.read_text().replace(f'strap = {ADDRESS["cleo"]}\n', ''))
    log = daemon.reload()
    TAP.ok('one removed, two changed', any('0 athletes added, 2 changed, 1 removed' in x for x in log), str(log))
    subscriber.wait(lambda topic, payload, _: topic == 'zone1d/athlete/cleo/live' and
                    json.loads(payload)['hr'] == BPM['dora'], SLOW_S)
    TAP.ok('another strap for the same athlete', True)
    straps.wait_away('ben')
    straps.wait_away('cleo')
    wanted = {'homeassistant/device/zone1d_ben/config',
              *(f'zone1d/athlete/ben/{leaf}' for leaf in ('session', 'strap', 'advice'))}
    while wanted := wanted - {topic for topic, payload, _ in subscriber.seen if not payload}:
        subscriber.wait(lambda topic, payload, _: topic in wanted and not payload, SLOW_S)
    left = {topic for topic in {**retained(broker, 'zone1d/#'), **retained(broker, 'homeassistant/#')} if 'ben' in topic}
    TAP.equal('of who went nothing is left on the broker', left, set())
    TAP.equal('anna kept the link', straps.tell('anna'), (True, 1))
    aliases = [m['alias'] for m in subscriber.payloads('zone1d/athlete/anna/session')]
    TAP.equal('and has the new alias', aliases[-1], 'A.')
    TAP.equal('a group that nobody is in any more is taken back', retained(broker, 'zone1d/group/#'), {})


def test_refused(daemon, subscriber, straps):
    fine = daemon.path.read_text()
    line = fine.count('\n') + 1
    daemon.path.write_text(fine + 'rset = 50\n')
    log = daemon.reload('stays in force')
    TAP.ok('a bad file: line, section and key', any(f'zone1d.conf:{line}: [athlete anna] rset:' in x for x in log), str(log))
    daemon.path.unlink()
    log = daemon.reload('stays in force')
    TAP.ok('a missing file is refused', any('zone1d.conf' in x for x in log), str(log))
    subscriber.wait(live('anna'), SLOW_S)
    TAP.equal('and nobody was disconnected', straps.tell('anna'), (True, 1))
    daemon.path.write_text(fine)


def test_fixed(daemon, subscriber):
    fine = daemon.path.read_text()
    daemon.path.write_text(fine.replace('name = test', 'name = other').replace(f'port = {daemon.port}', 'port = 1'))
    log = daemon.reload('only a restart')
    TAP.ok('what needs a restart is named', any('[gateway] name; [mqtt] port: only a restart' in x for x in log), str(log))
    subscriber.wait(live('anna'), SLOW_S)
    TAP.equal('and the old values count', [x for x in daemon.log if 'connection' in x and 'lost' in x], [])
    daemon.path.write_text(fine)


def anna_session(subscriber):
    return subscriber.payloads('zone1d/athlete/anna/session')[-1]


def test_session(daemon, subscriber):
    """Zone 1 ends at 132 bpm; the new zones say 119. anna, at 121, is in, and goes on to be."""
    subscriber.wait(lambda topic, payload, _: topic == 'zone1d/athlete/anna/state' and
                    json.loads(payload)['session'] == 'active', SLOW_S)
    before = anna_session(subscriber)['id']
    daemon.write({'anna': 'bounds = 100,120,140\n', 'cleo': ''})
    daemon.reload()
    subscriber.wait(lambda topic, payload, _: topic == 'zone1d/athlete/anna/session', SLOW_S)
    state = json.loads(subscriber.wait(lambda topic, *_: topic == 'zone1d/athlete/anna/state', SLOW_S)[1])
    TAP.equal('the session goes on by its own bounds', (anna_session(subscriber)['id'], state['cap']), (before, 132))
    for command, cap in (('stop', None), ('start', 119)):
        subprocess.run(['mosquitto_pub', '-h', '127.0.0.1', '-p', str(daemon.port), '-t',
                        'zone1d/athlete/anna/set/session', '-m', command], check=True)
        subscriber.wait(lambda topic, *_: topic == 'zone1d/athlete/anna/result', SLOW_S)
    state = json.loads(subscriber.wait(lambda topic, payload, _: topic == 'zone1d/athlete/anna/state' and
                                       json.loads(payload)['session'] == 'active', SLOW_S)[1])
    TAP.equal('the next one by the new ones', state['cap'], cap)


def test_ten(daemon, subscriber, straps):
    for i in range(10):
        daemon.write({'anna': f'alias = Anna {i}\n', **({'cleo': ''} if i % 2 else {'ben': 'group = hall\n'})})
        daemon.reload()
    subscriber.wait(lambda topic, payload, _: topic == 'zone1d/athlete/anna/session' and
                    '"Anna 9"' in payload, SLOW_S)
    subscriber.wait(live('anna'), SLOW_S)
    TAP.equal('ten in a row, and anna is still connected for the first time', straps.tell('anna'), (True, 1))


def test_outage(daemon, broker, straps):
    """What is changed while the broker is away is there when it is back."""
    broker.kill()
    daemon.wait_log('lost')
    daemon.write({'anna': 'alias = Back\n', 'dora': ''})
    daemon.reload()
    broker.start()
    with Subscriber(broker) as subscriber:
        subscriber.wait(live('dora'), SLOW_S)
        subscriber.wait(live('anna'), SLOW_S)
    kept = retained(broker, 'zone1d/athlete/#')
    TAP.equal('the broker has the new alias', json.loads(kept['zone1d/athlete/anna/session'])['alias'], 'Back')
    TAP.ok('and the new athlete', 'zone1d/athlete/dora/session' in kept, str(sorted(kept)))
    TAP.equal('anna kept the link', straps.tell('anna'), (True, 1))


def test_all(folder):
    with Straps() as straps, Broker(folder) as broker:
        with Subscriber(broker, '#') as subscriber:
            daemon = Daemon(folder, broker, straps)
            TAP.equal('ready', daemon.manager.next(), 'READY=1')
            test_come_and_go(daemon, subscriber, straps, broker)
            test_refused(daemon, subscriber, straps)
            test_fixed(daemon, subscriber)
            test_session(daemon, subscriber)
            test_ten(daemon, subscriber, straps)
        test_outage(daemon, broker, straps)
        daemon.process.send_signal(signal.SIGTERM)
        status = daemon.process.wait(SLOW_S)
        daemon.reader.join(SLOW_S)
        TAP.ok('the end is a clean one, without a leak', status == 0, '\n'.join([str(status), *daemon.log[-60:]]))


def main():
    with tempfile.TemporaryDirectory(dir='.') as folder:
        test_all(os.path.abspath(folder))
    return TAP.done()


sys.exit(main())

#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""conf/mosquitto in a real mosquitto: as it ships but for its paths, ports and the user it runs as."""
import base64
import os
import shutil
import socket
import ssl
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.dont_write_bytecode = True
ROOT, CERTIFICATES = Path(sys.argv[1]), Path(sys.argv[2])
sys.path[:0] = [str(ROOT / 'tests' / 'style'), str(ROOT / 'tests' / 'system')]
from broker import MOSQUITTO, PATIENCE_S, free_port  # noqa: E402
from tap import Tap  # noqa: E402

USERS = ('gym', 'homeassistant', 'trainer', 'display')
ETC = '/etc/mosquitto/zone1d'

# user, topic, may write, may read
RIGHTS = [
    ('gym', 'zone1d/gateway/gym/status', True, True),
    ('gym', 'zone1d/gateway/gym/check', True, True),
    ('gym', 'zone1d/gateway/attic/status', False, False),
    ('gym', 'zone1d/athlete/anna/live', True, False),
    ('gym', 'zone1d/athlete/anna/session/last', True, True),
    ('gym', 'zone1d/athlete/anna/set', True, True),
    ('gym', 'zone1d/athlete/anna/set/cap', True, True),
    ('gym', 'zone1d/athlete/anna/strap', True, True),
    ('gym', 'zone1d/group/tue/live', True, False),
    ('gym', 'zone1d/claim/strap1', True, True),
    ('gym', 'homeassistant/device/zone1d_anna/config', True, True),
    ('gym', 'homeassistant/status', False, True),
    ('gym', 'elsewhere', False, False),
    ('homeassistant', 'homeassistant/status', True, True),
    ('homeassistant', 'zone1d/athlete/anna/state', False, True),
    ('homeassistant', 'zone1d/athlete/anna/set/session', True, True),
    ('homeassistant', 'zone1d/gateway/gym/status', False, True),
    ('homeassistant', 'zone1d/gateway/gym/request/forget', True, True),
    ('trainer', 'zone1d/athlete/anna/set/session', True, True),
    ('trainer', 'zone1d/athlete/anna/live', False, True),
    ('trainer', 'homeassistant/status', False, False),
    ('display', 'zone1d/athlete/anna/live', False, True),
    ('display', 'zone1d/athlete/anna/set/session', False, True),
    ('display', 'zone1d/group/tue/session', False, True),
    ('display', 'zone1d/gateway/gym/status', False, True),
    ('display', 'zone1d/gateway/gym/request/forget', False, False),
    ('display', 'zone1d/gateway/display/status', False, True),
    ('display', 'zone1d/claim/strap1', False, False),
]


class Broker:
    """mosquitto with conf/mosquitto/NAMES; `ports`: of each, in place of what stands there."""

    def __init__(self, folder, names):
        self.folder = Path(tempfile.mkdtemp(dir=folder))
        self.ports, text = {}, ['persistence false', f'log_dest file {self.folder}/log', 'log_type all']
        if os.geteuid() == 0:
            text.insert(0, 'user root')
        for name in names:
            for line in (ROOT / 'conf' / 'mosquitto' / name).read_text(encoding='utf-8').splitlines():
                words = line.split()
                if words[:1] == ['listener']:
                    self.ports[words[1]] = str(free_port())
                    line = ' '.join(['listener', self.ports[words[1]], '127.0.0.1'])
                text.append(line.replace(ETC, str(self.folder)))
        (self.folder / 'mosquitto.conf').write_text('\n'.join(text) + '\n', encoding='utf-8')
        shutil.copy(ROOT / 'conf' / 'mosquitto' / 'zone1d.acl', self.folder)
        for name in ('server.pem', 'server.key'):
            shutil.copy(CERTIFICATES / name, self.folder)
        (self.folder / 'passwords').touch()
        for user in USERS:
            subprocess.run(['mosquitto_passwd', '-b', self.folder / 'passwords', user, f'{user}-secret'], check=True)

    def __enter__(self):
        self.process = subprocess.Popen([MOSQUITTO, '-c', self.folder / 'mosquitto.conf'],
                                        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        deadline = time.monotonic() + PATIENCE_S
        for port in self.ports.values():
            while True:
                try:
                    socket.create_connection(('127.0.0.1', int(port)), 1).close()
                    break
                except OSError:
                    if time.monotonic() > deadline or self.process.poll() is not None:
                        raise RuntimeError((self.folder / 'log').read_text(errors='replace')) from None
                    time.sleep(0.02)
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()

    def client(self, program, user, *arguments, password=None):
        login = ['-u', user, '-P', password or f'{user}-secret'] if user else []
        return subprocess.run([program, '-h', '127.0.0.1', '-p', self.ports['1883'], *login, '-V', '5', *arguments],
                              capture_output=True, text=True, timeout=PATIENCE_S, check=False)


def may_write(broker, user, topic):
    result = broker.client('mosquitto_pub', user, '-t', topic, '-q', '1', '-m', '', '-d')
    return 'RC:135' not in result.stdout and 'Not authorized' not in result.stdout + result.stderr


def test_rights(tap, broker):
    """What is written is retained by somebody who may, so that whoever may read it gets it at once."""
    (broker.folder / 'zone1d.acl').write_text(
        (broker.folder / 'zone1d.acl').read_text(encoding='utf-8') + 'user root\ntopic readwrite #\n', encoding='utf-8')
    subprocess.run(['mosquitto_passwd', '-b', broker.folder / 'passwords', 'root', 'root-secret'], check=True)
    broker.process.send_signal(1)  # reload, as systemctl reload does
    while broker.client('mosquitto_pub', 'root', '-t', 'x', '-m', '1').returncode:
        time.sleep(0.05)
    for topic in {row[1] for row in RIGHTS}:
        broker.client('mosquitto_pub', 'root', '-t', topic, '-q', '1', '-r', '-m', topic)
    read = {user: set(broker.client('mosquitto_sub', user, '-t', '#', '-W', '1').stdout.split()) for user in USERS}
    for user, topic, write, _ in RIGHTS:
        tap.equal(f'{user} {"writes" if write else "does not write"} {topic}', may_write(broker, user, topic), write)
    for user, topic, _, reads in RIGHTS:
        tap.equal(f'{user} {"reads" if reads else "does not read"} {topic}', topic in read[user], reads)


def test_login(tap, broker):
    tap.ok('nobody gets in without a name', broker.client('mosquitto_pub', None, '-t', 'x', '-m', '1').returncode != 0)
    wrong = broker.client('mosquitto_pub', 'gym', '-t', 'x', '-m', '1', password='wrong')
    tap.ok('nobody gets in with a wrong password', wrong.returncode != 0)


def test_tls(tap, broker):
    command = ['mosquitto_pub', '-h', 'localhost', '-p', broker.ports['8883'], '-u', 'gym', '-P', 'gym-secret',
               '-t', 'zone1d/gateway/gym/check', '-m', '1', '-q', '1']
    right = subprocess.run([*command, '--cafile', CERTIFICATES / 'ca.pem'], capture_output=True, check=False)
    tap.ok('the TLS listener takes whoever knows its authority', right.returncode == 0, right.stderr.decode())
    wrong = subprocess.run([*command, '--cafile', CERTIFICATES / 'other-ca.pem'], capture_output=True, check=False)
    tap.ok('and is not taken for somebody else\'s', wrong.returncode != 0)


def test_websockets(tap, broker):
    context = ssl.create_default_context(cafile=CERTIFICATES / 'ca.pem')
    key = base64.b64encode(os.urandom(16)).decode()
    with socket.create_connection(('127.0.0.1', int(broker.ports['9001'])), PATIENCE_S) as plain, \
            context.wrap_socket(plain, server_hostname='localhost') as link:
        link.sendall((f'GET /mqtt HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n'
                      f'Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n'
                      f'Sec-WebSocket-Protocol: mqtt\r\n\r\n').encode())
        answer = b''
        while b'\r\n\r\n' not in answer and (more := link.recv(4096)):
            answer += more
    tap.ok('the websockets listener upgrades', answer.startswith(b'HTTP/1.1 101'), answer.decode(errors='replace'))
    tap.ok('to MQTT', b'sec-websocket-protocol: mqtt' in answer.lower(), answer.decode(errors='replace'))


def main():
    tap = Tap()
    with tempfile.TemporaryDirectory(dir='.', prefix='conf-') as folder:
        with Broker(Path(folder).resolve(), ['access.conf', 'tls.conf', 'websockets.conf']) as broker:
            test_login(tap, broker)
            test_tls(tap, broker)
            test_websockets(tap, broker)
            test_rights(tap, broker)
    return tap.done()


if __name__ == '__main__':
    sys.exit(main())

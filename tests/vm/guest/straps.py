# SPDX-License-Identifier: MIT
"""Straps: the project's own with a known sequence, and BlueZ's example that nobody here wrote."""
import json
import os
import pathlib

import stack
from process import FOLDER, Process, wait_until
from stack import SLOW_S

STRAP = pathlib.Path(__file__).resolve().parent.parent / 'strap.py'
EXAMPLE = '/usr/share/doc/bluez-test-scripts/examples/example-gatt-server'
EXAMPLE_NAME = 'Example'


class Strap:
    """The project's own strap in a process of its own; SEQUENCE as in strap.py."""

    def __init__(self, adapter, name, sequence, options=()):
        self.adapter = adapter
        self.options = options
        self.name = name
        self.journal_path = f'{FOLDER}/{adapter}.journal'
        self.control_path = f'{FOLDER}/{adapter}.control'
        self.sequence_path = f'{FOLDER}/{adapter}.sequence'
        os.makedirs(FOLDER, exist_ok=True)
        if not os.path.exists(self.control_path):
            os.mkfifo(self.control_path)
        with open(self.sequence_path, 'w') as lines:
            lines.writelines(json.dumps(step) + '\n' for step in sequence)
        self.process = None

    def start(self):
        pathlib.Path(self.journal_path).unlink(missing_ok=True)
        self.process = Process(f'strap-{self.adapter}', [
            STRAP, '--adapter', self.adapter, '--name', self.name, '--sequence', self.sequence_path,
            '--log', self.journal_path, '--control', self.control_path, *self.options])
        return self

    def started(self, since=0):
        """Waits until it is on the air, or was put there again after SINCE."""
        wait_until(lambda: [entry for entry in self.events('registered') if entry['at'] > since], SLOW_S,
                   f'the strap on {self.adapter} advertises')
        return self

    def tell(self, command):
        with open(self.control_path, 'w') as control:
            control.write(command + '\n')

    def journal(self):
        try:
            with open(self.journal_path) as lines:
                return [json.loads(line) for line in lines if line.endswith('\n')]
        except FileNotFoundError:
            return []

    def events(self, name):
        return [entry for entry in self.journal() if entry.get('event') == name]

    def sent(self):
        """The notifications sent, in order: at, index, hr, rr, raw."""
        return [entry for entry in self.journal() if 'index' in entry]

    def kill(self):
        self.process.kill()


class ExampleStrap:
    """BlueZ's example-gatt-server. It does not advertise, which is done for it: btvirt 5.66 aborts on the length of
    what BlueZ's example-advertisement sends."""

    def __init__(self, adapter):
        assert adapter == stack.adapters()[0], 'it takes the first of bluetoothd\'s list'
        self.adapter = adapter
        self.server = Process('example-gatt-server', ['/usr/bin/python3', '-u', EXAMPLE])
        wait_until(lambda: 'registered' in self.server.log(), SLOW_S, 'example-gatt-server is registered')
        self.advertiser = Process('example-advertiser', [
            STRAP, '--adapter', self.adapter, '--name', EXAMPLE_NAME, '--advertise-only'])
        wait_until(lambda: 'registered' in self.advertiser.log(), SLOW_S, 'the example is advertised')

    def rates(self):
        """The rates it has sent, in order."""
        rates = []
        for line in self.server.log().splitlines():
            if line.startswith('Updating value: '):
                octets = [int(part.split(')')[0]) for part in line.split('dbus.Byte(')[1:]]
                rates.append(octets[1])
        return rates

    def kill(self):
        self.advertiser.kill()
        self.server.kill()

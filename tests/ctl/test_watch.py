#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""zone1ctl watch against a real broker, told by mosquitto_pub what a gateway would: test_watch.py ZONE1CTL"""
import fcntl
import json
import os
import pty
import re
import select
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import termios
import time
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / 'style'))
from tap import Tap  # noqa: E402

ZONE1CTL = sys.argv[1]
MOSQUITTO = shutil.which('mosquitto', path=f'{os.environ["PATH"]}:/usr/sbin')
PATIENCE_S = 90
LIVE = {'v': 1, 'ts': '2026-11-23T17:20:01.250Z', 'hr': 128, 'signal': 'live', 'zone': 'z1', 'zone_model': 'hrr',
        'cap': 140, 'status': 'in', 'advice': 'hold', 'compliance': 93.4, 'coverage': 98.0, 'valid_s': 812,
        'above_s': 54, 'excursions': 2, 'session': 'active'}
SUMMARY = {'id': '20261123T172001Z-anna', 'verdict': 'kept', 'reason': '96.0 % in target', 'zone_model': 'hrr',
           'cap': 140, 'compliance': 96.0, 'coverage': 100.0, 'valid_s': 3600, 'above_s': 144, 'longest_s': 20,
           'excursions': 9, 'peak_over': 4, 'hr_avg': 121.0, 'hr_max': 144}


class Broker:
    def __init__(self, folder):
        with socket.socket() as probe:
            probe.bind(('127.0.0.1', 0))
            self.port = probe.getsockname()[1]
        self.config = Path(folder) / f'mosquitto-{self.port}.conf'
        self.config.write_text(f'listener {self.port} 127.0.0.1\nallow_anonymous true\npersistence false\n'
                               'log_dest stderr\nlog_type subscribe\nlog_type error\n')
        self.log = self.config.with_suffix('.log')
        self.start()

    def start(self):
        with open(self.log, 'w', encoding='utf-8') as log:
            self.process = subprocess.Popen([MOSQUITTO, '-c', self.config], stdout=log, stderr=log)
        self.wait(lambda: not socket.socket().connect_ex(('127.0.0.1', self.port)))

    def wait(self, condition):
        deadline = time.monotonic() + PATIENCE_S
        while not condition():
            if time.monotonic() > deadline:
                raise TimeoutError(self.log.read_text())
            time.sleep(0.02)

    def wait_subscribed(self, leaf):
        self.wait(lambda: re.search(rf'zone1ctl.*{leaf}', self.log.read_text()))

    def stop(self):
        self.process.kill()
        self.process.wait()

    def say(self, topic, message, retain=False):
        text = message if isinstance(message, str) else json.dumps(message)
        subprocess.run(['mosquitto_pub', '-p', str(self.port), '-q', '1', '-t', f'zone1d/{topic}', '-m', text,
                        *(['-r'] if retain else [])], check=True, timeout=PATIENCE_S)


MEMBER = {'hr': 129, 'signal': 'live', 'zone': 'z1', 'cap': 140, 'status': 'in', 'advice': 'hold', 'compliance': 91.3,
          'session': 'active'}
GROUP = {'v': 1, 'ts': '2026-11-23T17:20:01.250Z', 'group': 'tue', 'gateway': 'pi', 'members': [
    {'athlete': name.lower(), 'alias': name, **MEMBER} for name in ('Anna', 'Ben')]}
# In a picture, a row begins at its first column.
SIDE_BY_SIDE = r'Anna(?:(?!;1H)[^\0])*Ben'
ONE_BELOW_THE_OTHER = r'Anna(?:(?!Ben)[^\0])*;1H(?:(?!Ben)[^\0])*Ben'


class Watch:
    def __init__(self, broker, *arguments, terminal=False):
        self.output = b''
        self.reader, writer = pty.openpty() if terminal else os.pipe()
        self.process = subprocess.Popen(
            [ZONE1CTL, 'watch', '--host', '127.0.0.1', '--port', str(broker.port), *arguments],
            stdin=writer if terminal else subprocess.DEVNULL, stdout=writer, stderr=writer,
            env={**os.environ, 'TERM': 'xterm'})
        os.close(writer)

    def says(self, pattern, keep_saying=lambda: None):
        """Reads on until PATTERN comes; what was read up to it is forgotten."""
        deadline = time.monotonic() + PATIENCE_S
        while time.monotonic() < deadline:
            if found := re.search(pattern.encode(), self.output):
                self.output = self.output[found.end():]
                return True
            if select.select([self.reader], [], [], 0.3)[0]:
                try:
                    data = os.read(self.reader, 65536)
                except OSError:
                    data = b''
                if not data:
                    return False
                self.output += data
            else:
                keep_saying()
        return False

    def resize(self, rows, columns):
        fcntl.ioctl(self.reader, termios.TIOCSWINSZ, struct.pack('HHHH', rows, columns, 0, 0))
        self.process.send_signal(signal.SIGWINCH)

    def end(self, number=None):
        if number:
            self.process.send_signal(number)
        self.says('\0never')
        status = self.process.wait(timeout=PATIENCE_S)
        os.close(self.reader)
        return status


def check_signal(tap, broker):
    watch = Watch(broker, 'anna')
    broker.wait_subscribed('live')

    def live(**changed):
        return lambda: broker.say('athlete/anna/live', {**LIVE, **changed})
    live()()
    tap.ok('a rate is shown', watch.says(r'128 bpm  z1 +in target', live()), watch.output)
    tap.ok('a lost strap is, too', watch.says('SIGNAL LOST', live(hr=None, zone=None, signal='lost')), watch.output)
    tap.ok('and its return', watch.says('131 bpm', live(hr=131)), watch.output)
    tap.ok('silence is not taken for a rate', watch.says('NO MESSAGES: No message from zone1d for 5 s'), watch.output)
    broker.say('gateway/pi/status', 'offline')
    tap.ok('nor a gateway that is gone', watch.says('ZONE1D OFFLINE'), watch.output)
    broker.say('gateway/pi/status', 'online')
    live()()
    tap.ok('that comes back', watch.says('128 bpm', live()), watch.output)
    broker.stop()
    tap.ok('nor a broker that is gone', watch.says('BROKER GONE'), watch.output)
    broker.start()
    broker.wait_subscribed('live')
    tap.ok('that comes back as well', watch.says('132 bpm', live(hr=132)), watch.output)
    tap.equal('SIGTERM ends it', watch.end(signal.SIGTERM), 0)


def check_verdict(tap, broker):
    broker.say('athlete/anna/session/last', {**SUMMARY, 'verdict': 'overdone'}, retain=True)
    for arguments in (['anna'], []):
        watch = Watch(broker, *arguments, '--until-finished')
        broker.wait_subscribed('live')

        def live():
            broker.say('athlete/anna/live', LIVE)
        live()
        watch.says('128 bpm', live)
        broker.say('athlete/berta/live', {**LIVE, 'hr': 77})
        broker.say('athlete/berta/session/last', {**SUMMARY, 'id': 'berta', 'verdict': 'slipped'})
        broker.say('athlete/anna/session/last', {**SUMMARY, 'id': f'new{arguments}', 'reason': 'a\x1b[2Jb\r'})
        status = watch.end()
        text = watch.output.decode()
        who = arguments[0] if arguments else 'the first that is heard'
        tap.equal(f'{who}: the end of the session ends it well', status, 0)
        tap.ok(f'{who}: with the new verdict, not with the retained one', 'verdict: kept, 96.0 %' in text and
               'overdone' not in text and 'slipped' not in text, text)
        tap.ok(f"{who}: another's rate is not shown", '77 bpm' not in text, text)
        tap.ok(f'{who}: no text steers the terminal', 'a?[2Jb?' in text and '\x1b' not in text, text)
        broker.log.write_text('')


def check_dropped(tap, broker):
    watch = Watch(broker, 'carla', '--until-finished')
    broker.wait_subscribed('live')

    def live(**changed):
        return lambda: broker.say('athlete/carla/live', {**LIVE, **changed})
    live()()
    watch.says('128 bpm', live())
    live(session='idle')()
    tap.equal('a session without a summary: status 1', watch.end(), 1)
    tap.ok('and a sentence', b'no verdict' in watch.output, watch.output)


def check_group(tap, broker):
    watch = Watch(broker, '--group', 'tue', terminal=True)
    watch.resize(4, 140)

    def live():
        broker.say('group/tue/live', GROUP)
    for rows, columns, what, picture in ((4, 140, 'low and wide: the members side by side', SIDE_BY_SIDE),
                                         (30, 140, 'made higher: one below the other', ONE_BELOW_THE_OTHER),
                                         (4, 60, 'made small: what is not shown is said', 'and 1 more: make the window larger'),
                                         (4, 140, 'made wide again: side by side', SIDE_BY_SIDE)):
        watch.resize(rows, columns)
        tap.ok(what, watch.says(picture, live), watch.output)
    tap.equal('q ends it', (os.write(watch.reader, b'q'), watch.end()), (1, 0))
    tap.ok('with the screen given back', b'\x1b[?25h\x1b[?1049l' in watch.output, watch.output)


def check_start_and_end(tap, broker):
    broker.stop()
    watch = Watch(broker, 'anna')
    tap.ok('a missing broker is said', watch.says('NO BROKER'), watch.output)
    tap.equal('SIGHUP ends it then, too', watch.end(signal.SIGHUP), 0)
    broker.start()
    watch = Watch(broker, 'anna', terminal=True)
    shown = watch.says(r'WAITING')
    status = watch.end(signal.SIGTERM)
    tap.equal('in a terminal it waits, and SIGTERM ends it', (shown, status), (True, 0))
    tap.ok('with the screen given back', b'\x1b[?25h\x1b[?1049l' in watch.output, watch.output)
    for arguments in (['a/b'], ['+'], ['Anna'], ['anna', 'berta'], ['--port', '0'], ['--port', '65536'], ['--what']):
        watch = Watch(broker, *arguments)
        tap.equal(f'refused: {" ".join(arguments)}', watch.end(), 64)


def main():
    tap = Tap()
    with tempfile.TemporaryDirectory(dir=os.getcwd()) as folder:
        broker = Broker(folder)
        try:
            check_signal(tap, broker)
            check_verdict(tap, broker)
            check_dropped(tap, broker)
            check_group(tap, broker)
            check_start_and_end(tap, broker)
        finally:
            broker.stop()
    return tap.done()


if __name__ == '__main__':
    sys.exit(main())

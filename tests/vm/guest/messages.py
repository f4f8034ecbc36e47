# SPDX-License-Identifier: MIT
"""What arrives at a subscriber of the broker: mosquitto_sub, with its own time stamps."""
import json
import os
import subprocess
import threading
import time

from process import CARE_S, Timeout, take_care
from stack import SLOW_S

PROBE = 'probe'


class Message:
    """at: CLOCK_MONOTONIC s of its arrival; payload: parsed where it is JSON, else text."""

    def __init__(self, line):
        arrived, retained, self.topic, text = line.split(' ', 3)
        self.at = float(arrived) - time.time() + time.monotonic()
        self.retained = retained == '1'
        try:
            self.payload = json.loads(text)
        except ValueError:
            self.payload = text

    def __getitem__(self, field):
        return self.payload[field]


class Messages:
    """Keeps everything below zone1d/, in order. Connects again when the broker was away."""

    def __init__(self):
        self.all = []
        self.news = threading.Condition()
        self.ended = False
        self.connected = 0
        self.child = None
        self.reader = threading.Thread(target=self.read, daemon=True)
        self.reader.start()

    def read(self):
        while not self.ended:
            # A retained message of our own tells that the subscription stands.
            published = subprocess.run(['mosquitto_pub', '-h', '127.0.0.1', '-r', '-t', PROBE, '-m', '1'],
                                       stderr=subprocess.DEVNULL).returncode == 0
            if not published:
                time.sleep(0.2)
                continue
            with subprocess.Popen(['mosquitto_sub', '-h', '127.0.0.1', '-V', '5', '-t', 'zone1d/#', '-t', PROBE,
                                   '-F', '%U %r %t %p'], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                  stderr=subprocess.DEVNULL, text=True, env={**os.environ, 'TZ': 'UTC'}) as self.child:
                for line in self.child.stdout:
                    self.take(Message(line.rstrip('\n')))

    def take(self, message):
        with self.news:
            if message.topic == PROBE:
                self.connected += 1
            else:
                self.all.append(message)
            self.news.notify_all()

    def mark(self):
        """A place in the sequence, to look only at what comes after it."""
        return len(self.all)

    def wait_for(self, what, predicate, timeout_s=SLOW_S, since=0):
        """The first message from SINCE on for which PREDICATE holds."""
        end = time.monotonic() + timeout_s
        position = since
        while True:
            with self.news:
                for message in self.all[position:]:
                    if predicate(message):
                        return message
                position = len(self.all)
                self.news.wait(max(0, min(CARE_S, end - time.monotonic())))
                more = len(self.all) > position
            if not more and time.monotonic() >= end:
                latest = '\n'.join(f'{each.topic} {each.payload}' for each in self.all[-4:])
                raise Timeout(f'{what}: not within {timeout_s} s; the latest messages:\n{latest}')
            end += take_care()

    def wait_connected(self):
        with self.news:
            if not self.news.wait_for(lambda: self.connected, SLOW_S):
                raise Timeout('the subscriber is not connected')

    def of(self, topic, since=0):
        return [message for message in self.all[since:] if message.topic == topic]

    def end(self):
        self.ended = True
        if self.child is not None:
            self.child.kill()

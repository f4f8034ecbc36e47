# SPDX-License-Identifier: MIT
"""A real mosquitto on a free loopback port, and what it tells a subscriber."""
import json
import queue
import shutil
import socket
import subprocess
import tempfile
import threading
import time
from pathlib import Path

PATIENCE_S = 60
MOSQUITTO = shutil.which('mosquitto') or '/usr/sbin/mosquitto'


def free_port():
    with socket.socket() as probe:
        probe.bind(('127.0.0.1', 0))
        return probe.getsockname()[1]


class Broker:
    def __init__(self, folder):
        self.folder = Path(tempfile.mkdtemp(dir=folder))
        self.port = free_port()
        self.process = None
        self.config = self.folder / 'mosquitto.conf'
        self.config.write_text(f'listener {self.port} 127.0.0.1\nallow_anonymous true\npersistence false\n'
                               'max_queued_messages 0\nlog_dest stderr\n', encoding='utf-8')

    def start(self):
        with open(self.folder / 'mosquitto.log', 'a', encoding='utf-8') as log:
            self.process = subprocess.Popen([MOSQUITTO, '-c', self.config], stdout=log, stderr=log)
        deadline = time.monotonic() + PATIENCE_S
        while time.monotonic() < deadline:
            try:
                socket.create_connection(('127.0.0.1', self.port), 1).close()
                return self
            except OSError:
                time.sleep(0.02)
        raise RuntimeError(f'mosquitto does not listen: {self.folder}')

    def kill(self):
        if self.process:
            self.process.kill()
            self.process.wait()
            self.process = None

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        self.kill()


class Subscriber:
    """All messages below a topic, in order, as (topic, payload, retained)."""

    def __init__(self, broker, topic='zone1d/#'):
        self.process = subprocess.Popen(
            ['mosquitto_sub', '-h', '127.0.0.1', '-p', str(broker.port), '-V', '5', '-t', topic, '-t', 'ready/#',
             '-q', '1', '-F', '%j'], stdout=subprocess.PIPE, text=True)
        self.queue, self.seen = queue.Queue(), []
        threading.Thread(target=self.read, daemon=True).start()
        self.wait_until_subscribed(broker)

    def read(self):
        for line in self.process.stdout:
            try:
                message = json.loads(line)
            except ValueError:
                return  # cut off by its end
            self.queue.put((message['topic'], message['payload'], bool(message['retain'])))

    def wait_until_subscribed(self, broker):
        subprocess.run(['mosquitto_pub', '-h', '127.0.0.1', '-p', str(broker.port), '-r', '-t', 'ready/now', '-m', '1'],
                       check=True)
        self.wait(lambda topic, *_: topic == 'ready/now')

    def wait(self, wanted, timeout_s=PATIENCE_S):
        """The first message from now on that WANTED accepts; all before it are in self.seen."""
        deadline = time.monotonic() + timeout_s
        while (left_s := deadline - time.monotonic()) > 0:
            try:
                message = self.queue.get(timeout=left_s)
            except queue.Empty:
                break
            self.seen.append(message)
            if wanted(*message):
                return message
        raise TimeoutError(f'nothing of the kind in {timeout_s} s; {len(self.seen)} messages came')

    def payloads(self, topic):
        return [json.loads(payload) for seen, payload, _ in self.seen if seen == topic and payload.startswith('{')]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()

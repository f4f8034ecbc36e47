# SPDX-License-Identifier: MIT
"""Programs of the test machine, and waiting for what they do."""
import os
import signal
import subprocess
import time

FOLDER = '/run/test'
POLL_S = 0.05
CARE_S = 1

caretakers = []  # called about once in CARE_S by whatever waits, themselves excepted
cared_at = 0


class Timeout(AssertionError):
    pass


def take_care():
    """Returns how long it took, s: what is waited for may have as much longer."""
    global cared_at
    begun = time.monotonic()
    if begun < cared_at + CARE_S:
        return 0
    cared_at = float('inf')
    try:
        for caretaker in caretakers:
            caretaker()
    finally:
        cared_at = time.monotonic()
    return cared_at - begun


def wait_until(condition, timeout_s, what):
    """Returns the condition's first true value. Looks often; never sleeps for luck."""
    end = time.monotonic() + timeout_s
    while True:
        value = condition()
        if value:
            return value
        end += take_care()
        if time.monotonic() > end:
            raise Timeout(f'{what}: not within {timeout_s} s')
        time.sleep(POLL_S)


class Process:
    """A program whose output goes to a log file of its own."""

    running = []

    def __init__(self, name, command, env=None):
        os.makedirs(FOLDER, exist_ok=True)
        self.name = name
        self.log_path = f'{FOLDER}/{name}.log'
        self.log_start = os.path.getsize(self.log_path) if os.path.exists(self.log_path) else 0
        with open(self.log_path, 'ab') as log:
            self.child = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                          env={**os.environ, **(env or {})})
        self.running.append(self)

    def log(self):
        """What this run of the program has said."""
        with open(self.log_path, errors='replace') as log:
            log.seek(self.log_start)
            return log.read()

    def alive(self):
        return self.child.poll() is None

    def crashed(self):
        """It ended by a signal that was not sent from here."""
        return self in self.running and not self.alive() and self.child.returncode < 0

    def send(self, number):
        if self.alive():
            self.child.send_signal(number)

    def kill(self):
        self.end(signal.SIGKILL)

    def end(self, number=signal.SIGTERM, timeout_s=20):
        """Sends the signal and waits for the end; returns the exit status, negative for a signal."""
        self.send(number)
        try:
            status = self.child.wait(timeout_s)
        except subprocess.TimeoutExpired:
            self.child.kill()
            self.child.wait()
            raise Timeout(f'{self.name}: no end within {timeout_s} s of signal {number}') from None
        finally:
            if self in self.running:
                self.running.remove(self)
        return status


def end_all():
    for process in list(reversed(Process.running)):
        process.end(signal.SIGKILL)

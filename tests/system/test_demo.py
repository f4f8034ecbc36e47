#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""scripts/demo as people run it: test_demo.py ROOT. Built once into this folder; then without a terminal
at two speeds, in a terminal, and ended in every way there is; nothing of it may stay behind."""
import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import tempfile
import termios
import time
import urllib.request
from pathlib import Path
from xml.etree import ElementTree

ROOT = Path(sys.argv[1])
sys.path[:0] = [str(ROOT / 'scripts' / 'lib'), str(ROOT / 'tests' / 'style')]
sys.dont_write_bytecode = True
import processes  # noqa: E402
from tap import Tap  # noqa: E402

DEMO = ROOT / 'scripts' / 'demo'
PATIENCE_S = 240
VERDICT = 'verdict: kept, 95.4 % in target'
ENTER, LEAVE = b'\x1b[?1049h', b'\x1b[?1049l'


class Demo:
    """A run of the demo in a session of its own, without a terminal unless TERMINAL."""

    def __init__(self, folder, *arguments, terminal=False, environment=()):
        self.temporary = Path(tempfile.mkdtemp(dir=folder))
        self.output, self.master = b'', None
        inherited = {name: value for name, value in os.environ.items() if name != 'NO_COLOR'}
        environment = {**inherited, 'TERM': 'xterm-256color', 'TMPDIR': str(self.temporary),
                       'ZONE1D_DEMO_BUILD': os.path.join(folder, 'demo-build'), **dict(environment)}
        if terminal:
            self.master, slave = pty.openpty()
            fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack('HHHH', 24, 80, 0, 0))
            self.modes = termios.tcgetattr(slave)
        else:
            self.master, slave = os.pipe()
        self.process = subprocess.Popen(
            [DEMO, *arguments], stdin=slave if terminal else subprocess.DEVNULL, stdout=slave, stderr=slave,
            env=environment, start_new_session=True, preexec_fn=(lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0))
            if terminal else None)
        self.slave = slave if terminal else os.close(slave)

    def read_until(self, pattern):
        """Reads on until PATTERN is in the output (True) or nothing more can come (False)."""
        deadline = time.monotonic() + PATIENCE_S
        while time.monotonic() < deadline:
            if pattern is not None and re.search(pattern, self.output):
                return True
            if select.select([self.master], [], [], 0.2)[0]:
                try:
                    data = os.read(self.master, 65536)
                except OSError:
                    data = b''
                if not data:
                    return False
                self.output += data
            elif self.process.poll() is not None:
                return False
        return False

    def end(self):
        """The exit status, when it is over and all output read."""
        self.read_until(None)
        status = self.process.wait(timeout=PATIENCE_S)
        for fd in {self.master, self.slave} - {None}:
            os.close(fd)
        return status

    def text(self):
        return self.output.decode(errors='replace')


def left_behind(demo, patience_s=20):
    """What is still there of a demo that has ended: processes, and files in its temporary folder."""
    deadline = time.monotonic() + patience_s
    while processes.descendants() and time.monotonic() < deadline:
        time.sleep(0.05)
    strays = processes.end_descendants()
    return strays, sorted(path.name for path in demo.temporary.iterdir())


def verdict_of(text):
    found = text.find('verdict:')
    return text[found:].replace('\r', '') if found >= 0 else f'none in: {text[-2000:]}'


def check_plain(tap, folder):
    slow = Demo(folder, '--seconds', '14')
    slow.read_until(rb'In a browser: \S+\n')
    address = re.search(r'In a browser: (http://127\.0\.0\.1:\d+/)#broker=ws://127\.0\.0\.1:\d+&athlete=runner\n', slow.text())
    page = urllib.request.urlopen(address[1], timeout=PATIENCE_S).read() if address else b''
    tap.ok('the page is served at the address that it prints', b'Content-Security-Policy' in page, slow.text())
    status = slow.end()
    tap.equal('without a terminal it ends well', status, 0)
    tap.ok(f'and with {VERDICT}', VERDICT in slow.text(), slow.text()[-2000:])
    lines = re.findall(r'^ *(?:\d+:)+\d\d +\d+ bpm +\w+ +', slow.text(), re.MULTILINE)
    tap.ok('plain lines tell of the run', len(lines) >= 3, slow.text()[-2000:])
    tap.ok('without a control character', '\x1b' not in slow.text())
    tap.equal('nothing is left behind', left_behind(slow), ([], []))
    fast = Demo(folder, '--speed', '5000')
    tap.equal('at speed 5000 it ends well', fast.end(), 0)
    tap.equal('and with the same verdict in every figure', verdict_of(fast.text()), verdict_of(slow.text()))
    left_behind(fast)
    at_once = Demo(folder, '--speed', '0')
    at_once.end()
    tap.equal('and so at once', verdict_of(at_once.text()), verdict_of(slow.text()))
    left_behind(at_once)


def check_terminal(tap, folder):
    demo = Demo(folder, '--seconds', '60', terminal=True)
    tap.ok('in a terminal it takes the other screen', demo.read_until(re.escape(ENTER)), demo.text()[-2000:])
    tap.ok('and shows the run', demo.read_until(rb'in target'), demo.text()[-2000:])
    fcntl.ioctl(demo.master, termios.TIOCSWINSZ, struct.pack('HHHH', 12, 40, 0, 0))
    demo.output = b''
    os.killpg(os.tcgetpgrp(demo.master), signal.SIGWINCH)
    tap.ok('a resize draws all anew', demo.read_until(rb'\x1b\[12;1H'), demo.text()[-2000:])
    os.write(demo.master, b'q')
    demo.read_until(re.escape(LEAVE))
    modes = termios.tcgetattr(demo.slave)
    tap.equal('q ends it', demo.end(), 0)
    tap.ok('the cursor and the screen are given back', b'\x1b[?25h' in demo.output and LEAVE in demo.output)
    tap.equal('and the modes of the terminal', modes[3] | termios.PENDIN, demo.modes[3] | termios.PENDIN)
    tap.equal('nothing is left behind after q', left_behind(demo), ([], []))
    dumb = Demo(folder, '--speed', '3000', terminal=True, environment={'TERM': 'dumb'})
    tap.ok('a dumb terminal gets lines', dumb.end() == 0 and b'\x1b' not in dumb.output and VERDICT in dumb.text(),
           dumb.text()[-2000:])
    left_behind(dumb)
    grey = Demo(folder, '--speed', '3000', terminal=True, environment={'NO_COLOR': '1'})
    tap.ok('NO_COLOR is honoured', grey.end() == 0 and not re.search(rb'\x1b\[[0-9;]*[34][0-7]m', grey.output))
    left_behind(grey)


def check_ends(tap, folder):
    def interrupt(demo):
        os.write(demo.master, b'\x03')

    def close(demo):
        os.close(demo.slave)
        os.close(demo.master)
        demo.master = demo.slave = None

    def to_all(number):
        return lambda demo: os.killpg(demo.process.pid, number)

    def to_shell(number):
        return lambda demo: demo.process.send_signal(number)

    for what, act, terminal, wanted in [
            ('Ctrl-C', interrupt, True, 130), ('the terminal closed', close, True, 129),
            ('SIGINT to its group', to_all(signal.SIGINT), False, 130),
            ('SIGHUP to its group', to_all(signal.SIGHUP), False, 129),
            ('SIGTERM to the script alone', to_shell(signal.SIGTERM), False, 143),
            ('SIGHUP to the script alone', to_shell(signal.SIGHUP), False, 129)]:
        demo = Demo(folder, '--seconds', '120', terminal=terminal)
        shown = demo.read_until(rb'in target|settling')
        act(demo)
        status = demo.process.wait(timeout=PATIENCE_S) if demo.master is None else demo.end()
        tap.equal(f'{what}: it was running, and ends with {wanted}', (shown, status), (True, wanted))
        tap.equal(f'{what}: nothing is left behind', left_behind(demo), ([], []))
    demo = Demo(folder, '--seconds', '120')
    demo.read_until(rb'in target|settling')
    demo.process.kill()
    demo.end()
    tap.equal('SIGKILL to the script: no process is left behind', left_behind(demo)[0], [])


def check_picture(tap, folder):
    pictures = Path(folder) / 'pictures'
    environment = {**os.environ, 'ZONE1D_DEMO_BUILD': os.path.join(folder, 'demo-build')}
    done = subprocess.run([ROOT / 'scripts' / 'pictures', pictures], env=environment, stdin=subprocess.DEVNULL,
                          capture_output=True, text=True, timeout=PATIENCE_S, check=False)
    tap.equal('the picture is made', (done.returncode, done.stderr), (0, ''))
    picture = (pictures / 'watch.svg').read_text(encoding='utf-8') if done.returncode == 0 else '<svg/>'
    svg = '{http://www.w3.org/2000/svg}'
    root = ElementTree.fromstring(picture)
    words = ' '.join(text.text for text in root.iter(f'{svg}text'))
    tap.ok('it shows a session', 'runner active' in words and 'cap 140 bpm' in words and 'target' in words, words)
    tap.ok('with a big number', sum(1 for _ in root.iter(f'{svg}rect')) > 100)
    tap.ok('the committed one is of the same making', (ROOT / 'docs' / 'pictures' / 'watch.svg').read_text(
        encoding='utf-8').splitlines()[0] == picture.splitlines()[0])
    tap.equal('so is the picture of a session, and it is the committed one',
              (pictures / 'session.svg').read_text(encoding='utf-8') if done.returncode == 0 else None,
              (ROOT / 'docs' / 'pictures' / 'session.svg').read_text(encoding='utf-8'))
    processes.end_descendants(patience_s=20)


def check_refusals(tap, folder):
    for arguments in (['--speed', 'fast'], ['--seconds'], ['--what'], ['--live'], ['--live', '--strap', 'x']):
        demo = Demo(folder, *arguments)
        tap.equal(f'refused: {" ".join(arguments)}', (demo.end(), left_behind(demo)), (64, ([], [])))
    demo = Demo(folder, '--live', '--strap', 'x', '--max', '500')
    tap.equal('a live profile that cannot be judged is refused', demo.end(), 1)
    tap.ok('with the reason', 'max' in demo.text(), demo.text())
    left_behind(demo)
    os.environ['ZONE1D_DEMO_ADAPTERS'] = str(folder)
    demo = Demo(folder, '--live', '--strap', 'x', '--age', '40')
    tap.equal('without an adapter it does not wait for ever', demo.end(), 1)
    tap.ok('but says what is missing', 'no Bluetooth adapter' in demo.text(), demo.text())
    tap.equal('and leaves nothing behind', left_behind(demo), ([], []))
    del os.environ['ZONE1D_DEMO_ADAPTERS']


def main():
    tap = Tap()
    processes.adopt_orphans()
    # Under the sanitizers' environment or not: the demo makes a build of its own.
    os.environ['ZONE1D_DEMO_NO_INSTALL'] = '1'
    with tempfile.TemporaryDirectory(dir=os.getcwd()) as folder:
        check_plain(tap, folder)
        check_terminal(tap, folder)
        check_ends(tap, folder)
        check_picture(tap, folder)
        check_refusals(tap, folder)
    return tap.done()


if __name__ == '__main__':
    sys.exit(main())

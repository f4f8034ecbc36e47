#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The counter of scripts/test, on TAP text and on what meson itself makes of programs that fail,
skip, stop half-way and crash."""
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(sys.argv[1])
sys.path.insert(0, str(ROOT / 'scripts' / 'lib'))
sys.dont_write_bytecode = True
import processes  # noqa: E402
from tap import Tap  # noqa: E402
from tap_count import Count, count_log, count_tap  # noqa: E402

TEXTS = [  # what, output, passed, failed
    ('all well', '1..2\nok 1 - a\nok 2 - b\n', 2, 0),
    ('plan at the end', 'ok 1 - a\nok 2 - b\n1..2\n', 2, 0),
    ('one fails', '1..2\nok 1 - a\nnot ok 2 - b\n', 1, 1),
    ('one is skipped', '1..2\nok 1 - a\nok 2 # SKIP no adapter\n', 1, 1),
    ('one is put off', '1..1\nnot ok 1 - a # TODO later\n', 0, 1),
    ('two are missing', '1..3\nok 1 - a\n', 1, 2),
    ('one too many', '1..1\nok 1 - a\nok 2 - b\n', 2, 1),
    ('all skipped', '1..0 # skipped: no bluetooth\n', 0, 1),
    ('no output', '', 0, 1),
    ('no plan', 'ok 1 - a\n', 1, 1),
    ('bail out', '1..2\nok 1 - a\nBail out! no broker\n', 1, 2),
    ('nested points and noise do not count', '1..1\nokay\n    ok 1 - inner\n# ok 3\nok 1 - a\n', 1, 0),
]

PROGRAMS = [  # name, protocol, shell, passed, failed
    ('good', 'tap', 'echo 1..2; echo ok 1; echo ok 2', 2, 0),
    ('fails', 'tap', 'echo 1..2; echo ok 1; echo not ok 2; exit 1', 1, 1),
    ('skips', 'tap', 'echo 1..2; echo ok 1; echo "ok 2 # SKIP why"', 1, 1),
    ('crashes_half_way', 'tap', 'echo 1..3; echo ok 1; kill -SEGV $$', 1, 2),
    ('crashes_at_the_end', 'tap', 'echo 1..2; echo ok 1; echo ok 2; kill -ABRT $$', 2, 1),
    ('leaks', 'tap', 'echo 1..1; echo ok 1; exit 23', 1, 1),
    ('hangs', 'tap', 'echo 1..2; echo ok 1; exec sleep 60', 1, 1),
    ('plain_good', 'exitcode', 'exit 0', 1, 0),
    ('plain_bad', 'exitcode', 'exit 3', 0, 1),
    ('plain_skip', 'exitcode', 'exit 77', 0, 1),
]


def check_texts(tap):
    for what, text, passed, failed in TEXTS:
        count = count_tap(text)
        tap.equal(f'counts: {what}', (count.passed, count.failed), (passed, failed))
    said = count_tap('# of the first\nok 1 - a\nnot ok 2 - b\n# took 1 s\n\n# trace\n# no rate in 60 s\nnot ok 3 - c\n'
                     '# took 2 s\n1..3\n')
    tap.equal('a failed test goes with what it said last', said.faults, ['b', 'c: no rate in 60 s'])
    said = count_tap('1..2\n# 9 bytes\nnot ok 1 - a\n# 1 != 2\n# a.c:6: error: Failure!\nnot ok 2 - b\n'
                     '# x\n# a.c:7: error: Failure!\n')
    tap.equal('or with where it failed', said.faults,
              ['a: 1 != 2; a.c:6: error: Failure!', 'b: x; a.c:7: error: Failure!'])


def check_meson(tap, folder):
    lines = ["project('counted')"]
    for name, protocol, shell, _, _ in PROGRAMS:
        (folder / name).write_text(f'#!/bin/sh\n{shell}\n')
        (folder / name).chmod(0o755)
        lines.append(f"test('{name}', find_program('./{name}'), protocol: '{protocol}', timeout: 3)")
    (folder / 'meson.build').write_text('\n'.join(lines) + '\n')
    environment = {key: value for key, value in os.environ.items() if not key.startswith('MESON')}
    quiet = {'stdout': subprocess.DEVNULL, 'stderr': subprocess.DEVNULL, 'env': environment}
    subprocess.run(['meson', 'setup', folder / 'build', folder], check=True, **quiet)
    subprocess.run(['meson', 'test', '-C', folder / 'build'], check=False, **quiet)
    log = folder / 'build' / 'meson-logs' / 'testlog.json'
    expected = {name: protocol for name, protocol, _, _, _ in PROGRAMS}
    whole = count_log(log, {**expected, 'vanished': 'tap'})
    for name, protocol, _, passed, failed in PROGRAMS:
        mine = Count()
        alone = folder / f'{name}.json'
        alone.write_text(''.join(line for line in log.read_text().splitlines(True) if f'"name": "{name}"' in line))
        mine.add(count_log(alone, {name: protocol}))
        tap.equal(f'counts what meson ran: {name}', (mine.passed, mine.failed), (passed, failed))
    total = (sum(program[3] for program in PROGRAMS), sum(program[4] for program in PROGRAMS) + 1)
    tap.equal('the whole adds up, with one for the test that did not run', (whole.passed, whole.failed), total)
    tap.equal('a log that is not there is a failure', count_log(folder / 'none', {}).failed, 1)


def check_processes(tap, folder):
    processes.adopt_orphans()
    with open(folder / 'log', 'w', encoding='utf-8') as log:
        stray = 'setsid sleep 987 & setsid sh -c "trap : TERM; sleep 988; sleep 989" &'
        status, strays = processes.run(['sh', '-c', f'{stray} exit 0'], log, 60, folder)
        tap.equal('a command that leaves processes behind is found out', (status, len(strays) >= 2), (0, True))
        tap.equal('and they are ended, in whatever session', processes.descendants(), {})
        started = time.monotonic()
        status, _ = processes.run(['sh', '-c', 'sleep 987 & sleep 987'], log, 1, folder)
        tap.equal('a command that takes too long is ended', (status, time.monotonic() - started < 60), ('timeout', True))
        tap.equal('with all that it started', processes.descendants(), {})
        status, _ = processes.run(['sh', '-c', 'kill -SEGV $$'], log, 60, folder)
        tap.equal('a crash has its signal as status', status, -signal.SIGSEGV)


def main():
    tap = Tap()
    with tempfile.TemporaryDirectory(dir=os.getcwd()) as folder:
        check_texts(tap)
        check_meson(tap, Path(folder))
        check_processes(tap, Path(folder))
    return tap.done()


if __name__ == '__main__':
    sys.exit(main())

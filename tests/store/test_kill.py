# SPDX-License-Identifier: MIT
"""SIGKILL at 200 random moments of one session, which goes on each time: never more than 5 s of it are lost, and the
database is never damaged.

The session's clock is twice as fast as the real one, and it is stored every second of it. That leaves 4 s, 2 s of real
time, for a machine that is busy with other things.

usage: test_kill.py KILL_CHILD [SEED]
"""
import os
import random
import sqlite3
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / 'style'))
from tap import Tap  # noqa: E402

CHILD = sys.argv[1]
SEED = int(sys.argv[2]) if len(sys.argv) > 2 else 1
KILLS, INTERVAL_S, ALLOWED_MS, LONGEST_S = 200, 1, 5000, 0.6
TAP = Tap()


def run_and_kill(folder, after_s):
    """What it found when it began, and the last that it knew."""
    child = subprocess.Popen([CHILD, folder, str(INTERVAL_S)], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    began = child.stdout.readline().split()[1:]
    time.sleep(after_s)  # the moment is what is random here; nothing is waited for
    child.kill()
    known = [line.split()[1] for line in child.stdout.read().splitlines() if line.startswith('KNOWS ')]
    child.wait()
    return began, int(known[-1]) if known else None


def ask(folder, sql):
    database = sqlite3.connect(Path(folder) / 'zone1d.db')
    try:
        return database.execute(sql).fetchall()
    finally:
        database.close()


def main():
    chance = random.Random(SEED)
    worst, ids, damaged, restored, known = 0, set(), [], 0, None
    with tempfile.TemporaryDirectory(dir=os.getcwd(), prefix='k') as folder:
        for kill in range(KILLS + 1):
            began, now_known = run_and_kill(folder, chance.uniform(0, LONGEST_S))
            if began != ['none']:
                restored += 1
                ids.add(began[0])
                if known is not None:
                    worst = max(worst, known - int(began[1]))
            known = now_known if now_known is not None else known
            if kill % 10 == 0:
                damaged += [row for row in ask(folder, 'PRAGMA integrity_check') if row != ('ok',)]
        sessions = ask(folder, 'SELECT id, ended_us FROM sessions')
        chunks, bytes_ = ask(folder, 'SELECT count(*), sum(length(data)) FROM chunks')[0]
    print(f'# {KILLS} kills, {restored} restored; at most {worst / 1000:.2f} s were lost; {chunks} chunks of {bytes_} bytes')
    TAP.ok('it goes on after each kill', restored >= KILLS - 3, f'{restored} of {KILLS}')
    TAP.equal('as one and the same session', (len(ids), len(sessions), sessions[0][1]), (1, 1, None))
    TAP.ok('never are more than 5 s lost', worst <= ALLOWED_MS, f'{worst} ms')
    TAP.equal('the database is never damaged', damaged, [])
    return TAP.done()


if __name__ == '__main__':
    sys.exit(main())

# SPDX-License-Identifier: MIT
"""Stored sessions to try commands and exports on, and recordings to make them of."""
import os
import subprocess
from pathlib import Path

PATIENCE_S = 120


def recording(path, rows):
    """Rows of (t_s, hr, speed, rr, contact, event), as zone1ctl exports them."""
    lines = ['t_s,hr_bpm,speed_mps,rr_ms,contact,event']
    lines += [','.join('' if field is None else str(field) for field in row) for row in rows]
    Path(path).write_text('\n'.join(lines) + '\n', encoding='utf-8')
    return path


def sample(second, rate, speed=None, rr=None, contact=1):
    return (f'{second:.3f}', rate, speed, rr, contact, None)


def event(second, word):
    return (f'{second:.3f}', None, None, None, None, word)


def varied():
    """Ten minutes with all that can happen: a pause, another target, a gap, a spike, no contact, RR intervals, a speed."""
    rows = [sample(0, 138, 2.5, '508.7890625 509.765625'), event(0.5, 'start')]
    for second in range(1, 601):
        if 200 <= second < 220:
            continue
        if second in (150, 500):
            rows.append(event(second, 'target:easy' if second == 150 else 'target:cap:125'))
        if second == 300:
            rows.append(event(300, 'pause'))
        if second == 360:
            rows.append(event(360, 'resume'))
        rate, contact = 120 + abs(20 - second % 40), 0 if 400 <= second < 404 else 1
        if second == 450:
            rate = 230
        if second == 451:
            rate = 0
        rows.append(sample(second, rate, 2.5 + second % 3 / 10, '460.9375' if second % 2 else '480.46875 481.4453125', contact))
    return rows + [event(600.25, 'stop')]


def make(program, folder, *sessions):
    """Sessions are (hours ago, recording)."""
    arguments = [str(part) for session in sessions for part in session]
    done = subprocess.run([program, folder, *arguments], capture_output=True, text=True, timeout=PATIENCE_S, check=False)
    if done.returncode != 0:
        raise RuntimeError(done.stdout + done.stderr)


class Ctl:
    """zone1ctl on the database in FOLDER."""

    def __init__(self, program, folder):
        self.program, self.folder = program, folder

    def run(self, command, *arguments, text=True):
        done = subprocess.run([self.program, command, *map(str, arguments)], capture_output=True, text=text,
                              timeout=PATIENCE_S, stdin=subprocess.DEVNULL, check=False,
                              env={**os.environ, 'STATE_DIRECTORY': str(self.folder), 'TZ': 'UTC'})
        return done.returncode, done.stdout, done.stderr

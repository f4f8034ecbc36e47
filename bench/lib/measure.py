# SPDX-License-Identifier: MIT
"""One program, one load, one broker: what bench_load says of it."""
import json
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from programs import ROOT, COMPARED, command

sys.path.insert(0, str(ROOT / 'tests' / 'system'))
from broker import Broker  # noqa: E402

PATIENCE_S = 400
CALLGRIND_RATE_HZ, CALLGRIND_STRAPS = 1, 8
BEGIN_S = 15  # what a session's start is told with comes once in half an hour: no part of what a notification costs


class Folder:
    """One to work in, gone afterwards."""

    def __init__(self, build):
        self.path = Path(tempfile.mkdtemp(prefix='run-', dir=build))

    def __enter__(self):
        return self.path

    def __exit__(self, *_):
        shutil.rmtree(self.path, ignore_errors=True)


def start_broker(folder):
    """It tells once a second how many bytes it has received."""
    broker = Broker(folder)
    broker.config.write_text(broker.config.read_text(encoding='utf-8') + 'sys_interval 1\nmax_inflight_messages 0\n',
                             encoding='utf-8')
    return broker


def run(name, build, straps, options, before=()):
    """bench_load's figures of program NAME. BEFORE: what it runs under."""
    with Folder(build) as folder, start_broker(folder) as broker:
        program, own = command(name, build, folder, broker.port, straps)
        load = [build / 'bench' / 'bench_load', '--straps', straps, '--port', broker.port, *own, *options, '--',
                *(part.replace('FOLDER', str(folder)) for part in before), *program]
        with open(folder / 'log', 'w+', encoding='utf-8') as log:
            result = subprocess.run([str(part) for part in load], stdout=subprocess.PIPE, stderr=log, text=True,
                                    cwd=folder, timeout=PATIENCE_S, check=False)
            log.seek(0)
            if result.returncode != 0 or not result.stdout.strip():
                raise RuntimeError(f'{name} with {straps} straps:\n{log.read()[-3000:]}')
        figures = json.loads(result.stdout)
        profiles = [path.read_text(encoding='utf-8', errors='replace') for path in folder.glob('callgrind.*')]
        figures['instructions'] = counted(profiles, figures['steady']['sent'])
        return figures


def counted(profiles, notifications):
    """Instructions for each notification, of the one part that callgrind was told to write; None without it."""
    for text in profiles:
        total = re.search(r'^totals: (\d+)', text, re.M)
        if total and re.search(r'^desc: Trigger: dump', text, re.M):
            return int(total[1]) / max(notifications, 1)
    return None


def middle(rounds):
    """The round with the median CPU time, its latencies and counts the medians of all."""
    figures = sorted(rounds, key=lambda one: one['steady']['cpu_us'])[(len(rounds) - 1) // 2]
    for key in ('cpu_us', 'p50_us', 'p99_us', 'waits_s', 'wire_bytes'):
        figures['steady'][key] = statistics.median(one['steady'][key] for one in rounds)
    figures['first_ms'] = statistics.median(one['first_ms'] for one in rounds)
    return figures


def figures_of(build, straps, names, plan, say):
    """{name: figures} with so many straps, the programs in turns."""
    rounds = {name: [] for name in names}
    for number in range(plan['rounds']):
        for name in names:
            if number > 0 and name not in COMPARED:
                continue
            last = number == plan['rounds'] - 1 or name not in COMPARED
            search = ['--search', plan['most'], '--hold', plan['hold']] if last and straps == plan['search_at'] else []
            say(f'{straps} straps, {name}')
            settle = BEGIN_S if name == 'zone1d' and plan['begins'] else plan['settle']
            rounds[name].append(run(name, build, straps, ['--seconds', plan['seconds'], '--settle', settle, *search]))
    for name in names:  # the last round alone has looked for the largest rate
        held = {key: value for one in rounds[name] for key, value in one.items() if key in ('held_s', 'held')}
        rounds[name] = {**middle(rounds[name]), **held}
    return rounds


def instructions_of(build, names, seconds, say):
    """{name: instructions for each notification} under callgrind."""
    before = ['/usr/bin/valgrind', '--tool=callgrind', '--callgrind-out-file=FOLDER/callgrind']
    found = {}
    for name in names:
        say(f'{name} under callgrind')
        load = ['--rate', CALLGRIND_RATE_HZ, '--seconds', seconds, '--settle', BEGIN_S, '--callgrind']
        found[name] = run(name, build, CALLGRIND_STRAPS, load, before)['instructions']
    return found


def day(build, hours, say):
    """A day of 8 straps as fast as it goes; (figures, whether nothing drifted)."""
    say(f'{hours} hours of 8 straps')
    with Folder(build) as folder, start_broker(folder) as broker:
        result = subprocess.run([build / 'bench' / 'bench_day', str(broker.port), str(hours)], capture_output=True,
                                text=True, cwd=folder, check=False)
        if not result.stdout.strip():
            raise RuntimeError(result.stderr[-3000:])
        return json.loads(result.stdout), result.returncode == 0

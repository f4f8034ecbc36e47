#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""That the harness measures what it is to measure, with the load, the floor and zone1d as they are built; and that a day
in a minute finds no drift, in one hour. No time is judged: machines are shared."""
import ast
import json
import subprocess
import sys
from pathlib import Path

sys.dont_write_bytecode = True
ROOT, BUILD = Path(sys.argv[1]), Path(sys.argv[2])
sys.path += [str(ROOT / 'tests' / 'style'), str(ROOT / 'bench' / 'lib')]
import plot  # noqa: E402
import report  # noqa: E402
from programs import WORDS  # noqa: E402
from tap import Tap  # noqa: E402

PATIENCE_S = 500


def run(*options):
    command = [sys.executable, '-B', ROOT / 'bench' / 'run', '--quick', '--as-built', '--build', BUILD, *options]
    result = subprocess.run([str(part) for part in command], capture_output=True, text=True, timeout=PATIENCE_S, check=False)
    if result.returncode != 0:
        raise RuntimeError(result.stderr[-3000:])
    return json.loads(result.stdout)


def figures_are_whole(tap, name, found):
    steady = found['steady']
    tap.ok(f'{name}: what is sent comes', steady['sent'] > 0 and steady['messages'] > 0 and steady['lost'] <= found['straps'])
    tap.ok(f'{name}: every figure is there', all(steady[key] > 0 for key in ('cpu_us', 'waits_s', 'p50_us', 'p99_us', 'peak_kib', 'threads', 'fds')))
    tap.ok(f'{name}: p50 is no more than p99', steady['p50_us'] <= steady['p99_us'])


def test_figures(tap):
    results = run('--straps', '2', '--program', 'floor', '--program', 'zone1d')
    for name in ('floor', 'zone1d'):
        figures_are_whole(tap, name, results['figures']['2'][name])
    tap.ok('wake-ups are told by thread', 'mqtt' in results['figures']['2']['zone1d']['threads_waits_s'])
    return results


def test_search(tap):
    found = run('--straps', '16', '--program', 'floor')['figures']['16']['floor']
    tap.ok('the largest rate is looked for', 0 <= found['held_s'] <= 256 and 'sent' in found['held'])


def test_day(tap):
    day = run('--part', 'day', '--hours', '1')['day']
    tap.ok('an hour of 8 straps: totals as the bare core\'s', day['samples'] > 27000 and day['drifted'] == 0)
    tap.ok('an hour of 8 straps: no more descriptors', day['fds_growth'] == 0)


def test_report(tap, results):
    text = report.markdown(results)
    tap.ok('a table is made of it',
           WORDS['zone1d'] in text and text.startswith(report.BEGIN) and text.endswith(report.END))
    tap.ok('it takes the place of the old one',
           report.into(f'a\n{report.BEGIN}old{report.END}\nb', text) == f'a\n{text}\nb')
    svg = plot.svg({'floor': {1: 50, 8: 40}, 'node': {1: 900, 8: 800}}, WORDS)
    tap.ok('a plot is made of it', svg.startswith('<svg') and svg.count('<circle') == 4)


def test_peers(tap):
    """Their modules come from outside; here that the programs are programs, and all versions are pinned."""
    peers = ROOT / 'bench' / 'peers'
    ast.parse((peers / 'python' / 'peer.py').read_text(encoding='utf-8'))
    pinned = (peers / 'python' / 'requirements.txt').read_text(encoding='utf-8').split()
    tap.ok('Python: every version is pinned', all('==' in line for line in pinned))
    node = subprocess.run(['node', '--check', peers / 'node' / 'peer.mjs'], capture_output=True, text=True, check=False)
    tap.ok('Node: it is a program', node.returncode == 0)
    lock = json.loads((peers / 'node' / 'package-lock.json').read_text(encoding='utf-8'))
    tap.ok('Node: every module is locked',
           all('integrity' in package for path, package in lock['packages'].items() if path))


def main():
    tap = Tap()
    results = test_figures(tap)
    test_search(tap)
    test_day(tap)
    test_report(tap, results)
    test_peers(tap)
    return tap.done()


if __name__ == '__main__':
    sys.exit(main())

# SPDX-License-Identifier: MIT
"""The steps of scripts/test. The last line of its output is "N passed, N failed"."""
import argparse
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
import processes  # noqa: E402
from tap_count import Count, count_log  # noqa: E402

ROOT = Path(__file__).resolve().parents[2]
BUILD = ROOT / 'build'
LOGS = BUILD / 'logs'
JOBS = os.cpu_count() or 2  # of compilers; of tests there is one more: most of them wait more than they work
FUZZ_S = 6
NOT_IN_COMMA_LOCALE = ('vm', 'style', 'system', 'bluez', 'packaging', 'store kill', *(
    f'mqtt-{name}' for name in ('faults', 'outage', 'spooling', 'stop', 'tls', 'proof')))  # no number is written there
NO_DISPLAY = ['-Ddisplay=disabled']  # the page is the same in every build
THREADED = ('mqtt',)


class Interrupted(Exception):
    pass


class Steps:
    def __init__(self, budget_s):
        self.total = Count()
        self.deadline = time.monotonic() + budget_s
        LOGS.mkdir(parents=True, exist_ok=True)

    def left_s(self, wanted_s):
        return min(wanted_s, self.deadline - time.monotonic())

    def command(self, name, command, timeout_s, env=None):
        """One command, its output kept in build/logs. Returns what is wrong, or None."""
        with open(LOGS / f'{name}.log', 'w', encoding='utf-8') as log:
            log.write('$ ' + ' '.join(str(word) for word in command) + '\n')
            log.flush()
            status, strays = processes.run([str(word) for word in command], log, self.left_s(timeout_s), ROOT, env)
        if status == 'timeout':
            return f'{name}: not done after {timeout_s} s' if self.left_s(1) > 0 else f'{name}: the time is up'
        if status != 0:
            return f'{name}: status {status}'
        return f'{name}: left behind: {" ".join(strays)}' if strays else None

    def show_log(self, name, lines=60):
        text = (LOGS / f'{name}.log').read_text(encoding='utf-8', errors='replace').splitlines()
        print(f'   --- build/logs/{name}.log, the last {min(lines, len(text))} of {len(text)} lines')
        for line in text[-lines:]:
            print('   ' + line)

    def heading(self, text):
        print(f'== {text}', flush=True)
        self.started = time.monotonic()

    def take(self, count):
        self.total.add(count)
        for fault in count.faults:
            print(f'   FAILED {fault}')
        print(f'   {count.passed} passed, {count.failed} failed, {time.monotonic() - self.started:.0f} s', flush=True)

    def build(self, name, options, env=None, targets=()):
        """Configures and builds build/NAME. Counts as one test."""
        self.heading(f'build/{name}: {" ".join(options)} {" ".join(f"{k}={v}" for k, v in (env or {}).items())}')
        folder, count = BUILD / name, Count()
        fault = None
        if (folder / 'build.ninja').exists():
            fault = self.command(f'{name}-setup', ['meson', 'setup', '--reconfigure', folder, *options], 120, env)
        if fault or not (folder / 'build.ninja').exists():
            shutil.rmtree(folder, ignore_errors=True)
            fault = self.command(f'{name}-setup', ['meson', 'setup', folder, ROOT, *options], 120, env)
        log = f'{name}-setup'
        if not fault:
            log = f'{name}-build'
            wanted = targets(folder) if callable(targets) else targets
            fault = self.command(log, ['ninja', '-C', folder, f'-j{JOBS}', *wanted], 600, env)
        if fault:
            self.show_log(log)
            count.fault(fault)
        else:
            count.passed += 1
        self.take(count)
        return not fault

    def suites(self, name, folder, heading, keep, timeout_s, options=(), wrapper=(), env=None):
        """Runs the tests of build/FOLDER of which KEEP accepts the set {area, name}."""
        self.heading(heading)
        found = [test for test in introspect(BUILD / folder, 'tests') if keep({area(test), test['name']})]
        found.sort(key=lambda test: -test['priority'])  # meson runs them in the order of its arguments
        chosen = {test['name']: test['protocol'] for test in found}
        for stale in (BUILD / folder / 'meson-logs').glob(f'{name}*.json'):
            stale.unlink()
        command = [*wrapper, 'meson', 'test', '-C', BUILD / folder, '--no-rebuild', '--logbase', name,
                   '--num-processes', JOBS + 1, '--timeout-multiplier', 3, '--print-errorlogs', *options, *chosen]
        if not chosen:
            count = Count()
            count.fault(f'{name}: no test is there to run')
        else:
            fault = self.command(name, command, timeout_s, env)
            count = count_log(find_log(BUILD / folder, name), chosen)
            if fault and (count.failed == 0 or 'left behind' in fault):
                count.fault(fault)
            if count.failed:
                self.show_log(name, 120)
        self.take(count)


def introspect(folder, what):
    output = subprocess.run(['meson', 'introspect', f'--{what}', str(folder)], capture_output=True, check=False)
    return json.loads(output.stdout or b'[]')


def area(test):
    """The folder below tests/ that a test belongs to."""
    words = ' '.join(str(word).replace(str(ROOT), '') for word in test['cmd'])
    found = re.search(r'/tests/([a-z_]+)/', words)
    return found[1] if found else test['suite'][0].split(':')[-1]


def find_log(folder, name):
    """meson adds the setup's name to the log's when one is used."""
    logs = sorted((folder / 'meson-logs').glob(f'{name}*.json'), key=lambda path: path.stat().st_mtime)
    return logs[-1] if logs else folder / 'meson-logs' / f'{name}.json'


def tidy(steps):
    steps.heading('clang-tidy')
    with open(BUILD / 'clang' / 'compile_commands.json', encoding='utf-8') as file:
        entries = json.load(file)
    sources = sorted({os.path.realpath(os.path.join(entry['directory'], entry['file'])) for entry in entries})
    sources = [source for source in sources if source.startswith(f'{ROOT}/daemon/')]
    command = ['xargs', '-0', '-n', '1', '-P', JOBS, 'sh', '-c',
               'out=$(clang-tidy --quiet -p "$0" "$1" 2>&1) && echo "tidy ok $1" || { echo "$out"; echo "tidy BAD $1"; }',
               BUILD / 'clang']
    wanted = LOGS / 'clang-tidy.files'
    wanted.write_bytes(b'\0'.join(source.encode() for source in sources))
    count = Count()
    fault = steps.command('clang-tidy', [*command[:1], '-a', wanted, *command[1:]], 600)
    text = (LOGS / 'clang-tidy.log').read_text(encoding='utf-8', errors='replace')
    for source in sources:
        if f'tidy ok {source}\n' in text:
            count.passed += 1
        else:
            count.fault(f'clang-tidy: {os.path.relpath(source, ROOT)}')
    if fault or not sources:
        count.fault(fault or 'clang-tidy: no sources')
    if count.failed:
        steps.show_log('clang-tidy', 80)
    steps.take(count)


def fuzzers(folder):
    """The fuzzers of a build folder: name -> program."""
    return {target['name']: Path(target['filename'][0]) for target in introspect(folder, 'targets')
            if target['type'] == 'executable' and target['name'].startswith('fuzz_')}


def fuzz(steps):
    steps.heading(f'fuzzers, {FUZZ_S} s each on their corpus')
    corpora = {}
    for test in introspect(BUILD / 'gcc-asan', 'tests'):
        paths = [word for word in test['cmd'][1:] if os.path.isdir(word)]
        corpora.setdefault(Path(test['cmd'][0]).name, []).extend(paths)
    count = Count()

    def one(item):
        name, program = item
        corpus = BUILD / 'fuzz' / 'corpus' / name
        shutil.rmtree(corpus, ignore_errors=True)
        corpus.mkdir(parents=True)
        for number, source in enumerate(corpora.get(name, [])):
            shutil.copytree(source, corpus / str(number))
        with open(LOGS / f'{name}.log', 'w', encoding='utf-8') as log:
            status = subprocess.run([program, f'-max_total_time={FUZZ_S}', '-timeout=20', '-rss_limit_mb=2048',
                                     f'-artifact_prefix={LOGS}/{name}-', corpus], stdin=subprocess.DEVNULL,
                                    stdout=log, stderr=subprocess.STDOUT, cwd=BUILD / 'fuzz', check=False).returncode
        return name, status

    found = fuzzers(BUILD / 'fuzz')
    with ThreadPoolExecutor(JOBS) as pool:
        for name, status in pool.map(one, sorted(found.items())):
            fed = 'stat::' in (text := (LOGS / f'{name}.log').read_text(errors='replace')) or 'DONE' in text
            if status == 0 and fed and corpora.get(name):
                count.passed += 1
            else:
                count.fault(f'{name}: status {status}' if status else f'{name}: no libFuzzer in it, or no corpus')
                steps.show_log(name)
    if not found:
        count.fault('no fuzzers found')
    steps.take(count)


def comma(steps):
    """The tests under a locale with a decimal comma, made here: none need be installed."""
    (BUILD / 'locale').mkdir(exist_ok=True)
    steps.command('locale', ['localedef', '-c', '-i', 'de_DE', '-f', 'UTF-8', BUILD / 'locale' / 'de_DE.UTF-8'], 60)
    steps.suites('comma', 'clang', 'tests with a decimal comma', lambda names: names.isdisjoint(NOT_IN_COMMA_LOCALE), 600,
                 ['--setup', 'comma'], env={'LOCPATH': str(BUILD / 'locale')})


def threads(steps):
    """The thread sanitizer cannot map its shadow with all of today's address space randomisation."""
    setarch = ['setarch', '-R'] if subprocess.run(['setarch', '-R', 'true'], check=False).returncode == 0 else []
    steps.suites('tsan', 'tsan', 'tests of the publisher thread under the thread sanitizer',
                 lambda names: not names.isdisjoint(THREADED), 600, ['--setup', 'threads'], wrapper=setarch)


def all_steps(steps, options):
    asan = steps.build('gcc-asan', ['-Db_sanitize=address,undefined', '-Ddisplay=enabled'])
    if asan:
        wanted = (lambda names: options.suite in names) if options.suite else \
            (lambda names: 'vm' not in names) if options.quick else (lambda names: True)
        steps.suites('tests', 'gcc-asan', 'every suite under address and undefined sanitizers'
                     if not options.suite else f'suite {options.suite}', wanted, 2700)
    if options.suite:
        return
    if steps.build('clang', NO_DISPLAY, {'CC': 'clang'}):
        comma(steps)
        tidy(steps)
    if asan and steps.build('fuzz', ['-Dfuzz=true', '-Db_sanitize=address,undefined', '-Db_lundef=false', *NO_DISPLAY],
                            {'CC': 'clang'}, lambda folder: [os.path.relpath(path, folder)
                                                            for path in fuzzers(folder).values()]):
        fuzz(steps)
    if steps.build('tsan', ['-Db_sanitize=thread', *NO_DISPLAY]):
        threads(steps)


def main():
    parser = argparse.ArgumentParser(prog='scripts/test', description='Builds and tests everything.')
    parser.add_argument('--quick', action='store_true', help='without the virtual machine')
    parser.add_argument('--suite', metavar='NAME', help='only the suite tests/NAME, under the sanitizers')
    parser.add_argument('--budget', type=float, default=60, metavar='MIN', help='give up after this long (60)')
    options = parser.parse_args()

    def interrupted(number, _frame):
        for again in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(again, signal.SIG_IGN)
        raise Interrupted(signal.Signals(number).name)

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, interrupted)
    processes.adopt_orphans()
    steps = Steps(options.budget * 60)
    try:
        all_steps(steps, options)
    except Interrupted as signal_name:
        steps.total.fault(f'interrupted by {signal_name}')
        print(f'   interrupted by {signal_name}')
    finally:
        processes.end_descendants()
    if steps.total.failed:
        print('== failed')
        for fault in steps.total.faults:
            print(f'   {fault}')
    print(f'{steps.total.passed} passed, {steps.total.failed} failed', flush=True)
    return 1 if steps.total.failed or not steps.total.passed else 0


if __name__ == '__main__':
    sys.exit(main())

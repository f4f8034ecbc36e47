# SPDX-License-Identifier: MIT
"""Counts single tests out of meson's testlog.json.

Whatever did not run to a plain "ok" has failed: skipped, missing from the plan, a program that
crashed after its last test, a program that printed no plan.
"""
import json
import re
from dataclasses import dataclass, field

POINT = re.compile(r'(not )?ok\b\s*(\d*)\s*(.*)')
PLAN = re.compile(r'1\.\.(\d+)\s*(#.*)?$')
DIRECTIVE = re.compile(r'#\s*(skip|todo)', re.IGNORECASE)
REASON_CHARS = 200
GOOD_RESULTS = ('OK', 'EXPECTEDFAIL')


@dataclass
class Count:
    passed: int = 0
    failed: int = 0
    faults: list = field(default_factory=list)

    def fault(self, sentence, tests=1):
        self.failed += tests
        self.faults.append(sentence)

    def add(self, other):
        self.passed += other.passed
        self.failed += other.failed
        self.faults += other.faults


def reason(before, after):
    """Why a test failed, in one line: where cmocka says it failed, after it; else what was said last, before it."""
    for number, line in enumerate(after):
        if ': error: ' in line:
            return '; '.join(after[max(number - 1, 0):number + 1])
    return before[-1] if before else ''


def points(output):
    """Lines of TAP with what was said, in lines with #, before and after each."""
    lines, said = [], []
    for line in output.splitlines():
        if line.startswith('# '):
            said.append(line[2:REASON_CHARS].strip())
            continue
        if lines:
            lines[-1][2].extend(said)
        lines.append((line, said, []))
        said = []
    if lines:
        lines[-1][2].extend(said)
    return lines


def count_tap(output):
    """The single tests of one TAP program's standard output."""
    count, plan, seen = Count(), None, 0
    for line, before, after in points(output):
        if plan_line := PLAN.match(line):
            plan = int(plan_line[1])
        elif point := POINT.match(line):
            seen += 1
            name = point[3].lstrip('- ') or point[2]
            directive = DIRECTIVE.search(point[3])
            if directive:
                count.fault(f'{name} ({directive[1].lower()} counts as failed)')
            elif point[1]:
                why = reason(before, after)
                count.fault(f'{name}: {why}' if why else name)
            else:
                count.passed += 1
        elif line.startswith('Bail out!'):
            count.fault(line)
    if plan is None or plan == 0:
        count.fault('printed no plan' if plan is None else 'skipped as a whole')
    elif seen < plan:
        count.fault(f'{plan - seen} of {plan} tests did not run', plan - seen)
    elif seen > plan:
        count.fault(f'{seen} tests ran where {plan} were planned')
    return count


def count_program(record, protocol):
    """The single tests of one program, a line of testlog.json."""
    result, status = record['result'], record.get('returncode', 0)
    count = count_tap(record.get('stdout') or '') if protocol == 'tap' else Count()
    if protocol != 'tap' and result in GOOD_RESULTS:
        count.passed += 1
    died = status < 0 or status >= 128
    if result not in GOOD_RESULTS and (count.failed == 0 or (died and 'did not run' not in ' '.join(count.faults))):
        count.fault(f'the program ended with {result}, status {status}')
    count.faults = [f'{record["name"].split(" / ")[-1]}: {fault}' for fault in count.faults]
    return count


def count_log(log_path, expected):
    """The tests of a testlog.json; EXPECTED maps each test that had to run to its protocol."""
    total, seen = Count(), set()
    try:
        with open(log_path, encoding='utf-8') as log:
            records = [json.loads(line) for line in log if line.strip()]
    except (OSError, ValueError) as error:
        records = []
        total.fault(f'{log_path}: {error}')
    for record in records:
        name = record['name'].split(' / ')[-1]
        seen.add(name)
        total.add(count_program(record, expected.get(name, 'tap')))
    for name in sorted(set(expected) - seen):
        total.fault(f'{name}: did not run')
    return total

# SPDX-License-Identifier: MIT
"""zone1ctl judge from outside.

usage: test_judge.py ZONE1CTL DATA
"""
import csv
import json
import os
import subprocess
import sys
import tempfile
import xml.dom.minidom
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / 'style'))
from tap import Tap  # noqa: E402

ZONE1CTL, DATA = sys.argv[1], Path(sys.argv[2])
TAP = Tap()
FIELDS = ('elapsed_s valid_s unknown_s paused_s below_s zone_s bounds zone_model cap above_s compliance coverage excursions '
          'longest_s peak_over overshoot_bpm_s trimp_edwards trimp_banister hr_avg hr_max verdict reason invalid rmssd dfa_a1 '
          'rr_artefact_percent samples floor below_floor_s distance_m speed_avg_kmh speed_cap_kmh speed_s above_pace_s '
          'pace_compliance pace_excursions pace_longest_s rpe rpe_easy bounds_too_high alpha1_in_z1 alpha1_low_in_z1 '
          'thresholds').split()
# docs/verdict.md: recording, maximum, rest -> cap, valid, above, compliance, excursions, longest, verdict
TABLE = (
    ('fatmaxxer_20210606.rr.csv', 195, 60, 140, 6123, 282, 95.4, 24, 55, 'kept'),
    ('fatmaxxer_20210606.rr.csv', 185, 55, 132, 6123, 2128, 65.2, 19, 305, 'overdone'),
    ('fitdecode_fenix2-run.hr.csv', 185, 55, 132, 2833, 2407, 15.0, 4, 1799, 'overdone'),
    ('runpandas_2020-12-16T05_44_18.hr.csv', 185, 55, 132, 2212, 2103, 4.9, 5, 1070, 'overdone'),
    ('rhenanbartels_exercise_rri.rr.csv', 185, 55, 132, 2556, 0, 100.0, 0, 0, 'strict'),
)
COLUMNS = ('cap', 'valid_s', 'above_s', 'compliance', 'excursions', 'longest_s', 'verdict')


def judge(*arguments, env=None):
    done = subprocess.run([ZONE1CTL, 'judge', *map(str, arguments)], capture_output=True, text=True, timeout=120,
                          stdin=subprocess.DEVNULL, check=False, env={**os.environ, **(env or {})})
    return done.returncode, done.stdout, done.stderr


def test_table():
    for name, maximum, rest, *wanted in TABLE:
        status, out, err = judge(DATA / name, '--model', 'hrr', '--max', maximum, '--rest', rest, '--json')
        if not TAP.ok(f'{name} {maximum}: status 0', status == 0, err):
            continue
        summary = json.loads(out)
        TAP.equal(f'{name} {maximum}: the table', [summary[column] for column in COLUMNS], wanted)
        TAP.equal(f'{name} {maximum}: every field', [field for field in FIELDS if field not in summary], [])
        zones = summary['below_s'] + sum(summary['zone_s'].values())
        TAP.ok(f'{name} {maximum}: the zones add up', abs(zones - summary['valid_s']) < 0.001, str(zones))
        total = summary['valid_s'] + summary['unknown_s'] + summary['paused_s']
        TAP.ok(f'{name} {maximum}: the time identity', abs(total - summary['elapsed_s']) < 0.001, str(total))


def test_text():
    status, out, err = judge(DATA / TABLE[0][0], '--max', 195, '--rest', 60, '--sex', 'female')
    TAP.ok('people read the verdict first', status == 0 and out.splitlines()[1].startswith('kept: 95.4 %'), out + err)
    for words in ('at or below 140 bpm', 'zones by hrr', 'rest 60', '24 excursions', '4:42', 'Banister', 'artefacts'):
        TAP.ok(f'the text says "{words}"', words in out, out)
    _, out, _ = judge(DATA / TABLE[0][0], '--age', 40)
    TAP.ok('an estimated maximum is marked', '180 (estimated)' in out, out)


def test_text_of_nothing(folder):
    """What is not known is said so, and every label begins a line."""
    path = Path(folder) / 'zeros.csv'
    path.write_text('t_s,hr_bpm\n' + ''.join(f'{t_s},0\n' for t_s in range(400)), encoding='utf-8')
    status, out, err = judge(path, '--max', 195, '--rest', 60)
    TAP.equal('nothing valid: every label on a line of its own', [line.split()[0] for line in out.splitlines() if line],
              'zeros.csv inconclusive: target time above below z1 z2 z3 z4 z5 heart load samples'.split())
    for words in ('6:39 in all, 0:00 known (coverage 0.0 %)', 'compliance unknown', 'average unknown, highest unknown',
                  '400, no_signal 400'):
        TAP.ok(f'nothing valid: the text says "{words}"', status == 0 and words in out, out + err)


def test_models():
    path = DATA / TABLE[2][0]
    cases = ((('--model', 'lthr', '--lthr', 175), 148), (('--model', 'threshold3', '--thresholds', '140,165'), 139),
             (('--model', 'bpm', '--bounds', '100,120,140'), 119), (('--max', 190), 113),
             (('--max', 190, '--target', 'easy'), 132), (('--max', 190, '--target', 'cap:125'), 125),
             (('--model', 'lthr', '--lthr', 175, '--target', 'z5a'), 180), (('--model', 'lthr', '--lthr', 175, '--target', 'Z5C'), 250),
             (('--bounds', '60,70,80,90,100,110,120,130', '--target', 'z8'), 250),
             (('--max', 200, '--percent', '60,72.5,80'), 144), (('--bounds', '100,120,140'), 119),
             (('--thresholds', '140,165'), 139), (('--model', 'HrMax', '--max', 190, '--target', 'EASY'), 132))
    for options, cap in cases:
        status, out, err = judge(path, '--json', *options)
        TAP.ok(f'{" ".join(map(str, options))}: cap {cap}', status == 0 and json.loads(out)['cap'] == cap, out + err)


def test_pace_and_rpe():
    path = DATA / TABLE[2][0]
    with open(path, encoding='utf-8') as file:
        rows = [row for row in csv.DictReader(file) if row['hr_bpm']]
    spans = [(min(float(after['t_s']) - float(row['t_s']), 5), float(row['speed_mps']))
             for row, after in zip(rows, rows[1:]) if row['speed_mps']]
    known, above = sum(s for s, _ in spans), sum(s for s, speed in spans if speed > 9.5 / 3.6)
    status, out, err = judge(path, '--max', 185, '--rest', 55, '--speed-cap', 9.5, '--rpe', 3, '--json')
    summary = json.loads(out) if status == 0 else {}
    TAP.equal('the pace cap and RPE', [summary.get(key) for key in ('speed_cap_kmh', 'rpe', 'rpe_easy')], [9.5, 3, False])
    TAP.ok('the pace by another sum', abs(summary.get('speed_s', 0) - known) < 0.01
           and abs(summary.get('above_pace_s', 0) - above) < 0.01, f'{out} {err} {known} {above}')
    TAP.equal('its compliance', summary.get('pace_compliance'), round(100 * (known - above) / known, 1))
    _, out, _ = judge(path, '--max', 185, '--rest', 55, '--speed-cap', 9.5, '--rpe', 2)
    for words in ('km/h on average; above 9.5 km/h for 34:52 in 8 excursions, compliance', 'RPE 2 of 10: easy'):
        TAP.ok(f'the text says "{words}"', words in out, out)


def test_thresholds():
    path = DATA / TABLE[0][0]
    cases = ((('--kept', 95.5), 'slipped'), (('--kept-longest', 54), 'slipped'), (('--kept', 96, '--slipped', 95.5), 'overdone'),
             (('--min-valid', 6124), 'inconclusive'), (('--kept', 95.4, '--kept-longest', 55), 'kept'))
    for options, verdict in cases:
        status, out, err = judge(path, '--max', 195, '--rest', 60, '--json', *options)
        TAP.ok(f'{" ".join(map(str, options))}: {verdict}', status == 0 and json.loads(out)['verdict'] == verdict, out + err)
    _, out, _ = judge(path, '--max', 195, '--rest', 60, '--json', '--kept', 95.5, '--min-coverage', 90)
    TAP.equal('the thresholds are published', json.loads(out)['thresholds'], {
        'min_valid_s': 300, 'min_coverage': 90, 'kept_compliance': 95.5, 'kept_longest_s': 60, 'slipped_compliance': 80})


def test_series():
    options = (DATA / TABLE[0][0], '--max', 195, '--rest', 60, '--rr-series')
    status, out, err = judge(*options)
    header = 't_s,dfa_a1,rmssd_ms\n'
    TAP.ok('--rr-series comes after the summary', status == 0 and header in out and 'kept: 95.4' in out.split(header)[0], err)
    rows = list(csv.DictReader((header + out.split(header)[-1]).splitlines()))
    status, out, err = judge(*options, '--json')
    summary = json.loads(out) if status == 0 else {}
    TAP.equal('with --json it is one document', (summary.get('verdict'), out.count('\n')), ('kept', 1))
    number = lambda text: float(text) if text else None  # noqa: E731
    TAP.equal('with the same numbers', summary.get('rr_series'), [
        {'t_s': number(row['t_s']), 'dfa_a1': number(row['dfa_a1']), 'rmssd': number(row['rmssd_ms'])} for row in rows])
    plain = json.loads(judge(*options[:-1], '--json')[1])
    TAP.equal('and else the same summary', {key: summary.get(key) for key in plain}, plain)
    TAP.equal('a row every 5 s', [row['t_s'] for row in rows[:2]], ['6.000', '11.000'])
    TAP.equal('to the end', len(rows), (6124 - 1) // 5)
    known = [float(row['dfa_a1']) for row in rows if row['dfa_a1']]
    TAP.ok('alpha 1 is there nearly always', len(known) > 0.9 * len(rows), str(len(known)))
    TAP.ok('and is one of a human', all(0.2 < value < 2 for value in known), str((min(known), max(known))))


def test_refusals(folder):
    broken = Path(folder) / 'half.csv'
    broken.write_text('t_s,hr_bpm\n0,100\n1,', encoding='utf-8')
    empty = Path(folder) / 'empty.csv'
    empty.write_text('', encoding='utf-8')
    path = DATA / TABLE[0][0]
    cases = (((empty, '--max', 190), 65, 'empty.csv'), ((Path(folder) / 'none.csv', '--max', 190), 65, 'none.csv'),
             ((path,), 64, 'max'), ((path, '--max', 85), 64, '100..230'), ((path, '--max', 190, '--model', 'karvonen'), 64, 'hrr'),
             ((path, '--max', 190, '--target', 'z9'), 64, 'recovery'),
             ((path, '--max', 190, '--target', 'z5a'), 64, 'no such zone'), ((path, '--model', 'hrr', '--max', 190), 64, 'rest'),
             ((path, '--model', 'bpm', '--bounds', '50,60,x'), 64, 'numbers'), (('--max', 190), 64, 'recording'),
             ((path, '--model', 'bpm', '--bounds', '10,20,30'), 64, 'percent'), ((path, path, '--max', 190), 64, 'recording'),
             ((path, '--max', 190, '--rpe', 11), 64, '1 to 10'), ((path, '--max', 190, '--rpe', -1), 64, '1 to 10'),
             ((path, '--max', 190, '--speed-cap', 31), 64, '30 km/h'), ((path, '--max', 190, '--speed-cap', 'nan'), 64, 'km/h'),
             ((path, '--max', 190, '--kept', 101), 64, '100 percent'), ((path, '--max', 190, '--kept', 95.44), 64, 'one decimal'),
             ((path, '--max', 190, '--min-coverage', 80.05), 64, 'one decimal'), ((path, '--max', 0, '--age', 40), 64, '--max 0'),
             ((path, '--bounds', '100.5,120'), 64, 'whole numbers'), ((path, '--thresholds', '140.5,160'), 64, '--thresholds'),
             ((path, '--max', 190, '--percent', '60.07,70'), 64, 'one decimal'), ((path, '--bounds', '1e2,120'), 64, 'whole'),
             ((path, '--model', 'threshold3', '--bounds', '120,140'), 64, '--thresholds LT1,LT2'),
             ((path, '--model', 'bpm', '--thresholds', '120,140'), 64, '--bounds'), ((path, '--thresholds', '120,130,140'), 64, 'two'),
             ((path, '--bounds', '120,140', '--thresholds', '120,140'), 64, 'without --thresholds'),
             ((path, '--model', 'hrr', '--max', 190, '--rest', 0), 64, '--rest 0'), ((path, '--max', 190, '--rpe', 0), 64, '1 to 10'),
             ((path, '--max', 190, '--speed-cap', 9.55), 64, 'one decimal'), ((path, '--max', 190, '--speed-cap', 0), 64, 'km/h'),
             ((path, '--max', 190, '--max-formula', 'fox'), 64, 'without --max'), ((path, '--max-formula', 'fox'), 64, '--age'), ((path, '--max', 190, '--kept', 79), 64, '--slipped'))
    for arguments, wanted, word in cases:
        status, out, err = judge(*arguments)
        what = ' '.join(Path(str(argument)).name for argument in arguments)
        TAP.ok(f'"{what}": status {wanted} and why', status == wanted and word in err and not out, f'{status} {err}')


def test_svg(folder):
    path = Path(folder) / 'session.svg'
    status, _, err = judge(DATA / TABLE[0][0], '--max', 195, '--rest', 60, '--svg', path)
    TAP.ok('--svg: status 0', status == 0, err)
    document = xml.dom.minidom.parse(str(path))
    red = [rect for rect in document.getElementsByTagName('rect') if rect.getAttribute('fill') == '#d32f2f']
    feet = [rect for rect in red if rect.getAttribute('height') == '8']
    TAP.ok('the excursions are marked, each at the foot too', len(feet) >= 24 and len(red) >= 2 * len(feet), str(len(feet)))
    TAP.ok('and counted', '4:42 min in 24 excursions, longest 0:55' in path.read_text(encoding='utf-8'))
    TAP.ok('with the model', 'zones by hrr, maximum 195, rest 60' in path.read_text(encoding='utf-8'))
    committed = Path(__file__).resolve().parents[2] / 'docs' / 'pictures' / 'session.svg'
    status, _, _ = judge(DATA / TABLE[0][0], '--model', 'hrr', '--max', 195, '--rest', 60, '--svg', path)
    TAP.equal('the picture in docs is of this making (scripts/pictures)', path.read_text(encoding='utf-8'),
              committed.read_text(encoding='utf-8'))
    gaps = Path(folder) / 'gaps.csv'
    gaps.write_text('t_s,hr_bpm\n0,150\n50,150\n100,100\n', encoding='utf-8')
    judge(gaps, '--max', 195, '--svg', path)
    bars = [rect for rect in xml.dom.minidom.parse(str(path)).getElementsByTagName('rect')
            if rect.getAttribute('fill') == '#d32f2f' and rect.getAttribute('height') == '8']
    TAP.equal('a bar ends where the rate does, not at the end of a gap', [int(bar.getAttribute('width')) for bar in bars],
              [43, 43])
    status, _, _ = judge(DATA / TABLE[0][0], '--max', 195, '--svg', Path(folder) / 'no' / 'such' / 'folder.svg')
    TAP.equal('--svg into nowhere: status 73', status, 73)


def main():
    test_table()
    test_text()
    test_models()
    test_pace_and_rpe()
    test_thresholds()
    test_series()
    with tempfile.TemporaryDirectory(dir=os.environ.get('MESON_BUILD_ROOT', os.getcwd())) as folder:
        test_text_of_nothing(folder)
        test_refusals(folder)
        test_svg(folder)
    return TAP.done()


if __name__ == '__main__':
    sys.exit(main())

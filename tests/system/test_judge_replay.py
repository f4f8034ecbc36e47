# SPDX-License-Identifier: MIT
"""zone1ctl judge and zone1d --replay say the same of a recording, gaps of any length and all.

usage: test_judge_replay.py ZONE1D ZONE1CTL DATA
"""
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / 'style'))
from broker import PATIENCE_S, Broker, Subscriber  # noqa: E402
from tap import Tap  # noqa: E402

ZONE1D, ZONE1CTL, DATA = sys.argv[1], sys.argv[2], Path(sys.argv[3])
TAP = Tap()
NO_VERDICT = 'no verdict: under 3 minutes of valid heart rate'


def stretch(start_s, end_s, bpm):
    """A sample a second, from START_S to END_S and with it."""
    return [(t_s, bpm) for t_s in range(start_s, end_s + 1)]


# Name, rows, and what both must say: verdict, valid, unknown, elapsed, above seconds. The cap is 140; a gap has 5 s of valid time.
RECORDINGS = (
    ('400s gap, then faster', stretch(0, 599, 130) + stretch(1000, 2999, 150), 'overdone', 2603, 396, 2999, 1999),
    ('381s gap, little before', stretch(0, 119, 130) + stretch(500, 2499, 150), 'overdone', 2123, 376, 2499, 1999),
    ('361s gap near the end', stretch(0, 3599, 130) + stretch(3960, 4019, 130), 'strict', 3663, 356, 4019, 0),
    ('three hours between', stretch(5, 2004, 130) + stretch(12005, 12405, 135), 'inconclusive', 2404, 9996, 12400, 0),
    ('no gap', stretch(0, 400, 130) + stretch(401, 420, 142), 'kept', 420, 0, 420, 19),
    ('zeros for six minutes', stretch(0, 799, 130) + stretch(800, 1159, 0) + stretch(1160, 3000, 130), 'strict', 2640, 360, 3000,
     0),
)
# Less than a session: verdict and reason of judge, valid seconds, no_signal.
SHORT = (
    ('nothing but zeros', stretch(0, 399, 0), (), 'only 0 s of valid heart rate, at least 300 s are needed', 0, 400),
    ('two minutes and a gap', stretch(0, 119, 130) + stretch(1000, 1019, 130), (),
     'only 143 s of valid heart rate, at least 300 s are needed', 143, 0),
    ('one row', stretch(7, 7, 130), (), 'only 0 s of valid heart rate, at least 300 s are needed', 0, 0),
    ('100 s where 60 are enough', stretch(0, 100, 130), ('--min-valid', 60),
     'only 100 s of valid heart rate, and with under 180 s it is no session', 100, 0),
)


def write(folder, name, rows):
    path = Path(folder) / f'{name.replace(" ", "-")}.csv'
    path.write_text('t_s,hr_bpm\n' + ''.join(f'{t_s},{bpm}\n' for t_s, bpm in rows), encoding='utf-8')
    return path


def judge(path, *options):
    done = subprocess.run([ZONE1CTL, 'judge', path, '--max', '195', '--rest', '60', *map(str, options)], capture_output=True,
                          text=True, timeout=PATIENCE_S * 3, stdin=subprocess.DEVNULL, check=False)
    return done.stdout if done.returncode == 0 else done.stderr


def replay(folder, broker, athlete, path, rules=(), profile='max = 195\nrest = 60'):
    """The last line of the output, and the summary that was published; None: none was."""
    config = Path(folder) / f'{athlete}.conf'
    verdict = '[verdict]\n' + ''.join(f'{option[2:]} = {value}\n' for option, value in zip(rules[::2], rules[1::2]))
    config.write_text(f'[gateway]\nname = {athlete}\n[mqtt]\nhost = 127.0.0.1\nport = {broker.port}\n{verdict}'
                      f'[athlete {athlete}]\n{profile}\n', encoding='utf-8')
    with Subscriber(broker, f'zone1d/+/{athlete}/#') as subscriber:
        done = subprocess.run([ZONE1D, '--config', config, '--replay', path, '--speed', '0'], capture_output=True, text=True,
                              timeout=PATIENCE_S * 3, stdin=subprocess.DEVNULL, check=False)
        subscriber.wait(lambda topic, payload, _: topic.endswith('/status') and payload == 'offline')
    summaries = subscriber.payloads(f'zone1d/athlete/{athlete}/session/last')
    return done.stdout + done.stderr, nameless(summaries[-1]) if summaries else None


def nameless(summary):
    """Without what names the moment of the run."""
    return {key: value for key, value in summary.items() if key not in ('id', 'started_at')}


def compare(folder, broker, athlete, name, path):
    """What both say of the recording at PATH, when it is the same."""
    judged = nameless(json.loads(judge(path, '--json')))
    out, published = replay(folder, broker, athlete, path)
    TAP.equal(f'{name}: the same summary in every field', published, judged)
    TAP.ok(f'{name}: and the same words, with what it was judged by',
           f'{athlete}: {judged["verdict"]}: {judged["reason"]} (zone model hrr, cap 140 bpm)\n' in out, out)
    TAP.ok(f'{name}: which judge shows to people too', f'{judged["verdict"]}: {judged["reason"]}' in judge(path))
    return judged


def test_gaps(folder, broker):
    for index, (name, rows, verdict, *times) in enumerate(RECORDINGS):
        judged = compare(folder, broker, f'gap{index}', name, write(folder, name, rows))
        TAP.equal(f'{name}: one session from the first sample to the last',
                  [judged[key] for key in ('verdict', 'valid_s', 'unknown_s', 'elapsed_s', 'above_s', 'samples')],
                  [verdict, *times, len(rows)])


def test_kept_recordings(folder, broker):
    for index, name in enumerate(('fatmaxxer_20210606.rr.csv', 'runpandas_2020-12-16T05_44_18.hr.csv')):
        compare(folder, broker, f'kept{index}', name, DATA / name)


def test_estimated(folder, broker):
    """The replay of one whose maximum is estimated says so."""
    path = write(folder, 'estimated', stretch(0, 400, 120))
    out, _ = replay(folder, broker, 'estimated', path, profile='age = 40')
    TAP.ok('an estimated maximum is marked', '(zone model hrmax, max estimated, cap 107 bpm)' in out, out)


def test_too_short(folder, broker):
    for index, (name, rows, rules, reason, valid_s, no_signal) in enumerate(SHORT):
        path = write(folder, name, rows)
        judged = json.loads(judge(path, '--json', *rules))
        TAP.equal(f'{name}: judge', [judged['verdict'], judged['reason'], judged['valid_s'], judged['samples'],
                                     judged['invalid']['no_signal'], judged['cap']],
                  ['inconclusive', reason, valid_s, len(rows), no_signal, 140])
        TAP.ok(f'{name}: and to people', f'inconclusive: {reason}' in judge(path, *rules), judge(path, *rules))
        out, published = replay(folder, broker, f'short{index}', path, rules)
        TAP.ok(f'{name}: the replay has no verdict', NO_VERDICT in out and published is None, f'{out} {published}')


def main():
    base = os.environ.get('MESON_BUILD_ROOT', os.getcwd())
    with tempfile.TemporaryDirectory(dir=base, prefix='t') as folder, Broker(folder) as broker:
        for test in (test_gaps, test_kept_recordings, test_estimated, test_too_short):
            try:
                test(folder, broker)
            except (TimeoutError, subprocess.TimeoutExpired, ValueError, KeyError) as error:
                TAP.ok(test.__name__, False, repr(error))
    return TAP.done()


if __name__ == '__main__':
    sys.exit(main())

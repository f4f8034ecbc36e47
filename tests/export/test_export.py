# SPDX-License-Identifier: MIT
"""What zone1ctl export writes, read by others: judge, xmllint by the schema, and Garmin's own decoder.

usage: test_export.py ZONE1CTL MAKE_HISTORY DATA
"""
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ET
from datetime import datetime
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / 'style')]
from history import PATIENCE_S, Ctl, event, make, recording, sample, varied  # noqa: E402
from tap import Tap  # noqa: E402

ZONE1CTL, MAKE, DATA = sys.argv[1], sys.argv[2], Path(sys.argv[3])
TAP = Tap()
TCX = '{http://www.garmin.com/xmlschemas/TrainingCenterDatabase/v2}'
SPEED = '{http://www.garmin.com/xmlschemas/ActivityExtension/v2}Speed'
PROFILE = ('--max', 185, '--rest', 55)


def export(ctl, session, form, text=True):
    status, out, err = ctl.run('export', session, '--format', form, text=text)
    TAP.ok(f'{form}: status 0', status == 0, str(err))
    return out


def judged(path):
    done = subprocess.run([ZONE1CTL, 'judge', path, *map(str, PROFILE), '--json'], capture_output=True, text=True,
                          timeout=PATIENCE_S, check=False)
    return json.loads(done.stdout) if done.returncode == 0 else {'error': done.stderr}


def check_csv(ctl, folder, session, stored):
    """A session that was exported, judged anew, is the same in every number."""
    path = Path(folder) / f'{session}.csv'
    path.write_text(export(ctl, session, 'csv'), encoding='utf-8')
    again = judged(path)
    different = {key: (stored[key], again.get(key)) for key in stored
                 if key not in ('id', 'started_at', 'track') and again.get(key) != stored[key]}
    TAP.equal(f'{session}: csv: judge finds the very same', different, {})
    return path.read_text(encoding='utf-8')


def check_json(ctl, session):
    stored = json.loads(export(ctl, session, 'json'))
    track = stored['track']
    TAP.ok(f'{session}: json: a row for each sample', len(track) > 100 and all(set(row) == {'t_s', 'hr', 'zone', 'speed_mps',
                                                                                            'rr_ms'} for row in track))
    TAP.ok(f'{session}: json: no rate is null, never 0', all(row['hr'] is None or row['hr'] > 24 for row in track))
    return stored


def check_tcx(ctl, folder, session, stored):
    path = Path(folder) / f'{session}.tcx'
    path.write_text(export(ctl, session, 'tcx'), encoding='utf-8')
    lint = subprocess.run(['xmllint', '--noout', '--schema', HERE / 'tcx.xsd', path], capture_output=True, text=True,
                          timeout=PATIENCE_S, check=False)
    TAP.ok(f'{session}: tcx: valid by the schema', lint.returncode == 0, lint.stderr)
    lap = ET.parse(path).getroot().find(f'.//{TCX}Lap')
    points = lap.findall(f'.//{TCX}Trackpoint')
    rates = [point.findtext(f'{TCX}HeartRateBpm/{TCX}Value') for point in points]
    TAP.equal(f'{session}: tcx: the rates', [int(rate) if rate else None for rate in rates],
              [row['hr'] for row in stored['track']])
    TAP.equal(f'{session}: tcx: the time', float(lap.findtext(f'{TCX}TotalTimeSeconds')),
              stored['elapsed_s'] - stored['paused_s'])
    start = datetime.fromisoformat(lap.get('StartTime').replace('Z', '+00:00'))
    times = [datetime.fromisoformat(point.findtext(f'{TCX}Time').replace('Z', '+00:00')) for point in points]
    TAP.equal(f'{session}: tcx: when', [round((time - start).total_seconds(), 3) for time in times],
              [row['t_s'] for row in stored['track']])
    return lap, points


def decode(folder, path):
    done = subprocess.run(['node', Path(folder) / 'decode.mjs', path], capture_output=True, text=True, timeout=PATIENCE_S,
                          check=False)
    if done.returncode != 0:
        raise RuntimeError(done.stderr)
    return json.loads(done.stdout)


def check_fit(ctl, folder, sdk, session, stored):
    path = Path(folder) / f'{session}.fit'
    path.write_bytes(export(ctl, session, 'fit', text=False))
    found = decode(sdk, path)
    messages = found['messages']
    TAP.ok(f'{session}: fit: whole, and without an error', found['isFit'] and found['sound'] and not found['errors'],
           str(found['errors']))
    TAP.equal(f'{session}: fit: an activity', messages['fileIdMesgs'][0]['type'], 'activity')
    TAP.equal(f'{session}: fit: one of each', [len(messages[key]) for key in ('lapMesgs', 'sessionMesgs', 'activityMesgs')],
              [1, 1, 1])
    total = messages['sessionMesgs'][0]
    TAP.equal(f'{session}: fit: the session', (total['totalElapsedTime'], total['totalTimerTime'], total['maxHeartRate'],
                                               total['sport'], total['subSport'], total['numLaps']),
              (stored['elapsed_s'], stored['elapsed_s'] - stored['paused_s'], stored['hr_max'], 'running', 'treadmill', 1))
    TAP.ok(f'{session}: fit: the average', abs(total['avgHeartRate'] - stored['hr_avg']) <= 0.5)
    events = [(one['event'], one['eventType']) for one in messages['eventMesgs']]
    TAP.ok(f'{session}: fit: begins and ends', events[0] == ('timer', 'start') and events[-1] == ('timer', 'stopAll'),
           str(events))
    beats = [round(value * 1000) for message in messages.get('hrvMesgs', [])
             for value in (message['time'] if isinstance(message['time'], list) else [message['time']])
             if value is not None and value < 65.5]
    wanted = [int(rr + 0.5) for row in stored['track'] if row['hr'] for rr in row['rr_ms']]
    TAP.equal(f'{session}: fit: every RR interval', beats, wanted)
    return messages


def rates_by_second(stored):
    """The first sample of each second of wall time."""
    start = datetime.fromisoformat(stored['started_at'].replace('Z', '+00:00')).timestamp()
    seconds = {}
    for row in stored['track']:
        seconds.setdefault(int(round(start + row['t_s'], 3)), row['hr'])
    return list(seconds.values())


def install_sdk(folder):
    for name in ('package.json', 'package-lock.json', 'decode.mjs'):
        shutil.copy(HERE / 'fit' / name, folder)
    done = subprocess.run(['npm', 'ci', '--no-audit', '--no-fund', '--ignore-scripts'], cwd=folder, capture_output=True,
                          text=True, timeout=PATIENCE_S * 2, check=False)
    TAP.ok("Garmin's SDK is installed", done.returncode == 0, done.stderr)


def check_all(ctl, folder, sdk):
    done = [row['id'] for row in json.loads(ctl.run('sessions', '--json')[1]) if row['ended_at']]
    TAP.equal('three sessions have ended', len(done), 3)
    for session in done:
        stored = check_json(ctl, session)
        check_csv(ctl, folder, session, stored)
        check_tcx(ctl, folder, session, stored)
        messages = check_fit(ctl, folder, sdk, session, stored)
        TAP.equal(f'{session}: fit: the rates', [one.get('heartRate') for one in messages['recordMesgs']],
                  rates_by_second(stored))


def check_varied(ctl, folder, sdk, session):
    stored = check_json(ctl, session)
    TAP.ok('varied: it has all of it', stored['paused_s'] == 60 and stored['unknown_s'] > 10 and
           stored['invalid']['spike'] == 1 and stored['invalid']['no_signal'] == 1 and stored['invalid']['no_contact'] == 4,
           str(stored['invalid']))
    text = check_csv(ctl, folder, session, stored)
    TAP.ok('varied: csv: events, zones and exact RR intervals', all(word in text for word in (
        ',start\n', ',pause\n', ',resume\n', ',stop\n', ',z1,', ',z2,', '480.46875 481.4453125', ',0,,')), text[:500])
    lap, points = check_tcx(ctl, folder, session, stored)
    TAP.equal('varied: tcx: a track before the pause and one after', len(lap.findall(f'{TCX}Track')), 2)
    TAP.ok('varied: tcx: a point without a rate has none', any(point.find(f'{TCX}HeartRateBpm') is None for point in points))
    TAP.ok('varied: tcx: the speed', points[5].findtext(f'.//{SPEED}') in ('2.5', '2.6', '2.7'))
    distance = float(points[-1].findtext(f'{TCX}DistanceMeters'))
    TAP.ok('varied: tcx: the distance is that of the summary', abs(distance - stored['distance_m']) < 60,
           f'{distance} {stored["distance_m"]}')
    messages = check_fit(ctl, folder, sdk, session, stored)
    events = [one['eventType'] for one in messages['eventMesgs']]
    TAP.equal('varied: fit: the timer', events, ['start', 'stop', 'start', 'stopAll'])
    TAP.ok('varied: fit: a record without a rate has none', any('heartRate' not in one for one in messages['recordMesgs']))
    TAP.ok('varied: fit: speed and distance', messages['recordMesgs'][9]['speed'] in (2.5, 2.6, 2.7) and
           messages['recordMesgs'][9]['distance'] > 20)


def check_no_rates_zero(ctl, session):
    for form in ('csv', 'tcx', 'json'):
        text = export(ctl, session, form)
        TAP.ok(f'{form}: no rate of 0', not re.search(r'<Value>0</Value>|"hr":0\b', text))


def main():
    with tempfile.TemporaryDirectory(dir=os.getcwd(), prefix='e') as folder:
        state, sdk = Path(folder) / 'state', Path(folder) / 'sdk'
        state.mkdir()
        sdk.mkdir()
        install_sdk(sdk)
        ctl = Ctl(ZONE1CTL, state)
        make(MAKE, state, (30, recording(Path(folder) / 'varied.csv', varied())))
        check_varied(ctl, folder, sdk, 'last')
        check_no_rates_zero(ctl, 'last')
        # Twice a second, and no word of contact; then one that ends by itself, five minutes after its last sample.
        fast = [sample(half / 2, 125 + half // 100, contact=None) for half in range(801)]
        alone = [sample(second, 122 + second % 15, rr='480.46875') for second in range(500)] + [sample(900, 0)]
        make(MAKE, state, (20, recording(Path(folder) / 'fast.csv', [event(0, 'start'), *fast, event(400, 'stop')])))
        make(MAKE, state, (10, recording(Path(folder) / 'alone.csv', alone)))
        check_all(ctl, folder, sdk)
    return TAP.done()


if __name__ == '__main__':
    sys.exit(main())

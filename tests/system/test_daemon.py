# SPDX-License-Identifier: MIT
"""The daemon from outside: its options, its exit status, and a replay through a real broker.

usage: test_daemon.py ZONE1D DATA SOURCE
"""
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / 'style'))
from broker import PATIENCE_S, Broker, Subscriber, free_port  # noqa: E402
from tap import Tap  # noqa: E402

ZONE1D, DATA, SOURCE = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])
H10 = DATA / 'fatmaxxer_20210606.rr.csv'
TAP = Tap()


def config(folder, port, extra=''):
    path = Path(tempfile.mkdtemp(dir=folder)) / 'zone1d.conf'
    path.write_text(f'[gateway]\nname = test\n[mqtt]\nhost = 127.0.0.1\nport = {port}\n'
                    f'[athlete Anna]\nmax = 195\nrest = 60\n{extra}', encoding='utf-8')
    return path


def run(*arguments):
    done = subprocess.run([ZONE1D, *map(str, arguments)], capture_output=True, text=True, timeout=PATIENCE_S * 3,
                          stdin=subprocess.DEVNULL, check=False)
    return done.returncode, done.stdout, done.stderr


def test_options(folder):
    status, out, err = run('--check-config', '--config', SOURCE / 'conf' / 'zone1d.conf')
    TAP.ok('the shipped configuration is fine', status == 0 and 'fine' in out, err)
    status, _, err = run('--check-config', '--config', config(folder, 1883, 'rset = 50\n'))
    TAP.ok('a typo: status 78, line, key, and what would be right',
           status == 78 and ':9:' in err and 'rset' in err and 'rest' in err, f'{status} {err}')
    status, _, err = run('--config', '/nonexistent/zone1d.conf')
    TAP.ok('no configuration: status 78', status == 78 and '/nonexistent/zone1d.conf' in err, f'{status} {err}')
    status, out, _ = run('--help')
    TAP.ok('--help names the exit statuses', status == 0 and '78 wrong configuration' in out, out)
    broken = Path(folder) / 'broken.csv'
    broken.write_text('rr_ms\n600\n6oo\n', encoding='utf-8')
    status, _, err = run('--config', config(folder, 1883), '--replay', broken)
    TAP.ok('a broken recording: status 65, file, line, reason', status == 65 and 'broken.csv:3:' in err, f'{status} {err}')
    status, _, err = run('--config', config(folder, 1883), '--replay', H10, '--athlete', 'bob')
    TAP.ok('an unknown athlete: status 64', status == 64 and 'bob' in err, f'{status} {err}')
    for bad in (['--speed', '-1'], ['--speed', 'fast'], ['--nonsense'], ['stray']):
        status, _, err = run(*bad)
        TAP.ok(f'{bad[0]}: status 64', status == 64 and 'zone1d' in err, f'{status} {err}')


def replay(folder, broker, speed):
    """The summary, without what names the moment of the run, and all the messages."""
    with Subscriber(broker) as subscriber:
        status, out, err = run('--config', config(folder, broker.port), '--replay', H10, '--speed', speed)
        TAP.ok(f'speed {speed}: status 0', status == 0, err)
        subscriber.wait(lambda topic, payload, _: topic == 'zone1d/gateway/test/status' and payload == 'offline')
    summary = subscriber.payloads('zone1d/athlete/anna/session/last')[-1]
    for label in ('id', 'started_at', 'ts', 'ended_at'):
        summary.pop(label, None)
    return summary, out, subscriber


def test_replay(folder):
    results = []
    for speed in (300, 3000, 0):
        with Broker(folder) as broker:
            results.append(replay(folder, broker, speed))
    summary, out, subscriber = results[0]
    TAP.ok('the verdict is said at the end', 'anna: kept: 95.4 %' in out, out)
    wanted = {'verdict': 'kept', 'compliance': 95.4, 'valid_s': 6123, 'above_s': 282, 'excursions': 24, 'longest_s': 55,
              'cap': 140, 'unknown_s': 0, 'zone_model': 'hrr'}
    TAP.equal('the summary is the table of docs/verdict.md', {key: summary.get(key) for key in wanted}, wanted)
    for (other, _, _), speed in zip(results[1:], (3000, 0)):
        TAP.equal(f'speed {speed} gives the same summary', other, summary)
    test_messages(subscriber)


def test_messages(subscriber):
    live = subscriber.payloads('zone1d/athlete/anna/live')
    state = subscriber.payloads('zone1d/athlete/anna/state')
    session = subscriber.payloads('zone1d/athlete/anna/session')
    TAP.ok('live messages come', len(live) > 100, str(len(live)))
    TAP.ok('their numbers rise', all(a['seq'] < b['seq'] for a, b in zip(live, live[1:])))
    TAP.ok('nothing is live without a rate', all((m['hr'] is not None) <= (m['signal'] == 'live') for m in live + state))
    statuses = [m['status'] for m in state]
    TAP.ok('the status goes through settling, in and above', {'settling', 'in', 'above'} <= set(statuses), str(set(statuses)))
    TAP.equal('in the end the strap is gone and so is the rate', (live[-1]['hr'], live[-1]['signal']), (None, 'lost'))
    TAP.equal('the session was active, then finished', [m['state'] for m in session if m['state'] != 'idle'][-1], 'finished')
    strap = [m['connected'] for m in subscriber.payloads('zone1d/athlete/anna/strap')]
    TAP.ok('the strap was connected, and in the end it is not', True in strap and strap[-1] is False, str(strap))
    fields = ('v ts seq gateway hr signal zone zone_model max_estimated cap floor status advice trend_bpm_min compliance coverage valid_s '
              'above_s excursions rr_ms rmssd dfa_a1 session').split()
    TAP.equal('the fields of live are the contract', [f for f in fields if f not in live[0]], [])


def start(*arguments):
    return subprocess.Popen([ZONE1D, *map(str, arguments)], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)


def test_broker_comes_late(folder):
    broker = Broker(folder)
    daemon = start('--config', config(folder, broker.port), '--replay', H10, '--speed', 0)
    said = daemon.stderr.readline()
    TAP.ok('no broker: said in one line', 'broker' in said, said)
    with broker, Subscriber(broker) as subscriber:
        _, payload, _ = subscriber.wait(lambda topic, *_: topic.endswith('/session/last'))
        TAP.equal('and found when it is there', json.loads(payload)['verdict'], 'kept')
        rest = daemon.stderr.read()
        TAP.ok('nothing is said again and again', rest.count('\n') <= 2, rest)
        TAP.equal('status 0', daemon.wait(PATIENCE_S), 0)


def test_stop(folder):
    """SIGTERM in mid-session leaves `offline` behind; so does a kill, by the last will."""
    with Broker(folder) as broker:
        for name, number, status in (('SIGTERM', signal.SIGTERM, 0), ('SIGINT', signal.SIGINT, 0),
                                     ('SIGKILL', signal.SIGKILL, -signal.SIGKILL)):
            with Subscriber(broker) as subscriber:
                daemon = start('--config', config(folder, broker.port), '--replay', H10, '--speed', 10)
                subscriber.wait(lambda topic, *_: topic == 'zone1d/athlete/anna/live')
                daemon.send_signal(number)
                TAP.equal(f'{name}: status', daemon.wait(PATIENCE_S), status)
                subscriber.wait(lambda topic, payload, _: topic.endswith('/status') and payload == 'offline')
            with Subscriber(broker) as later:
                status_now = [p for t, p, _ in later.seen if t == 'zone1d/gateway/test/status']
                strap = [p for t, p, _ in later.seen if t == 'zone1d/athlete/anna/strap']
                connected = [json.loads(p)['connected'] for p in strap]
                TAP.ok(f'{name}: a strap is not left connected', name == 'SIGKILL' or connected == [False], str(strap))
                TAP.ok(f'{name}: offline is retained', status_now == ['offline'], str(later.seen))


def test_log_is_discreet(folder):
    """At -v nobody reads a heart rate, a name or an address: health data is for -vv and MQTT."""
    with Broker(folder) as broker, Subscriber(broker) as subscriber:
        where = config(folder, broker.port, 'strap = A0:9E:1A:12:34:56\n')
        _, _, err = run('-v', '--config', where, '--replay', H10, '--speed', 3000)
        subscriber.wait(lambda topic, payload, _: topic.endswith('/status') and payload == 'offline')
        rates = {m['hr'] for m in subscriber.payloads('zone1d/athlete/anna/live')} - {None}
    words = set(re.findall(r'\w+', err.replace(f'127.0.0.1:{broker.port}', '')))
    TAP.ok('at -v something is said', 'connected' in words, err)
    TAP.ok('but no heart rate', len(rates) > 20 and not words & {str(rate) for rate in rates}, err)
    TAP.ok('no name and no address', not re.search(r'anna|a0[:_]9e', err, re.IGNORECASE), err)


def test_no_strap(folder):
    """The configuration as shipped has no strap yet: said, not waited for in silence."""
    with Broker(folder) as broker, Subscriber(broker) as subscriber:
        daemon = start('--config', config(folder, broker.port))
        subscriber.wait(lambda topic, payload, _: topic.endswith('/status') and payload == 'online')
        daemon.send_signal(signal.SIGTERM)
        said = daemon.stderr.read()
        TAP.ok('no strap: said, and where to write it', 'athlete 1' in said and 'zone1d.conf' in said, said)
        TAP.equal('no strap: it runs and stops', daemon.wait(PATIENCE_S), 0)


def test_no_bus(folder):
    """Without a bus for BlueZ the daemon says so once, runs on, and stops when told."""
    os.environ['DBUS_SYSTEM_BUS_ADDRESS'] = f'unix:path={folder}/no-bus'
    with Broker(folder) as broker, Subscriber(broker) as subscriber:
        daemon = start('--config', config(folder, broker.port, 'strap = Nobody\n'))
        subscriber.wait(lambda topic, payload, _: topic.endswith('/status') and payload == 'online')
        daemon.send_signal(signal.SIGTERM)
        said = daemon.stderr.read()
        TAP.equal('no bus: it runs and stops', daemon.wait(PATIENCE_S), 0)
        TAP.ok('no bus: said in one line', sum('system bus' in line for line in said.splitlines()) == 1, said)
    del os.environ['DBUS_SYSTEM_BUS_ADDRESS']


def main():
    base = os.environ.get('MESON_BUILD_ROOT', os.getcwd())
    with tempfile.TemporaryDirectory(dir=base, prefix='t') as folder:
        for test in (test_options, test_replay, test_broker_comes_late, test_stop, test_log_is_discreet, test_no_strap,
                     test_no_bus):
            try:
                test(folder)
            except (TimeoutError, subprocess.TimeoutExpired, IndexError) as error:
                TAP.ok(test.__name__, False, repr(error))
    return TAP.done()


if __name__ == '__main__':
    sys.exit(main())

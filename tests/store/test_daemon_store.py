# SPDX-License-Identifier: MIT
"""The real daemon and its store: what a replay leaves behind, what a stop, a kill and a damaged file do.

usage: test_daemon_store.py ZONE1D ZONE1CTL DATA
"""
import json
import os
import signal
import sqlite3
import subprocess
import sys
import tempfile
from contextlib import closing
from datetime import datetime
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / name) for name in ('style', 'system', 'export')]
from broker import PATIENCE_S, Broker, Subscriber  # noqa: E402
from history import Ctl, recording, varied  # noqa: E402
from tap import Tap  # noqa: E402

ZONE1D, ZONE1CTL, DATA = sys.argv[1], sys.argv[2], Path(sys.argv[3])
RUN = DATA / 'fitdecode_fenix2-run.hr.csv'
LAST, ADVICE = 'zone1d/athlete/anna/session/last', 'zone1d/athlete/anna/advice'
TAP = Tap()


class Machine:
    """A folder with a configuration and a state directory; zone1d on it."""

    def __init__(self, folder):
        self.folder = Path(folder)
        self.state = self.folder / 'state'
        self.state.mkdir()
        self.config = self.folder / 'zone1d.conf'
        self.ctl = Ctl(ZONE1CTL, self.state)

    def use(self, broker):
        self.config.write_text(f'[gateway]\nname = test\n[mqtt]\nhost = 127.0.0.1\nport = {broker.port}\n'
                               '[athlete Anna]\nmax = 195\nrest = 60\n', encoding='utf-8')

    def start(self, *arguments):
        environment = {**os.environ, 'STATE_DIRECTORY': str(self.state),
                       'DBUS_SYSTEM_BUS_ADDRESS': f'unix:path={self.folder}/no-bus'}
        return subprocess.Popen([ZONE1D, '--config', self.config, *map(str, arguments)], env=environment, text=True,
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    def replay(self, *arguments):
        daemon = self.start('--replay', RUN, *arguments)
        out, err = daemon.communicate(timeout=PATIENCE_S * 3)
        TAP.ok('a replay: status 0', daemon.returncode == 0, out, err)
        return err

    def sessions(self):
        return json.loads(self.ctl.run('sessions', '--json')[1])


def stop(daemon, number=signal.SIGTERM):
    daemon.send_signal(number)
    _, err = daemon.communicate(timeout=PATIENCE_S * 3)
    return err


def check_replay(machine, broker):
    machine.replay('--speed', 0)
    TAP.ok('a replay is not stored ...', 'zone1d.db' not in os.listdir(machine.state))
    with Subscriber(broker) as subscriber:
        machine.replay('--speed', 0, '--store')
        _, published, _ = subscriber.wait(lambda topic, *_: topic == LAST)
    rows = machine.sessions()
    published = json.loads(published)
    TAP.equal('... unless asked for', [(row['id'], row['verdict']) for row in rows], [(published['id'], 'overdone')])
    track = json.loads(machine.ctl.run('export', 'last', '--format', 'json')[1])
    TAP.equal('as it was published', {key: track[key] for key in published}, published)
    return published


def check_restart(folder, machine, published):
    """Another broker, which knows nothing: what is retained comes again."""
    with Broker(folder) as fresh, Subscriber(fresh) as subscriber:
        machine.use(fresh)
        daemon = machine.start()
        _, payload, _ = subscriber.wait(lambda topic, *_: topic == LAST)
        TAP.equal('session/last is there again', json.loads(payload), published)
        _, payload, _ = subscriber.wait(lambda topic, *_: topic == ADVICE)
        advice = json.loads(payload)
        TAP.equal('and the advice that follows from it', (advice['advice'], advice['session']),
                  ('recovery_run', published['id']))
        stop(daemon)


def check_interrupted(folder, machine, number):
    """Ended in mid-session, by a stop or a kill: the next start gives it its verdict."""
    before = len(machine.sessions())
    with Broker(folder) as broker, Subscriber(broker) as subscriber:
        machine.use(broker)
        daemon = machine.start('--replay', RUN, '--speed', 300, '--store')
        subscriber.wait(lambda topic, payload, _: topic == 'zone1d/athlete/anna/live' and
                        json.loads(payload)['session'] == 'active' and json.loads(payload)['valid_s'] > 400)
        stop(daemon, number)
        rows = machine.sessions()
        TAP.equal(f'{number.name}: it has not ended', (len(rows), rows[0]['ended_at'], rows[0]['verdict']),
                  (before + 1, None, None))
        daemon = machine.start()
        _, payload, _ = subscriber.wait(lambda topic, payload, _: topic == LAST and json.loads(payload)['id'] == rows[0]['id'])
        last = json.loads(payload)
        TAP.ok(f'{number.name}: at the next start it has, and its verdict is told', last['valid_s'] > 300 and last['verdict'],
               payload)
        said = stop(daemon)
        TAP.ok(f'{number.name}: and why is said', 'nobody knows' in said, said)
        stored = machine.sessions()[0]
        TAP.ok(f'{number.name}: stored like that', stored['verdict'] == last['verdict'], f'{stored}', said)


def check_clock(folder, machine):
    """The clock was set while no zone1d ran: what this boot had labelled is labelled anew at the next start."""
    boot = Path('/proc/sys/kernel/random/boot_id').read_text(encoding='ascii').strip().replace('-', '')
    off_us = 3600 * 1_000_000
    with Broker(folder) as broker, Subscriber(broker) as subscriber:
        machine.use(broker)
        stop_when_told(machine, subscriber)
        right = machine.sessions()[0]
        with closing(sqlite3.connect(machine.state / 'zone1d.db')) as database, database:
            database.execute('UPDATE notes SET at_us = at_us - ? WHERE clock = ?', (off_us, boot))
            database.execute('UPDATE sessions SET clock = ?, started_us = started_us - ?, ended_us = ended_us - ?',
                             (boot, off_us, off_us))
        said = stop_when_told(machine, subscriber, right['started_at'])
    TAP.ok('a clock that was set in between: said', 'by 3600 s' in said, said)
    TAP.ok('stored like that, once', near(machine.sessions()[0]['started_at'], right['started_at']),
           str(machine.sessions()[0]), str(right))


def near(one, other):
    """The two clocks are read one after the other: within a second."""
    return abs(datetime.fromisoformat(one[:-1]) - datetime.fromisoformat(other[:-1])).total_seconds() < 1


def stop_when_told(machine, subscriber, started_at=None):
    daemon = machine.start()
    subscriber.wait(lambda topic, payload, _: topic == LAST and
                    (started_at is None or near(json.loads(payload)['started_at'], started_at)))
    return stop(daemon)


def check_delete(folder, machine):
    """What is retained of a deleted session goes too: at once when zone1d is asked, else at its next start."""
    newest, older, oldest = (row['id'] for row in machine.sessions())
    with Broker(folder) as broker, Subscriber(broker) as subscriber:
        machine.use(broker)
        daemon = machine.start()
        subscriber.wait(lambda topic, payload, _: topic == LAST and json.loads(payload)['id'] == newest)
        status, out, err = machine.ctl.run('delete', '--config', machine.config, newest)
        TAP.ok('zone1d is asked to delete', status == 0 and newest in out and not err, out, err)
        subscriber.wait(lambda topic, payload, _: topic == LAST and json.loads(payload)['id'] == older)
        status, _, err = machine.ctl.run('delete', '--config', machine.config, newest)
        TAP.ok('once', status == 1 and 'no such session' in err, f'{status} {err}')
        stop(daemon)
        status, out, err = machine.ctl.run('delete', '--config', machine.config, '--gateway', 'gone', older)
        TAP.ok('nobody is there: said, and deleted all the same', status == 0 and 'next' in out and 'gone' in err, out, err)
        daemon = machine.start()
        subscriber.wait(lambda topic, payload, _: topic == LAST and json.loads(payload)['id'] == oldest)
        status, _, err = machine.ctl.run('delete', '--state-dir', machine.state, oldest)
        TAP.ok('beside it', status == 0, err)
        broker.kill()
        broker.start()
        with Subscriber(broker) as again:
            again.wait(lambda topic, payload, _: topic == LAST and not payload)
            TAP.ok('told when the broker is there again', True)
            again.wait(lambda topic, payload, _: topic == ADVICE and json.loads(payload)['advice'] == 'free')
        stop(daemon)
    TAP.equal('none is left', machine.sessions(), [])


def check_unended_stranger(folder, machine):
    """Killed in mid-session, and not configured any more at the next start: it ends all the same, by its own zones."""
    with Broker(folder) as broker, Subscriber(broker) as subscriber:
        machine.use(broker)
        daemon = machine.start('--replay', RUN, '--speed', 300, '--store')
        subscriber.wait(lambda topic, payload, _: topic == 'zone1d/athlete/anna/live' and
                        json.loads(payload)['session'] == 'active' and json.loads(payload)['valid_s'] > 400)
        stop(daemon, signal.SIGKILL)
        machine.config.write_text(machine.config.read_text(encoding='utf-8').replace('Anna', 'Ben'), encoding='utf-8')
        daemon = machine.start()
        subscriber.wait(lambda topic, *_: topic == 'zone1d/gateway/test/info')
        said = stop(daemon)
    row = machine.sessions()[0]
    TAP.ok('nobody knows the athlete: ended all the same', row['verdict'] and row['cap'] == 140 and row['valid_s'] > 390 and
           'not in' in said, f'{row} {said}')
    machine.ctl.run('delete', '--state-dir', machine.state, row['id'])


def check_forget_stranger(folder, machine):
    """An athlete who is not configured any more."""
    with Broker(folder) as broker:
        machine.use(broker)
        machine.replay('--speed', 0, '--store')
        machine.config.write_text(machine.config.read_text(encoding='utf-8').replace('Anna', 'Ben'), encoding='utf-8')
        with Subscriber(broker) as subscriber:
            daemon = machine.start()
            subscriber.wait(lambda topic, *_: topic == 'zone1d/gateway/test/info')
            said = [machine.ctl.run('forget', '--config', machine.config, name)[0] for name in ('anna', 'anna', 'carl')]
            stop(daemon)
    TAP.equal('who is not configured can be forgotten, once', said, [0, 1, 1])
    TAP.equal('their sessions are gone', machine.sessions(), [])


def check_marks(folder, machine):
    """A recording that says what was done to the session: a replay does it too, and ends as judge says."""
    path = recording(Path(folder) / 'marks.csv', varied())
    judged = json.loads(subprocess.run([ZONE1CTL, 'judge', path, '--max', '195', '--rest', '60', '--json'],
                                       capture_output=True, text=True, check=True).stdout)
    with Broker(folder) as broker, Subscriber(broker) as subscriber:
        machine.use(broker)
        daemon = machine.start('--replay', path, '--speed', 0)
        last = json.loads(subscriber.wait(lambda topic, *_: topic == LAST)[1])
        said = daemon.communicate(timeout=PATIENCE_S)[1]
    TAP.equal('its pause and its targets are replayed', (last['paused_s'], last['target_changes'], last['target']),
              (60, 2, 'cap:125'))
    different = {key: (last[key], judged.get(key)) for key in last
                 if key not in ('id', 'started_at') and judged.get(key) != last[key]}
    TAP.ok('and its verdict is the one of judge', not different, f'{different} {said}')


def check_damage(folder, machine):
    database = machine.state / 'zone1d.db'
    database.write_bytes(b'this is no database' * 1000)
    with Broker(folder) as broker, Subscriber(broker) as subscriber:
        machine.use(broker)
        said = machine.replay('--speed', 0, '--store')
        subscriber.wait(lambda topic, *_: topic == LAST)
    TAP.ok('a damaged file is set aside, named, and MQTT goes on', 'zone1d.db.damaged-1' in said and
           (machine.state / 'zone1d.db.damaged-1').exists(), said)
    TAP.equal('and a new one is begun', len(machine.sessions()), 1)


def main():
    base = os.environ.get('MESON_BUILD_ROOT', os.getcwd())
    with tempfile.TemporaryDirectory(dir=base, prefix='s') as folder:
        with Broker(folder) as broker:
            machine = Machine(folder)
            machine.use(broker)
            published = check_replay(machine, broker)
        check_restart(folder, machine, published)
        check_interrupted(folder, machine, signal.SIGTERM)
        check_interrupted(folder, machine, signal.SIGKILL)
        check_clock(folder, machine)
        check_delete(folder, machine)
        check_unended_stranger(folder, machine)
        check_forget_stranger(folder, machine)
        check_marks(folder, machine)
        check_damage(folder, machine)
    return TAP.done()


if __name__ == '__main__':
    sys.exit(main())

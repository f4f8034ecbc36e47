# SPDX-License-Identifier: MIT
"""The real daemon with a scripted org.bluez and a real broker: SIGKILL at 20 random moments of a group's session, with
a guest beside it. Everything goes on each time, at most 5 s are lost, the database is never damaged; the table of
verdicts, the group's start, the guest's number and the perceived exertion survive.

All of it is in real time: a session needs three minutes to be one.

usage: test_group_kill.py ZONE1D ZONE1CTL MOCK_MACHINE [SEED]
"""
import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from datetime import datetime
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / name) for name in ('style', 'system')]
from broker import PATIENCE_S, Broker, Subscriber  # noqa: E402
from tap import Tap  # noqa: E402

ZONE1D, ZONE1CTL, MACHINE = sys.argv[1:4]
SEED = int(sys.argv[4]) if len(sys.argv) > 4 else 1
ANNA, BEN, GUEST, OTHER = (f'00:AA:01:00:00:0{n}' for n in range(1, 5))
ATHLETES = ('anna', 'ben', 'guest-1')
# Stored every 3 s: the other 2 s are for a machine that is busy with other things.
KILLS, INTERVAL_S, ALLOWED_S, MIN_VALID_S = 20, 3, 5, 185
TAP = Tap()


class Gym:
    """A machine with straps, and zone1d on it."""

    def __init__(self, folder, broker):
        self.state = Path(folder) / 'state'
        self.state.mkdir()
        self.config = Path(folder) / 'zone1d.conf'
        self.config.write_text(
            f'[gateway]\nname = gym\nunknown-straps = guest\nstate-dir = {self.state}\n[mqtt]\nhost = 127.0.0.1\n'
            f'port = {broker.port}\n[store]\ninterval = {INTERVAL_S}\n'
            f'[athlete Anna]\nstrap = {ANNA}\nmax = 185\nrest = 55\ngroup = tue\n'
            f'[athlete Ben]\nstrap = {BEN}\nmax = 185\nrest = 55\ngroup = tue\n'
            '[guest]\nage = 30\nguests = 2\n', encoding='utf-8')
        self.broker, self.daemon, self.errors = broker, None, []
        self.machine = subprocess.Popen([MACHINE, ANNA, BEN, GUEST, OTHER], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, text=True)
        self.bus = self.machine.stdout.readline().split()[1]
        self.tell(f'off {OTHER}', f'bpm 99 {OTHER}')

    def tell(self, *lines):
        self.machine.stdin.write(''.join(line + '\n' for line in lines))
        self.machine.stdin.flush()

    def start(self):
        self.daemon = subprocess.Popen([ZONE1D, '--config', self.config], stderr=subprocess.PIPE, text=True,
                                       env={**os.environ, 'DBUS_SYSTEM_BUS_ADDRESS': self.bus})

    def kill(self, number=signal.SIGKILL):
        self.daemon.send_signal(number)
        self.errors.append(self.daemon.communicate(timeout=PATIENCE_S)[1])

    def ctl(self, *arguments):
        done = subprocess.run([ZONE1CTL, arguments[0], '--config', self.config, *arguments[1:]], capture_output=True,
                              text=True, timeout=PATIENCE_S, check=False)
        return done.returncode, done.stdout + done.stderr

    def command(self, athlete, word):
        subprocess.run(['mosquitto_pub', '-h', '127.0.0.1', '-p', str(self.broker.port), '-t',
                        f'zone1d/athlete/{athlete}/set/session', '-m', word], check=True)

    def ask(self, sql):
        with closing(sqlite3.connect(self.state / 'zone1d.db')) as database:
            return database.execute(sql).fetchall()

    def end(self):
        if self.daemon is not None and self.daemon.poll() is None:
            self.daemon.kill()
            self.daemon.communicate()
        self.machine.stdin.close()
        self.machine.wait(timeout=PATIENCE_S)


def live(subscriber, athlete, wanted):
    """The next live message of ATHLETE that WANTED accepts."""
    topic = f'zone1d/athlete/{athlete}/live'
    return json.loads(subscriber.wait(lambda t, payload, _: t == topic and wanted(json.loads(payload)))[1])


def session(subscriber, athlete, wanted):
    topic = f'zone1d/athlete/{athlete}/session'
    return json.loads(subscriber.wait(lambda t, payload, _: t == topic and payload and wanted(json.loads(payload)))[1])


def group(subscriber, wanted):
    return json.loads(subscriber.wait(lambda t, payload, _: t == 'zone1d/group/tue/session' and
                                      wanted(json.loads(payload)))[1])


def active(message):
    return message['session'] == 'active'


def restart(gym, subscriber, *told):
    """Kills it, tells the machine, and starts it anew. Returns what it had said before, since the last look, and when
    each athlete's session had been stored."""
    since = len(subscriber.seen)
    gym.kill()
    saved = dict(gym.ask('SELECT athlete, saved_us FROM states'))
    gym.tell(*told)
    gym.start()
    subscriber.wait(lambda topic, payload, _: (topic, payload) == ('zone1d/gateway/gym/status', 'online'))
    return subscriber.seen[since:], saved


def lost_s(came, saved, athlete):
    """From when the session was stored last to the last live message; 0 when there was none after it."""
    found = [json.loads(payload) for topic, payload, _ in came if topic == f'zone1d/athlete/{athlete}/live']
    told = max((datetime.fromisoformat(message['ts'].replace('Z', '+00:00')).timestamp() for message in found
                if active(message)), default=0)
    return max(0, told - saved[athlete] / 1e6)


def begin(gym, subscriber):
    gym.start()
    for athlete in ATHLETES:
        live(subscriber, athlete, lambda message: message['hr'])
    ids = {}
    for athlete in ATHLETES:
        gym.command(athlete, 'start')
        ids[athlete] = session(subscriber, athlete, lambda message: message['state'] == 'active')['id']
    groups = [message for message in subscriber.payloads('zone1d/group/tue/session') if message['state'] == 'active']
    return ids, groups[0]['started_at']


def kill_once(gym, subscriber, after_s):
    """Kills it, and starts it anew; returns the most that was lost, s, and the ids found then."""
    time.sleep(after_s)  # the moment is what is random here; nothing is waited for
    came, saved = restart(gym, subscriber)
    ids = {}
    for athlete in ATHLETES:
        ids[athlete] = session(subscriber, athlete, lambda message: True)['id']
    for athlete in ATHLETES:
        live(subscriber, athlete, lambda message: active(message) and message['hr'])
    return max(lost_s(came, saved, athlete) for athlete in ATHLETES), ids


def check_kills(gym, subscriber, ids):
    chance, worst, damaged, strange = random.Random(SEED), 0, [], []
    for kill in range(KILLS):
        lost, found = kill_once(gym, subscriber, chance.uniform(1, 9))
        worst = max(worst, lost)
        strange += [found] if found != ids else []
        damaged += [row for row in gym.ask('PRAGMA quick_check') if row != ('ok',)]
    print(f'# {KILLS} kills; at most {worst:.2f} s were lost')
    TAP.equal('all sessions go on after each', strange, [])
    TAP.ok('never are more than 5 s lost', worst <= ALLOWED_S, f'{worst}')
    TAP.equal('the database is never damaged', damaged, [])
    TAP.equal('each is one session', gym.ask('SELECT count(*) FROM sessions'), [(len(ATHLETES),)])


def check_guest(gym, subscriber, ids):
    """The guest is out of reach at the restart, and somebody else's strap is there: it does not get the number."""
    restart(gym, subscriber, f'off {GUEST}', f'on {OTHER}')
    other = live(subscriber, 'guest-2', lambda message: message['hr'])
    TAP.equal("another's strap is another guest", other['hr'], 99)
    rates = [message['hr'] for message in subscriber.payloads('zone1d/athlete/guest-1/live')]
    TAP.ok('and never the one whose session runs', 99 not in rates, str(rates[-20:]))
    gym.tell(f'off {OTHER}', f'on {GUEST}')
    live(subscriber, 'guest-1', lambda message: message['hr'] == 125 and active(message))
    gym.command('guest-1', 'pause')
    found = session(subscriber, 'guest-1', lambda message: message['state'] == 'paused')
    TAP.equal('the guest comes back: the session goes on', found['id'], ids['guest-1'])


def wait_stored_end(gym, athlete):
    """What is told may be stored some seconds later."""
    end = time.monotonic() + PATIENCE_S
    while not gym.ask(f"SELECT 1 FROM sessions WHERE athlete = '{athlete}' AND ended_us > 0"):
        assert time.monotonic() < end, f"the end of {athlete}'s session is not stored"
        time.sleep(0.2)


def check_table(gym, subscriber, started):
    live(subscriber, 'ben', lambda message: message['valid_s'] >= MIN_VALID_S)
    gym.command('ben', 'stop')
    before = group(subscriber, lambda message: message['verdicts'])
    wait_stored_end(gym, 'ben')
    restart(gym, subscriber)
    after = group(subscriber, lambda message: True)
    TAP.equal('in the middle of it: the group goes on', (after['state'], after['started_at']), ('active', started))
    TAP.equal('with its table', after['verdicts'], before['verdicts'])
    TAP.equal('of who has ended', [row['athlete'] for row in after['verdicts']], ['ben'])


def check_rpe(gym, subscriber):
    topic = 'zone1d/athlete/ben/session/last'
    last = subscriber.payloads(topic)[-1]
    status, said = gym.ctl('rpe', 'ben', '2')
    TAP.ok('after the restart: how hard it felt', status == 0, said)
    told = json.loads(subscriber.wait(lambda t, payload, _: t == topic and json.loads(payload)['rpe'] == 2)[1])
    TAP.equal('told with all else as it was', {**told, 'rpe': None, 'rpe_easy': None}, last)


def check_end(gym, subscriber, started):
    gym.command('anna', 'stop')
    before = group(subscriber, lambda message: message['state'] == 'finished')
    wait_stored_end(gym, 'anna')
    restart(gym, subscriber)
    after = group(subscriber, lambda message: True)
    TAP.equal('after its end: the same again', after, before)
    TAP.equal('of both', ([row['athlete'] for row in after['verdicts']], after['started_at']), (['anna', 'ben'], started))


def check_delete(gym, subscriber, ids):
    status, said = gym.ctl('delete', ids['ben'])
    TAP.ok('a session is deleted while zone1d runs', status == 0, said)
    subscriber.wait(lambda topic, payload, _: topic == 'zone1d/athlete/ben/session/last' and not payload)
    left = group(subscriber, lambda message: len(message['verdicts']) == 1)
    TAP.equal('it leaves the table, too', left['verdicts'][0]['athlete'], 'anna')


def main():
    with tempfile.TemporaryDirectory(dir=os.getcwd(), prefix='g') as folder:
        with Broker(folder) as broker, Subscriber(broker) as subscriber:
            gym = Gym(folder, broker)
            try:
                ids, started = begin(gym, subscriber)
                check_kills(gym, subscriber, ids)
                check_guest(gym, subscriber, ids)
                check_table(gym, subscriber, started)
                check_rpe(gym, subscriber)
                check_end(gym, subscriber, started)
                check_delete(gym, subscriber, ids)
            finally:
                gym.end()
    trouble = [line for said in gym.errors for line in said.splitlines() if 'ERROR' in line or 'damaged' in line]
    TAP.equal('and nothing was amiss', trouble, [])
    return TAP.done()


if __name__ == '__main__':
    sys.exit(main())

# SPDX-License-Identifier: MIT
"""What the daemon does when it is told to over MQTT, with a real broker and no strap.

usage: test_commands.py ZONE1D ZONE1CTL
"""
import json
import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / 'style'))
from broker import PATIENCE_S, Broker, Subscriber  # noqa: E402
from tap import Tap  # noqa: E402

ZONE1D, ZONE1CTL = sys.argv[1:3]
TAP = Tap()
CONFIG = '''[gateway]
name = test
[mqtt]
host = 127.0.0.1
port = %d
[athlete Anna]
max = 185
rest = 55
speed-topic = QZ/me/workout/speed/current
group = Tue
[athlete Ben]
max = 190
group = Tue
'''


def publish(broker, topic, payload, *options):
    subprocess.run(['mosquitto_pub', '-h', '127.0.0.1', '-p', str(broker.port), '-q', '1', '-t', topic, '-m', payload,
                    *options], check=True, timeout=PATIENCE_S)


def ask(broker, topic, payload, response='answers/here'):
    """As MQTT 5 means it; the answer, or None."""
    done = subprocess.run(['mosquitto_rr', '-V', '5', '-h', '127.0.0.1', '-p', str(broker.port), '-q', '1', '-t', topic,
                           '-m', payload, '-e', response, '-D', 'publish', 'correlation-data', 'x1', '-F', '%D %p',
                           '-W', str(PATIENCE_S)], capture_output=True, text=True, timeout=PATIENCE_S * 2, check=False)
    correlation, _, answer = done.stdout.strip().partition(' ')
    return json.loads(answer) if correlation == 'x1' else None


class Bench:
    def __init__(self, broker, subscriber):
        self.broker, self.subscriber = broker, subscriber

    def result(self, athlete, leaf, payload, *options):
        """The result that a command to ATHLETE has."""
        publish(self.broker, f'zone1d/athlete/{athlete}/{leaf}', payload, *options)
        _, answer, _ = self.subscriber.wait(lambda topic, *_: topic == f'zone1d/athlete/{athlete}/result')
        return json.loads(answer)

    def session(self, **wanted):
        """Anna's newest session message has all of WANTED, now or later."""
        def fits(topic, payload, _):
            return topic == 'zone1d/athlete/anna/session' and payload.startswith('{') and \
                wanted.items() <= json.loads(payload).items()
        newest = [message for message in self.subscriber.seen if message[0] == 'zone1d/athlete/anna/session'][-1:]
        if not newest or not fits(*newest[0]):
            self.subscriber.wait(fits)

    def response(self, command, payload):
        publish(self.broker, f'zone1d/gateway/test/request/{command}', payload)
        _, answer, _ = self.subscriber.wait(lambda topic, *_: topic == f'zone1d/gateway/test/response/{command}')
        return json.loads(answer)


def test_commands(bench):
    TAP.equal('start', bench.result('anna', 'set/session', 'start'), {'key': 'session', 'status': 'ok'})
    TAP.equal('start twice', bench.result('anna', 'set/session', 'start'),
              {'key': 'session', 'status': 'error', 'error': 'a session is running already'})
    TAP.equal('cap', bench.result('anna', 'set/cap', '130'), {'key': 'cap', 'status': 'ok'})
    TAP.equal('a cap out of range', bench.result('anna', 'set/cap', '300'),
              {'key': 'cap', 'status': 'error', 'error': 'out of range 80..200'})
    TAP.ok('rpe', bench.result('anna', 'set/rpe', '2')['status'] == 'ok')
    bench.session(rpe=2, target='cap:130', cap=130, state='active')
    TAP.equal('JSON, and whose answer it is', bench.result('anna', 'set', '{"target":"easy","transaction":"7"}'),
              {'key': 'target', 'status': 'ok', 'transaction': '7'})
    answer = bench.result('anna', 'set', '{"target":"z2","volume":11,"transaction":"8"}')
    TAP.ok('an unknown key', answer['status'] == 'error' and answer['key'] == 'volume', str(answer))
    TAP.equal('half a JSON', bench.result('anna', 'set', '{"cap":')['status'], 'error')
    TAP.ok('pause', bench.result('anna', 'set/session', 'pause')['status'] == 'ok')
    bench.session(state='paused', target='easy', cap=145)
    TAP.ok('the refused target changed nothing', True)
    TAP.ok('stop', bench.result('anna', 'set/session', 'stop')['status'] == 'ok')
    bench.session(state='idle')


def test_events(bench):
    events = [json.loads(p) for t, p, _ in bench.subscriber.seen if t == 'zone1d/athlete/anna/event']
    TAP.equal('the events of such a session', [event['event_type'] for event in events],
              ['session_started', 'signal_lost', 'session_paused', 'session_dropped'])
    TAP.equal('each has an id of its own', len({event['id'] for event in events}), 4)


def test_strangers(bench):
    answer = bench.result('nobody', 'set/cap', '130')
    TAP.equal('an unknown athlete', answer, {'key': None, 'status': 'error', 'error': 'there is no such athlete'})
    publish(bench.broker, 'zone1d/athlete/carl/strap', '{"connected":true,"gateway":"other"}', '-r')
    bench.subscriber.wait(lambda topic, *_: topic == 'zone1d/athlete/carl/strap')
    publish(bench.broker, 'zone1d/athlete/carl/set/cap', '130')
    TAP.ok('after it', bench.result('ben', 'set/cap', '140')['status'] == 'ok')
    TAP.ok("another gateway's athlete is left to it",
           not any(topic == 'zone1d/athlete/carl/result' for topic, *_ in bench.subscriber.seen))


def test_speed(bench):
    TAP.ok('start', bench.result('anna', 'set/session', 'start')['status'] == 'ok')
    publish(bench.broker, 'QZ/me/workout/speed/current', '8.40')
    publish(bench.broker, 'QZ/me/workout/speed/current', 'fast')
    bench.result('anna', 'set/rpe', '3')
    bench.session(rpe=3, speed_kmh=8.4)
    TAP.ok("the treadmill's speed is taken, and nonsense is not", True)
    bench.result('anna', 'set/speed', 'none')
    publish(bench.broker, 'QZ/me/workout/elapsed/seconds', '7')
    bench.result('anna', 'set/rpe', '4')
    bench.session(rpe=4, speed_kmh=8.4)
    TAP.ok('a sign of life of qdomyos-zwift renews it', True)
    bench.result('anna', 'set/session', 'stop')


def test_requests(bench):
    TAP.equal('an unknown request', bench.response('nonsense', '{"transaction":"9"}'),
              {'status': 'error', 'error': 'there is no such request', 'transaction': '9'})
    TAP.equal('nonsense as a request', bench.response('forget', '[')['status'], 'error')
    TAP.equal('forgetting nobody', bench.response('forget', '{"athlete":"nobody"}')['error'], 'there is no such athlete')
    TAP.equal('forgetting', bench.response('forget', '{"athlete":"anna","transaction":5}'),
              {'status': 'ok', 'data': {}, 'transaction': '5'})
    with Subscriber(bench.broker) as later:
        left = [topic for topic, payload, retained in later.seen if retained and '/anna/' in topic]
        TAP.equal('nothing of the athlete stays', left, [])


def test_where_answers_go(bench):
    answer = ask(bench.broker, 'zone1d/athlete/anna/set/cap', '131')
    TAP.equal('a command is answered where it asked', answer, {'key': 'cap', 'status': 'ok'})
    answer = ask(bench.broker, 'zone1d/gateway/test/request/nonsense', '{}')
    TAP.ok('a request too', answer is not None and answer['status'] == 'error', str(answer))
    before = len(bench.subscriber.seen)
    publish(bench.broker, 'zone1d/gateway/test/request/nonsense', '{"transaction":"last"}', '-V', '5', '-D', 'publish',
            'response-topic', 'zone1d/athlete/ben/session')
    bench.subscriber.wait(lambda topic, payload, _: topic.endswith('response/nonsense') and 'last' in payload)
    TAP.ok('but not into our own tree', not any(topic == 'zone1d/athlete/ben/session' and 'error' in payload
                                               for topic, payload, _ in bench.subscriber.seen[before:]))


def ctl(broker, *arguments):
    done = subprocess.run([ZONE1CTL, *arguments, '--host', '127.0.0.1', '--port', str(broker.port)], capture_output=True,
                          text=True, timeout=PATIENCE_S * 2, check=False)
    return done.returncode, done.stderr.strip()


def test_zone1ctl(bench):
    TAP.equal('zone1ctl start', ctl(bench.broker, 'start', 'ben'), (0, ''))
    TAP.equal('zone1ctl start again', ctl(bench.broker, 'start', 'ben'),
              (1, 'zone1ctl start: a session is running already'))
    TAP.equal('zone1ctl target', ctl(bench.broker, 'target', 'ben', 'cap:120'), (0, ''))
    TAP.equal('zone1ctl target of nonsense', ctl(bench.broker, 'target', 'ben', 'fast'),
              (1, 'zone1ctl target: not one of recovery, easy, z1 to z8, z5a to z5c, cap:80 to cap:200'))
    TAP.equal('zone1ctl rpe', ctl(bench.broker, 'rpe', 'ben', '11')[0], 1)
    TAP.equal('zone1ctl of an unknown athlete', ctl(bench.broker, 'cap', 'nobody', '120'),
              (1, 'zone1ctl cap: there is no such athlete'))
    TAP.equal('zone1ctl forget while it runs', ctl(bench.broker, 'forget', 'ben'),
              (1, 'zone1ctl forget: a session is running; stop it first'))
    TAP.equal('zone1ctl stop', ctl(bench.broker, 'stop', 'ben'), (0, ''))
    TAP.equal('zone1ctl forget, which finds the gateway by itself', ctl(bench.broker, 'forget', 'ben'), (0, ''))
    for wrong in (['start'], ['start', 'Ben'], ['cap', 'ben'], ['start', 'ben', 'now'], ['start', 'ben', '--nonsense']):
        TAP.equal(f'zone1ctl {" ".join(wrong)}: status 64', ctl(bench.broker, *wrong)[0], 64)
    TAP.equal('zone1ctl of another gateway: status 69, and which', ctl(bench.broker, 'forget', 'ben', '--gateway', 'x'),
              (69, 'zone1ctl forget: gateway x does not answer; is zone1d running there?'))


def test_check(bench):
    done = subprocess.run([ZONE1CTL, 'check', '--json', '--host', '127.0.0.1', '--port', str(bench.broker.port)],
                          capture_output=True, text=True, timeout=PATIENCE_S * 2, check=False)
    lines = json.loads(done.stdout)
    areas = {line['area'] for line in lines}
    TAP.ok('zone1ctl check looks at everything', {'config', 'clock', 'rfkill', 'wifi', 'adapter', 'broker'} <= areas,
           str(areas))
    TAP.ok('the broker is fine', all(line['level'] != 'bad' for line in lines if line['area'] == 'broker'), done.stdout)
    bad = [line['text'] for line in lines if line['level'] == 'bad']
    TAP.ok('the missing bus is bad, and said', done.returncode == 1 and len(bad) == 1 and 'bus' in bad[0], str(bad))


def test_group(bench):
    watch = subprocess.Popen([ZONE1CTL, 'watch', '--group', 'tue', '--until-finished', '--host', '127.0.0.1', '--port',
                              str(bench.broker.port)], stdout=subprocess.PIPE, text=True)
    TAP.ok('zone1ctl watch --group says what is there', 'tue: ' in watch.stdout.readline())
    TAP.equal('zone1ctl start --group', ctl(bench.broker, 'start', '--group', 'tue'), (0, ''))
    TAP.equal('again', ctl(bench.broker, 'start', '--group', 'tue'),
              (1, 'zone1ctl start: all members have a session already'))
    _, live, _ = bench.subscriber.wait(lambda topic, payload, _: topic == 'zone1d/group/tue/live' and
                                       json.loads(payload)['members'][0]['session'] == 'active')
    TAP.equal('the live table', [(m['athlete'], m['alias'], m['hr'], m['session']) for m in json.loads(live)['members']],
              [('anna', 'Anna', None, 'active'), ('ben', 'Ben', None, 'active')])
    while 'of 2 in target' not in (line := watch.stdout.readline()) and line:
        pass
    TAP.ok('and on the screen', 'tue: 0 of 2 in target' in line, line)
    TAP.equal('zone1ctl stop --group', ctl(bench.broker, 'stop', '--group', 'tue'), (0, ''))
    bench.subscriber.wait(lambda topic, payload, _: topic == 'zone1d/group/tue/session' and
                          json.loads(payload)['state'] == 'finished')
    TAP.equal('the end of the session ends the watch', watch.wait(PATIENCE_S), 0)
    TAP.equal('an unknown group', ctl(bench.broker, 'start', '--group', 'Tue!')[0], 64)


def test_zone1ctl_straps(bench):
    def out(*arguments):
        return subprocess.run([ZONE1CTL, *arguments, '--host', '127.0.0.1', '--port', str(bench.broker.port)],
                              capture_output=True, text=True, timeout=PATIENCE_S * 2, check=True).stdout
    table = json.loads(out('straps', '--json'))
    TAP.equal('zone1ctl straps --json', [(row['athlete'], row['link']) for row in table['straps']],
              [('anna', 'none'), ('ben', 'none')])
    TAP.ok('zone1ctl straps', 'anna              none ' in out('straps'))
    TAP.equal('zone1ctl scan --json', json.loads(out('scan', '--seconds', '1', '--json')), {'heard': []})
    TAP.equal('zone1ctl bind of what is not there', ctl(bench.broker, 'bind', '4j7k2m9q', 'anna'),
              (1, 'zone1ctl bind: no strap of that id was heard lately; scan, and take an id from there'))
    TAP.equal('zone1ctl unbind of nothing', ctl(bench.broker, 'unbind', 'anna'),
              (1, 'zone1ctl unbind: no strap was bound to it by bind; what the configuration says is changed there'))
    TAP.equal('zone1ctl unbind of nobody', ctl(bench.broker, 'unbind', 'nobody'),
              (1, 'zone1ctl unbind: there is no such athlete'))
    for wrong in (['bind', 'x'], ['unbind'], ['scan', '5'], ['scan', '--seconds', '61'], ['straps', '--seconds', '1']):
        TAP.equal(f'zone1ctl {" ".join(wrong)}: status 64', ctl(bench.broker, *wrong)[0], 64)
    for command in ('scan', 'straps', 'bind', 'unbind'):
        TAP.ok(f'zone1ctl {command} --help', '--json' in out(command, '--help') and
               'Exit status' in out(command, '--help'))


def run(folder, broker, config, tests):
    with Subscriber(broker) as subscriber:
        daemon = subprocess.Popen([ZONE1D, '--config', config], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            subscriber.wait(lambda topic, payload, retained: topic == 'zone1d/gateway/test/status' and
                            payload == 'online' and not retained)
            bench = Bench(broker, subscriber)
            for test in tests:
                test(bench)
        finally:
            daemon.send_signal(signal.SIGTERM)
            TAP.equal('it ends when told', daemon.wait(PATIENCE_S), 0)
        return subscriber.seen


def main():
    base = os.environ.get('MESON_BUILD_ROOT', os.getcwd())
    with tempfile.TemporaryDirectory(dir=base, prefix='t') as folder, Broker(folder) as broker:
        os.environ['DBUS_SYSTEM_BUS_ADDRESS'] = f'unix:path={folder}/no-bus'
        config = Path(folder) / 'zone1d.conf'
        config.write_text(CONFIG % broker.port, encoding='utf-8')
        try:
            run(folder, broker, config, (test_commands, test_events, test_strangers, test_speed, test_requests,
                                         test_where_answers_go, test_zone1ctl, test_zone1ctl_straps, test_check,
                                         test_group))
            publish(broker, 'zone1d/athlete/anna/set/session', 'start', '-r')
            seen = run(folder, broker, config, (lambda bench: bench.response('nonsense', ''),))
            states = [json.loads(p)['state'] for t, p, retained in seen
                      if t == 'zone1d/athlete/anna/session' and p and not retained]
            TAP.ok('a stored command is never carried out', states and set(states) == {'idle'}, str(states))
        except (TimeoutError, subprocess.TimeoutExpired, IndexError) as error:
            TAP.ok('to the end', False, repr(error))
    return TAP.done()


if __name__ == '__main__':
    sys.exit(main())

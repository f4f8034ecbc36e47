# SPDX-License-Identifier: MIT
"""When Home Assistant is told what, by the real daemon on a real broker: its birth, any order of starts, and
that nothing stays behind of athletes and names that are no more.

usage: test_gateway.py ZONE1D DATA SOURCE
"""
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parents[1] / name) for name in ('style', 'system')]
sys.dont_write_bytecode = True
from broker import PATIENCE_S, Broker, Subscriber  # noqa: E402
from tap import Tap  # noqa: E402

ZONE1D = sys.argv[1]
TAP = Tap()
ONLINE = ('homeassistant/status', 'online')


class Gateway:
    """A daemon without straps, its configuration, and its state directory."""

    def __init__(self, folder, broker, **settings):
        self.folder, self.broker, self.process = Path(tempfile.mkdtemp(dir=folder)), broker, None
        self.settings = {'name': 'gym', 'prefix': 'zone1d', 'athletes': ('Anna',), 'discovery': 'yes',
                         'ha_prefix': 'homeassistant', **settings}

    def write(self):
        settings = self.settings
        athletes = ''.join(f'[athlete {name}]\nmax = 190\n' for name in settings['athletes'])
        path = self.folder / 'zone1d.conf'
        path.write_text(f'[gateway]\nname = {settings["name"]}\n[mqtt]\nhost = 127.0.0.1\nport = {self.broker.port}\n'
                        f'prefix = {settings["prefix"]}\n[home-assistant]\ndiscovery = {settings["discovery"]}\n'
                        f'prefix = {settings["ha_prefix"]}\n{athletes}', encoding='utf-8')
        return path

    def start(self, **settings):
        self.settings.update(settings)
        environment = {**os.environ, 'STATE_DIRECTORY': str(self.folder),
                       'DBUS_SYSTEM_BUS_ADDRESS': f'unix:path={self.folder}/no-bus'}
        with open(self.folder / 'log', 'a', encoding='utf-8') as log:
            self.process = subprocess.Popen([ZONE1D, '--config', self.write()], env=environment, stderr=log,
                                            stdin=subprocess.DEVNULL)
        return self

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(PATIENCE_S)

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        self.stop()


def publish(broker, topic, payload, *options):
    subprocess.run(['mosquitto_pub', '-p', str(broker.port), '-q', '1', '-t', topic, '-m', payload, *options], check=True)


def retained(broker):
    with Subscriber(broker, '#') as subscriber:
        publish(broker, 'all/there', '1')  # what is stored was sent before it
        subscriber.wait(lambda topic, *_: topic == 'all/there')
        return {topic: payload for topic, payload, stored in subscriber.seen if stored and topic != 'ready/now'}


def until(true, what):
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        if (result := true()) is not None:
            return result
    raise TimeoutError(what)


def settled(broker, wanted):
    """The retained topics once WANTED accepts them."""
    def look():
        topics = sorted(retained(broker))
        return topics if wanted(topics) else None
    return until(look, f'never: {sorted(retained(broker))}')


def is_device(name):
    return lambda topic, payload, *_: topic == f'homeassistant/device/zone1d_{name}/config' and payload


def test_birth(folder):
    with Broker(folder) as broker, Gateway(folder, broker), Subscriber(broker, '#') as subscriber:
        subscriber.wait(lambda topic, *_: topic == 'zone1d/athlete/anna/state')
        publish(broker, *ONLINE)
        born = time.monotonic()
        subscriber.wait(lambda topic, payload, _: (topic, payload) == ONLINE)
        subscriber.wait(is_device('anna'))
        delay_s = time.monotonic() - born
        TAP.ok('a birth is answered, and not at once', delay_s > 0.9, f'{delay_s}')
        subscriber.wait(lambda topic, *_: topic == 'zone1d/athlete/anna/state')
        TAP.ok('then with the states', True)
        subscriber.seen.clear()
        for payload in ('offline', 'online', 'online'):
            publish(broker, 'homeassistant/status', payload, *(['-r'] if payload == 'online' else []))
        subscriber.wait(lambda topic, *_: topic == 'zone1d/athlete/anna/state')
        publish(broker, 'zone1d/athlete/anna/set/cap', 'x')  # an answer that comes after all that was due
        subscriber.wait(lambda topic, *_: topic == 'zone1d/athlete/anna/result')
        answers = sum(bool(is_device('anna')(*message)) for message in subscriber.seen)
        TAP.equal('two births in a row, retained ones too, are answered once', answers, 1)


def test_orders(folder):
    """Broker, Home Assistant and daemon start in any order: the devices are there, once, before any state."""
    broker = Broker(folder)
    gateway = Gateway(folder, broker).start()  # before the broker
    with broker:
        settled(broker, lambda topics: 'homeassistant/device/zone1d_anna/config' in topics)
        TAP.ok('the daemon before the broker', True)
        broker.kill()
        broker.start()  # it has forgotten all
        settled(broker, lambda topics: 'homeassistant/device/zone1d_anna/config' in topics)
        TAP.ok('a broker that has forgotten everything', True)
        gateway.stop()
        publish(broker, *ONLINE, '-r')  # Home Assistant was first, and its birth is stored
        with Subscriber(broker, '#') as subscriber:
            gateway.start()
            subscriber.wait(lambda topic, *_: topic == 'zone1d/athlete/anna/state')
            order = [topic for topic, payload, stored in subscriber.seen if not stored and
                     (is_device('anna')(topic, payload) or is_device('gateway_gym')(topic, payload) or
                      topic.endswith('anna/state'))]
            TAP.equal('first the gateway, then the athlete, then the state', [topic[:34] for topic in order],
                      ['homeassistant/device/zone1d_gatewa', 'homeassistant/device/zone1d_anna/c', 'zone1d/athlete/anna/state'])
        gateway.stop()


def test_removal(folder):
    with Broker(folder) as broker:
        gateway, other = Gateway(folder, broker, athletes=('Anna', 'Bob')), Gateway(folder, broker, name='cellar',
                                                                                     athletes=('Carol',))
        with other:
            gateway.start()
            settled(broker, lambda topics: sum('/device/' in topic for topic in topics) == 5)
            gateway.stop()
            publish(broker, 'homeassistant/device/foreign/config', '{"origin":{"name":"x"}}', '-r')
            publish(broker, 'zone1d/athlete/bob/session/last', '{}', '-r')
            (gateway.folder / 'announced.json').unlink()  # it does not take its memory
            gateway.start(athletes=('Anna',))
            topics = settled(broker, lambda topics: not any('bob' in topic for topic in topics))
            TAP.ok('everything of a removed athlete is cleared', True)
            kept = [f'homeassistant/device/zone1d_{name}/config' for name in ('anna', 'carol', 'gateway_cellar', 'gateway_gym')]
            kept += ['homeassistant/device/foreign/config', 'zone1d/athlete/anna/strap', 'zone1d/athlete/carol/strap']
            TAP.equal('and nothing of anybody else', [topic for topic in kept if topic not in topics], [])
            gateway.stop()
            gateway.start(discovery='no')
            topics = settled(broker, lambda topics: 'homeassistant/device/zone1d_anna/config' not in topics)
            TAP.ok('without discovery the devices go, the topics stay',
                   'zone1d/athlete/anna/strap' in topics and 'homeassistant/device/zone1d_carol/config' in topics, str(topics))
            gateway.stop()


def test_renames(folder):
    with Broker(folder) as broker:
        gateway = Gateway(folder, broker).start()
        settled(broker, lambda topics: 'zone1d/athlete/anna/strap' in topics)
        for change in ({'name': 'attic'}, {'prefix': 'home/run'}, {'ha_prefix': 'ha'}, {'athletes': ('Hanna',)}):
            gateway.stop()
            before = gateway.settings.copy()
            gateway.start(**change)
            key, value = next(iter(change.items()))
            old = {'name': r'gym', 'prefix': r'^zone1d/', 'ha_prefix': r'^homeassistant/', 'athletes': r'[/_]anna'}[key]
            settled(broker, lambda topics: not any(re.search(old, topic) for topic in topics) and
                    any('strap' in topic for topic in topics))
            TAP.ok(f'{key} from {before[key]} to {value}: nothing of the old one is left', True)
        until(lambda: len(json.loads((gateway.folder / 'announced.json').read_text())['names']) == 1 or None,
              'the memory forgets')
        TAP.ok('and it is not remembered for ever', True)
        gateway.stop()


def test_removed_component(folder):
    """A version that had one entity more: it is taken back once."""
    with Broker(folder) as broker:
        gateway = Gateway(folder, broker).start()
        settled(broker, lambda topics: 'zone1d/athlete/anna/strap' in topics)
        gateway.stop()
        memory = json.loads((gateway.folder / 'announced.json').read_text())
        memory['components']['cadence'] = 'sensor'
        (gateway.folder / 'announced.json').write_text(json.dumps(memory))
        with Subscriber(broker, 'homeassistant/device/zone1d_anna/config') as subscriber:
            gateway.start()
            first = json.loads(subscriber.wait(lambda topic, payload, stored: not stored and 'device' in topic)[1])
            TAP.equal('its platform alone', first['components'].get('cadence'), {'platform': 'sensor'})
            publish(broker, *ONLINE)
            then = json.loads(subscriber.wait(lambda topic, payload, stored: not stored and 'device' in topic)[1])
            TAP.ok('and then no more', 'cadence' not in then['components'])
        gateway.stop()


def main():
    base = os.environ.get('MESON_BUILD_ROOT', os.getcwd())
    with tempfile.TemporaryDirectory(dir=base, prefix='t') as folder:
        for test in (test_birth, test_orders, test_removal, test_renames, test_removed_component):
            try:
                test(folder)
            except (TimeoutError, subprocess.SubprocessError, KeyError, ValueError, OSError) as error:
                TAP.ok(test.__name__, False, repr(error))
    return TAP.done()


if __name__ == '__main__':
    sys.exit(main())

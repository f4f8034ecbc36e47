# SPDX-License-Identifier: MIT
"""The examples in docs/mqtt.md: one real message of every kind from a run of the daemon, and how they stand in the page.

A kind is the topic without prefix and id, and what tells messages of a topic apart: `athlete/live`,
`athlete/event above_target`, `gateway/response/straps ok`. In the page it stands in a comment before a block:
`<!-- example athlete/live -->`. With `, by hand` after the kind the block is not replaced, as only Bluetooth gives such.
"""
import json
import os
import re
import signal
import subprocess
from pathlib import Path

from broker import PATIENCE_S, Broker, Subscriber

PREFIX = 'zone1d/'
CONFIG = '''[gateway]
name = pi-gym
state-dir = %s
[mqtt]
host = 127.0.0.1
port = %d
[advice]
hard-load = 40
[athlete Anna]
max = 195
rest = 60
group = Tue
[athlete Ben]
max = 190
target = %s
group = Tue
'''
# What is said to the daemon, in order, after each the topic of the answer.
SAID = (
    ('group/tue/set', {'session': 'start', 'transaction': '7'}, 'group/tue/result'),
    ('group/tue/set', {'session': 'start', 'transaction': '8'}, 'group/tue/result'),
    ('athlete/ben/set', {'session': 'pause', 'transaction': '9'}, 'athlete/ben/result'),
    ('athlete/ben/set', {'session': 'resume', 'transaction': '10'}, 'athlete/ben/result'),
    ('athlete/ben/set', {'cap': 300, 'transaction': '11'}, 'athlete/ben/result'),
    ('group/tue/set', {'session': 'stop', 'transaction': '12'}, 'group/tue/result'),
    ('gateway/pi-gym/request/straps', {'transaction': '13'}, 'gateway/pi-gym/response/straps'),
    ('gateway/pi-gym/request/scan', {'seconds': 1, 'transaction': '14'}, 'gateway/pi-gym/response/scan'),
    ('gateway/pi-gym/request/scan', {'seconds': 99, 'transaction': '15'}, 'gateway/pi-gym/response/scan'),
    ('gateway/pi-gym/request/bind', {'id': '4j7k2m9q', 'athlete': 'anna', 'transaction': '16'},
     'gateway/pi-gym/response/bind'),
    ('gateway/pi-gym/request/unbind', {'athlete': 'anna', 'transaction': '17'}, 'gateway/pi-gym/response/unbind'),
    ('gateway/pi-gym/request/forget', {'athlete': 'carl', 'transaction': '18'}, 'gateway/pi-gym/response/forget'),
    ('gateway/pi-gym/request/forget', {'athlete': 'anna', 'transaction': '19'}, 'gateway/pi-gym/response/forget'),
)
# Which message of a kind shows most; the last such, or without one the last.
SHOWN = {
    'gateway/info': lambda message: message['straps'],
    'gateway/status': lambda message: message == 'online',
    'athlete/live': lambda message: message['zone'] == 'z1' and message['dfa_a1'] and message['status'] == 'in',
    'athlete/state': lambda message: message['zone'] == 'z2' and message['dfa_a1'] and message['status'] == 'above',
    'athlete/session': lambda message: message['state'] == 'active' and message['target'] == 'recovery',
    'athlete/advice': lambda message: message['advice'] == 'recovery_run',
    'athlete/strap': lambda message: message['connected'],
    'athlete/session/last': lambda message: message['verdict'] == 'kept',
    'athlete/event session_finished': lambda message: message.get('verdict') == 'kept',
    'group/live': lambda message: message['members'][0]['zone'] == 'z1' and message['members'][0]['status'] == 'in',
    'group/session': lambda message: message['verdicts'] and message['verdicts'][0]['athlete'] == 'anna',
}
CURVE_SHOWN = 4
COLUMNS = 120
BLOCK = re.compile(r'<!-- example ([^,\n]+?)(, by hand)? -->\n```\w*\n(.*?)\n```$', re.DOTALL | re.MULTILINE)


# ---- the run ----

def write_config(folder, port, target='recovery'):
    state, path = Path(folder) / 'state', Path(folder) / f'{target}.conf'
    state.mkdir(mode=0o700, exist_ok=True)
    path.write_text(CONFIG % (state, port, target), encoding='utf-8')
    return path


def with_gap(recording, folder):
    """The first 20 min of a CSV of heart rates in seconds, with a minute of it missing."""
    first, *rows = Path(recording).read_text(encoding='utf-8').splitlines()
    kept = [row for row in rows if (t_s := float(row.split(',')[0])) < 1200 and not 600 <= t_s < 660]
    path = Path(folder) / 'gap.csv'
    path.write_text('\n'.join([first, *kept, '']), encoding='utf-8')
    return path


def replay(zone1d, config, subscriber, recording, *options):
    subprocess.run([zone1d, '--config', config, '--replay', recording, *options], check=True, timeout=PATIENCE_S * 2,
                   stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    subscriber.wait(lambda topic, payload, _: topic.endswith('/status') and payload == 'offline')


def talk(zone1d, config, subscriber, port):
    """A run without straps that is told and asked everything in SAID."""
    environment = {**os.environ, 'DBUS_SYSTEM_BUS_ADDRESS': f'unix:path={config.parent}/no-bus'}
    daemon = subprocess.Popen([zone1d, '--config', config], env=environment, stdout=subprocess.DEVNULL,
                              stderr=subprocess.DEVNULL)
    try:
        subscriber.wait(lambda topic, payload, _: topic.endswith('/status') and payload == 'online')
        for topic, said, answer in SAID:
            subprocess.run(['mosquitto_pub', '-h', '127.0.0.1', '-p', str(port), '-q', '1', '-t', PREFIX + topic, '-m',
                            json.dumps(said)], check=True, timeout=PATIENCE_S)
            subscriber.wait(lambda came, payload, _, about=(PREFIX + answer, said['transaction']):
                            came == about[0] and json.loads(payload).get('transaction') == about[1])
    finally:
        daemon.send_signal(signal.SIGTERM)
        daemon.wait(PATIENCE_S)
    subscriber.wait(lambda topic, payload, _: topic.endswith('/status') and payload == 'offline')


def run(zone1d, data, folder):
    """All that the daemon published, as (topic without prefix, payload), in order."""
    with Broker(folder) as broker, Subscriber(broker) as subscriber:
        config = write_config(folder, broker.port)
        talk(zone1d, config, subscriber, broker.port)
        replay(zone1d, config, subscriber, Path(data) / 'fatmaxxer_20210606.rr.csv', '--speed', '1500', '--store')
        gap = with_gap(Path(data) / 'runpandas_2020-12-16T05_44_18.hr.csv', folder)
        replay(zone1d, write_config(folder, broker.port, 'z4'), subscriber, gap, '--athlete', 'ben', '--speed', '1500')
    ours = {PREFIX + topic for topic, *_ in SAID}
    return [(topic[len(PREFIX):], payload) for topic, payload, _ in subscriber.seen
            if topic.startswith(PREFIX) and topic not in ours]


# ---- messages ----

def parse(payload):
    """The JSON of a message; text that is none as it is."""
    try:
        return json.loads(payload)
    except ValueError:
        return payload


def kind_of(topic, message):
    segments = topic.split('/')
    if not isinstance(message, dict) or segments[-1] not in ('event', 'result') and 'response' not in segments:
        return '/'.join(segments[:1] + segments[2:])
    word = message.get('event_type') or message['status']
    # All refusals are alike, whatever was asked.
    kept = segments[:1] + (segments[2:3] if word == 'error' else segments[2:])
    return f'{"/".join(kept)} {word}'


def by_kind(published):
    """Kind to its payloads. An empty one takes back what was retained, and is no message."""
    kinds = {}
    for topic, payload in published:
        if payload:
            kinds.setdefault(kind_of(topic, parse(payload)), []).append(payload)
    return kinds


def shown(kind, payloads):
    fitting = [payload for payload in payloads if kind in SHOWN and SHOWN[kind](parse(payload))]
    return (fitting or payloads)[-1]


def keys(value, path=''):
    """Every key of a message with the way to it; [] stands for the elements of a list."""
    found = set()
    if isinstance(value, dict):
        for key, item in value.items():
            found |= {f'{path}.{key}'} | keys(item, f'{path}.{key}')
    elif isinstance(value, list):
        for item in value:
            found |= keys(item, f'{path}[]')
    return found


def holes(value, path=''):
    """The ways to what is null or an empty list: there more can be told than this message does."""
    if value is None or value == []:
        return {path}
    inner = value.items() if isinstance(value, dict) else ()
    found = set().union(*(holes(item, f'{path}.{key}') for key, item in inner))
    return found.union(*(holes(item, f'{path}[]') for item in value)) if isinstance(value, list) else found


def wrap(payload):
    """The payload as it came, the curve cut, with line ends after commas."""
    payload = re.sub(r'("curve":\[(?:[^],]*,){%d}[^],]*)[^]]*' % (CURVE_SHOWN - 1), r'\1', payload)
    lines = ['']
    for piece in re.findall(r'(?:"(?:\\.|[^"\\])*"|[^",])+,?', payload):
        if len(lines[-1] + piece) > COLUMNS and lines[-1]:
            lines.append(' ')
        lines[-1] += piece
    return '\n'.join(lines)


# ---- the page ----

def examples(page):
    """(kind, by hand, text) of each in the page, in order."""
    return [(kind, bool(hand), text) for kind, hand, text in BLOCK.findall(page)]


def fill(page, kinds):
    """The page with the messages of a run in it; KeyError: a kind that did not come."""
    def block(match):
        if match[2]:
            return match[0]
        text = shown(match[1], kinds[match[1]])
        language = 'json' if text.startswith('{') else 'text'
        return f'<!-- example {match[1]} -->\n```{language}\n{wrap(text)}\n```'
    return BLOCK.sub(block, page)


def topics(page):
    """The topics of the page's table, with <...> for what varies."""
    return [topic for topic in re.findall(r'^\| `([a-z]+/<[^`]*)` \| [01]\b', page, re.MULTILINE)]


def topic_of(topic, patterns):
    """The pattern of the table that a topic is of, or None."""
    for pattern in patterns:
        if re.fullmatch(re.sub(r'<\w+>', '[^/]+', pattern), topic):
            return pattern
    return None

# SPDX-License-Identifier: MIT
"""The discovery messages of a replay through a real broker: their form, their templates rendered with the
messages that the daemon published, and the files for Home Assistant in conf/.

usage: test_platform.py ZONE1D DATA SOURCE
"""
import json
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import jinja2
import yaml

sys.path[:0] = [str(Path(__file__).resolve().parents[1] / name) for name in ('style', 'system')]
sys.dont_write_bytecode = True
from broker import PATIENCE_S, Broker, Subscriber  # noqa: E402
from platform_rules import check_device, entity_ids  # noqa: E402
from tap import Tap  # noqa: E402

ZONE1D, DATA, SOURCE = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])
TAP = Tap()
CONFIG = '''[gateway]
name = gym
state-interval = {interval}
[mqtt]
host = 127.0.0.1
port = {port}
[athlete Runner]
max = 195
rest = 60
[athlete Lena]
alias = Queen of the hills
threshold = 170
zone-model = lthr
target = z2
[athlete Cap]
bounds = 95,114,133,152,171
target = cap:140
'''
# As Home Assistant's: a value that is missing is empty text, none is the word None.
TEMPLATES = jinja2.Environment(undefined=jinja2.Undefined)
TEMPLATES.filters['tojson'] = json.dumps


def replay(folder, interval=5):
    """All messages of one replay, the retained ones of a second look as topic -> payload."""
    with Broker(folder) as broker, Subscriber(broker, '#') as subscriber:
        config = Path(tempfile.mkdtemp(dir=folder)) / 'zone1d.conf'
        config.write_text(CONFIG.format(port=broker.port, interval=interval), encoding='utf-8')
        subprocess.run([ZONE1D, '--config', config, '--replay', DATA / 'fatmaxxer_20210606.rr.csv', '--speed', '3000'],
                       check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=PATIENCE_S * 3)
        subscriber.wait(lambda topic, payload, _: topic.endswith('/status') and payload == 'offline')
        with Subscriber(broker, '#') as later:
            subprocess.run(['mosquitto_pub', '-p', str(broker.port), '-t', 'all/there', '-m', '1'], check=True)
            later.wait(lambda topic, *_: topic == 'all/there')  # what is stored was sent before it
            return subscriber.seen, {topic: payload for topic, payload, retained in later.seen if retained}


def render(template, payload):
    return TEMPLATES.from_string(template).render(value=payload, value_json=json.loads(payload))


def devices(retained):
    return {re.fullmatch(r'homeassistant/device/(\w[\w-]*)/config', topic)[1]: json.loads(payload)
            for topic, payload in retained.items() if topic.startswith('homeassistant/')}


def check_forms(found, seen, retained):
    TAP.equal('a device for the gateway and for each athlete', sorted(found),
              ['zone1d_cap', 'zone1d_gateway_gym', 'zone1d_lena', 'zone1d_runner'])
    for name, message in found.items():
        TAP.equal(f'{name}: its form', list(check_device(message)), [])
        TAP.ok(f'{name}: no object_id, no ~', not re.search(r'object_id|"~', json.dumps(message)))
    unique = [one['unique_id'] for message in found.values() for one in message['components'].values()]
    TAP.equal('no unique_id is there twice', len(set(unique)), len(unique))
    TAP.equal('the gateway is the way in', {message['device'].get('via_device') for message in found.values()},
              {None, 'zone1d_gateway_gym'})
    TAP.equal('an alias is the name', found['zone1d_lena']['device']['name'], 'Queen of the hills')
    TAP.equal('an athlete is available with the gateway', found['zone1d_runner']['availability'],
              [{'topic': 'zone1d/gateway/gym/status'}])
    TAP.ok('no entity listens to live, which overtakes all else', not re.search(r'/live"', json.dumps(list(found.values()))))
    order = [topic for topic, _, _ in seen if '/device/' in topic or topic.endswith('/state')]
    TAP.ok('the gateway first, then the athletes, then states',
           order[0].endswith('zone1d_gateway_gym/config') and all('/device/' in topic for topic in order[:4]), str(order[:6]))
    TAP.ok('they are retained', len([t for t in retained if '/device/' in t]) == 4)


def accepts(component, text):
    """Whether Home Assistant takes TEXT as the value of a component, without a word in its log."""
    if text in ('None', 'unknown'):
        return True
    if component['platform'] == 'binary_sensor':
        return text in (component.get('payload_on', 'ON'), component.get('payload_off', 'OFF'))
    if 'options' in component:
        return text in component['options']
    if component['platform'] == 'number':
        return component['min'] <= float(text) <= component['max']
    if component.get('device_class') == 'timestamp':
        return re.fullmatch(r'\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)', text) is not None
    return float(text) == float(text)


def check_templates(message, seen):
    """Every template with every message of its topic."""
    values = {}
    for key, component in message['components'].items():
        if 'value_template' not in component:
            continue
        payloads = {payload for topic, payload, _ in seen if topic == component['state_topic']}
        values[key] = {render(component['value_template'], payload) for payload in payloads}
        bad = sorted(value for value in values[key] if not accepts(component, value))
        TAP.ok(f'{key}: {len(payloads)} messages give {len(values[key])} values, all taken', values[key] and not bad, str(bad))
    return values


def check_values(message, values, seen):
    states = [json.loads(payload) for topic, payload, _ in seen if topic == 'zone1d/athlete/runner/state']
    rates = {str(state['hr']) for state in states}
    TAP.equal('the heart rates are those published', values['heart_rate'], rates)
    TAP.ok('null is None, Home Assistant\'s word for unknown', 'None' in values['heart_rate'] and 'None' in values['zone'])
    TAP.equal('the signal: live is no problem, lost is one, none is not known', values['signal'], {'OFF', 'ON'} | (
        {'None'} if any(state['signal'] == 'none' for state in states) else set()))
    template = message['components']['last_verdict']['json_attributes_template']
    summary = [payload for topic, payload, _ in seen if topic.endswith('runner/session/last')][-1]
    TAP.equal('the attributes of the verdict', sorted(json.loads(render(template, summary))), ['reason', 'started_at'])
    TAP.equal('the verdict', values['last_verdict'], {'kept'})
    TAP.equal('expire after', {one.get('expire_after') for one in message['components'].values()}, {None, 15})


def check_options(found):
    """The options are all words that core knows (daemon/core/names.c), in its order."""
    source = (SOURCE / 'daemon' / 'core' / 'names.c').read_text(encoding='utf-8')
    runner, lena, cap = (found[f'zone1d_{name}']['components'] for name in ('runner', 'lena', 'cap'))
    for key, table in (('status', 'statuses'), ('advice', 'advices'), ('session', 'session_states'),
                       ('last_verdict', 'verdicts')):
        words = re.findall(r'"(\w+)"', re.search(table + r'\[\] = \{(.*?)\};', source, re.DOTALL)[1])
        TAP.equal(f'{key}: the options are the words of core', runner[key]['options'], words)
    events = (SOURCE / 'daemon' / 'mqtt' / 'events.h').read_text(encoding='utf-8')
    words = [word.lower() for word in re.findall(r'^    EVENT_(\w+),$', events, re.MULTILINE) if word != 'TYPE_COUNT']
    TAP.equal('the event types are those of the daemon', runner['alert']['event_types'], words)
    TAP.equal('zones', runner['zone']['options'], ['below', 'z1', 'z2', 'z3', 'z4', 'z5'])
    TAP.equal('zones by threshold', lena['zone']['options'], ['below', 'z1', 'z2', 'z3', 'z4', 'z5a', 'z5b', 'z5c'])
    TAP.equal('targets', runner['target']['options'], ['recovery', 'easy', 'z1', 'z2', 'z3', 'z4', 'z5'])
    TAP.ok('a cap of the configuration is a target', 'cap:140' in cap['target']['options'], str(cap['target']['options']))
    for target, wanted in (('z2', 'z2'), ('cap:141', 'None')):
        template = runner['target']['value_template']
        TAP.equal(f'target {target} shows as {wanted}', render(template, json.dumps({'target': target})), wanted)
    for bpm, wanted in ((134, '134'), (250, 'None'), (None, 'None')):
        TAP.equal(f'cap {bpm} shows as {wanted}', render(runner['cap']['value_template'], json.dumps({'cap': bpm})), wanted)
    gateway = found['zone1d_gateway_gym']['components']
    TAP.equal('a gateway that says less', render(gateway['version']['value_template'], '{}'), 'None')


class Loader(yaml.SafeLoader):
    """YAML with Home Assistant's tag for the inputs of a blueprint."""


Loader.add_constructor('!input', lambda loader, node: {'input': loader.construct_scalar(node)})


def check_files(found):
    folder = SOURCE / 'conf' / 'home-assistant'
    dashboard = yaml.load((folder / 'dashboard.yaml').read_text(encoding='utf-8'), Loader)
    ids = set(entity_ids(found['zone1d_runner']))
    named = set(re.findall(r'\b(?:binary_sensor|sensor|select|number|button|event)\.\w+', json.dumps(dashboard)))
    TAP.equal('the dashboard names only entities that there are', sorted(named - ids), [])
    TAP.ok('and most of them', len(named) > len(ids) * 3 // 4, f'{len(named)} of {len(ids)}')
    cards = set(re.findall(r'"type": "([^"]+)"', json.dumps(dashboard)))
    TAP.ok('all cards are Home Assistant\'s own', not any(card.startswith('custom:') for card in cards), str(cards))
    for path in sorted((folder / 'blueprints').rglob('*.yaml')):
        text = path.read_text(encoding='utf-8')
        blueprint = yaml.load(text, Loader)
        inputs, used = set(blueprint['blueprint']['input']), set(re.findall(r'!input (\w+)', text))
        TAP.equal(f'{path.name}: every input is used, and no other', used, inputs)
        TAP.ok(f'{path.name}: an automation', blueprint['blueprint']['domain'] == 'automation' and
               {'triggers', 'actions'} <= set(blueprint))


def main():
    base = os.environ.get('MESON_BUILD_ROOT', os.getcwd())
    with tempfile.TemporaryDirectory(dir=base, prefix='t') as folder:
        seen, retained = replay(folder)
        found = devices(retained)
        check_forms(found, seen, retained)
        message = found['zone1d_runner']
        check_values(message, check_templates(message, seen), seen)
        check_options(found)
        check_files(found)
        _, slow = replay(folder, 60)
        live = devices(slow)['zone1d_runner']['components']['heart_rate']
        TAP.equal('a longer state interval keeps a value for longer', live['expire_after'], 180)
    return TAP.done()


if __name__ == '__main__':
    sys.exit(main())

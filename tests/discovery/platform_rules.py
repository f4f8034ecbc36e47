# SPDX-License-Identifier: MIT
"""What Home Assistant takes as the discovery message of a device, as far as zone1d uses it. Written from its
documentation (https://www.home-assistant.io/integrations/mqtt/); tests/homeassistant asks the real one."""
import re

ROOT = {'device', 'origin', 'components', 'availability', 'state_topic', 'command_topic', 'qos', 'encoding'}
DEVICE = {'identifiers', 'name', 'manufacturer', 'model', 'model_id', 'sw_version', 'hw_version', 'serial_number',
          'via_device', 'suggested_area', 'configuration_url', 'connections'}
ORIGIN = {'name', 'sw_version', 'support_url'}
COMMON = {'platform', 'unique_id', 'name', 'icon', 'entity_category', 'device_class', 'availability', 'qos',
          'json_attributes_topic', 'json_attributes_template', 'value_template', 'state_topic'}
# platform: (required, allowed besides COMMON, device classes that are used)
PLATFORMS = {
    'sensor': ({'state_topic'}, {'unit_of_measurement', 'state_class', 'options', 'expire_after'},
               {'enum', 'battery', 'timestamp', 'duration'}),
    'binary_sensor': ({'state_topic', 'device_class'}, {'payload_on', 'payload_off', 'expire_after'},
                      {'problem', 'connectivity'}),
    'event': ({'state_topic', 'event_types'}, {'event_types'}, set()),
    'button': ({'command_topic', 'payload_press'}, {'command_topic', 'payload_press'}, set()),
    'select': ({'command_topic', 'state_topic', 'options', 'value_template'}, {'command_topic', 'options'}, set()),
    'number': ({'command_topic', 'state_topic', 'min', 'max', 'step', 'value_template'},
               {'command_topic', 'min', 'max', 'step', 'mode', 'unit_of_measurement'}, {'speed'}),
}
UNITS = {'battery': {'%'}, 'duration': {'s', 'min', 'h', 'd', 'ms'}, 'speed': {'km/h', 'm/s', 'mph'}}
WITHOUT_STATE = {'button', 'event'}


def check_component(key, component):
    """What is wrong with one component, as sentences."""
    platform = component.get('platform')
    if platform not in PLATFORMS:
        yield f'{key}: platform {platform!r}'
        return
    required, allowed, classes = PLATFORMS[platform]
    for name in sorted((required | {'unique_id', 'name'}) - set(component)):
        yield f'{key}: lacks {name}'
    for name in sorted(set(component) - COMMON - allowed):
        yield f'{key}: {platform} knows no {name}'
    device_class, unit = component.get('device_class'), component.get('unit_of_measurement')
    if device_class is not None and device_class not in classes:
        yield f'{key}: {platform} has no device class {device_class}'
    if device_class in UNITS and unit not in UNITS[device_class]:
        yield f'{key}: {device_class} in {unit!r}'
    if (device_class == 'enum') != ('options' in component and platform == 'sensor'):
        yield f'{key}: options and the device class enum belong together'
    if device_class in ('enum', 'timestamp') and (unit or component.get('state_class')):
        yield f'{key}: {device_class} with unit or state class'
    if component.get('state_class', 'measurement') != 'measurement' or (unit is None) == ('state_class' in component):
        if platform == 'sensor':
            yield f'{key}: unit {unit!r} with state class {component.get("state_class")!r}'
    if component.get('entity_category', 'diagnostic') != 'diagnostic':
        yield f'{key}: category {component["entity_category"]}'
    words = component.get('options', component.get('event_types', ['x']))
    if not words or len(set(words)) != len(words):
        yield f'{key}: options {words}'
    if platform == 'number' and not component['min'] < component['max']:
        yield f'{key}: range {component["min"]} to {component["max"]}'
    for name in ('state_topic', 'command_topic', 'json_attributes_topic'):
        if re.search(r'[+#\s]|^/|/$', component.get(name, 'x')):
            yield f'{key}: {name} {component[name]!r}'


def check_device(message):
    """What is wrong with a message, as sentences."""
    for name in sorted(set(message) - ROOT):
        yield f'root key {name}: the whole device is dropped'
    for name in sorted({'device', 'origin', 'components'} - set(message)):
        yield f'lacks {name}'
    device, components = message.get('device', {}), message.get('components', {})
    yield from (f'device key {name}' for name in sorted(set(device) - DEVICE))
    yield from (f'origin key {name}' for name in sorted(set(message.get('origin', {})) - ORIGIN))
    if not device.get('identifiers') or not message.get('origin', {}).get('name'):
        yield 'no identifiers, or no name of the origin'
    unique = [component.get('unique_id') for component in components.values()]
    if len(set(unique)) != len(unique):
        yield 'a unique_id is there twice'
    for key, component in components.items():
        if not re.fullmatch(r'[a-z0-9_]+', key):
            yield f'component id {key!r}'
        if component.keys() != {'platform'}:
            yield from check_component(key, component)


def slug(text):
    """A name as Home Assistant makes an entity id of it (plain letters)."""
    return re.sub(r'[^a-z0-9]+', '_', text.lower()).strip('_')


def entity_ids(message):
    """The entity ids that the entities of a device get by themselves: id -> component."""
    name = message['device']['name']
    return {f'{one["platform"]}.{slug(name)}_{slug(one["name"])}': one for one in message['components'].values()}

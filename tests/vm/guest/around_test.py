# SPDX-License-Identifier: MIT
"""What is around a strap goes away and comes back: adapters, the system bus, bluetoothd in each step; and straps that
are not what they seem. Three controllers: ours, and two straps'."""
import json
import os
import pathlib
import subprocess
import time

import stack
from bench import RECOVERY_S, STRAP_NAME, walk
from faults_test import wait_null
from gateway import ATHLETE, CONF, LIVE, STRAP, is_live, is_silent, is_status, start_gateway_for
from process import FOLDER, wait_until
from stack import SLOW_S
from straps import Strap
from tap import recovery, say

# The states of a strap's link, each of which has its own way to fail when bluetoothd dies in it.
STEPS = ('queued', 'connecting', 'subscribing', 'live')
WATCH_S = 8
ASK = f'unknown-straps = ask\nstate-dir = {FOLDER}/state\n'


def test_controllers_removed(bench):
    """Adapters removed and returned: null within 5 s, and live again"""
    bench.all_live()
    since = bench.messages.mark()
    stack.end_controllers(bench.controllers)
    wait_null(bench, since, 'controllers_removed')
    bench.controllers = stack.start_controllers(2)
    wait_until(lambda: len(stack.adapters()) == 2, SLOW_S, 'the adapters are on the bus')
    on_air(bench, time.monotonic(), 'adapters_returned')


def on_air(bench, back, what):
    """Live again, from the moment at which the strap advertises again and the adapter is on."""
    since = bench.messages.mark()
    stack.set_powered(bench.peripheral, True)
    stack.set_powered(bench.central, True)
    bench.strap.started(back)
    back = time.monotonic()
    recovery(what, bench.wait_live(since).at - back)


def test_another_adapter(bench):
    """A second adapter appears and goes: no link is touched, no rate is lost"""
    bench.all_live()
    subscribed = len(bench.strap.events('subscribed'))
    another = stack.start_controllers(1, 3)
    wait_until(lambda: len(stack.adapters()) == 3, SLOW_S, 'three adapters are on the bus')
    since = bench.messages.mark()
    bench.wait_live(since)
    another.kill()
    wait_until(lambda: len(stack.adapters()) == 2, SLOW_S, 'two adapters are on the bus')
    since = bench.messages.mark()
    for _ in range(3):
        bench.wait_live(since)
        since = bench.messages.mark()
    assert not [message for message in bench.messages.of(LIVE, since) if is_silent(message)]
    assert len(bench.strap.events('subscribed')) == subscribed


def test_bus_gone(bench):
    """The system bus gone and back: null within 5 s, and live again"""
    bench.all_live()
    since = bench.messages.mark()
    bench.bus.kill()
    wait_null(bench, since, 'bus_gone')
    bench.bluetoothd.kill()  # it ends with its bus, or is of no use any more
    bench.strap.kill()
    bench.bus = stack.start_bus()
    bench.bluetoothd = stack.start_bluetoothd(2)
    back = time.monotonic()
    bench.strap.start().started()
    on_air(bench, back, 'bus_returned')


def ctl(bench, *arguments):
    """zone1ctl as JSON."""
    done = subprocess.run([f'{pathlib.Path(bench.binary).parent}/ctl/zone1ctl', *arguments, '--json', '--config', CONF],
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          timeout=SLOW_S, env={**os.environ, 'ASAN_OPTIONS': 'detect_leaks=1'})
    say(f'zone1ctl {" ".join(arguments)}: {done.returncode}: {done.stdout.strip()}')
    return json.loads(done.stdout)


def start_asking(bench):
    os.makedirs(f'{FOLDER}/state', exist_ok=True)
    bench.gateway = start_gateway_for(bench.binary, {ATHLETE: None}, more=ASK)


def test_commands(bench):
    """An unknown strap is told of and not connected; bound by zone1ctl it is live, also after a restart; check is content"""
    bench.only_stack()
    bench.strap.start().started()
    since = bench.messages.mark()
    start_asking(bench)
    bench.messages.wait_for('online', is_status('online'), since=since)
    heard = wait_until(lambda: [one for one in ctl(bench, 'scan', '--seconds', '10')['heard']
                                if one['name'] == STRAP_NAME], RECOVERY_S, 'the strap is heard')[0]
    seen = bench.messages.wait_for('seen', lambda message: message.topic.endswith('/seen'), since=since)
    assert seen['id'] == heard['id'], seen.payload
    assert not bench.strap.events('subscribed'), 'a stranger was connected'
    ctl(bench, 'bind', heard['id'], ATHLETE)
    bench.wait_live(since)
    bench.stop_gateway()
    since = bench.messages.mark()
    start_asking(bench)
    bench.wait_live(since)
    bench.messages.wait_for('the model', lambda message: message.topic == STRAP and message['model'], since=since)
    strap = next(one for one in ctl(bench, 'straps')['straps'] if one['athlete'] == ATHLETE)
    assert strap['link'] == 'live' and strap['model'] == 'test strap', strap
    bad = [line for line in ctl(bench, 'check') if line['level'] == 'bad']
    assert not bad, bad
    ctl(bench, 'unbind', ATHLETE)
    bench.messages.wait_for('nothing live', is_silent, since=bench.messages.mark())
    bench.stop_gateway()


def entered(bench, state):
    return f'-> {state}\n' in bench.gateway.log()


def test_bluetoothd_killed_in_each_step(bench):
    """bluetoothd killed while the strap is queued, connecting, subscribing, live: live again each time"""
    for state in STEPS:
        bench.only_stack()
        bench.strap.start().started()
        bench.gateway_up()
        wait_until(lambda: entered(bench, state), RECOVERY_S, f'zone1d is {state}')
        bench.bluetoothd.kill()
        back = time.monotonic()
        bench.bluetoothd = stack.start_bluetoothd(2)
        on_air(bench, back, f'bluetoothd_killed_{state}')


def test_no_measurement(bench):
    """A strap without 0x2A37 is never live; one that has it again is"""
    bench.only_stack()
    bench.strap.options = ['--no-measurement']
    bench.strap.start().started()
    since = bench.messages.mark()
    bench.gateway_up()
    wait_until(lambda: bench.gateway.log().count('-> resolving\n') >= 2, RECOVERY_S, 'it was tried twice')
    assert not any(is_live(message) for message in bench.messages.all[since:])
    bench.strap.kill()
    bench.strap.options = []
    bench.strap.start().started()
    back = time.monotonic()
    recovery('measurement_returned', bench.wait_live(since).at - back)


def test_random_address_changed(bench):
    """A strap's random address changes: found by its name, and live again"""
    addresses = set()
    for number in range(2):
        if number == 0:
            bench.only_stack()
        else:
            bench.strap.kill()
        stack.set_private_address(bench.peripheral)
        since = bench.messages.mark()
        bench.strap.start().started()
        bench.gateway_up()
        back = time.monotonic()
        recovery(f'address_{number}', bench.wait_live(since).at - back)
        device = next(interfaces['org.bluez.Device1'] for path, interfaces in stack.managed_objects().items()
                      if interfaces.get('org.bluez.Device1', {}).get('Connected') and bench.peripheral not in path)
        say(f'connected: {device["Address"]}, {device["AddressType"]}')
        assert device['AddressType'] == 'random'
        addresses.add(str(device['Address']))
    assert len(addresses) == 2, addresses


def test_same_name_twice(bench):
    """Of two straps of one name the known one is taken: the other is not, while it is away"""
    bench.only_stack()
    stack.end_controllers(bench.controllers)
    bench.controllers = stack.start_controllers(3)
    wait_until(lambda: len(stack.adapters()) == 3, SLOW_S, 'three adapters are on the bus')
    twin_adapter = next(name for name in stack.adapters() if name not in (bench.central, bench.peripheral))
    for adapter in (bench.peripheral, bench.central, twin_adapter):
        stack.set_powered(adapter, True)
    bench.strap.start().started()
    bench.gateway_up()
    bench.wait_live(bench.messages.mark())
    twin = Strap(twin_adapter, STRAP_NAME, walk()).start().started()
    since = bench.messages.mark()
    bench.strap.kill()
    stack.set_powered(bench.peripheral, False)
    wait_null(bench, since, 'twin')
    end = time.monotonic() + WATCH_S
    wait_until(lambda: time.monotonic() > end, SLOW_S, 'time passes')
    assert not twin.events('subscribed'), 'the other one was taken'
    stack.set_powered(bench.peripheral, True)
    back = time.monotonic()
    since = bench.messages.mark()
    bench.strap.start().started()
    recovery('of_two_namesakes', bench.wait_live(since).at - back)
    twin.kill()
    assert not twin.events('subscribed'), 'the other one was taken'


# test_commands comes first: of a strap that was connected before, bluetoothd keeps an idea of its services, and what it
# advertises does not show.
TESTS = [test_commands, test_controllers_removed, test_another_adapter, test_bus_gone, test_bluetoothd_killed_in_each_step,
         test_no_measurement, test_same_name_twice, test_random_address_changed]

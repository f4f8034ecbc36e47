# SPDX-License-Identifier: MIT
"""Eight straps at once, each on a controller of its own, over eight adapters: value by value what was sent."""
import subprocess
import time

import stack
from gateway import start_gateway_for
from process import wait_until
from rates_test import compare_values
from stack import SLOW_S
from straps import Strap
from tap import recovery, say

COUNT = 8
LIVE_S = 60
ALL_LIVE_S = 90
# The straps' side is the same bluetoothd. The gateway's user is kept from scanning with the straps' own controllers: in
# the emulator, a controller that has links in both roles mixes them up.
USER = 'nobody'
POLICY = '/etc/dbus-1/system.d/zone1d-test-many.conf'


def sequence(strap):
    """Rates that no other strap sends in the same phase, in small steps; every RR interval tells its strap."""
    steps = []
    for index in range(40):
        rate = 80 + 10 * strap + min(index, 40 - index) // 2
        steps.append({'hr': rate, 'rr': [600 + 16 * strap + index], 'contact': True})
    return steps


def deny_scanning(adapters):
    with open(POLICY, 'w') as policy:
        policy.write('<busconfig><policy user="%s">\n' % USER)
        for adapter in adapters:
            policy.write(f'<deny send_destination="org.bluez" send_path="/org/bluez/{adapter}"/>\n')
        policy.write('</policy></busconfig>\n')
    subprocess.run(['dbus-send', '--system', '--type=method_call', '--print-reply', '--dest=org.freedesktop.DBus', '/',
                    'org.freedesktop.DBus.ReloadConfig'], check=True, stdout=subprocess.DEVNULL)


def more_controllers(bench):
    """Twice as many controllers as straps; the old ones are gone with all that was on them."""
    bench.only_stack()
    bench.bluetoothd.kill()
    stack.end_controllers(bench.controllers)
    bench.controllers = stack.start_controllers(2 * COUNT)
    bench.bluetoothd = stack.start_bluetoothd(2 * COUNT)


def live_of(bench, athlete, since, until=None):
    topic = f'zone1d/athlete/{athlete}/live'
    return [message for message in bench.messages.of(topic, since) if until is None or message.at < until]


def has_rate(bench, athlete, since):
    return any(message['hr'] is not None for message in live_of(bench, athlete, since))


def test_eight_straps(bench):
    """8 straps live at once over 8 adapters for 60 s, not one rate lost or invented"""
    more_controllers(bench)
    names = sorted(stack.adapters(), key=lambda name: int(name[3:]))
    central, peripheral = names[:COUNT], names[COUNT:]
    deny_scanning(peripheral)
    for adapter in names:
        stack.set_powered(adapter, True)
    straps = [Strap(adapter, f'Many {n}', sequence(n)) for n, adapter in enumerate(peripheral)]
    for strap in straps:
        strap.start().started()
    athletes = [f'athlete-{n}' for n in range(COUNT)]
    since, start = bench.messages.mark(), time.monotonic()
    bench.gateway = start_gateway_for(bench.binary, {athlete: strap.name for athlete, strap in zip(athletes, straps)},
                                      ['setpriv', f'--reuid={USER}', '--clear-groups'])
    wait_until(lambda: all(has_rate(bench, athlete, since) for athlete in athletes), ALL_LIVE_S, 'all are live')
    recovery('eight_straps_live', time.monotonic() - start)
    watch(bench, athletes, straps, since)
    spread(bench, central)
    bench.stop_gateway()
    for strap in straps:
        strap.kill()


def watch(bench, athletes, straps, since):
    """All stay live, and what each one sent is what its athlete was told."""
    mark = bench.messages.mark()
    end = time.monotonic() + LIVE_S
    wait_until(lambda: time.monotonic() > end, LIVE_S + SLOW_S, 'a minute passes')
    for athlete, strap in zip(athletes, straps):
        told = [message for message in live_of(bench, athlete, mark)]
        silent = [message.payload for message in told if message['hr'] is None]
        assert not silent, f'{athlete} was not live all the while: {silent[0]}'
        live = [message for message in live_of(bench, athlete, since) if message['hr'] is not None]
        say(f'{athlete}: {len(told)} live messages in {LIVE_S} s, {len(strap.events("subscribed"))} subscriptions')
        compare_values(since_last_subscription(strap), live)


def since_last_subscription(strap):
    """Of a strap whose first link was given up before it was live."""
    journal = strap.journal()
    last = max((index for index, entry in enumerate(journal) if entry.get('event') == 'subscribed'), default=0)
    return [entry for entry in journal[last:] if 'index' in entry]


def spread(bench, central):
    """One strap on each adapter."""
    used = sorted(path.split('/')[3] for path, interfaces in stack.managed_objects().items()
                  if interfaces.get('org.bluez.Device1', {}).get('Connected') and path.split('/')[3] in central)
    say(f'links on {", ".join(used)}')
    assert used == sorted(central), used


TESTS = [test_eight_straps]

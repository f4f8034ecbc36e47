# SPDX-License-Identifier: MIT
"""A start with nothing there yet. Runs first: the machine is bare."""
import time

import stack
from gateway import is_status
from messages import Messages
from process import wait_until
from stack import SLOW_S
from tap import recovery, say

QUIET_S = 6  # long enough for several retries


def lines_about(gateway, word):
    """What it has said above the debug level about something."""
    return [line for line in gateway.log().splitlines() if word in line.lower() and ' debug: ' not in line]


def expect_once(gateway, word):
    wait_until(lambda: lines_about(gateway, word), SLOW_S, f'zone1d says that there is no {word}')
    end = time.monotonic() + QUIET_S
    wait_until(lambda: time.monotonic() > end or len(lines_about(gateway, word)) > 1, SLOW_S, 'it says no more')
    said = lines_about(gateway, word)
    assert len(said) == 1, f'more than one line about {word}: {said}'
    say(said[0])


def test_nothing_there(bench):
    """Start without bluetoothd and without broker: said once in one line each"""
    bench.bus = stack.start_bus()
    bench.gateway_up()
    expect_once(bench.gateway, 'bluetoothd')
    expect_once(bench.gateway, 'broker')


def test_no_adapter(bench):
    """bluetoothd without an adapter: said once in one line"""
    bench.gateway_up()
    bench.bluetoothd = stack.start_bluetoothd(0)
    expect_once(bench.gateway, 'adapter')


def test_broker_appears(bench):
    """The broker appears: noticed"""
    bench.gateway_up()
    back = time.monotonic()
    bench.broker = stack.start_broker()
    bench.messages = Messages()
    recovery('broker_appeared', bench.messages.wait_for('online', is_status('online'), SLOW_S).at - back)


def test_adapter_appears(bench):
    """Adapter and strap appear: noticed, and live"""
    bench.gateway_up()
    if bench.bluetoothd is None:  # after a failure
        bench.bluetoothd = stack.start_bluetoothd()
    back = time.monotonic()
    bench.controllers = stack.start_controllers(2)
    bench.choose_adapters()
    bench.strap.start().started()
    recovery('adapter_appeared', bench.wait_live(0).at - back)
    bench.stop_gateway()
    bench.strap.kill()


TESTS = [test_nothing_there, test_no_adapter, test_broker_appears, test_adapter_appears]

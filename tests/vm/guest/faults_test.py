# SPDX-License-Identifier: MIT
"""What goes away comes back by itself, and while it is away nothing is said to be live."""
import time

import stack
from bench import RECOVERY_S
from gateway import LIVE, is_live, is_silent, is_status
from process import wait_until
from stack import SLOW_S
from tap import recovery, say

# The rule is 5 s after the last packet; the rest is for the emulated machine's own slowness.
NULL_WITHIN_S = 6.5
FRESH_S = 3


def wait_null(bench, since, what):
    """The rate becomes null in time after the last notification, and nothing is live after that."""
    message = bench.messages.wait_for('the rate becomes null', is_silent, SLOW_S, since)
    after_s = message.at - bench.strap.sent()[-1]['at']
    say(f'null {what} {after_s:.2f} s after the last notification, signal {message["signal"]}')
    assert message['signal'] in ('stale', 'lost'), message.payload
    assert after_s <= NULL_WITHIN_S, f'null only {after_s:.2f} s after the last notification'
    return message


def test_strap_silent(bench):
    """Strap silent while connected: null within 5 s, and live when it goes on"""
    bench.all_live()
    since = bench.messages.mark()
    bench.strap.tell('pause')
    wait_null(bench, since, 'strap_silent')
    back = time.monotonic()
    since = bench.messages.mark()
    bench.strap.tell('resume')
    recovery('strap_resumed', bench.wait_live(since).at - back)


def test_strap_killed(bench):
    """Strap killed: null within 5 s; returned: live again"""
    bench.all_live()
    since = bench.messages.mark()
    bench.strap.kill()
    stack.set_powered(bench.peripheral, False)  # the radio goes with it
    silent = wait_null(bench, since, 'strap_killed')
    stack.set_powered(bench.peripheral, True)
    assert not any(is_live(message) for message in bench.messages.all[bench.messages.all.index(silent):])
    back = time.monotonic()
    since = bench.messages.mark()
    bench.strap.start().started()
    recovery('strap_returned', bench.wait_live(since).at - back)


def test_bluetoothd_killed(bench):
    """bluetoothd killed: null within 5 s; returned: live again"""
    bench.all_live()
    since = bench.messages.mark()
    bench.bluetoothd.kill()
    wait_null(bench, since, 'bluetoothd_killed')
    back = time.monotonic()
    since = bench.messages.mark()
    bench.bluetoothd = stack.start_bluetoothd(2)
    bench.strap.started(back)
    on_air = time.monotonic()
    recovery('bluetoothd_returned', bench.wait_live(since).at - on_air)


def test_adapter_off(bench):
    """Adapter powered off: null within 5 s; on: live again"""
    bench.all_live()
    since = bench.messages.mark()
    stack.set_powered(bench.central, False)
    wait_null(bench, since, 'adapter_off')
    back = time.monotonic()
    since = bench.messages.mark()
    stack.set_powered(bench.central, True)
    recovery('adapter_on', bench.wait_live(since).at - back)


def test_broker_killed(bench):
    """Broker killed, with all it had kept: online and live again, nothing old told as new"""
    bench.all_live()
    bench.broker.kill()
    # Notifications go on meanwhile; none of them may be delivered later.
    sent = len(bench.strap.sent())
    wait_until(lambda: len(bench.strap.sent()) >= sent + 5, SLOW_S, 'the strap goes on sending')
    back = time.monotonic()
    since = bench.messages.mark()
    bench.broker = stack.start_broker()
    bench.messages.wait_for('online', is_status('online'), RECOVERY_S, since)
    first = bench.wait_live(since)
    recovery('broker_returned', first.at - back)
    # Whatever is told now was sent just now.
    for message in bench.messages.of(LIVE, since):
        if message['hr'] is not None:
            recent = [entry['hr'] for entry in bench.strap.sent() if -FRESH_S < entry['at'] - message.at < 0]
            assert message['hr'] in recent, f'{recent} were sent in the last {FRESH_S} s, told was {message.payload}'


def test_gateway_killed(bench):
    """zone1d killed with SIGKILL: offline by the will; started again: online and live"""
    bench.all_live()
    since = bench.messages.mark()
    killed = time.monotonic()
    bench.gateway.kill()
    bench.gateway = None
    offline = bench.messages.wait_for('offline', is_status('offline'), SLOW_S, since)
    say(f'offline {offline.at - killed:.1f} s after SIGKILL')
    since = bench.messages.mark()
    back = time.monotonic()
    bench.all_live()
    bench.messages.wait_for('online', is_status('online'), SLOW_S, since)
    recovery('gateway_restarted', bench.messages.wait_for('live', is_live, since=since).at - back)


def test_gateway_stopped(bench):
    """zone1d ended with SIGTERM: offline, status 0, nothing leaked"""
    bench.all_live()
    since = bench.messages.mark()
    asked = time.monotonic()
    bench.stop_gateway()
    say(f'ended {time.monotonic() - asked:.1f} s after SIGTERM')
    bench.messages.wait_for('offline', is_status('offline'), SLOW_S, since)


TESTS = [test_strap_silent, test_strap_killed, test_bluetoothd_killed, test_adapter_off, test_broker_killed,
         test_gateway_killed, test_gateway_stopped]

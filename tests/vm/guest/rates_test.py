# SPDX-License-Identifier: MIT
"""What the straps send is what arrives, value by value."""
import time

from bench import STRAP_NAME
from gateway import LIVE, STATE, STRAP, is_live, is_status
from process import wait_until
from stack import SLOW_S
from straps import EXAMPLE_NAME, ExampleStrap
from tap import recovery, say

EXAMPLE_RATES = 12
OWN_RATES = 25


def test_example_strap(bench):
    """The rates of BlueZ's example-gatt-server arrive over MQTT"""
    bench.only_stack()
    example = ExampleStrap(bench.peripheral)
    since = bench.messages.mark()
    back = time.monotonic()
    bench.start_gateway(EXAMPLE_NAME)
    try:
        bench.messages.wait_for('online', is_status('online'), since=since)
        recovery('example_strap_found', bench.wait_live(since).at - back)
        bench.messages.wait_for('the state with a rate', lambda message: message.topic == STATE and message['hr'],
                                since=since)
        wait_until(lambda: len(rates(bench, since)) >= EXAMPLE_RATES, SLOW_S, f'{EXAMPLE_RATES} rates arrive')
        sent, arrived = example.rates(), rates(bench, since)
        say(f'sent {sent}, arrived {arrived}')
        assert follows(sent, arrived, may_be_spike), 'the rates that arrived are not those sent'
        states = [message['hr'] for message in bench.messages.of(STATE, since) if message['hr']]
        assert follows(sent, states, anything), f'state told other rates: {states}'
    finally:
        example.kill()
        bench.stop_gateway()


def rates(bench, since):
    return [message['hr'] for message in bench.messages.of(LIVE, since) if is_live(message)]


def follows(sent, arrived, may_miss, position=-1):
    """Whether ARRIVED is SENT from behind POSITION on, in order, repetitions of a rate aside, and of SENT nothing
    missing but what MAY_MISS(last arrived, number of notifications since, rate) allows."""
    if not arrived:
        return True
    rate, rest = arrived[0], arrived[1:]
    if position >= 0 and sent[position] == rate and follows(sent, rest, may_miss, position):
        return True
    for index in range(position + 1, len(sent)):
        if sent[index] == rate and follows(sent, rest, may_miss, index):
            return True
        if position >= 0 and not may_miss(sent[position], index - position, sent[index]):
            return False
    return False


def may_be_spike(last, since_s, rate):
    """docs/verdict.md; half a second is left for the machine's unevenness. The example jumps as no heart does."""
    return abs(rate - last) > 8 + 6 * (since_s - 0.5)


def anything(_last, _since_s, _rate):
    return True


def test_own_strap(bench):
    """Every rate and RR interval that the strap sent arrives, in order, and none besides"""
    bench.only_stack()
    since = bench.messages.mark()
    bench.strap.start().started()
    bench.start_gateway(STRAP_NAME)
    bench.wait_live(since)
    wait_until(lambda: len(rates(bench, since)) >= OWN_RATES, SLOW_S * 2, f'{OWN_RATES} rates arrive')
    live = [message for message in bench.messages.of(LIVE, since) if is_live(message)]
    compare_values(bench.strap.sent(), live)


def compare_values(sent, live):
    """Walks both: a live message holds the next notification's rate and RR intervals, or, if the machine stalled and two
    came at once, the last one's rate and both ones' intervals; or it repeats the rate with no interval. A message that waits
    for a stalled broker is replaced by the next one, which may repeat its rate: the intervals are lost then."""
    position = 0
    joined = replaced = 0
    rate = None
    for message in live:
        if message['hr'] == rate and not message['rr_ms']:
            continue
        taken, intervals = 1, milliseconds(sent[position])
        if not message['rr_ms'] and intervals:
            replaced += 1
            intervals = []
        while len(intervals) < len(message['rr_ms']):
            intervals += milliseconds(sent[position + taken])
            taken += 1
        joined += taken - 1
        position += taken
        rate = sent[position - 1]['hr']
        assert message['hr'] == rate, f'{rate} was sent, {message["hr"]} arrived: {message.payload}'
        assert len(intervals) == len(message['rr_ms']), f'{intervals} were sent: {message.payload}'
        assert all(abs(a - b) <= 1 for a, b in zip(intervals, message['rr_ms'])), f'{intervals} sent: {message.payload}'
    say(f'{len(sent)} notifications sent, {position} compared, {joined} of them joined with the next, the intervals of {replaced} lost')
    assert len(sent) - position <= 3, f'{len(sent)} were sent, {position} arrived'
    assert joined * 5 <= position, 'too many notifications share a message'
    assert replaced * 20 <= position, 'too many intervals are lost'


def milliseconds(notification):
    return [interval * 1000 / 1024 for interval in notification['rr']]


def test_what_a_strap_tells(bench):
    """athlete/<a>/strap tells battery, location and model as the strap has them, and a battery that changes"""
    bench.only_stack()
    since = bench.messages.mark()
    bench.strap.start().started()
    bench.start_gateway(STRAP_NAME)
    bench.wait_live(since)
    told = {'connected': True, 'battery': 80, 'location': 'chest', 'maker': 'zone1d', 'model': 'test strap'}
    wait_for_strap(bench, since, told)
    bench.strap.tell('battery 20')
    wait_for_strap(bench, since, {**told, 'battery': 20})
    rates_before = len(rates(bench, since))
    wait_until(lambda: len(rates(bench, since)) >= rates_before + 3, SLOW_S, 'rates go on')


def wait_for_strap(bench, since, told):
    bench.messages.wait_for(f'a strap with {told}', lambda message: message.topic == STRAP and all(
        message[field] == value for field, value in told.items()), since=since)


TESTS = [test_example_strap, test_own_strap, test_what_a_strap_tells]

# SPDX-License-Identifier: MIT
"""The daemon under test."""
import os

from process import FOLDER, Process
from stack import BROKER_PORT

GATEWAY = 'pi-gym'
ATHLETE = 'anna'
STATUS = f'zone1d/gateway/{GATEWAY}/status'
LIVE = f'zone1d/athlete/{ATHLETE}/live'
STATE = f'zone1d/athlete/{ATHLETE}/state'
STRAP = f'zone1d/athlete/{ATHLETE}/strap'


def start_gateway(binary, strap):
    """zone1d for one athlete, whose strap has this name or address."""
    return start_gateway_for(binary, {ATHLETE: strap})


CONF = f'{FOLDER}/zone1d.conf'


def start_gateway_for(binary, straps, prefix=(), more=''):
    """zone1d for athletes with their straps' names or addresses. PREFIX: a command that starts it; MORE: lines of
    [gateway]."""
    os.makedirs(FOLDER, exist_ok=True)
    with open(CONF, 'w') as conf:
        conf.write(f'[gateway]\nname = {GATEWAY}\n{more}\n[mqtt]\nhost = 127.0.0.1\nport = {BROKER_PORT}\n')
        for athlete, strap in straps.items():
            strap_line = f'strap = {strap}\n' if strap else ''
            conf.write(f'\n[athlete {athlete}]\n{strap_line}age = 40\nmax = 185\nrest = 55\n')
    return Process('zone1d', [*prefix, binary, '--config', CONF, '-vv'], {
        'G_DEBUG': 'fatal-criticals', 'ASAN_OPTIONS': 'detect_leaks=1', 'UBSAN_OPTIONS': 'halt_on_error=1'})


def is_live(message):
    return message.topic == LIVE and message['signal'] == 'live' and message['hr'] is not None


def is_silent(message):
    return message.topic == LIVE and message['hr'] is None


def is_status(text):
    return lambda message: message.topic == STATUS and message.payload == text

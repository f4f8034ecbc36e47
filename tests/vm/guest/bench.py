# SPDX-License-Identifier: MIT
"""The whole set-up of a test: everything that runs in the machine, and how a test puts it back in order."""
import signal
import time

import process
import stack
from gateway import is_live, start_gateway
from messages import Messages
from process import Process, Timeout, wait_until
from straps import Strap
from tap import say

STRAP_NAME = 'Strap 1'
LOG_LINES_SHOWN = 60
# Within a fault's recovery lie scans (10 s each), backoffs and the machine's own slowness.
RECOVERY_S = 90
SUPERVISION_S = 10


def walk():
    """A sequence in which no rate equals its neighbour, no RR interval another one, and every form of packet is."""
    steps = []
    for index in range(60):
        rate = 100 + (index % 20 if index % 40 < 20 else 20 - index % 20) * 2 + index % 2
        interval = 61440 // rate
        step = {'hr': rate, 'rr': [interval - index, interval + 100 + index][:1 + index % 2]}
        if index % 3:
            step['contact'] = True
        if index % 10 == 0:
            step['energy'] = index
        if index % 7 == 0:
            step['wide'] = True
        steps.append(step)
    return steps


class Bench:
    def __init__(self, binary):
        self.binary = binary
        self.bus = self.controllers = self.bluetoothd = self.broker = self.gateway = None
        self.messages = self.strap = None
        self.central = self.peripheral = None
        self.half_links = {}  # since when
        process.caretakers.append(self.take_care)

    def take_care(self):
        """What the system around does for a Bluetooth stack, and nobody here would."""
        if self.bluetoothd is None or self.bus is None or not self.bus.alive():
            return
        try:
            if self.bluetoothd.crashed():
                self.restart_bluetoothd()
            elif self.bluetoothd.alive():
                self.supervise_links()
        except Timeout as late:
            say(late)  # and the test says what it misses

    def restart_bluetoothd(self):
        """As D-Bus does where systemd runs, when zone1d asks for it. 5.66 crashes now and then when straps come and go."""
        say(f'bluetoothd has crashed (status {self.bluetoothd.child.returncode}) and is started again')
        Process.running.remove(self.bluetoothd)
        self.bluetoothd = stack.start_bluetoothd(len(stack.controllers()))
        for adapter in {self.peripheral, self.central}.intersection(stack.adapters()):
            stack.set_powered(adapter, True)

    def supervise_links(self):
        """As a controller does after its supervision timeout, which btvirt's have none of: when bluetoothd is killed in
        the midst of connecting, one end may keep the link for ever and is not heard of any more."""
        now = time.monotonic()
        self.half_links = {path: self.half_links.get(path, now) for path in stack.half_links()}
        for path, since in self.half_links.items():
            if now > since + SUPERVISION_S:
                say(f'{path}: the other end knows nothing of this link; it is ended')
                stack.disconnect(path)

    def stack_up(self):
        """Starts what does not run of the real programs, the gateway and the straps not among them."""
        if self.bus is None or not self.bus.alive():
            self.bus = stack.start_bus()
        if self.controllers is None or not self.controllers.alive():
            self.controllers = stack.start_controllers(2)
        if self.bluetoothd is None or not self.bluetoothd.alive():
            self.bluetoothd = stack.start_bluetoothd(2)
        if self.broker is None or not self.broker.alive():
            self.broker = stack.start_broker()
        if self.messages is None:
            self.messages = Messages()
        self.messages.wait_connected()
        self.choose_adapters()
        stack.set_powered(self.central, True)
        stack.set_powered(self.peripheral, True)

    def choose_adapters(self):
        """All straps sit on the adapter that BlueZ's example takes, the first of bluetoothd's list: btvirt's controllers
        get confused when they change roles."""
        if self.strap is None:
            wait_until(lambda: len(stack.adapters()) == 2, stack.SLOW_S, 'both adapters are on the bus')
            self.peripheral, self.central = stack.adapters()
            self.strap = Strap(self.peripheral, STRAP_NAME, walk())

    def only_stack(self):
        """The stack and nothing else: no gateway, no strap."""
        self.stack_up()
        if self.gateway is not None:
            self.stop_gateway()
        if self.strap.process is not None:
            self.strap.kill()

    def all_live(self):
        """Everything runs, and the own strap's rates arrive: where the fault tests start."""
        self.stack_up()
        if self.strap.process is None or not self.strap.process.alive():
            self.strap.start().started()
        self.strap.tell('resume')
        self.gateway_up()
        self.wait_live(self.messages.mark())

    def gateway_up(self):
        if self.gateway is None or not self.gateway.alive():
            self.start_gateway(STRAP_NAME)

    def start_gateway(self, strap):
        self.gateway = start_gateway(self.binary, strap)

    def stop_gateway(self):
        """By SIGTERM; it must end with 0, and with nothing left to free."""
        status = self.gateway.end(signal.SIGTERM)
        assert status == 0, f'zone1d ended with {status}:\n{self.gateway.log()[-4000:]}'
        self.gateway = None

    def wait_live(self, since):
        """The first live message with a rate."""
        message = self.messages.wait_for('a live rate', is_live, RECOVERY_S, since)
        assert self.gateway.alive(), 'zone1d has ended'
        return message

    def say_logs(self):
        for each in list(Process.running):
            state = 'runs' if each.alive() else f'ended with {each.child.returncode}'
            say(f'--- {each.name}, {state}; the last of what it said:')
            say('\n'.join(each.log().splitlines()[-LOG_LINES_SHOWN:]))

    def start_afresh(self):
        """After a failure: all but the bus and the broker is in an unknown state, the emulated controllers too, which
        keep theirs when bluetoothd ends."""
        for each in reversed(list(Process.running)):
            if each not in (self.bus, self.broker):
                each.kill()
        wait_until(lambda: not stack.controllers(), stack.SLOW_S, 'the controllers are gone')
        self.gateway = self.strap = self.bluetoothd = self.controllers = None

    def end(self):
        if self.messages is not None:
            self.messages.end()
        process.end_all()

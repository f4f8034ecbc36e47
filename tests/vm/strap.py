#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""A heart rate strap on a Bluetooth adapter of this machine, that sends a known sequence.

usage: strap.py --adapter hci1 --name NAME --sequence FILE [--log FILE] [--control FIFO] [--battery 80]
       strap.py --adapter hci1 --name NAME --advertise-only      (for a GATT server that does not advertise)

FILE holds one notification a line, as JSON: {"hr": 128, "rr": [627, 614]} and, if wanted, "contact":
true or false, "energy": kJ, "wide": true for a rate of 16 bits; or {"raw": "00 48"} for any bytes at all. rr is in 1/1024 s, as on the air.
One is sent a second while somebody is subscribed; after the last comes the first again.

Each notification is logged before it is sent, one JSON object a line: index, at (CLOCK_MONOTONIC, s), hr, rr,
raw. So are the steps before: {"event": "registered"}, "subscribed", "unsubscribed".

Control commands, one a line: pause, resume (a strap that is connected and silent), battery N, quit.
It registers again by itself when bluetoothd or the adapter was away, as a strap would that is still worn.
"""
import argparse
import json
import os
import time

import dbus
import dbus.mainloop.glib
import dbus.service
from gi.repository import GLib

BLUEZ = 'org.bluez'
APPLICATION = '/strap'
ADAPTER = 'org.bluez.Adapter1'
SERVICE = 'org.bluez.GattService1'
CHARACTERISTIC = 'org.bluez.GattCharacteristic1'
ADVERTISEMENT = 'org.bluez.LEAdvertisement1'
OBJECT_MANAGER = 'org.freedesktop.DBus.ObjectManager'
PROPERTIES = 'org.freedesktop.DBus.Properties'


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--adapter', required=True)
    parser.add_argument('--name', required=True)
    parser.add_argument('--sequence', default='/dev/null')
    parser.add_argument('--advertise-only', action='store_true')
    parser.add_argument('--no-measurement', action='store_true', help='its heart rate service has no 0x2A37')
    parser.add_argument('--log', default='/dev/stdout')
    parser.add_argument('--control')
    parser.add_argument('--battery', type=int, default=80)
    parser.add_argument('--interval-ms', type=int, default=1000)
    options = parser.parse_args()
    dbus.mainloop.glib.DBusGMainLoop(set_as_default=True)
    loop = GLib.MainLoop()
    strap = Strap(dbus.SystemBus(), options, Journal(options.log))
    if options.control:
        Control(options.control, strap, loop.quit)
    loop.run()


class Journal:
    def __init__(self, path):
        self.file = open(path, 'w', buffering=1)

    def note(self, **fields):
        self.file.write(json.dumps({'at': time.monotonic(), **fields}) + '\n')


def encoded(step):
    """The 0x2A37 payload of a step of the sequence."""
    if 'raw' in step:
        return bytes.fromhex(step['raw'])
    wide = step.get('wide') or step['hr'] > 255
    flags = 0x01 if wide else 0
    body = step['hr'].to_bytes(2 if wide else 1, 'little')
    if 'contact' in step:
        flags |= 0x06 if step['contact'] else 0x04
    if 'energy' in step:
        flags |= 0x08
        body += step['energy'].to_bytes(2, 'little')
    if step.get('rr'):
        flags |= 0x10
        body += b''.join(interval.to_bytes(2, 'little') for interval in step['rr'])
    return bytes([flags]) + body


class Exported(dbus.service.Object):
    """A D-Bus object with properties of one interface."""

    def __init__(self, bus, path, interface, properties):
        super().__init__(bus, path)
        self.path = dbus.ObjectPath(path)
        self.interface = interface
        self.properties = properties

    @dbus.service.method(PROPERTIES, in_signature='s', out_signature='a{sv}')
    def GetAll(self, _interface):
        return self.properties

    @dbus.service.signal(PROPERTIES, signature='sa{sv}as')
    def PropertiesChanged(self, interface, changed, invalidated):
        pass


class Advertisement(Exported):
    def __init__(self, bus, name):
        super().__init__(bus, '/strap/advertisement', ADVERTISEMENT, {
            'Type': 'peripheral', 'ServiceUUIDs': dbus.Array(['180d'], signature='s'), 'LocalName': name,
            'Discoverable': True})

    @dbus.service.method(ADVERTISEMENT)
    def Release(self):
        pass


class Characteristic(Exported):
    def __init__(self, bus, path, service, uuid, flags, value=b''):
        super().__init__(bus, path, CHARACTERISTIC, {
            'Service': dbus.ObjectPath(service), 'UUID': uuid, 'Flags': dbus.Array(flags, signature='s')})
        self.value = value
        self.written = None

    @dbus.service.method(CHARACTERISTIC, in_signature='a{sv}', out_signature='ay')
    def ReadValue(self, _options):
        return dbus.ByteArray(self.value)

    @dbus.service.method(CHARACTERISTIC, in_signature='aya{sv}')
    def WriteValue(self, value, _options):
        self.written = bytes(value)

    @dbus.service.method(CHARACTERISTIC)
    def StartNotify(self):
        self.subscribed(True)

    @dbus.service.method(CHARACTERISTIC)
    def StopNotify(self):
        self.subscribed(False)

    def subscribed(self, _whether):
        pass

    def notify(self, value):
        self.value = value
        self.PropertiesChanged(CHARACTERISTIC, {'Value': dbus.ByteArray(value)}, [])


class Measurement(Characteristic):
    """0x2A37: a notification an interval, from the sequence, while there is a subscriber."""

    def __init__(self, bus, path, service, options, journal):
        super().__init__(bus, path, service, '2a37', ['notify'])
        with open(options.sequence) as lines:
            self.steps = [json.loads(line) for line in lines if line.strip()]
        self.interval_ms = options.interval_ms
        self.journal = journal
        self.index = 0
        self.timer = None
        self.paused = False

    def subscribed(self, whether):
        self.journal.note(event='subscribed' if whether else 'unsubscribed')
        if self.timer is not None:
            GLib.source_remove(self.timer)
        self.timer = GLib.timeout_add(self.interval_ms, self.send) if whether else None

    def send(self):
        if not self.paused:
            step = self.steps[self.index % len(self.steps)]
            payload = encoded(step)
            self.journal.note(index=self.index, hr=step.get('hr'), rr=step.get('rr', []), raw=payload.hex())
            self.notify(payload)
            self.index += 1
        return True


class Application(dbus.service.Object):
    """The GATT tree: heart rate, battery, device information."""

    def __init__(self, bus, options, journal):
        super().__init__(bus, APPLICATION)
        self.objects = []
        rate = self.service(bus, 0, '180d')
        self.measurement = Measurement(bus, rate + '/char0', rate, options, journal)
        chest, reset = b'\x01', 'write'
        battery = self.service(bus, 1, '180f')
        self.battery = Characteristic(bus, battery + '/char0', battery, '2a19', ['read', 'notify'],
                                      bytes([options.battery]))
        about = self.service(bus, 2, '180a')
        self.objects += [] if options.no_measurement else [self.measurement]
        self.objects += [
            self.battery,
            Characteristic(bus, rate + '/char1', rate, '2a38', ['read'], chest),
            Characteristic(bus, rate + '/char2', rate, '2a39', [reset]),
            Characteristic(bus, about + '/char0', about, '2a29', ['read'], b'zone1d'),
            Characteristic(bus, about + '/char1', about, '2a24', ['read'], b'test strap'),
        ]

    def service(self, bus, index, uuid):
        path = f'/strap/service{index}'
        self.objects.append(Exported(bus, path, SERVICE, {'UUID': uuid, 'Primary': True}))
        return path

    @dbus.service.method(OBJECT_MANAGER, out_signature='a{oa{sa{sv}}}')
    def GetManagedObjects(self):
        return {each.path: {each.interface: each.properties} for each in self.objects}


class Strap:
    """Keeps the application and the advertisement registered on the adapter, while there is one."""

    def __init__(self, bus, options, journal):
        self.bus = bus
        self.options = options
        self.journal = journal
        self.path = f'/org/bluez/{options.adapter}'
        self.application = Application(bus, options, journal)
        self.advertisement = Advertisement(bus, options.name)
        self.serving = False
        bus.add_signal_receiver(self.appeared, 'InterfacesAdded', OBJECT_MANAGER, BLUEZ)
        bus.add_signal_receiver(self.changed, 'PropertiesChanged', PROPERTIES, BLUEZ, self.path)
        bus.watch_name_owner(BLUEZ, self.owned)

    def owned(self, owner):
        if owner:
            self.register()
        else:
            self.application.measurement.subscribed(False)

    def appeared(self, path, interfaces):
        if path == self.path and 'org.bluez.LEAdvertisingManager1' in interfaces:
            self.register()

    def changed(self, interface, changed, _invalidated):
        # bluetoothd drops advertisements, and keeps applications, of an adapter that is powered off.
        if interface == ADAPTER and changed.get('Powered') and self.serving:
            self.advertise()

    def register(self):
        """The application first: who hears the strap finds its services."""
        self.serving = False
        adapter = self.bus.get_object(BLUEZ, self.path, introspect=False)
        try:
            adapter.Set(ADAPTER, 'Alias', self.options.name, dbus_interface=PROPERTIES, signature='ssv')
        except dbus.DBusException:
            return  # no such adapter yet: InterfacesAdded will tell
        if self.options.advertise_only:
            self.served()
        else:
            self.call(adapter, 'RegisterApplication', 'org.bluez.GattManager1', APPLICATION, self.served)

    def served(self):
        """Advertises once the adapter is on, and turns it on. After its own start bluetoothd does so by itself, and says
        Busy to everybody else meanwhile: `changed` tells of either."""
        self.serving = True
        adapter = self.bus.get_object(BLUEZ, self.path, introspect=False)
        try:
            if adapter.Get(ADAPTER, 'Powered', dbus_interface=PROPERTIES):
                self.advertise()
            else:
                adapter.Set(ADAPTER, 'Powered', True, dbus_interface=PROPERTIES, signature='ssv')
        except dbus.DBusException as error:
            self.refused('Set Powered', error)

    def advertise(self):
        adapter = self.bus.get_object(BLUEZ, self.path, introspect=False)
        self.call(adapter, 'RegisterAdvertisement', 'org.bluez.LEAdvertisingManager1', self.advertisement.path,
                  lambda: self.journal.note(event='registered'))

    def call(self, adapter, method, interface, path, done):
        """What is registered already, by an earlier call, is done."""
        def failed(error):
            if error.get_dbus_name() == 'org.bluez.Error.AlreadyExists':
                done()
            else:
                self.refused(method, error)
        adapter.get_dbus_method(method, interface)(path, {}, signature='oa{sv}', reply_handler=done,
                                                   error_handler=failed)

    def refused(self, method, error):
        self.journal.note(event='refused', method=method, why=str(error))


class Control:
    """Commands from a FIFO."""

    def __init__(self, path, strap, leave):
        self.strap = strap
        self.leave = leave
        # Opened for both, so that it never ends when a writer leaves.
        self.lines = os.fdopen(os.open(path, os.O_RDWR | os.O_CLOEXEC), 'r')
        GLib.io_add_watch(self.lines, GLib.PRIORITY_DEFAULT, GLib.IO_IN, self.readable)

    def readable(self, _source, _condition):
        word, _, argument = self.lines.readline().strip().partition(' ')
        application = self.strap.application
        if word in ('pause', 'resume'):
            application.measurement.paused = word == 'pause'
        elif word == 'battery':
            application.battery.notify(bytes([int(argument)]))
        elif word == 'quit':
            self.leave()
        self.strap.journal.note(event=word)
        return True


if __name__ == '__main__':
    main()

# SPDX-License-Identifier: MIT
"""The real programs below the daemon: system bus, emulated controllers, bluetoothd, broker."""
import os
import socket
import subprocess

import dbus

from process import FOLDER, Process, wait_until

BLUETOOTHD = next(path for path in ('/usr/libexec/bluetooth/bluetoothd', '/usr/lib/bluetooth/bluetoothd')
                  if os.path.exists(path))
BROKER_PORT = 1883
# The straps' side is the same bluetoothd, and as a strap it must not do what no strap does: open enhanced ATT channels
# (with both ends opening them at once, 5.66 gets stuck until the link is dropped), and look for services of its own.
BLUETOOTHD_CONF = '[General]\nReverseServiceDiscovery = false\n\n[GATT]\nChannels = 1\n'
SLOW_S = 60  # the machine is emulated, and its host shared


connection = None


def system_bus():
    """Connects again when the bus was away."""
    global connection
    if connection is None or not connection.get_is_connected():
        connection = dbus.SystemBus(private=True)
        connection.set_exit_on_disconnect(False)
    return connection


def start_bus():
    os.makedirs('/run/dbus', exist_ok=True)
    bus = Process('dbus-daemon', ['dbus-daemon', '--system', '--nofork', '--nopidfile', '--print-address'])
    wait_until(bus.log, SLOW_S, 'dbus-daemon listens')
    return bus


def start_controllers(count, in_all=0):
    """COUNT more, IN_ALL then (0: as many), LE only as straps are. Those of one call hear each other."""
    started = Process('btvirt', ['btvirt', f'-l{count}'])
    wait_until(lambda: all(os.path.exists(f'/sys/class/bluetooth/hci{n}') for n in range(in_all or count)), SLOW_S,
               'the controllers appear')
    return started


def controllers():
    """Those that the kernel knows."""
    return os.listdir('/sys/class/bluetooth') if os.path.isdir('/sys/class/bluetooth') else []


def end_controllers(started):
    started.kill()
    wait_until(lambda: not controllers(), SLOW_S, 'the controllers are gone')


def set_private_address(adapter):
    """From now on the adapter is heard by a private address, another one each time."""
    index = adapter[3:]
    set_powered(adapter, False)
    for command in (['privacy', 'off'], ['privacy', 'on'], ['power', 'on']):
        subprocess.run(['btmgmt', '--index', index, *command], check=True, stdin=subprocess.DEVNULL,
                       stdout=subprocess.DEVNULL, timeout=SLOW_S)
    wait_until(lambda: powered(adapter), SLOW_S, f'{adapter} is on again')


def start_bluetoothd(count=0):
    """Returns once COUNT adapters are on the bus."""
    path = f'{FOLDER}/main.conf'
    with open(path, 'w') as conf:
        conf.write(BLUETOOTHD_CONF)
    daemon = Process('bluetoothd', [BLUETOOTHD, '-n', '-f', path, '-P', 'sap,a2dp,avrcp,volume'])
    wait_until(bluetoothd_answers, SLOW_S, 'bluetoothd answers')
    wait_until(lambda: len(adapters()) >= count, SLOW_S, f'{count} adapters are on the bus')
    return daemon


def start_broker():
    """A broker that forgets everything when it ends."""
    path = f'{FOLDER}/mosquitto.conf'
    with open(path, 'w') as conf:
        conf.write(f'listener {BROKER_PORT} 127.0.0.1\nallow_anonymous true\npersistence false\nuser root\n')
    broker = Process('mosquitto', ['mosquitto', '-c', path])
    wait_until(broker_answers, SLOW_S, 'mosquitto answers')
    return broker


def broker_answers():
    try:
        socket.create_connection(('127.0.0.1', BROKER_PORT), 1).close()
        return True
    except OSError:
        return False


def bluetoothd_answers():
    try:
        return system_bus().name_has_owner('org.bluez')
    except dbus.DBusException:
        return False


def managed_objects():
    try:
        manager = system_bus().get_object('org.bluez', '/', introspect=False)
        return manager.GetManagedObjects(dbus_interface='org.freedesktop.DBus.ObjectManager')
    except dbus.DBusException:
        return {}


def half_links():
    """The devices to which one of the adapters has a link, while the adapter that such a device is has none at all."""
    objects = managed_objects()
    linked = {path: (path.rpartition('/')[0], device['Address']) for path, interfaces in objects.items()
              if (device := interfaces.get('org.bluez.Device1')) and device['Connected']}
    idle = {adapter['Address'] for path, interfaces in objects.items()
            if (adapter := interfaces.get('org.bluez.Adapter1')) and path not in {own for own, _ in linked.values()}}
    return [path for path, (_, address) in linked.items() if address in idle]


def disconnect(device):
    try:
        system_bus().get_object('org.bluez', device, introspect=False).Disconnect(dbus_interface='org.bluez.Device1')
    except dbus.DBusException:
        pass  # it is gone by itself


def adapters():
    """Names, in the order of bluetoothd's list."""
    return [path.rpartition('/')[2] for path, interfaces in managed_objects().items()
            if 'org.bluez.GattManager1' in interfaces]


def set_adapter(adapter, name, value):
    thing = system_bus().get_object('org.bluez', f'/org/bluez/{adapter}', introspect=False)
    thing.Set('org.bluez.Adapter1', name, value, dbus_interface='org.freedesktop.DBus.Properties', signature='ssv')


def powered(adapter):
    return bool(managed_objects().get(f'/org/bluez/{adapter}', {}).get('org.bluez.Adapter1', {}).get('Powered'))


def set_powered(adapter, wanted):
    """bluetoothd says Busy while it is at it by itself, as it is after its start."""
    def is_set():
        if powered(adapter) == wanted:
            return True
        try:
            set_adapter(adapter, 'Powered', wanted)
        except dbus.DBusException:
            pass
        return False
    wait_until(is_set, SLOW_S, f'{adapter} is powered {"on" if wanted else "off"}')

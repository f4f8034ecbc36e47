# SPDX-License-Identifier: MIT
"""Heart rate straps to MQTT, as it is done with bleak and paho-mqtt: peer.py PORT ADDRESS..."""
import asyncio
import json
import sys
import time

from bleak import BleakClient, BleakScanner
from paho.mqtt import client as mqtt

HEART_RATE_MEASUREMENT = '00002a37-0000-1000-8000-00805f9b34fb'


def parse(data):
    """The rate, and the RR intervals in ms, of a value of 0x2A37."""
    flags, offset = data[0], 2
    hr = data[1]
    if flags & 0x01:
        hr, offset = int.from_bytes(data[1:3], 'little'), 3
    if flags & 0x08:
        offset += 2
    rr = []
    if flags & 0x10:
        rr = [round(int.from_bytes(data[i:i + 2], 'little') * 1000 / 1024) for i in range(offset, len(data) - 1, 2)]
    return hr, rr


async def find(addresses):
    """The devices with these addresses, all of one scan."""
    found, all_found = {}, asyncio.Event()

    def seen(device, _):
        if device.address in addresses:
            found[device.address] = device
            if len(found) == len(addresses):
                all_found.set()

    async with BleakScanner(seen):
        await asyncio.wait_for(all_found.wait(), 60)
    return found


async def main(port, addresses):
    client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2)
    client.connect('127.0.0.1', port)
    client.loop_start()

    def notified(address):
        def publish(_, data):
            hr, rr = parse(data)
            client.publish(f'python/{address}', json.dumps({'ts': time.time(), 'hr': hr, 'rr_ms': rr}))
        return publish

    devices, straps = await find(addresses), []
    for address in addresses:
        strap = BleakClient(devices[address])
        await strap.connect()
        await strap.start_notify(HEART_RATE_MEASUREMENT, notified(address))
        straps.append(strap)
    await asyncio.Event().wait()


asyncio.run(main(int(sys.argv[1]), sys.argv[2:]))

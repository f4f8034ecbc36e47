// SPDX-License-Identifier: MIT
// Heart rate straps to MQTT, as it is done with node-ble and mqtt.js: node peer.mjs PORT ADDRESS...
import mqtt from 'mqtt';
import nodeBle from 'node-ble';

const HEART_RATE = '0000180d-0000-1000-8000-00805f9b34fb';
const HEART_RATE_MEASUREMENT = '00002a37-0000-1000-8000-00805f9b34fb';

// The rate, and the RR intervals in ms, of a value of 0x2A37.
function parse(data) {
  const flags = data[0];
  let offset = flags & 0x01 ? 3 : 2;
  const hr = flags & 0x01 ? data.readUInt16LE(1) : data[1];
  if (flags & 0x08) offset += 2;
  const rr = [];
  if (flags & 0x10) {
    for (; offset + 1 < data.length; offset += 2) rr.push(Math.round((data.readUInt16LE(offset) * 1000) / 1024));
  }
  return { hr, rr };
}

const [port, ...addresses] = process.argv.slice(2);
const client = await mqtt.connectAsync(`mqtt://127.0.0.1:${port}`);
const { bluetooth } = nodeBle.createBluetooth();
const adapter = await bluetooth.defaultAdapter();
await adapter.startDiscovery();
const devices = await Promise.all(addresses.map((address) => adapter.waitDevice(address)));
await adapter.stopDiscovery();
for (const [i, device] of devices.entries()) {
  await device.connect();
  const gatt = await device.gatt();
  const service = await gatt.getPrimaryService(HEART_RATE);
  const measurement = await service.getCharacteristic(HEART_RATE_MEASUREMENT);
  measurement.on('valuechanged', (data) => {
    const { hr, rr } = parse(data);
    client.publish(`node/${addresses[i]}`, JSON.stringify({ ts: Date.now(), hr, rr_ms: rr }));
  });
  await measurement.startNotifications();
}

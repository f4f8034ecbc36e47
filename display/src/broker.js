// SPDX-License-Identifier: MIT
// The connection to the broker over websockets: read only, for ever again. MQTT 3.1.1 is all that is needed.
import mqtt from 'mqtt';
import { text } from './payload.js';

const RETRY_MS = 2000;
const STUCK_MS = 60000; // a client that has not come back by then is replaced by a new one
const REFUSED = 128;

function options(chosen, password)
{
    return {
        clientId: `zone1d-display-${crypto.getRandomValues(new Uint32Array(2)).join('')}`.slice(0, 23 + 12),
        protocolVersion: 4, clean: true, keepalive: 10, connectTimeout: 8000,
        reconnectPeriod: RETRY_MS + Math.floor(Math.random() * 1000), reconnectOnConnackError: true,
        resubscribe: false, queueQoSZero: false, timerVariant: 'native',
        username: chosen.user || undefined, password: chosen.user && password ? password : undefined,
    };
}

/**
 * Connects as CHOSEN says and stays connected. TOPICS maps each topic to its QoS. ON.up(), ON.down(why),
 * ON.denied() and ON.message(topic, bytes) are called; returns a function that ends it.
 */
export function connect(chosen, password, topics, on)
{
    let client = null;
    let lastUp = performance.now();
    let why = '';
    const subscribe = () => {
        client.subscribe(Object.fromEntries(Object.entries(topics).map(([topic, qos]) => [topic, { qos }])), (error,
            granted) => {
            if (granted?.some(({ qos }) => qos >= REFUSED))
                on.denied();
        });
    };
    const start = () => {
        client = mqtt.connect(chosen.broker, options(chosen, password));
        client.on('connect', () => {
            lastUp = performance.now();
            why = '';
            on.up();
            subscribe();
        });
        client.on('message', (topic, bytes) => on.message(topic, bytes));
        client.on('error', (error) => {
            why = Number.isInteger(error?.code) ? text(error.message, 80) : '';
        });
        client.on('close', () => on.down(why));
    };
    const watch = setInterval(() => {
        if (client.connected)
            lastUp = performance.now();
        else if (performance.now() - lastUp > STUCK_MS) {
            lastUp = performance.now();
            drop(client);
            start();
        }
    }, 5000);
    start();
    return () => {
        clearInterval(watch);
        drop(client);
    };
}

function drop(client)
{
    client.removeAllListeners();
    client.on('error', () => {});
    client.end(true);
}

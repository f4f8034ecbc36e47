// SPDX-License-Identifier: MIT
// A real mosquitto with a listener for MQTT and one for websockets, both on free loopback ports.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

export const PATIENCE_MS = 60000;
const PATH = `${process.env.PATH}:/usr/sbin:/sbin`;

/** A TCP port of the loopback that nobody has just now. */
export async function freePort()
{
    const probe = createServer().listen(0, '127.0.0.1');
    await once(probe, 'listening');
    const { port } = probe.address();
    probe.close();
    return port;
}

/** Waits until something listens on PORT, or PROCESS has ended. */
export async function listening(port, process_)
{
    for (let left = PATIENCE_MS; left > 0; left -= 20) {
        const socket = connect(port, '127.0.0.1');
        const open = await Promise.race([once(socket, 'connect').then(() => true), once(socket,
            'error').then(() => false)])
            .catch(() => false);
        socket.destroy();
        if (open)
            return;
        if (process_.exitCode !== null)
            throw new Error(`${process_.spawnfile} ended with ${process_.exitCode}`);
        await pause(20);
    }
    throw new Error(`nothing listens on ${port}`);
}

export class Broker {
    /** MORE lines go into the configuration, in which nobody needs a password unless they say so. */
    constructor(more = 'allow_anonymous true')
    {
        this.folder = mkdtempSync(join(process.cwd(), 'broker-'));
        this.more = more;
    }

    /** socket_domain: without it, mosquitto 2.0 opens websockets on every address, whatever the listener says. */
    async start()
    {
        this.port ??= await freePort();
        this.wsPort ??= await freePort();
        const config = join(this.folder, 'mosquitto.conf');
        writeFileSync(config,
            `listener ${this.port} 127.0.0.1\nlistener ${this.wsPort} 127.0.0.1\nsocket_domain ipv4\nprotocol websockets\n`
            + `persistence false\nlog_dest none\nuser root\nmax_queued_messages 0\n${this.more}\n`);
        this.process = spawn('mosquitto', ['-c', config], { stdio: 'ignore', env: { ...process.env, PATH } });
        await listening(this.port, this.process);
        await listening(this.wsPort, this.process);
        return this;
    }

    get url()
    {
        return `ws://127.0.0.1:${this.wsPort}`;
    }

    async kill()
    {
        if (this.process?.exitCode === null && this.process.signalCode === null) {
            this.process.kill('SIGKILL');
            await once(this.process, 'exit');
        }
    }

    /** Publishes MESSAGE (an object, or a text) below zone1d/. */
    say(topic, message, { retain = false, as = [] } = {})
    {
        const text = typeof message === 'string' ? message : JSON.stringify(message);
        const done = spawnSync('mosquitto_pub', ['-p', this.port, '-q', '1', '-t', `zone1d/${topic}`, '-s', ...as,
            ...(retain ? ['-r'] : [])].map(String), { input: text });
        if (done.status !== 0)
            throw new Error(`mosquitto_pub: ${done.stderr}`);
    }

    /** Takes back what is retained on TOPIC. */
    clear(topic)
    {
        spawnSync('mosquitto_pub', ['-p', String(this.port), '-q', '1', '-r', '-n', '-t', `zone1d/${topic}`]);
    }

    /** A publisher of many messages on one topic: write(object) each, then end(), which waits, or kill(). */
    stream(topic)
    {
        const child = spawn('mosquitto_pub', ['-p', String(this.port), '-t', `zone1d/${topic}`, '-q', '1', '-l'],
            { stdio: ['pipe', 'ignore', 'inherit'] });
        return {
            write: (message) => child.stdin.write(`${JSON.stringify(message)}\n`),
            async end()
            {
                child.stdin.end();
                await once(child, 'exit');
            },
            kill: () => child.kill('SIGKILL'),
        };
    }

    /** Everything from now on: a list of {topic, payload} that grows; resolved once it listens. stop() ends it. */
    async listen()
    {
        const child = spawn('mosquitto_sub', ['-p', String(this.port), '-t', 'zone1d/#', '-t', 'ready', '-F', '%j'],
            { stdio: ['ignore', 'pipe', 'inherit'] });
        const seen = [];
        let rest = '';
        const ready = new Promise((resolve) => {
            child.stdout.on('data', (data) => {
                const lines = (rest + data).split('\n');
                rest = lines.pop();
                for (const line of lines) {
                    const { topic, payload } = JSON.parse(line);
                    if (topic === 'ready')
                        resolve();
                    else
                        seen.push({ topic, payload });
                }
            });
        });
        const asking = setInterval(() => spawnSync('mosquitto_pub', ['-p', String(this.port), '-t', 'ready', '-m',
            '1']), 100);
        await ready;
        clearInterval(asking);
        return { seen, stop: () => child.kill() };
    }
}

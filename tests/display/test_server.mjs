// SPDX-License-Identifier: MIT
// The shipped nginx configuration, with a certificate made here: the page and the websocket on one port with TLS.
// And the kiosk's unit: systemd finds no fault in it.
import assert from 'node:assert/strict';
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import test, { after, before } from 'node:test';
import { Broker, freePort, listening } from './lib/broker.mjs';
import { launch, newPage, PAGE, rate, until, untilSeq } from './lib/browser.mjs';
import { live, session } from './lib/messages.mjs';

const PATH = `${process.env.PATH}:/usr/sbin:/sbin`;
const broker = new Broker();
const folder = mkdtempSync(join(process.cwd(), 'nginx-'));
let port, nginx, browser;

// What the file says is to be changed, changed; all else as it is shipped.
function configuration()
{
    const changes = [[/listen 443 ssl;/, `listen 127.0.0.1:${port} ssl;`], [/server_name [^;]*;/,
        'server_name localhost;'],
        [/ssl_certificate [^;]*;/, `ssl_certificate ${folder}/cert.pem;`],
        [/ssl_certificate_key [^;]*;/, `ssl_certificate_key ${folder}/key.pem;`],
        [/root [^;]*;/, `root ${dirname(PAGE)};`], [/127\.0\.0\.1:9001;/, `127.0.0.1:${broker.wsPort};`]];
    let site = readFileSync(join(process.env.ZONE1D_CONF, 'nginx-display.conf'), 'utf8');
    for (const [what, by] of changes) {
        const [line] = site.split('\n').filter((one) => what.test(one) && one.includes('# change:'));
        assert.ok(line, `marked as to be changed: ${what}`);
        site = site.replace(line, line.replace(what, by));
    }
    const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi',
        'scgi'].map((name) => `${name}_temp_path ${folder}/${name};`);
    writeFileSync(join(folder, 'site.conf'), site);
    const user = process.getuid() === 0 ? 'user root;\n' : ''; // the build folder may be root's alone
    writeFileSync(join(folder, 'nginx.conf'),
        `${user}daemon off;\nworker_processes 1;\npid ${folder}/pid;\nerror_log ${folder}/error.log;\n`
        + `events {}\nhttp {\naccess_log off;\ninclude /etc/nginx/mime.types;\n`
        + `${temporary.join('\n')}\ninclude ${folder}/site.conf;\n}\n`);
}

before(async () => {
    await broker.start();
    port = await freePort();
    execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes',
        '-days', '2',
        '-subj', '/CN=localhost', '-keyout', `${folder}/key.pem`, '-out', `${folder}/cert.pem`], { stdio: 'ignore' });
    configuration();
    browser = await launch();
});

after(async () => {
    await browser.close();
    if (nginx?.exitCode === null) {
        nginx.kill('SIGTERM');
        await once(nginx, 'exit');
    }
    await broker.kill();
});

test('nginx takes the configuration', async () => {
    const arguments_ = ['-e', `${folder}/error.log`, '-p', folder, '-c', `${folder}/nginx.conf`];
    const checked = spawnSync('nginx', ['-t', ...arguments_], { env: { ...process.env, PATH }, encoding: 'utf8' });
    assert.equal(checked.status, 0, checked.stderr);
    assert.ok(!/\[warn\]/.test(checked.stderr), checked.stderr);
    nginx = spawn('nginx', arguments_, { env: { ...process.env, PATH }, stdio: 'ignore' });
    await listening(port, nginx);
});

test('page and websocket come over the one port, with TLS', async () => {
    const page = await newPage(browser, { ignoreHTTPSErrors: true });
    const answer = await page.goto(
        `https://localhost:${port}/#broker=wss://localhost:${port}/mqtt&athlete=anna&lang=en`);
    assert.equal(answer.status(), 200);
    assert.equal(answer.headers()['x-content-type-options'], 'nosniff');
    assert.match(answer.headers()['content-security-policy'], /frame-ancestors 'self'/);
    await until(page, { kind: 'waiting' });
    broker.say('athlete/anna/session', session(), { retain: true });
    broker.say('athlete/anna/live', live({ seq: 5, hr: 126 }));
    await untilSeq(page, 5);
    assert.equal(await rate(page), '126');
    assert.deepEqual(page.faults, []);
    await page.goto('about:blank');
    await page.goto(`https://localhost:${port}/`);
    await page.waitForSelector('form');
    assert.equal(await page.inputValue('[name=broker]'), `wss://localhost:${port}/mqtt`,
        'and without parameters it guesses so');
});

test('the kiosk\'s unit is sound', () => {
    const unit = join(process.env.ZONE1D_CONF, 'zone1d-kiosk.service');
    const place = join(folder, 'units');
    mkdirSync(place);
    writeFileSync(join(place, 'zone1d-kiosk.service'), readFileSync(unit));
    const checked = spawnSync('systemd-analyze', ['verify', '--user', '--man=no', join(place, 'zone1d-kiosk.service')],
        { encoding: 'utf8', env: { ...process.env, XDG_RUNTIME_DIR: folder } });
    assert.equal(checked.stderr, '');
    assert.equal(checked.status, 0);
});

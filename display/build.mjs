// SPDX-License-Identifier: MIT
// Makes the one page: node build.mjs MODULES ESBUILD OUTPUT. MODULES is the node_modules folder that npm filled from the
// lock file, or vendor/, which is what of it ends up in the page. Everything is inlined; a content security policy with
// the hashes of just this script and this style forbids all else, and connections other than websockets.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const HERE = dirname(fileURLToPath(import.meta.url));
const STYLES = ['base', 'athlete', 'summary', 'group', 'form'];
// Modules that are in mqtt.js though no lock file lists them.
const BUNDLED = ['@jspm/core', 'esbuild-plugin-polyfill-node'];
const NOT_IN_THE_PAGE = /^node_modules\/(@?esbuild|@types|undici-types)/;

function hash(text)
{
    return `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
}

// mqtt.js as its authors bundle it for browsers, in the flavour that people can read, made a module.
function mqttModule(modules, folder)
{
    const file = join(folder, 'mqtt_module.js');
    writeFileSync(file, `${readFileSync(join(modules, 'mqtt', 'dist', 'mqtt.js'), 'utf8')}\nexport default mqtt;\n`);
    return file;
}

function bundle(modules, esbuild, folder)
{
    const options = ['--bundle', '--minify', '--format=iife', '--target=chrome111,firefox113,safari16.2',
        '--platform=browser', '--charset=utf8', '--legal-comments=none', '--log-level=warning',
        `--alias:mqtt=${mqttModule(modules, folder)}`];
    const made = execFileSync(esbuild, [join(HERE, 'src', 'main.js'), ...options], {
        encoding: 'utf8', env: { ...process.env, NODE_PATH: modules }, maxBuffer: 16 * 1024 * 1024,
    });
    return made.replaceAll('</script', '<\\/script').replaceAll('<!--', '<\\!--').trim();
}

function style(modules)
{
    const sheets = [join(modules, 'uplot', 'dist', 'uPlot.min.css'), ...STYLES.map((name) => join(HERE, 'style',
        `${name}.css`))];
    return sheets.map((sheet) => readFileSync(sheet, 'utf8')).join('\n').trim();
}

// The licences of what is in the page, as they ask for: name, version, text.
function licences(modules)
{
    const lock = JSON.parse(readFileSync(join(HERE, 'package-lock.json'), 'utf8'));
    const parts = [readFileSync(join(HERE, '..', 'LICENSE'), 'utf8')];
    for (const [place, about] of Object.entries(lock.packages)) {
        if (place === '' || about.dev || NOT_IN_THE_PAGE.test(place))
            continue;
        const folder = join(modules, place.replace('node_modules/', ''));
        const file = readdirSync(folder).find((name) => /^licen[cs]e/i.test(name));
        const text = file ? readFileSync(join(folder, file), 'utf8') : about.license ?? '';
        parts.push(`${place.replace('node_modules/', '')} ${about.version}\n${text.trim()}`);
    }
    for (const name of BUNDLED)
        parts.push(`${name}\n${readFileSync(join(HERE, 'bundled', name, 'LICENSE'), 'utf8').trim()}`);
    return parts.join('\n\n').replaceAll('--', '- -').replaceAll('\r', '');
}

function page(script, css, notices)
{
    const policy = `default-src 'none'; script-src ${hash(script)}; style-src ${hash(css)}; connect-src ws: wss:; `
        + "img-src data:; base-uri 'none'; form-action 'none'";
    return readFileSync(join(HERE, 'src', 'index.html'), 'utf8')
        .replace('POLICY', () => policy)
        .replace('STYLE', () => css)
        .replace('SCRIPT', () => script)
        .replace('LICENCES', () => notices);
}

const [modules, esbuild, output] = process.argv.slice(2).map((path) => resolve(path));
mkdirSync(dirname(output), { recursive: true });
writeFileSync(output, page(bundle(modules, esbuild, dirname(output)), style(modules), licences(modules)));

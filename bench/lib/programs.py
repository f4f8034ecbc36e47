# SPDX-License-Identifier: MIT
"""What is measured: how each program is installed, started and listened to."""
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PEERS = ROOT / 'bench' / 'peers'
NAMES = ('floor', 'async', 'zone1d', 'python', 'node')
COMPARED = ('floor', 'zone1d')  # measured in turns, more than once: the bars are about these two
WORDS = {'floor': 'floor (C)', 'async': 'floor, sending thread', 'zone1d': 'zone1d', 'python': 'Python, bleak', 'node': 'Node, node-ble'}


def address(strap):
    return f'00:AA:03:00:{strap >> 8:02X}:{strap & 255:02X}'


def must(command, **options):
    subprocess.run([str(part) for part in command], check=True, stdout=sys.stderr, **options)


def build_release(build):
    """A release build in the folder BUILD, and what is measured in it."""
    if not (build / 'build.ninja').exists():
        must(['meson', 'setup', build, ROOT, '--buildtype=release', '-Ddisplay=disabled'])
    must(['ninja', '-C', build, 'daemon/zone1d', 'bench/bench_load', 'bench/bench_floor', 'bench/bench_floor_async',
          'bench/bench_day'])


def install_python(folder):
    """The modules of requirements.txt, in these versions, in an environment of their own."""
    wanted = (PEERS / 'python' / 'requirements.txt').read_text(encoding='utf-8')
    mark = folder / 'installed'
    if mark.exists() and mark.read_text(encoding='utf-8') == wanted:
        return
    shutil.rmtree(folder, ignore_errors=True)
    must(['/usr/bin/python3', '-m', 'venv', folder])
    must([folder / 'bin' / 'pip', 'install', '--quiet', '--disable-pip-version-check', '--no-deps',
          '-r', PEERS / 'python' / 'requirements.txt'])
    mark.write_text(wanted, encoding='utf-8')


def install_node(folder):
    """The modules of the lock file, and the program beside them, where node looks for them."""
    folder.mkdir(parents=True, exist_ok=True)
    must(['sh', ROOT / 'display' / 'install-modules', PEERS / 'node', folder, 'all'])
    shutil.copy(PEERS / 'node' / 'peer.mjs', folder)


def write_config(folder, port, straps):
    """zone1d with everything on: zones, sessions that are stored, state and live topics, Home Assistant."""
    state = folder / 'state'
    state.mkdir(mode=0o700)
    lines = [f'[gateway]\nname = bench\nstate-dir = {state}\n[mqtt]\nhost = 127.0.0.1\nport = {port}']
    lines += [f'[athlete s{strap}]\nstrap = {address(strap)}\nmax = 190\nrest = 60' for strap in range(straps)]
    path = folder / 'zone1d.conf'
    path.write_text('\n'.join(lines) + '\n', encoding='utf-8')
    return path


def command(name, build, folder, port, straps):
    """(the program with its arguments, bench_load's options for it)."""
    arguments = [str(port), *map(address, range(straps))]
    if name == 'zone1d':
        return ([build / 'daemon' / 'zone1d', '--config', write_config(folder, port, straps)],
                ['--topic', 'zone1d/athlete/+/live', '--start', 'zone1d/athlete/s*/set/session', '--rr'])
    if name in ('floor', 'async'):
        program = 'bench_floor' if name == 'floor' else 'bench_floor_async'
        return [build / 'bench' / program, *arguments], ['--topic', 'floor/+']
    if name == 'python':
        return ([build / 'peers' / 'python' / 'bin' / 'python', '-B', PEERS / 'python' / 'peer.py', *arguments],
                ['--topic', 'python/+', '--rr'])
    return [shutil.which('node'), build / 'peers' / 'node' / 'peer.mjs', *arguments], ['--topic', 'node/+', '--rr']


def first_line(*words):
    try:
        result = subprocess.run(words, capture_output=True, text=True, check=False)
    except OSError:
        return '?'
    lines = (result.stdout + result.stderr).strip().split('\n')
    return lines[0]


def debian_version(package):
    return first_line('dpkg-query', '-W', '-f=${Version}', package)


def processor():
    for line in Path('/proc/cpuinfo').read_text(encoding='utf-8').split('\n'):
        if line.startswith(('model name', 'Model')):
            return line.split(':', 1)[1].strip()
    return os.uname().machine


def machine():
    """The machine and the versions that the figures come from, in words."""
    os_name = next((line.split('=', 1)[1].strip('"') for line in Path('/etc/os-release').read_text(
        encoding='utf-8').split('\n') if line.startswith('PRETTY_NAME=')), '?')
    python = first_line('/usr/bin/python3', '--version')
    modules = ', '.join((PEERS / 'python' / 'requirements.txt').read_text(encoding='utf-8').split())
    node = (PEERS / 'node' / 'package.json').read_text(encoding='utf-8')
    versions = ', '.join(f'{name} {node.split(chr(34) + name + chr(34) + ": " + chr(34), 1)[1].split(chr(34), 1)[0]}'
                         for name in ('node-ble', 'mqtt'))
    return (f'{processor()}, {os.cpu_count()} cores; {os_name}, Linux {os.uname().release}; '
            f'{first_line("gcc", "--version").split(" (")[0]} {first_line("gcc", "-dumpfullversion")}, '
            f'libdbus {debian_version("libdbus-1-3")}, Paho {debian_version("libpaho-mqtt1.3")}, '
            f'mosquitto {debian_version("mosquitto")}; {python}: {modules}; '
            f'Node.js {first_line("node", "--version")}: {versions}')

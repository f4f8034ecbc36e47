# SPDX-License-Identifier: MIT
"""A Debian root with a pinned Home Assistant in it, and that Home Assistant as a process to talk to."""
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / 'scripts/lib'))
from clean_root import mirrors  # noqa: E402

# The newest of the day; it wants Python 3.14, which Debian's testing has (13 has 3.13).
VERSION, PAHO, SUITE = '2026.11.0', '2.1.0', 'forky'
PACKAGES = 'python3,python3-venv,python3-dev,ca-certificates,gcc,g++,libc6-dev,pkg-config,libffi-dev,libssl-dev'
CERTIFICATES = '/etc/ssl/certs/ca-certificates.crt'
ENVIRONMENT = {'PATH': '/opt/ha/bin:/usr/bin:/bin', 'HOME': '/config', 'LANG': 'C.UTF-8', 'PIP_DEFAULT_TIMEOUT': '180',
               'UV_HTTP_TIMEOUT': '180', 'SSL_CERT_FILE': CERTIFICATES, 'PIP_CERT': CERTIFICATES}
PATIENCE_S = 150
CLIENT = 'http://127.0.0.1/'
# In a mount and a process namespace of its own: nothing stays mounted, nothing stays running.
ENTER = '''mount --rbind /dev "$0/dev" && mount -t proc proc "$0/proc" && exec chroot "$0" "$@"'''


def make_root(folder):
    """The root, made unless it is there: a few minutes, and about 1.5 GB."""
    root = Path(folder) / f'root-{VERSION}'
    if (root / '.ready').exists():
        return root
    shutil.rmtree(root, ignore_errors=True)
    print(f'# making {root}', flush=True)
    # The lists of a mirror that is a snapshot are past their date.
    subprocess.run(['mmdebstrap', '--quiet', '--aptopt=Acquire::Check-Valid-Until "false"', '--variant=minbase',
                    f'--include={PACKAGES}', SUITE, root,
                    os.environ.get('ZONE1D_DEBIAN_MIRROR') or mirrors()[0]], check=True)
    shutil.copy(CERTIFICATES, root / CERTIFICATES[1:])
    shutil.copy('/etc/resolv.conf', root / 'etc/resolv.conf')
    for command in (['/usr/bin/python3', '-m', 'venv', '/opt/ha'],
                    ['/opt/ha/bin/pip', 'install', '--quiet', '--no-cache-dir', f'homeassistant=={VERSION}',
                     f'paho-mqtt=={PAHO}']):
        subprocess.run(['/usr/sbin/chroot', root, *command], env=ENVIRONMENT, check=True)
    (root / '.ready').touch()
    return root


class HomeAssistant:
    """One with its own configuration folder. What it needs of other packages it installs at its first start."""

    def __init__(self, root, log):
        self.root, self.log, self.process, self.token = Path(root), log, None, None
        with socket.socket() as probe:
            probe.bind(('127.0.0.1', 0))
            self.port = probe.getsockname()[1]
        self.config = self.root / 'config'
        shutil.rmtree(self.config, ignore_errors=True)
        (self.config / '.storage').mkdir(parents=True)
        # All but the step that makes the first user.
        self.store('onboarding', 4, {'done': ['core_config', 'analytics', 'integration']})

    def store(self, key, version, data):
        (self.config / '.storage' / key).write_text(
            json.dumps({'version': version, 'minor_version': 1, 'key': key, 'data': data}), encoding='utf-8')

    def start(self):
        with open(self.log, 'a', encoding='utf-8') as log:
            self.process = subprocess.Popen(
                ['unshare', '--mount', '--pid', '--fork', '--kill-child', '--propagation', 'private', 'sh', '-c', ENTER,
                 self.root, '/opt/ha/bin/hass', '-c', '/config'], env={**ENVIRONMENT, 'PATH': os.environ['PATH']},
                stdout=log, stderr=log, stdin=subprocess.DEVNULL)
        self.wait(lambda: self.call('/manifest.json', token=False) is not None, 'it starts')
        return self

    def stop(self):
        """As a machine that goes down stops it: it stores what it knows."""
        if not self.process:
            return
        inside = subprocess.run(['pgrep', '-P', str(self.process.pid)], capture_output=True, text=True, check=False)
        for pid in inside.stdout.split():
            os.kill(int(pid), signal.SIGTERM)
        try:
            self.process.wait(PATIENCE_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process = None

    def wait(self, true, what, timeout_s=PATIENCE_S):
        deadline = time.monotonic() + timeout_s
        while time.monotonic() < deadline:
            if result := true():
                return result
            if self.process and self.process.poll() is not None:
                break
            time.sleep(0.25)
        raise TimeoutError(f'{what}: not within {timeout_s} s; see {self.log}')

    def call(self, path, data=None, token=True):
        """Its REST API; None while there is no answer."""
        request = urllib.request.Request(f'http://127.0.0.1:{self.port}{path}')
        if data is not None:
            request.data = data if isinstance(data, bytes) else json.dumps(data).encode()
            request.add_header('Content-Type', 'application/x-www-form-urlencoded' if isinstance(data, bytes)
                               else 'application/json')
        if token and self.token:
            request.add_header('Authorization', f'Bearer {self.token}')
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                text = answer.read().decode()
        except urllib.error.HTTPError as error:
            # A state that is not there, or a form that was not filled in right.
            return json.loads(error.read() or b'null') if error.code == 400 else None
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            return None
        try:
            return json.loads(text)
        except ValueError:
            return text

    def log_in(self):
        """Makes the first user, as the page does that greets a person."""
        user = {'name': 'Test', 'username': 'test', 'password': 'of-this-run', 'client_id': CLIENT, 'language': 'en'}
        code = self.call('/api/onboarding/users', user)['auth_code']
        form = {'grant_type': 'authorization_code', 'code': code, 'client_id': CLIENT}
        self.token = self.call('/auth/token', urllib.parse.urlencode(form).encode())['access_token']

    def add_broker(self, port):
        """The dialogue "Add integration: MQTT". Returns the kind of its last answer."""
        form = self.call('/api/config/config_entries/flow', {'handler': 'mqtt'})
        answer = {'broker': '127.0.0.1', 'port': port, 'protocol': '5',
                  'other_settings': {'set_client_cert': False, 'set_ca_cert': 'off', 'tls_insecure': False,
                                     'transport': 'tcp', 'ws_path': '/', 'ws_headers': '{}'}}
        return self.call(f'/api/config/config_entries/flow/{form["flow_id"]}', answer)

    def state(self, entity):
        found = self.call(f'/api/states/{entity}')
        return found['state'] if found else None

    def attributes(self, entity):
        return (self.call(f'/api/states/{entity}') or {}).get('attributes', {})

    def template(self, text):
        return self.call('/api/template', {'template': text})

    def serve(self, domain, service, entity, **data):
        return self.call(f'/api/services/{domain}/{service}', {'entity_id': entity, **data})

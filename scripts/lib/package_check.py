# SPDX-License-Identifier: MIT
"""What becomes of a Debian system when the package is installed, upgraded, removed and purged: lists of checks."""
import hashlib
import os
import re
import shutil
import stat
from pathlib import Path

from clean_root import Root

LOWER = '0.0.1'
MOST = 1500  # characters that are told of what is wrong; the log has all
# What dpkg, apt and the tools of the base system write for every package.
NOT_OURS = re.compile(r'(build|proc|sys|dev|tmp|run|var/lib/(dpkg|apt)|var/cache|var/log)(/|$)')
ACCOUNTS = ('etc/passwd', 'etc/shadow', 'etc/group', 'etc/gshadow', 'etc/subuid', 'etc/subgid')
EDIT = '\n# edited by hand\n[athlete zoe]\nage = 30\n'


def tree(root):
    """path -> (mode, owner, content) of everything in the root that belongs to somebody."""
    found = {}
    for folder, folders, files in os.walk(root):
        place = os.path.relpath(folder, root)
        folders[:] = [name for name in folders if not NOT_OURS.match(os.path.normpath(f'{place}/{name}'))]
        for name in folders + files:
            path = os.path.normpath(f'{place}/{name}')
            if NOT_OURS.match(path) or re.fullmatch(r'(' + '|'.join(ACCOUNTS) + r')-?|\.stamp', path):
                continue
            about = os.lstat(os.path.join(root, path))
            content = os.readlink(os.path.join(root, path)) if stat.S_ISLNK(about.st_mode) else \
                hashlib.sha256(Path(root, path).read_bytes()).hexdigest() if stat.S_ISREG(about.st_mode) else ''
            found[path] = (oct(about.st_mode), about.st_uid, about.st_gid, content)
    return found


def difference(before, after):
    return sorted(f'{"-" if path not in after else "+" if path not in before else "!"} {path}'
                  for path in before.keys() | after.keys() if before.get(path) != after.get(path))


class Checks:
    """Named results; a result is None or what is wrong."""

    def __init__(self, where):
        self.where, self.results = where, []

    def ok(self, name, good, wrong=''):
        self.results.append((f'{self.where}: {name}', None if good else (str(wrong)[-MOST:] or 'no')))
        return good


def lower_package(root, package):
    """The same package as an older version that had one line more in its conffile."""
    root.run('sh', '-ec', f'''rm -rf /build/lower; dpkg-deb -R /build/{package} /build/lower
        sed -i 's/^Version: .*/Version: {LOWER}/' /build/lower/DEBIAN/control
        echo '# a line of the older version' >>/build/lower/etc/zone1d/zone1d.conf
        rm /build/lower/usr/share/doc/zone1d/README.md
        dpkg-deb --root-owner-group -b /build/lower /build/zone1d_{LOWER}_lower.deb''')
    return f'/build/zone1d_{LOWER}_lower.deb'


def fresh(work, release, packages, log):
    """A minimal root with the packages' files in /build, and all that they depend on, but not themselves."""
    root = Root(work, f'install-{release}', release, 'minbase', log)
    root.renew()
    (root.path / 'build').mkdir()
    for package in packages:
        shutil.copyfile(package, root.path / 'build' / package.name)
    # apt installs the package with what it needs; taking it back leaves the system that it came to.
    (name,) = [package.name for package in packages]
    root.run('apt-get', '-qy', '--no-install-recommends', 'install', f'/build/{name}')
    root.run('dpkg', '--purge', 'zone1d')
    root.run('userdel', 'zone1d')
    root.run('dpkg', '--purge', 'zone1d')
    return root


def check_installed(root, checks, version):
    run = root.try_run
    status = run('dpkg-query', '-W', '-f=${db:Status-Status} ${Version}', 'zone1d').stdout
    checks.ok('installed', status == f'installed {version}', status)
    said = run('zone1d', '--check-config').stdout.strip()
    checks.ok('the configuration that comes with it is fine', said.endswith('fine, 1 athlete'), said)
    said = run('zone1d', '--version').stdout.strip()
    checks.ok('says its version', said == f'zone1d {version.split("~")[0]}' or version == LOWER, said)
    user = run('getent', 'passwd', 'zone1d').stdout.strip()
    checks.ok('has its user, who cannot log in', user.endswith('nologin'), user)
    enabled = run('systemctl', 'is-enabled', 'zone1d').stdout.strip()
    checks.ok('the service starts at boot', enabled == 'enabled', enabled)
    verified = run('systemd-analyze', '--man=no', 'verify', 'zone1d.service')
    checks.ok('systemd understands the unit', 'zone1d' not in verified.stdout, verified.stdout)
    exposed = run('systemd-analyze', 'security', '--offline=true', '--no-pager', '--threshold=15',
                  '/usr/lib/systemd/system/zone1d.service')
    checks.ok('systemd finds its exposure 1.5 or less', exposed.returncode == 0, exposed.stdout[-300:])
    broken = run('dpkg', '--verify', 'zone1d').stdout
    broken = broken.replace('??5?????? c /etc/zone1d/zone1d.conf', '').strip()
    checks.ok('all files are as packed', not broken, broken)
    completed = run('bash', '-c', '. /usr/share/bash-completion/completions/zone1ctl; COMP_WORDS=(zone1ctl wa); '
                    'COMP_CWORD=1; _zone1ctl; echo "${COMPREPLY[@]}"').stdout.strip()
    checks.ok('bash completes', completed == 'watch', completed)


def check_processor(root, checks, package):
    """The package for ARMv7 refuses an ARMv6 processor, and that alone."""
    root.run('dpkg-deb', '-e', f'/build/{package}', '/build/control')
    preinst = root.path / 'build/control/preinst'
    compiled = re.search(r'(?m)^compiled_for="(.*)"$', preinst.read_text())
    checks.ok('the package knows for which processor it is', compiled and compiled[1] == 'none', compiled)
    (root.path / 'build/pi').mkdir(exist_ok=True)
    for machine, arm, wanted in (('armv6l', '7', 1), ('armv7l', '7', 0), ('armv6l', '6', 0)):
        preinst.write_text(re.sub(r'(?m)^compiled_for=.*$', f'compiled_for="{arm}"', preinst.read_text()))
        (root.path / 'build/pi/uname').write_text(f'#!/bin/sh\necho {machine}\n')
        (root.path / 'build/pi/uname').chmod(0o755)
        done = root.try_run('sh', '-c', 'PATH=/build/pi:$PATH; exec sh /build/control/preinst install')
        checks.ok(f'compiled for ARMv{arm}, installed on {machine}', done.returncode == wanted, done.stdout)


def check_life(root, checks, package, version):
    """Install an older version, upgrade, remove, install again, purge."""
    before = tree(root.path)
    conffile = root.path / 'etc/zone1d/zone1d.conf'
    older = lower_package(root, package)
    root.run('dpkg', '-i', older)
    check_installed(root, checks, LOWER)
    conffile.write_text(conffile.read_text() + EDIT)
    edited = conffile.read_text()
    (root.path / 'var/lib/zone1d').mkdir(mode=0o700, exist_ok=True)
    (root.path / 'var/lib/zone1d/sessions.db').write_text('x')
    (root.path / 'etc/credstore').mkdir(exist_ok=True)
    (root.path / 'etc/credstore/zone1d.password').write_text('secret\n')
    root.run('systemctl', 'disable', 'zone1d')
    root.run('dpkg', '--force-confold', '-i', f'/build/{package}')
    checks.ok('an upgrade keeps the edited configuration', conffile.read_text() == edited)
    checks.ok('and shows the new one beside it', Path(f'{conffile}.dpkg-dist').exists())
    checks.ok('a service that was switched off stays off',
              root.try_run('systemctl', 'is-enabled', 'zone1d').stdout.strip() == 'disabled')
    checks.ok('sessions are kept', (root.path / 'var/lib/zone1d/sessions.db').exists())
    checks.ok('files that came are there', (root.path / 'usr/share/doc/zone1d/README.md').exists())
    root.run('systemctl', 'enable', 'zone1d')
    conffile.write_text(edited.replace('[athlete zoe]\nage = 30\n', ''))
    check_installed(root, checks, version)
    root.run('dpkg', '-r', 'zone1d')
    left = difference(before, tree(root.path))
    wanted = ['+ etc/credstore', '+ etc/credstore/zone1d.password', '+ etc/zone1d', '+ etc/zone1d/zone1d.conf',
              '+ etc/zone1d/zone1d.conf.dpkg-dist', '+ var/lib/zone1d', '+ var/lib/zone1d/sessions.db']
    left = [path for path in left if 'etc/systemd' not in path and 'deb-systemd-helper' not in path]
    checks.ok('removal leaves configuration and sessions, nothing else',
              [path for path in left if path not in ('+ etc/credstore',)] ==
              [path for path in wanted if path not in ('+ etc/credstore',)], left)
    root.run('dpkg', '-i', f'/build/{package}')
    checks.ok('installed again: the configuration is as it was', 'edited by hand' in conffile.read_text())
    root.run('dpkg', '--purge', 'zone1d')
    (root.path / 'etc/credstore').rmdir() if '+ etc/credstore' in difference(before, tree(root.path)) else None
    left = difference(before, tree(root.path))
    checks.ok('purge leaves the system as it was', not left, left)
    account = root.try_run('getent', 'shadow', 'zone1d').stdout
    checks.ok('but for its user, locked', re.match(r'zone1d:!\*?:', account), account)


def check_lintian(root, checks, folder):
    """lintian of that Debian, on the package and, where one was made, its source."""
    root.run('apt-get', '-qy', '--no-install-recommends', 'install', 'lintian')
    shutil.rmtree(root.path / 'build/lintian', ignore_errors=True)
    shutil.copytree(folder, root.path / 'build/lintian', ignore=lambda place, names: [
        name for name in names if Path(place, name).is_dir()])
    (changes,) = [path.name for path in (root.path / 'build/lintian').glob('*.changes')]
    said = root.try_run('lintian', '--pedantic', '--display-info', '--allow-root', f'/build/lintian/{changes}').stdout
    bad = [line for line in said.splitlines() if line.startswith(('E:', 'W:'))]
    checks.ok('lintian has no error and no warning', not bad and 'cannot' not in said.lower(), said)


def documented_commands(text):
    """The commands of an installation guide: what is indented by four blanks, but for the screens that stay open."""
    lines = [line[4:] for line in text.splitlines() if line.startswith('    ') and line.strip()]
    return [re.sub(r'\s+# .*', '', line) for line in lines]


STEPS = '''set -e
mkdir -p /run/dbus && dbus-daemon --system --fork
# What mosquitto.service does first.
install -d -o mosquitto -g mosquitto /run/mosquitto /var/log/mosquitto
runuser -u mosquitto -- mosquitto -d -c /etc/mosquitto/mosquitto.conf
export STATE_DIRECTORY=/var/lib/zone1d
runuser -u zone1d -- zone1d --config /etc/zone1d/zone1d.conf >/tmp/zone1d.log 2>&1 &
timeout 60 sh -c 'until [ "$(mosquitto_sub -W 5 -C 1 -t zone1d/gateway/+/status 2>&1)" = online ]; do sleep 0.2; done'
set +e
for command in "$@"; do
    echo "##### $command"
    su - runner -c "export SUDO_EDITOR='sed -i -e s/^#strap.=.Polar.H10.1A2B3C4D$/strap=Polar_H10/'; $command"
    echo "##### status $?"
done
cat /tmp/zone1d.log
'''


def check_guide(root, checks, project, packages):
    """docs/install.md, followed by a user who has just got the machine."""
    root.renew()
    root.run('apt-get', '-qy', '--no-install-recommends', 'install', 'sudo', 'mosquitto-clients', 'dbus')
    root.run('useradd', '-m', '-s', '/bin/bash', '-G', 'sudo', 'runner')
    (root.path / 'etc/sudoers.d/runner').write_text('runner ALL=(ALL) NOPASSWD: ALL\n')
    (root.path / 'etc/apt/apt.conf.d/91yes').write_text('APT::Get::Assume-Yes "true";\n')
    sums = ''
    for package in packages:
        shutil.copyfile(package, root.path / 'home/runner' / package.name)
        sums += f'{hashlib.sha256(package.read_bytes()).hexdigest()}  {package.name}\n'
    (root.path / 'home/runner/SHA256SUMS').write_text(sums + f'{"0" * 64}  zone1d_of_another_machine.deb\n')
    commands = documented_commands((project / 'docs/install.md').read_text(encoding='utf-8'))
    cut = next(number for number, command in enumerate(commands) if 'apt install' in command) + 1
    for command in commands[:cut]:
        done = root.try_run('su', '-', 'runner', '-c', command)
        checks.ok(f'guide: {command}', done.returncode == 0, done.stdout[-600:])
    (root.path / 'var/lib/zone1d').mkdir(mode=0o700, exist_ok=True)
    root.run('chown', 'zone1d:', '/var/lib/zone1d')
    said = root.try_run('sh', '-c', STEPS, 'sh', *commands[cut:], network=False).stdout
    for command in commands[cut:]:
        found = re.search(r'##### ' + re.escape(command) + r'\n(.*?)##### status (\d+)', said, re.DOTALL)
        # There is neither a radio nor systemd here: that it is said is all that can be done. The virtual machine
        # (tests/vm) has both.
        lacking = re.match(r'zone1ctl (check|scan)|sudo systemctl', command)
        fine = found and (found[2] == '0' or (lacking and re.search(
            '(adapter|Bluetooth|BlueZ|not been booted with systemd)', found[1])))
        checks.ok(f'guide: {command}', fine, said[-2000:])

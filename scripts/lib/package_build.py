# SPDX-License-Identifier: MIT
"""Builds the package of one commit in clean roots, for the root's own architecture and across."""
import datetime
import email.utils
import hashlib
import re
import shutil
import subprocess

from clean_root import CODENAME, Root, RootError

GNU = {'amd64': 'x86_64-linux-gnu', 'arm64': 'aarch64-linux-gnu', 'armhf': 'arm-linux-gnueabihf'}
EMULATOR = {'arm64': 'qemu-aarch64-static', 'armhf': 'qemu-arm-static'}
CROSS_FILE = '''[binaries]
c = '{gnu}-gcc'
ar = '{gnu}-ar'
strip = '{gnu}-strip'
pkgconfig = '{gnu}-pkg-config'
exe_wrapper = '{emulator}'

[host_machine]
system = 'linux'
cpu_family = '{family}'
cpu = '{family}'
endian = 'little'
'''


def native():
    return subprocess.run(['dpkg', '--print-architecture'], capture_output=True, text=True, check=True).stdout.strip()


def export(project, target):
    """The committed files of PROJECT in the folder TARGET. True when the work tree has others, too."""
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True)
    git = ['git', '-c', 'safe.directory=*', '-C', str(project)]
    with subprocess.Popen([*git, 'archive', 'HEAD'], stdout=subprocess.PIPE) as archive:
        subprocess.run(['tar', '-x', '-C', str(target)], stdin=archive.stdout, check=True)
    if archive.returncode != 0:
        raise RootError('git archive failed: is this a clone?')
    changed = subprocess.run([*git, 'status', '--porcelain'], capture_output=True, text=True, check=True).stdout
    return bool(changed.strip())


def changelog(source):
    """(version, maintainer, date) of the newest entry."""
    text = (source / 'debian/changelog').read_text(encoding='utf-8')
    version = re.match(r'zone1d \(([^)]+)\)', text)[1]
    who, when = re.search(r'(?m)^ -- (.*>)  (.*)$', text).groups()
    return version, who, when


def for_release(source, release):
    """Says in the changelog which Debian the package is built for: one for 13 is newer than one for 12."""
    version, who, when = changelog(source)
    path = source / 'debian/changelog'
    later = email.utils.parsedate_to_datetime(when) + datetime.timedelta(minutes=int(release))
    when = email.utils.format_datetime(later)
    entry = (f'zone1d ({version}~deb{release}) {CODENAME[release]}; urgency=medium\n\n'
             f'  * Built for Debian {release}.\n\n -- {who}  {when}\n\n')
    path.write_text(entry + path.read_text(encoding='utf-8'), encoding='utf-8')
    return f'{version}~deb{release}'


class Builder:
    """Builds for Debian RELEASE and ARCHITECTURE below the folder WORK; packages go to OUTPUT."""

    def __init__(self, project, work, output, release, architecture, log):
        self.project, self.output, self.architecture = project, output, architecture
        self.root = Root(work, f'build-{release}-{architecture}', release, 'buildd', log)
        self.cross = architecture != native()
        self.place = self.root.path / 'build'
        self.version, self.warnings = None, []

    def prepare(self):
        """A root with the package's build dependencies and nothing else; kept while those stay the same."""
        source = self.place / 'zone1d'
        wanted_by = hashlib.sha256((self.project / 'debian/control').read_bytes()).hexdigest()
        if not self.root.made_for(wanted_by):
            self.root.renew()
            export(self.project, source)
            if self.cross:
                self.root.run('dpkg', '--add-architecture', self.architecture)
                self.root.run('apt-get', '-q', 'update')
                self.root.run('apt-get', '-qy', '--no-install-recommends', 'install',
                              f'crossbuild-essential-{self.architecture}')
            self.root.run('apt-get', '-qy', '--no-install-recommends', 'build-dep',
                          *(['-a', self.architecture] if self.cross else []), '/build/zone1d')
            self.root.mark(wanted_by)
        shutil.rmtree(self.place, ignore_errors=True)
        dirty = export(self.project, source)
        self.version = for_release(source, self.root.release)
        return dirty

    def build(self):
        """The package, without network. dpkg-buildpackage checks the build dependencies."""
        across = ['-a', self.architecture] if self.cross else []
        options = 'parallel=2' + (' nocheck' if self.cross else '')
        output = self.root.run('dpkg-buildpackage', '-us', '-uc', *across, *(['-b'] if self.cross else []),
                               network=False, cwd='/build/zone1d', env={'DEB_BUILD_OPTIONS': options})
        made = [path for path in self.place.iterdir() if path.suffix in ('.deb', '.dsc', '.xz')]
        for path in made:
            if 'dbgsym' not in path.name:
                shutil.copyfile(path, self.output / path.name)
        if not any(path.name == self.package() for path in made):
            raise RootError(f'{self.package()} was not made')
        return output

    def package(self):
        return f'zone1d_{self.version}_{self.architecture}.deb'

    def emulator(self):
        """The path in the root of the processor's emulator, which is this machine's own."""
        name = EMULATOR[self.architecture]
        shutil.copyfile(shutil.which(name), self.root.path / 'usr/bin' / name)
        (self.root.path / 'usr/bin' / name).chmod(0o755)
        return f'/usr/bin/{name}'

    def emulate(self):
        """Builds the tests for the other architecture and runs them on an emulated processor. Returns meson's logs."""
        gnu, emulator = GNU[self.architecture], self.emulator()
        family = {'arm64': 'aarch64', 'armhf': 'arm'}[self.architecture]
        (self.place / 'cross.ini').write_text(CROSS_FILE.format(gnu=gnu, emulator=emulator, family=family))
        tests = '/build/emulated'
        self.root.run('meson', 'setup', tests, '/build/zone1d', '--cross-file', '/build/cross.ini',
                      '-Ddisplay=disabled', '-Dwerror=false', network=False)
        self.warnings = re.findall(r'(?m)^\S+: warning: .*$', self.root.run('ninja', '-C', tests, '-j2', network=False))
        # The tests against the mock of org.bluez have waits of a few hundred ms: one at a time, on a processor so slow,
        # and longer.
        for log, *which in (('others', '--no-suite', 'bluez', '--num-processes', '2'),
                            ('bluez', '--suite', 'bluez', '--no-suite', 'outside', '--num-processes', '1')):
            self.root.try_run('meson', 'test', '-C', tests, '--setup', 'alone', '--logbase', log, *which,
                              '--timeout-multiplier', '20', '--print-errorlogs', network=False,
                              env={'ZONE1D_TEST_SLOWNESS': '4'})
        return [self.place / f'emulated/meson-logs/{log}-alone.json' for log in ('others', 'bluez')]

    def try_package(self):
        """The packed programs run on an emulated processor: what they say of their version."""
        self.root.run('dpkg-deb', '-x', f'/build/{self.package()}', '/build/unpacked')
        program = [self.emulator(), '/build/unpacked/usr/bin/zone1d']
        unpacked = '/build/unpacked/etc/zone1d/zone1d.conf'
        return [self.root.run(*program, '--version').strip(),
                self.root.run(*program, '--check-config', '--config', unpacked).strip()]


def checksums(folder):
    """SHA256SUMS of the packages in FOLDER, as sha256sum -c reads them."""
    lines = [f'{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}\n'
             for path in sorted(folder.glob('zone1d_*'))]
    (folder / 'SHA256SUMS').write_text(''.join(lines))
    return len(lines)

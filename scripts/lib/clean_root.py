# SPDX-License-Identifier: MIT
"""Clean Debian roots below the build folder, in which packages are built and installed. Needs root and mmdebstrap.

Every command in a root has a mount namespace and a process namespace of its own: what it mounts or starts ends with it.
The mirror is the one that this machine's apt uses."""
import fcntl
import os
import re
import shutil
import subprocess
from pathlib import Path

CODENAME = {'12': 'bookworm', '13': 'trixie'}
LIMIT_S = 3600  # for one command
ENTER = '''set -e
root=$1 cache=$2; shift 2
mount --make-rprivate /
# Without network there is still this machine, as on every builder.
ip link set lo up 2>/dev/null || true
mount --bind /dev "$root/dev"
mount -t proc proc "$root/proc"
mount -t sysfs -o ro sysfs "$root/sys"
mount -t tmpfs -o mode=1777 tmpfs "$root/tmp"
mkdir -p "$root/var/cache/apt/archives"
mount --bind "$cache" "$root/var/cache/apt/archives"
exec chroot "$root" /usr/bin/env -i HOME=/root LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive \\
    PATH=/usr/sbin:/usr/bin:/sbin:/bin "$@"
'''


class RootError(Exception):
    """A command in a root failed; the text says which, and where its output is."""


def apt_options():
    """The machine's own settings for fetching: proxies, and whether old lists are taken."""
    dump = subprocess.run(['apt-config', 'dump', 'Acquire'], capture_output=True, text=True, check=True).stdout
    return [line.rstrip(';') for line in dump.splitlines()
            if re.match(r'Acquire::(https?::|Check-(Valid-Until|Date) )', line) and '""' not in line]


def mirrors():
    """(archive, security archive) as this machine's apt sources have them."""
    shown = subprocess.run(['apt-get', 'indextargets', '--format', '$(REPO_URI) $(LABEL)', 'Created-By: Packages'],
                           capture_output=True, text=True, check=True).stdout
    found = dict(reversed(line.split()) for line in reversed(shown.splitlines()) if len(line.split()) == 2)
    if 'Debian' not in found:
        raise RootError('apt on this machine knows no Debian mirror: run "apt-get update" first')
    return found['Debian'], found.get('Debian-Security')


def sources(release, variant):
    """The lines of sources.list for Debian RELEASE. What is built is built from the release itself, in which all
    architectures have the same versions; what is installed meets a system with its updates."""
    codename, (archive, security) = CODENAME[release], mirrors()
    lines = [f'deb {archive} {codename} main']
    if variant != 'buildd':
        lines += [f'deb {archive} {codename}-updates main']
        lines += [f'deb {security} {codename}-security main'] if security else []
    return lines


def caches(folder, release):
    """The folder with the .deb files that were fetched for RELEASE before."""
    cache = folder / f'debs-{release}'
    (cache / 'partial').mkdir(parents=True, exist_ok=True)
    return cache


def base_archive(folder, release, variant, log):
    """A tar file with a fresh root of VARIANT (buildd, minbase), made once and kept."""
    archive = folder / f'debian{release}-{variant}.tar'
    if archive.exists():
        return archive
    options = [word for option in apt_options() for word in ('--aptopt', option)]
    if any(line.split()[1].startswith('https:') for line in sources(release, variant)):
        options.append('--include=ca-certificates')
    partial = archive.with_suffix('.part')
    made = subprocess.run(['mmdebstrap', '--mode=root', f'--variant={variant}', '--format=tar', *options,
                           CODENAME[release], str(partial), *sources(release, variant)],
                          stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT, check=False)
    if made.returncode != 0:
        raise RootError(f'mmdebstrap of Debian {release} failed')
    partial.rename(archive)
    return archive


class Root:
    """One root of Debian RELEASE at FOLDER/NAME, all output of commands in it to the open file LOG."""

    def __init__(self, folder, name, release, variant, log):
        self.path, self.log, self.release = folder / name, log, release
        self.cache = caches(folder, release)
        self.lock = open(folder / f'{name}.lock', 'w', encoding='utf-8')  # pylint: disable=consider-using-with
        fcntl.flock(self.lock, fcntl.LOCK_EX)
        self.stamp = self.path / '.stamp'
        self.archive = base_archive(folder, release, variant, log)

    def renew(self):
        """Back to a fresh root."""
        self.remove()
        self.path.mkdir()
        subprocess.run(['tar', '--numeric-owner', '-C', self.path, '-xf', self.archive], check=True)
        shutil.copyfile('/etc/resolv.conf', self.path / 'etc/resolv.conf')
        (self.path / 'etc/hosts').write_text(f'127.0.0.1 localhost\n127.0.1.1 {os.uname().nodename}\n')
        policy = self.path / 'usr/sbin/policy-rc.d'
        policy.write_text('#!/bin/sh\nexit 101\n')
        policy.chmod(0o755)
        # Keep what was fetched, for the next root.
        (self.path / 'etc/apt/apt.conf.d/90keep').write_text('APT::Keep-Downloaded-Packages "true";\n')
        # Nobody needs this root after a power cut.
        (self.path / 'etc/dpkg/dpkg.cfg.d/unsafe-io').write_text('force-unsafe-io\n')
        self.run('apt-get', '-q', 'update')

    def remove(self):
        if self.path.exists():
            subprocess.run(['rm', '-rf', '--one-file-system', str(self.path)], check=True)

    def made_for(self, wanted):
        return self.stamp.exists() and self.stamp.read_text() == wanted

    def mark(self, wanted):
        self.stamp.write_text(wanted)

    def try_run(self, *command, network=True, cwd='/', env=None):
        """The completed process of COMMAND in the root; its output goes to the log and is returned."""
        words = [f'{key}={value}' for key, value in (env or {}).items()]
        isolate = ['timeout', '--kill-after=10', str(LIMIT_S), 'unshare', '--mount', '--pid', '--fork', '--kill-child',
                   *([] if network else ['--net'])]
        shell = ['sh', '-c', 'cd "$1" && shift && exec "$@"', 'sh', cwd]
        self.log.write(f'\n$ {" ".join(str(word) for word in command)}\n')
        self.log.flush()
        process = subprocess.Popen(
            [*isolate, 'sh', '-c', ENTER, 'sh', str(self.path), str(self.cache), *words, *shell,
             *(str(word) for word in command)], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True, errors='replace')
        output = []
        for line in process.stdout:
            self.log.write(line)
            output.append(line)
        self.log.flush()
        return subprocess.CompletedProcess(command, process.wait(), ''.join(output))

    def run(self, *command, **options):
        """The output of COMMAND, which must succeed."""
        done = self.try_run(*command, **options)
        if done.returncode != 0:
            last = ' '.join(done.stdout.strip().splitlines()[-3:])
            raise RootError(f'Debian {self.release}: "{" ".join(str(word) for word in command)}" ended with '
                            f'{done.returncode}: {last}')
        return done.stdout

    def close(self):
        self.lock.close()

# SPDX-License-Identifier: MIT
"""The steps of scripts/release: packages in build/release, and with --check the proof that they are fit. The last line
of its output is "N passed, N failed"."""
import argparse
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
import package_check  # noqa: E402
import processes  # noqa: E402
from clean_root import CODENAME, RootError  # noqa: E402
from package_build import Builder, checksums, native  # noqa: E402
from tap_count import Count, count_log, count_tap  # noqa: E402

ROOT = Path(__file__).resolve().parents[2]
WORK = ROOT / 'build' / 'packages'
ARCHITECTURES = ('amd64', 'arm64', 'armhf')
NOT_TAP = {'bench_core': 'exitcode'}
BOOT_S = 1500


class Run:
    def __init__(self, options):
        self.options, self.total, self.packages = options, Count(), {}
        self.output = Path(options.output).resolve()
        WORK.mkdir(parents=True, exist_ok=True)

    def clear(self):
        """An output folder without packages of an earlier run; whatever else is in it stays."""
        self.output.mkdir(parents=True, exist_ok=True)
        for path in (*self.output.glob('zone1d_*'), self.output / 'SHA256SUMS'):
            path.unlink(missing_ok=True)

    def step(self, name, function, *arguments):
        """One step with its own log; FUNCTION(log, *ARGUMENTS) returns a Count."""
        print(f'== {name}', flush=True)
        started, count = time.monotonic(), Count()
        log_path = WORK / f'{name.replace(" ", "-").replace(",", "")}.log'
        with open(log_path, 'w', encoding='utf-8') as log:
            try:
                count = function(log, *arguments)
            except (RootError, OSError, subprocess.SubprocessError) as error:
                count.fault(str(error))
        for fault in count.faults:
            print(f'   FAILED {fault}')
        if count.failed:
            print(f'   see {os.path.relpath(log_path, ROOT)}')
        print(f'   {count.passed} passed, {count.failed} failed, {time.monotonic() - started:.0f} s', flush=True)
        self.total.add(count)

    def build(self, log, release, architecture):
        builder = Builder(ROOT, WORK, self.output, release, architecture, log)
        count = Count()
        if builder.prepare():
            print('   the work tree has changes that are not committed: they are not in the package')
        built = builder.build()
        self.packages[release, architecture] = self.output / builder.package()
        count.passed += 1
        if not builder.cross:
            done = count_log(builder.place / f'zone1d/obj-{subprocess.getoutput("gcc -dumpmachine")}/meson-logs'
                             '/testlog-alone.json', NOT_TAP)
            count.add(done if done.passed else Count(0, 1, ['the package was built without its tests']))
        elif self.options.check:
            self.emulate(builder, count)
        assert built
        return count

    def emulate(self, builder, count):
        version, fine = builder.try_package()
        checks = package_check.Checks(f'{builder.root.release} {builder.architecture}')
        checks.ok('the program runs', version == f'zone1d {builder.version.split("~")[0]}', version)
        checks.ok('and reads its configuration', fine.endswith('fine, 1 athlete'), fine)
        others, bluez = builder.emulate()
        emulated = count_log(others, NOT_TAP)
        emulated.add(count_log(bluez, {}))
        checks.ok('the compiler has no warning', not builder.warnings, '; '.join(builder.warnings))
        take(checks, count)
        count.add(emulated)
        if not emulated.passed:
            count.fault('no test ran on the emulated processor')

    def check(self, log, release):
        """Installation, upgrade, removal, lintian, and the guide, on Debian RELEASE."""
        package = self.packages.get((release, native()))
        if package is None:
            return Count(0, 1, ['there is no package to install'])
        checks = package_check.Checks(f'Debian {release}')
        root = package_check.fresh(WORK, release, [package], log)
        package_check.check_processor(root, checks, package.name)
        package_check.check_life(root, checks, package.name, package.name.split('_')[1])
        package_check.check_lintian(root, checks, WORK / f'build-{release}-{native()}/build')
        package_check.check_guide(root, checks, ROOT, [package])
        return take(checks, Count())


    def boot(self, log, release):
        """At work as a service, in a virtual machine with Debian RELEASE."""
        package = self.packages.get((release, native()))
        if package is None:
            return Count(0, 1, ['there is no package to install'])
        command = [ROOT / 'tests/vm/system', '--debian', release, '--package', package, '--build', ROOT / 'build']
        done = subprocess.run(command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=log,
                              text=True, errors='replace', timeout=BOOT_S, check=False)
        log.write(done.stdout)
        return count_tap(done.stdout)


def take(checks, count):
    for name, wrong in checks.results:
        if wrong:
            count.fault(f'{name}: {wrong}')
        else:
            count.passed += 1
    return count


def sums(_log, run):
    count = checksums(run.output)
    done = subprocess.run(['sha256sum', '--check', '--quiet', 'SHA256SUMS'], cwd=run.output, check=False)
    wanted = len(run.options.debian) * len(run.options.architecture)
    packages = len(list(run.output.glob('*.deb')))
    fine = done.returncode == 0 and packages == wanted
    return Count(1) if fine else Count(0, 1, [f'{packages} of {wanted} packages, {count} checksums'])


def all_steps(run, options):
    run.clear()
    for release in options.debian:
        for architecture in options.architecture:
            run.step(f'Debian {release}, {architecture}', run.build, release, architecture)
        if options.check and native() in options.architecture:
            run.step(f'Debian {release}, installed', run.check, release)
            run.step(f'Debian {release}, in a machine with systemd', run.boot, release)
    run.step('checksums', sums, run)


def main():
    parser = argparse.ArgumentParser(prog='scripts/release', description='Builds the packages of the last commit for '
                                     'Debian 12 and 13 on three architectures, in clean roots below build/packages.')
    parser.add_argument('--check', action='store_true', help='and proves them: tests on emulated processors, lintian, '
                        'installation, upgrade, removal, purge, docs/install.md')
    parser.add_argument('--output', default=ROOT / 'build' / 'release', metavar='FOLDER', help='build/release')
    parser.add_argument('--debian', action='append', choices=list(CODENAME), help='only this one')
    parser.add_argument('--architecture', action='append', choices=ARCHITECTURES, help='only this one')
    options = parser.parse_args()
    options.debian = options.debian or list(CODENAME)
    options.architecture = options.architecture or list(ARCHITECTURES)
    run = Run(options)
    processes.adopt_orphans()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: sys.exit(1))
    try:
        all_steps(run, options)
    finally:
        processes.end_descendants()
    print(f'{len(run.packages)} packages in {run.output}')
    print(f'{run.total.passed} passed, {run.total.failed} failed', flush=True)
    return 1 if run.total.failed or not run.total.passed else 0


if __name__ == '__main__':
    sys.exit(main())

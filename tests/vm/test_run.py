# SPDX-License-Identifier: MIT
"""The machine itself: what comes out of it, how it ends, and that nothing is left behind.

usage: test_run.py RUN BUILD
"""
import os
import pathlib
import shlex
import signal
import subprocess
import sys
import tempfile
import time

RUN, BUILD = sys.argv[1:]
PATIENCE_S = 120
COUNT = 0
FAILED = 0


def ok(name, passed, why=''):
    global COUNT, FAILED
    COUNT += 1
    FAILED += not passed
    print(f'{"ok" if passed else "not ok"} {COUNT} - {name}', flush=True)
    if not passed:
        print('\n'.join('# ' + line for line in str(why).splitlines()), flush=True)


def start(folder, script, *options):
    """RUN with a script of its own, from FOLDER, in a process group of its own."""
    path = pathlib.Path(folder) / 'a script.sh'
    path.write_text('#!/bin/sh\n' + script)
    path.chmod(0o755)
    return subprocess.Popen([RUN, '--build', BUILD, '--name', 'test_run', *options, path], cwd=folder, text=True,
                            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                            start_new_session=True)


def left_behind(group):
    """The processes of a session that still run."""
    found = []
    for entry in pathlib.Path('/proc').iterdir():
        try:
            if entry.name.isdigit() and os.getsid(int(entry.name)) == group:
                status = (entry / 'stat').read_text().rpartition(')')[2].split()[0]
                if status != 'Z':
                    found.append((entry / 'cmdline').read_bytes().replace(b'\0', b' ').decode(errors='replace'))
        except (OSError, ProcessLookupError):
            pass
    return found


def all_gone(group):
    """What of a session still runs when it has had time to end: a pipe is closed before its process is a zombie."""
    until = time.monotonic() + PATIENCE_S
    while (found := left_behind(group)) and time.monotonic() < until:
        time.sleep(0.05)
    return found


def jobs():
    return list(pathlib.Path(BUILD).glob('vm/job-test_run-*'))


def test_output(folder):
    words = "printf 'two\\nlines\\n'; pwd; echo to the log >&2; ls /sys/class/net; echo new > new; exit 7\n"
    run = start(folder, words)
    out, err = run.communicate(timeout=PATIENCE_S)
    ok('the command\'s exit status comes out', run.returncode == 7, f'{run.returncode} {err}')
    ok('and its standard output, from the folder it was started in', out == f'two\nlines\n{folder}\nlo\n', repr(out))
    ok('the log is shown when it failed', 'to the log' in err, err)
    ok('what it writes does not reach the host', not (pathlib.Path(folder) / 'new').exists())


def test_again(folder):
    """A broken kernel is no verdict; a failure on a whole one is."""
    run = start(folder, "echo '<2>kernel BUG at a test' > /dev/kmsg; echo said; exit 1\n", '--again', '1')
    out, err = run.communicate(timeout=PATIENCE_S)
    ok('the kernel broke: it is run again, and said', run.returncode == 1 and out.count('\nsaid\n') == 1 and
       '1 of 1' in out, f'{run.returncode} {out} {err}')
    run = start(folder, 'echo said; exit 1\n', '--again', '1')
    out, err = run.communicate(timeout=PATIENCE_S)
    ok('it did not: once', run.returncode == 1 and out == 'said\n', f'{run.returncode} {out} {err}')


def test_timeout(folder):
    begun = time.monotonic()
    start(folder, 'exit 0\n').communicate(timeout=PATIENCE_S)
    longest = 15 + round(3 * (time.monotonic() - begun))  # the machine this runs on may be busy
    run = start(folder, 'echo up; sleep 1000\n', '--timeout', str(longest))
    out, err = run.communicate(timeout=PATIENCE_S + longest)
    ok('no end in time: status 124', run.returncode == 124 and out == 'up\n', f'{run.returncode} {out} {err}')
    ok('and nothing is left behind', not (found := all_gone(run.pid)) and not jobs(), found + jobs())


def test_signals(folder):
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGKILL):
        before = set(jobs())
        run = start(folder, 'echo up; sleep 1000\n')
        up = run.stdout.readline()
        run.send_signal(number)
        run.communicate(timeout=PATIENCE_S)  # ends when the last process that holds the pipe has ended
        wanted = -number if number == signal.SIGKILL else 128 + number
        ok(f'{number.name}: its status', up == 'up\n' and run.returncode == wanted, f'{up} {run.returncode}')
        ok(f'{number.name}: no process is left behind', not (found := all_gone(run.pid)), found)
        for job in set(jobs()) - before:
            if number == signal.SIGKILL:  # nobody was left to remove it
                subprocess.run(f'rm -r {shlex.quote(str(job))}', shell=True, check=True)
        ok(f'{number.name}: no job is left behind', set(jobs()) <= before, jobs())


def main():
    with tempfile.TemporaryDirectory(dir=BUILD, prefix='vm test ') as folder:
        for test in (test_output, test_again, test_timeout, test_signals):
            test(folder)
    print(f'1..{COUNT}')
    sys.exit(1 if FAILED else 0)


if __name__ == '__main__':
    main()

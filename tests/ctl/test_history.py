# SPDX-License-Identifier: MIT
"""zone1ctl's commands on stored sessions, and their completion in bash.

usage: test_history.py ZONE1CTL MAKE_HISTORY COMPLETION
"""
import json
import os
import pty
import re
import sqlite3
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / 'export'), str(HERE.parent / 'style')]
from history import PATIENCE_S, Ctl, event, make, recording, sample, varied  # noqa: E402
from tap import Tap  # noqa: E402

ZONE1CTL, MAKE, COMPLETION = sys.argv[1:4]
TAP = Tap()
COMMANDS = ('watch', 'judge', 'sessions', 'show', 'export', 'delete', 'start', 'stop', 'pause', 'resume', 'target', 'cap',
            'rpe', 'speed', 'scan', 'straps', 'bind', 'unbind', 'check', 'forget')


def check_usage(ctl):
    status, out, _ = ctl.run('--version')
    TAP.ok('--version', status == 0 and re.match(r'zone1ctl \d+\.\d+\.\d+$', out.strip()) is not None, out)
    for command in COMMANDS:
        status, out, _ = ctl.run(command, '--help')
        TAP.ok(f'{command} --help', status == 0 and 'Usage' in out, out)
    for arguments in (('sessions', 'x'), ('sessions', '--limit', '-1'), ('sessions', '--limit', 'x'), ('show',),
                      ('show', 'a', 'b'), ('export', 'last'), ('export', 'last', '--format', 'gpx'), ('delete',),
                      ('delete', 'last'), ('show', '--nonsense', 'last'), ('nonsense',)):
        status, out, err = ctl.run(*arguments)
        TAP.ok(f'{" ".join(arguments)}: status 64', status == 64 and not out and 'zone1ctl' in err, f'{status} {err}')


def check_nothing(folder):
    empty = Ctl(ZONE1CTL, Path(folder) / 'nowhere')
    for arguments in (('sessions',), ('show', 'last'), ('export', 'last', '--format', 'csv'), ('delete', 'x')):
        status, out, err = empty.run(*arguments)
        TAP.ok(f'no database: {arguments[0]}: status 66', status == 66 and not out and 'zone1d.db' in err, err)
    (Path(folder) / 'broken').mkdir()
    (Path(folder) / 'broken' / 'zone1d.db').write_bytes(b'SQLite format 3\0' + bytes(range(256)) * 40)
    for arguments in (('sessions',), ('show', 'last'), ('delete', 'x')):
        status, _, err = Ctl(ZONE1CTL, Path(folder) / 'broken').run(*arguments)
        TAP.ok(f'a damaged database: {arguments[0]}: status 65', status == 65 and 'damaged' in err, f'{status} {err}')
    TAP.equal('and it is left as it is', os.listdir(Path(folder) / 'broken'), ['zone1d.db'])


def check_configuration(folder, ctl):
    """The state folder of the configuration, as the daemon takes it; then what --state-dir says."""
    config, wrong = Path(folder) / 'zone1d.conf', Path(folder) / 'wrong.conf'
    config.write_text(f'[gateway]\nstate-dir = {ctl.folder}\n[athlete Anna]\nage = 40\n', encoding='utf-8')
    wrong.write_text('[gateway]\nstate-dir = here\n', encoding='utf-8')
    wanted = ctl.run('sessions', '--json')[1]
    other = Ctl(ZONE1CTL, Path(folder) / 'nowhere')
    for arguments in (('sessions',), ('show', 'last'), ('export', 'last', '--format', 'csv'), ('delete', 'x')):
        status, out, err = other.run(arguments[0], '--config', wrong, *arguments[1:])
        TAP.ok(f'{arguments[0]} --config with a fault: status 78', status == 78 and 'state-dir' in err and not out,
               f'{status} {err}')
    TAP.equal('sessions --config', other.run('sessions', '--config', config, '--json')[1], wanted)
    for arguments in (('show', 'last'), ('export', 'last', '--format', 'csv')):
        TAP.ok(f'{arguments[0]} --config', other.run(arguments[0], '--config', config, *arguments[1:])[0] == 0)
    status, _, err = other.run('sessions', '--config', config, '--state-dir', other.folder)
    TAP.ok('--state-dir goes before it', status == 66 and 'nowhere' in err, err)


def check_sessions(ctl):
    status, out, _ = ctl.run('sessions')
    lines = out.splitlines()
    TAP.ok('a table, the newest first', status == 0 and len(lines) == 4 and lines[0].split()[0] == 'DATE' and
           'running' in lines[1] and 'strict' in lines[2], out)
    TAP.ok('a line has it all', re.match(r'20\d\d-\d\d-\d\d \d\d:\d\d +anna +9 +overdone +\d+\.\d % +\d+:\d\d +20\d{6}T\d{6}Z-anna$',
                                         lines[3]) is not None, lines[3])
    rows = json.loads(ctl.run('sessions', '--json')[1])
    TAP.equal('the same as JSON', [row['verdict'] for row in rows], [None, 'strict', 'overdone'])
    TAP.ok('what is not known is null', rows[0]['ended_at'] is None and rows[0]['compliance'] is None and
           rows[1]['compliance'] == 100.0)
    TAP.equal('--limit', len(json.loads(ctl.run('sessions', '--json', '--limit', '1')[1])), 1)
    TAP.equal('--athlete', len(json.loads(ctl.run('sessions', '--json', '--athlete', 'anna')[1])), 3)
    TAP.equal('an athlete without any', ctl.run('sessions', '--json', '--athlete', 'bob')[:2], (0, '[\n]\n'))
    return [row['id'] for row in rows]


def check_show(ctl, running, strict, overdone):
    status, out, err = ctl.run('show', 'last')
    TAP.ok('show last: the newest that has ended', status == 0 and strict in out and 'strict: ' in out, out + err)
    TAP.ok('without a terminal there are no colours', '\033' not in out)
    status, out, _ = ctl.run('show', overdone)
    TAP.ok('the curve has its zones, the cap, and what is above it', status == 0 and all(
        word in out for word in ('│', '╌', '▲', '•', ' z1', ' z2', '10 min', 'RR ', 'speed')), out)
    status, _, err = ctl.run('show', running)
    TAP.ok('one that runs is for watch', status == 66 and 'zone1ctl watch' in err, err)
    status, _, err = ctl.run('show', 'nobody')
    TAP.ok('one that is not there: status 66', status == 66 and 'nobody' in err, err)
    status, _, err = ctl.run('show', 'last', '--athlete', 'bob')
    TAP.ok('nothing of that athlete: status 66', status == 66, err)


def check_colour(ctl, session):
    """On a terminal there are colours."""
    main, side = pty.openpty()
    child = subprocess.Popen([ZONE1CTL, 'show', session], stdout=side, stdin=subprocess.DEVNULL,
                             env={**os.environ, 'STATE_DIRECTORY': str(ctl.folder), 'TERM': 'xterm'})
    os.close(side)
    seen = b''
    try:
        while chunk := os.read(main, 65536):
            seen += chunk
    except OSError:
        pass
    os.close(main)
    TAP.equal('show on a terminal: status', child.wait(PATIENCE_S), 0)
    TAP.ok('it is in colour', b'\033[1;31m' in seen and b'\033[32m' in seen)


def check_export(ctl, folder, session):
    path = Path(folder) / 'out.csv'
    status, out, err = ctl.run('export', session, '--format', 'csv', '--output', path)
    TAP.ok('--output', status == 0 and not out and path.read_text(encoding='utf-8').startswith('t_s,'), err)
    status, _, err = ctl.run('export', session, '--format', 'csv', '--output', '/nonexistent/x')
    TAP.ok('where nothing can be written: status 73', status == 73 and '/nonexistent/x' in err, err)
    status, _, err = ctl.run('export', 'nobody', '--format', 'fit')
    TAP.equal('no such session: status 66', status, 66)


def check_without_samples(ctl, session):
    with sqlite3.connect(ctl.folder / 'zone1d.db') as database:
        database.execute('DELETE FROM chunks WHERE session = (SELECT serial FROM sessions WHERE id = ?)', (session,))
    database.close()
    status, out, _ = ctl.run('show', session)
    TAP.ok('show without samples', status == 0 and 'samples are not kept any more' in out, out)
    status, _, err = ctl.run('export', session, '--format', 'tcx')
    TAP.ok('export without samples: status 66', status == 66 and 'json' in err, err)
    status, out, _ = ctl.run('export', session, '--format', 'json')
    TAP.ok('but the summary is there', status == 0 and json.loads(out)['track'] == [], out)


def check_delete(ctl, running, session):
    status, _, err = ctl.run('delete', running)
    TAP.ok('one in progress is not deleted', status == 66 and 'not ended' in err, err)
    status, out, err = ctl.run('delete', session)
    TAP.ok('one is deleted', status == 0 and session in out, err)
    TAP.equal('and gone', [ctl.run('show', session)[0], ctl.run('delete', session)[0]], [66, 66])
    TAP.ok('to the last byte', session.encode() not in (ctl.folder / 'zone1d.db').read_bytes())


def check_read_only(ctl, folder):
    """A backup on something that cannot be written to."""
    copy = Path(folder) / 'copy'
    copy.mkdir()
    with sqlite3.connect(ctl.folder / 'zone1d.db') as database:
        database.execute('VACUUM INTO ?', (str(copy / 'zone1d.db'),))
    database.close()
    status, out, err = Ctl(ZONE1CTL, copy).run('sessions', '--json')
    TAP.ok('a backup is read like any other', status == 0 and len(json.loads(out)) == 3, err)
    status, out, _ = ctl.run('sessions', '--json', '--state-dir', copy)
    TAP.equal('--state-dir', (status, len(json.loads(out))), (0, 3))


def complete(ctl, *words):
    """What bash offers for the last of WORDS."""
    script = ('source "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _zone1ctl; '
              'printf "%s\\n" "${COMPREPLY[@]}"')
    done = subprocess.run(['bash', '-c', script, 'bash', COMPLETION, 'zone1ctl', *words], capture_output=True, text=True,
                          timeout=PATIENCE_S, check=False,
                          env={**os.environ, 'STATE_DIRECTORY': str(ctl.folder),
                               'PATH': f'{Path(ZONE1CTL).parent}:{os.environ["PATH"]}'})
    return set(done.stdout.split()), done.stderr


def check_completion(ctl, sessions):
    status, usage, _ = ctl.run('--help')
    TAP.equal('the usage names every command', (status, set(re.findall(r'^  (\w+) ', usage, re.MULTILINE))),
              (0, set(COMMANDS)))
    TAP.equal('bash offers every command', complete(ctl, ''), (set(COMMANDS), ''))
    TAP.equal('and what goes without one', complete(ctl, '--'), ({'--help', '--version'}, ''))
    for command in COMMANDS:
        _, text, _ = ctl.run(command, '--help')
        wanted = set(re.findall(r'^ +(?:-[\w?], )?(--[a-z][a-z0-9-]*)', text, re.MULTILINE)) - {'--help-all'}
        offered, err = complete(ctl, command, '--')
        TAP.equal(f'bash offers every option of {command}', offered, wanted)
        TAP.equal(f'{command}: and says nothing', err, '')
    TAP.equal('the formats', complete(ctl, 'export', 'last', '--format', '')[0], {'csv', 'tcx', 'fit', 'json'})
    TAP.equal('the athletes', complete(ctl, 'sessions', '--athlete', '')[0], {'anna'})
    TAP.equal('the sessions', complete(ctl, 'show', '')[0], {'last', *sessions})
    TAP.equal('no last to delete', complete(ctl, 'delete', '20')[0], set(sessions))
    TAP.equal('whose strap it is', complete(ctl, 'bind', '4j7k2m9q', '')[0], {'anna'})
    TAP.equal('the zone models', complete(ctl, 'judge', 'x.csv', '--model', 'h')[0], {'hrmax', 'hrr'})


def main():
    with tempfile.TemporaryDirectory(dir=os.getcwd(), prefix='h') as folder:
        state = Path(folder) / 'state'
        state.mkdir()
        ctl = Ctl(ZONE1CTL, state)
        check_usage(ctl)
        check_nothing(folder)
        steady = [event(0, 'start'), *(sample(second, 125, rr='480.46875') for second in range(400)), event(399, 'stop')]
        make(MAKE, state, (30, recording(Path(folder) / 'varied.csv', varied())),
             (20, recording(Path(folder) / 'steady.csv', steady)),
             (1, recording(Path(folder) / 'running.csv', steady[:-1])))
        check_configuration(folder, ctl)
        sessions = check_sessions(ctl)
        check_show(ctl, *sessions)
        check_colour(ctl, sessions[2])
        check_export(ctl, folder, sessions[1])
        check_read_only(ctl, folder)
        check_completion(ctl, sessions)
        check_without_samples(ctl, sessions[1])
        check_delete(ctl, sessions[0], sessions[1])
    return TAP.done()


if __name__ == '__main__':
    sys.exit(main())

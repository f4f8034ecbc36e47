#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The manuals say what the programs know, no more and no less: test_manuals.py ZONE1D ZONE1CTL ROOT"""
import re
import subprocess
import sys
import tempfile
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parent.parent / 'style'))
from tap import Tap  # noqa: E402

ZONE1D, ZONE1CTL, ROOT = (Path(word) for word in sys.argv[1:4])


def plain(text):
    """Manual source without its fonts and escapes."""
    return re.sub(r'\\f[BRI]|\\&', '', text).replace('\\-', '-')


def manual(name):
    return plain((ROOT / 'docs/man' / name).read_text(encoding='utf-8'))


def options(text):
    """The options that are introduced in TEXT: by a line of their own in a manual, and so in a --help."""
    return {tuple(re.findall(r'(?<![\w-])--?[a-zA-Z?][\w-]*', line)) for line in text.splitlines()
            if re.match(r'\s*(\.BR? )?-', line)}


def helped(*command):
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    lines = [re.split(r'\s{2,}', line.strip())[0] for line in said.splitlines() if line.startswith('  -')]
    return said, options('\n'.join(lines))


def introduced(text):
    """The options of a manual's part, each in the line after .TP."""
    return options('\n'.join(line.replace('" , "', ', ') for line in re.findall(r'(?m)^\.TP\n(.*)$', text)))


def check_daemon(tap):
    _, known = helped(ZONE1D, '--help')
    tap.equal('zone1d(8) has the options of zone1d --help', introduced(manual('zone1d.8')), known)


def sections(text):
    return {words.split()[0]: (words, part) for words, part in
            re.findall(r'(?ms)^\.SS "([^"]*)"\n(.*?)(?=^\.S[SH] |\Z)', text)}


def check_commands(tap):
    text = manual('zone1ctl.1')
    told = sections(text)
    usage = subprocess.run([ZONE1CTL, '--help'], capture_output=True, text=True, check=True).stdout
    commands = re.findall(r'(?m)^  ([a-z]+) ', usage)
    tap.equal('zone1ctl(1) has the commands of zone1ctl --help', sorted(told), sorted(commands))
    broker = introduced(re.search(r'(?ms)^\.SH "BROKER OPTIONS"\n(.*?)^\.SH ', text)[1])
    tap.ok('it has the broker options', ('-h', '--host') in broker and len(broker) > 8, str(broker))
    for command in commands:
        said, known = helped(ZONE1CTL, command, '--help')
        words, part = told.get(command, ('', ''))
        known = {words for words in known if words[-1] != '--help'}
        own = introduced(part) | (broker if 'And the broker options.' in part else set())
        tap.equal(f'zone1ctl {command}: the options', sorted(own), sorted(known))
        arguments = re.search(r'\[OPTION.*?\](.*)', said)[1].strip()
        tap.equal(f'zone1ctl {command}: the arguments', words.removeprefix(command).strip(), arguments)


def table_of_parser():
    """section -> keys, as daemon/config_names.c has them."""
    source = (ROOT / 'daemon/config_names.c').read_text(encoding='utf-8')
    lists = {name: re.findall(r'"([a-z-]+)"', words) for name, words in
             re.findall(r'(?s)static const char \*const (\w+_keys)\[\] = \{(.*?)\}', source)}
    return {section: set(lists[keys]) for section, keys in re.findall(r'"\[([^"]+)\]", (\w+_keys)\}', source)}


def table_of_manual(text):
    found = {}
    for title, part in re.findall(r'(?ms)^\.SS "\[([^"]*)\]"\n(.*?)(?=^\.S[SH] |\Z)', text):
        keys = set(re.findall(r'(?m)^\.TP\n\.B ([a-z-]+)$', part))
        if (like := re.search(r'(?s)\nAnd, as in\n.*?:\n(.*?)\.\n', part)):
            keys |= set(re.findall(r'[a-z-]+', like[1]))
        found[title] = keys
    return found


def check_configuration(tap):
    text = manual('zone1d.conf.5')
    known, told = table_of_parser(), table_of_manual(text)
    tap.equal('zone1d.conf(5) has the sections of the parser', sorted(told), sorted(known))
    for section, keys in known.items():
        tap.equal(f'zone1d.conf(5): the keys of [{section}]', sorted(told.get(section, ())), sorted(keys))
    with tempfile.NamedTemporaryFile('w', suffix='.conf', dir='.') as file:
        for section, keys in told.items():
            file.write(f'[{section.replace("NAME", "anna")}]\n' + ''.join(f'{key} = ?\n' for key in sorted(keys)))
        file.write('[athlete zoe]\nno-such-key = 1\n')
        file.flush()
        said = subprocess.run([ZONE1D, '--check-config', '--config', file.name], capture_output=True, text=True,
                              check=False).stderr
    refused = re.findall(r'(\S+): there is no such key', said)
    tap.equal('and the daemon knows each of them', [key for key in refused if key != 'no-such-key'], [])
    example = re.search(r'(?s)\.SH EXAMPLE\n\.nf\n(.*?)\.fi', text)[1]
    with tempfile.NamedTemporaryFile('w', suffix='.conf', dir='.') as file:
        file.write(example)
        file.flush()
        done = subprocess.run([ZONE1D, '--check-config', '--config', file.name], capture_output=True, text=True,
                              check=False)
    tap.equal('its example is a configuration', done.returncode, 0)


def check_layout(tap):
    for path in sorted((ROOT / 'docs/man').iterdir()):
        done = subprocess.run(['groff', '-man', '-Tutf8', '-Kutf8', '-ww', '-z', path], capture_output=True, text=True,
                              check=False)
        tap.ok(f'{path.name}: groff has no complaint', done.returncode == 0 and not done.stderr, done.stderr)


def main():
    tap = Tap()
    check_daemon(tap)
    check_commands(tap)
    check_configuration(tap)
    check_layout(tap)
    return tap.done()


if __name__ == '__main__':
    sys.exit(main())

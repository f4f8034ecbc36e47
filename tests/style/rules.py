# SPDX-License-Identifier: MIT
"""The rules of CONTRIBUTING.md that a machine can hold. Each yields (rule, place, what)."""
import os
import re
import shutil
import subprocess
from pathlib import Path

MAX_FUNCTION, MAX_MEDIAN, MAX_P90, MAX_FILE, MAX_COLUMNS = 80, 20, 50, 600, 120

BANNED = ('atoi atol atoll atof strcpy stpcpy strcat strncat sprintf vsprintf strtok strtok_r gets system popen '
          'sscanf fscanf scanf vsscanf alloca g_alloca tmpnam tempnam mktemp rand srand localtime gmtime asctime ctime').split()
BANNED_CALL = re.compile(r'(?<![\w.>])(' + '|'.join(BANNED) + r')\s*\(')
BUILT_SQL = re.compile(r'sqlite3_exec\s*\(\s*[^,]+,(?!\s*["A-Z])')

# Outside headers, and the only folder of daemon/ that may include them.
ONLY_IN = {'dbus/': 'bluez', 'MQTTAsync.h': 'mqtt', 'MQTTClient.h': 'mqtt', 'openssl/': 'mqtt', 'sqlite3.h': 'store'}
C11_HEADERS = {f'{name}.h' for name in '''assert complex ctype errno fenv float inttypes iso646 limits locale math
    setjmp signal stdalign stdarg stdatomic stdbool stddef stdint stdio stdlib stdnoreturn string tgmath threads time
    uchar wchar wctype'''.split()}
# stdio.h is allowed for snprintf.
CORE_FORBIDDEN = {'time.h', 'threads.h', 'locale.h', 'signal.h'}

# Which module may include which, besides itself: everything may know core, only gateway and main nearly all.
LEAVES = ('core', 'source', 'recording', 'config', 'notify', 'log', 'wall_clock')
SHELLS = (*LEAVES, 'bindings', 'bluez', 'mqtt', 'store', 'replay', 'athlete', 'group', 'requests')
MAY_INCLUDE = {
    'core': (), 'input_file': (), 'notify': (), 'log': (), 'wall_clock': (),
    'source': ('core',), 'recording': ('core', 'input_file'), 'config': ('core', 'input_file'),
    'bindings': ('input_file',), 'bluez': ('core', 'source'), 'mqtt': ('core',), 'store': ('core',),
    'replay': ('core', 'source', 'recording'), 'export': ('core', 'store'),
    'athlete': ('core', 'source', 'config', 'mqtt', 'store', 'wall_clock'), 'requests': ('core', 'config', 'mqtt'),
    'group': ('core', 'source', 'config', 'mqtt', 'athlete'),
    'gateway': (*SHELLS, 'input_file'), 'main': (*SHELLS, 'gateway'),
    'ctl': ('core', 'source', 'recording', 'config', 'log', 'bluez', 'mqtt', 'store', 'export'),
}

SPDX = 'SPDX-License-Identifier: MIT'
# Spelt so that this file does not contain them.
FORBIDDEN_WORDS = re.compile(r'(?<![\w.-])/wo' + r'rk/|\.\./sha' + r'red|/bash' + r'_jobs')
DECLARATION = re.compile(r'^(?!typedef|struct|enum|union|extern|return|G_DEFINE)[A-Za-z_][\w\s*]*?\b(\w+)\s*\([^;{]*\)'
                         r'\s*(?:G_GNUC_\w+(?:\s*\([^)]*\))?\s*|__attribute__\s*\(\(.*\)\)\s*)*(;|\{)')


def tracked_files(root):
    """All tracked files, relative; without git, all files but build folders."""
    if (Path(root) / '.git').exists() and shutil.which('git'):
        listed = subprocess.run(['git', '-c', 'safe.directory=*', '-C', root, 'ls-files', '-z', '--cached', '--others',
                                 '--exclude-standard'], capture_output=True, check=True)
        names = [os.fsdecode(name) for name in listed.stdout.split(b'\0') if name]
        return [name for name in names if (Path(root) / name).is_file()]
    return [str(path.relative_to(root)) for path in Path(root).rglob('*')
            if path.is_file() and not re.match(r'(build[^/]*|\.git)/', str(path.relative_to(root)))]


def strip(text):
    """C without comments, strings and characters; every line and column stays where it was."""
    def blank(match):
        return re.sub(r'[^\n]', ' ', match[0]) if match[0][0] == '/' else \
            match[0][0] + re.sub(r'[^\n]', ' ', match[0][1:-1]) + match[0][-1]
    return re.sub(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', blank, text, flags=re.DOTALL)


def functions(code):
    """(name, first line, number of lines) of each function of stripped C; braces as clang-format sets them."""
    lines, found, start = code.split('\n'), [], None
    for number, line in enumerate(lines):
        if re.match(r'\{\s*$', line):
            start = number
        elif re.match(r'\}\s*$', line) and start is not None:
            first = start
            while first > 0 and re.search(r'[^;}\s]\s*$', lines[first - 1]) and not lines[first - 1].startswith('#'):
                first -= 1
            name = re.search(r'(\w+)\s*\(', ' '.join(lines[first:start]))
            if name:
                found.append((name[1], first + 1, number - first + 1))
            start = None
        elif re.match(r'[A-Za-z_].*\)\s*\{.*\}\s*$', line):
            found.append((re.search(r'(\w+)\s*\(', line)[1], number + 1, 1))
    return found


def check_lengths(sources):
    """Budgets of functions and files; also returns the figures."""
    measured, longest_file, findings = [], (0, '-'), []
    for path, text in sources.items():
        count = text.count('\n')
        longest_file = max(longest_file, (count, path))
        if count > MAX_FILE:
            findings.append(('file-length', path, f'{count} lines, {MAX_FILE} allowed'))
        for name, line, length in functions(strip(text)):
            measured.append((length, f'{name} in {path}'))
            if length > MAX_FUNCTION:
                what = f'{name}: {length} lines, {MAX_FUNCTION} allowed'
                findings.append(('function-length', f'{path}:{line}', what))
    lengths = sorted(length for length, _ in measured) or [0]
    median, p90 = lengths[len(lengths) // 2], lengths[min(len(lengths) * 9 // 10, len(lengths) - 1)]
    if median > MAX_MEDIAN:
        findings.append(('median-length', 'all functions', f'median {median} lines, {MAX_MEDIAN} allowed'))
    if p90 > MAX_P90:
        findings.append(('p90-length', 'all functions', f'p90 {p90} lines, {MAX_P90} allowed'))
    longest = max(measured, default=(0, '-'))
    figures = (f'{len(measured)} functions: median {median} lines, p90 {p90}, longest {longest[0]} ({longest[1]}); '
               f'{len(sources)} files, longest {longest_file[0]} ({longest_file[1]})')
    return findings, figures


def module_of(path):
    """daemon/bluez/bus.c -> bluez; daemon/config.c -> config; daemon/config_reader.c -> config."""
    parts = Path(path).parts[1:]
    if len(parts) > 1:
        return parts[0]
    stem = Path(parts[0]).stem
    return next((module for module in MAY_INCLUDE if stem == module or stem.startswith(f'{module}_')), stem)


def owner_of(include, path, sources):
    """The module that a quoted include of PATH belongs to."""
    beside = str(Path(path).parent / include)
    return module_of(beside if '/' not in include and beside in sources else f'daemon/{include}')


def check_includes(path, text, sources):
    module = module_of(path)
    if module not in MAY_INCLUDE:
        yield 'module', path, f'{module} has no place in the dependency table (tests/style/rules.py)'
        return
    for number, line in enumerate(text.split('\n'), 1):
        include = re.match(r'\s*#\s*include\s*([<"])([^>"]+)[>"]', line)
        if not include:
            continue
        bracket, name = include.groups()
        place = f'{path}:{number}'
        only = next((folder for start, folder in ONLY_IN.items() if name.startswith(start)), module)
        if only != module:
            yield 'boundary', place, f'{name} belongs to daemon/{only} alone'
        elif bracket == '<' and module == 'core' and (name not in C11_HEADERS or name in CORE_FORBIDDEN):
            yield 'core', place, f'core is C11 without clock and I/O: no {name}'
        elif bracket == '"' and (owner := owner_of(name, path, sources)) not in (module, *MAY_INCLUDE[module]):
            yield 'dependency', place, f'{module} must not know {owner}'


def check_calls(path, text):
    for number, line in enumerate(strip(text).split('\n'), 1):
        for call in BANNED_CALL.finditer(line):
            yield 'banned-call', f'{path}:{number}', call[1]
        if BUILT_SQL.search(line):
            yield 'built-sql', f'{path}:{number}', 'sqlite3_exec takes literal SQL alone; bind values to a statement'


def check_layout(path, text):
    for number, line in enumerate(text.split('\n'), 1):
        if '\t' in line:
            yield 'tab', f'{path}:{number}', 'a tab'
        if line != line.rstrip():
            yield 'trailing-space', f'{path}:{number}', 'white space at the end'
        if len(line) > MAX_COLUMNS:
            yield 'columns', f'{path}:{number}', f'{len(line)} columns, {MAX_COLUMNS} allowed'


def check_contract(path, text):
    """A function of a public header has a comment: above it, behind it, or above its group (no blank line)."""
    lines, code = text.split('\n'), strip(text).split('\n')
    group_documented, depth = False, 0
    for index, line in enumerate(code):
        if not lines[index].strip():
            group_documented = False
        if lines[index].rstrip().endswith('*/') and not line.strip():
            group_documented = True
        declared = DECLARATION.match(' '.join(code[index:index + 6])) if depth == 0 and line.strip() else None
        if declared and not line.startswith((' ', '#', '}')):
            behind = '/*' in lines[index]
            if not group_documented and not behind and not declared[1].endswith('_error_quark'):
                yield 'contract', f'{path}:{index + 1}', f'{declared[1]} has no comment'
        depth += line.count('{') - line.count('}')


def check_texts(path, text):
    suffix, name = Path(path).suffix, Path(path).name
    source = suffix in ('.c', '.h', '.py', '.sh') or name in ('meson.build', 'meson_options.txt') or text[:2] == '#!'
    if source and SPDX not in '\n'.join(text.split('\n')[:3]):
        yield 'spdx', path, f'lacks "{SPDX}" in its first lines'
    for number, line in enumerate(text.split('\n'), 1):
        if word := FORBIDDEN_WORDS.search(line):
            yield 'forbidden-word', f'{path}:{number}', word[0]


def check_links(path, text, root):
    for number, line in enumerate(text.split('\n'), 1):
        for target in re.findall(r'\]\(([^)#\s]+)', line):
            if '://' not in target and not (Path(root) / path).parent.joinpath(target).exists():
                yield 'dead-link', f'{path}:{number}', target


def check(root):
    """All findings in the tree ROOT, and the figures."""
    texts = {}
    for name in tracked_files(root):
        try:
            texts[name] = (Path(root) / name).read_text(encoding='utf-8')
        except (UnicodeDecodeError, OSError):
            continue
    sources = {name: text for name, text in texts.items()
               if name.endswith(('.c', '.h')) and name.startswith(('daemon/', 'tests/', 'display/', 'bench/'))}
    findings, figures = check_lengths(sources)
    for path, text in texts.items():
        findings += check_texts(path, text)
        findings += check_links(path, text, root) if path.endswith('.md') else ()
    for path, text in sources.items():
        findings += check_calls(path, text)
        findings += check_layout(path, text)
        if path.startswith('daemon/'):
            findings += check_includes(path, text, sources)
            findings += check_contract(path, text) if path.endswith('.h') else ()
    return findings, figures

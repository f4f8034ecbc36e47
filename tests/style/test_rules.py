#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The style checker on samples: each bad one is found once, by its own rule; the good one is not."""
import os
import sys
import tempfile
from pathlib import Path

sys.dont_write_bytecode = True
from rules import check, functions, strip  # noqa: E402
from tap import Tap  # noqa: E402

HEAD = '/* SPDX-License-Identifier: MIT */\n'
GOOD = {
    'daemon/core/a.h': HEAD + '#include <stdint.h>\n#include "core/b.h"\n/* Does it. */\nint a(void);\nint b(int x);\n\n'
                              'int c(void); /* like a */\n\ntypedef struct {\n    int (*call)(void);\n} T;\n',
    'daemon/core/a.c': HEAD + '#include "core/a.h"\n/* no strcpy(x) here */\nconst char *text = "gets(x)";\n'
                              'int my_system(int x)\n{\n    return x;\n}\n',
    'daemon/bluez/x.c': HEAD + '#include <dbus/dbus.h>\n#include "core/a.h"\n#include "y.h"\n#include "source.h"\n',
    'daemon/bluez/y.h': HEAD,
    'daemon/gateway_live.c': HEAD + '#include "bluez/y.h"\n#include "gateway.h"\n#include "config_reader.h"\n',
    'daemon/store/s.c': HEAD + '#include <sqlite3.h>\nint s(void *d)\n{\n    return sqlite3_exec(d, "BEGIN", 0, 0, 0);\n}\n',
    'README.md': '[the script](scripts/go), [a page](https://example.org/x), see https://example.org/work/shop and net/work/\n',
    'scripts/go': '#!/bin/sh\n# SPDX-License-Identifier: MIT\n',
}
LONG = 'int long_one(int x)\n{\n' + '    x++;\n' * 78 + '}\n'
MIDDLING = ''.join(f'int f{n}(int x)\n{{\n' + '    x++;\n' * 19 + '}\n' for n in range(9))
P90 = ''.join(f'int f{n}(int x)\n{{\n' + '    x++;\n' * (60 if n < 5 else 1) + '}\n' for n in range(20))
BAD = {  # rule -> (path, text)
    'function-length': ('tests/t.c', HEAD + LONG + 'int x(void)\n{\n}\n' * 12),
    'median-length': ('daemon/core/z.c', HEAD + MIDDLING),
    'p90-length': ('daemon/core/z.c', HEAD + P90),
    'file-length': ('daemon/core/z.c', HEAD + '\n' * 600),
    'module': ('daemon/utils.c', HEAD + '#include <glib.h>\n'),
    'boundary': ('daemon/mqtt/z.c', HEAD + '#include <dbus/dbus.h>\n'),
    'core': ('daemon/core/z.c', HEAD + '#include <glib.h>\n'),
    'dependency': ('daemon/mqtt/z.c', HEAD + '#include "config.h"\n'),
    'banned-call': ('daemon/core/z.c', HEAD + 'int z(const char *s)\n{\n    return atoi(s);\n}\n'),
    'built-sql': ('daemon/store/z.c', HEAD + 'int z(void *d, char *s)\n{\n    return sqlite3_exec(d, s, 0, 0, 0);\n}\n'),
    'tab': ('daemon/core/z.c', HEAD + 'int z(void)\n{\n\treturn 1;\n}\n'),
    'trailing-space': ('daemon/core/z.c', HEAD + 'int z; \n'),
    'columns': ('daemon/core/z.c', HEAD + f'int {"z" * 120};\n'),
    'contract': ('daemon/core/z.h', HEAD + '#define Z 1\n\nint z(void);\n'),
    'spdx': ('daemon/core/z.c', 'int z;\n'),
    'dead-link': ('docs/z.md', 'see [it](../scripts/went)\n'),
    'forbidden-word': ('docs/z.md', 'lies in /wo' + 'rk/somewhere\n'),
}
ALSO_BAD = [  # further shapes of the same rules
    ('boundary', 'daemon/gateway.c', '#include <MQTTAsync.h>'), ('boundary', 'daemon/mqtt/z.c', '#include <sqlite3.h>'),
    ('core', 'daemon/core/z.c', '#include <time.h>'), ('core', 'daemon/core/z.c', '#include <unistd.h>'),
    ('dependency', 'daemon/core/z.c', '#include "log.h"'), ('dependency', 'daemon/bluez/z.c', '#include "mqtt/t.h"'),
    ('dependency', 'daemon/replay.c', '#include "config.h"'), ('dependency', 'daemon/config_z.c', '#include "gateway.h"'),
    ('contract', 'daemon/core/z.h', '\nstatic inline int z(void) { return 1; }'),
    ('contract', 'daemon/z/../config_z.h', '/* one */\nint y(void);\n\nchar *z(int a,\n        int b);'),
]


def findings_of(files):
    with tempfile.TemporaryDirectory(dir=os.getcwd()) as folder:
        for path, text in files.items():
            (Path(folder) / path).parent.mkdir(parents=True, exist_ok=True)
            (Path(folder) / path).write_text(text)
        return check(folder)[0]


def main():
    tap = Tap()
    tap.equal('the good sample passes', findings_of(GOOD), [])
    for rule, (path, text) in BAD.items():
        tap.equal(f'{rule} is found once', [finding[0] for finding in findings_of({**GOOD, path: text})], [rule])
    for rule, path, line in ALSO_BAD:
        found = [finding[0] for finding in findings_of({**GOOD, os.path.normpath(path): HEAD + line + '\n'})]
        tap.equal(f'{rule}: {line.strip().splitlines()[0]} in {path}', found, [rule])
    tap.equal('a function is measured from its signature to its brace',
              functions(strip('static int\nf(int a,\n  int b)\n{\n    /* } */\n}\n\nint g(void) { return 1; }\n')),
              [('f', 1, 6), ('g', 8, 1)])
    tap.equal('comments and strings are blanked in place', strip('a /* b */ "c\\"d" \'"\' // e'),
              'a         "    " \' \'     ')
    return tap.done()


if __name__ == '__main__':
    sys.exit(main())

# SPDX-License-Identifier: MIT
"""TAP output for the tests that are written in Python."""


class Tap:
    def __init__(self):
        self.count = self.failed = 0

    def ok(self, name, good, *detail):
        self.count += 1
        self.failed += not good
        print(f'{"" if good else "not "}ok {self.count} - {name}', flush=True)
        for line in '\n'.join(map(str, detail)).splitlines() if not good else ():
            print(f'# {line}', flush=True)
        return good

    def equal(self, name, got, wanted):
        return self.ok(name, got == wanted, f'got {got!r}', f'wanted {wanted!r}')

    def done(self):
        print(f'1..{self.count}', flush=True)
        return 1 if self.failed else 0

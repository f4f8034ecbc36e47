# SPDX-License-Identifier: MIT
"""docs/mqtt.md shows what the daemon publishes: every topic, an example of every kind of message, with all its keys.

usage: test_examples.py ZONE1D DATA PAGE
"""
import os
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / 'style'))
import mqtt_examples as examples  # noqa: E402
from tap import Tap  # noqa: E402

ZONE1D, DATA, PAGE = sys.argv[1], sys.argv[2], Path(sys.argv[3])
ADVICE = 'scripts/mqtt-examples writes the examples'
TAP = Tap()


def test_topics(patterns, published, shown):
    unknown = {topic for topic, _ in published if not examples.topic_of(topic, patterns)}
    TAP.equal('every topic that is published stands in the table', sorted(unknown), [])
    kinds = {kind.split(' ')[0] for kind in shown}
    for pattern in patterns:
        first, _, leaf = pattern.partition('/<')
        kind = first + leaf.partition('>')[2]
        TAP.ok(f'{pattern} has an example', any(examples.topic_of(one, [kind]) for one in kinds))


def test_example(kind, by_hand, text, payloads):
    """One example of the page against all the messages of its kind, none for what only Bluetooth gives."""
    shown, came = examples.parse(text), [examples.parse(payload) for payload in payloads]
    shown_keys, came_keys = examples.keys(shown), set().union(*map(examples.keys, came))
    if by_hand:
        open_ends = set().union(*map(examples.holes, came))
        shown_keys = {key for key in shown_keys if key in came_keys or not came or
                      not any(key.startswith((f'{end}.', f'{end}[')) for end in open_ends)}
    name = f'{kind}{", by hand" if by_hand else ""}'
    TAP.ok(f'{name}: the same form', all(isinstance(shown, type(one)) for one in came) and (came or by_hand), ADVICE)
    if came:
        TAP.ok(f'{name}: the same keys', shown_keys == came_keys, f'only in the page: {sorted(shown_keys - came_keys)}',
               f'only in the run: {sorted(came_keys - shown_keys)}', ADVICE)
    else:
        TAP.ok(f'{name}: JSON', isinstance(shown, dict), text)


def test_fill(page, kinds):
    filled = examples.fill(page, kinds)
    TAP.equal('filling the page in keeps its examples', [one[:2] for one in examples.examples(filled)],
              [one[:2] for one in examples.examples(page)])
    TAP.equal('and is the same when done again', examples.fill(filled, kinds), filled)
    texts = [text for *_, text in examples.examples(filled)]
    TAP.ok('in 120 columns', all(len(line) <= examples.COLUMNS for text in texts for line in text.split('\n')))


def main():
    base = os.environ.get('MESON_BUILD_ROOT', os.getcwd())
    page = PAGE.read_text(encoding='utf-8')
    found = examples.examples(page)
    TAP.equal('every example is read', len(found), page.count('<!-- example '))
    TAP.equal('every block of JSON is an example', len(found), page.count('```json\n') + page.count('```text\n'))
    try:
        with tempfile.TemporaryDirectory(dir=base, prefix='t') as folder:
            published = examples.run(ZONE1D, DATA, folder)
    except (TimeoutError, subprocess.SubprocessError) as error:
        TAP.ok('the run', False, repr(error))
        return TAP.done()
    kinds = examples.by_kind(published)
    test_topics(examples.topics(page), published, [kind for kind, *_ in found])
    TAP.equal('every kind that came has its example', sorted(set(kinds) - {kind for kind, hand, _ in found if not hand}), [])
    for kind, by_hand, text in found:
        test_example(kind, by_hand, text, kinds.get(kind, []))
    if all(kind in kinds for kind, by_hand, _ in found if not by_hand):
        test_fill(page, kinds)
    return TAP.done()


if __name__ == '__main__':
    sys.exit(main())

# SPDX-License-Identifier: MIT
"""What was measured as Markdown: the table, the bars, and the wake-ups."""
from programs import NAMES, WORDS

BEGIN, END = '<!-- written by bench/run: begin -->', '<!-- written by bench/run: end -->'
HEAD = ('| straps | program | CPU µs | p50 ms | p99 ms | peak KiB | threads | wake-ups/s | bytes on the wire | first rate ms |',
        '| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |')


def row(straps, name, figures):
    steady = figures['steady']
    return (f'| {straps} | {WORDS[name]} | {steady["cpu_us"]:.0f} | {steady["p50_us"] / 1000:.2f} | '
            f'{steady["p99_us"] / 1000:.2f} | {steady["peak_kib"]} | {steady["threads"]} | {steady["waits_s"]:.1f} | '
            f'{steady["wire_bytes"]:.0f} | {figures["first_ms"]:.0f} |')


def by_straps(results):
    return sorted((int(straps), found) for straps, found in results.get('figures', {}).items())


def table(results):
    lines = list(HEAD)
    for straps, found in by_straps(results):
        lines += [row(straps, name, found[name]) for name in NAMES if name in found]
    return lines


def steady(results, straps, name, key):
    """A figure, or None when it was not measured."""
    return results.get('figures', {}).get(str(straps), {}).get(name, {}).get('steady', {}).get(key)


def ratio(results, straps, name):
    """How many times less CPU zone1d takes than NAME."""
    own, other = steady(results, straps, 'zone1d', 'cpu_us'), steady(results, straps, name, 'cpu_us')
    return other / own if own and other else None


def verdict(value, good, limit, words):
    """One line of the bars; VALUE None: not measured."""
    if value is None:
        return []
    return [f'| {words} | {limit} | {value:.3g} | {"met" if good(value) else "**missed**"} |']


def cpu_bars(results):
    lines, floor = [], ratio(results, 32, 'floor')
    lines += verdict(1 / floor if floor else None, lambda x: x <= 2, '2 at most',
                     'CPU for each notification, everything on, against the floor, 32 straps')
    instructions = results.get('instructions', {})
    if instructions.get('floor') and instructions.get('zone1d'):
        lines += verdict(instructions['zone1d'] / instructions['floor'], lambda x: x <= 2, '2 at most',
                         'the same in instructions, 8 straps')
    lines += verdict(ratio(results, 32, 'python'), lambda x: x >= 20, '20 at least', 'how many times less CPU than Python')
    lines += verdict(ratio(results, 32, 'node'), lambda x: x >= 10, '10 at least', 'how many times less CPU than Node')
    few, many = steady(results, 8, 'zone1d', 'cpu_us'), steady(results, 128, 'zone1d', 'cpu_us')
    return lines + verdict(100 * (many / few - 1) if few and many else None, lambda x: x <= 10, '10 at most',
                           'CPU for each notification, 128 straps against 8, % more')


def other_bars(results):
    own, floor = steady(results, 32, 'zone1d', 'p99_us'), steady(results, 32, 'floor', 'p99_us')
    lines = verdict((own - floor) / 1000 if own and floor else None, lambda x: x < 2, 'under 2',
                    'p99 from strap to subscriber added to the floor\'s, 32 straps, ms')
    few, many = steady(results, 8, 'zone1d', 'peak_kib'), steady(results, 128, 'zone1d', 'peak_kib')
    lines += verdict(few / 1024 if few else None, lambda x: x < 12, 'under 12', 'peak memory with 8 straps, MiB')
    return lines + verdict((many - few) / 120 if few and many else None, lambda x: x < 64, 'under 64',
                           'peak memory for each further strap, KiB')


def bars(results):
    return ['| bar | limit | measured | |', '| --- | --- | --- | --- |', *cpu_bars(results), *other_bars(results)]


def of_async(results):
    """What a sending thread alone costs."""
    plain, threaded = steady(results, 32, 'floor', 'cpu_us'), steady(results, 32, 'async', 'cpu_us')
    own = steady(results, 32, 'zone1d', 'cpu_us')
    if not plain or not threaded or not own:
        return []
    return [f'The same floor with Paho\'s asynchronous client, which does not wait for the network, takes '
            f'{threaded / plain:.2f} times the floor\'s CPU time; zone1d {own / threaded:.2f} times that of it.', '']


def floor_against_peers(results):
    """What the floor itself would make of the bars against Python and Node."""
    floor = ratio(results, 32, 'floor')
    shares = [(WORDS[name], ratio(results, 32, name) / floor) for name in ('python', 'node')
              if floor and ratio(results, 32, name)]
    if not shares:
        return []
    return ['The floor itself takes ' + ' and '.join(f'1/{share:.1f} of {words}\'s' for words, share in shares) +
            ' CPU time: that is as much as anything can gain.', '']


def held(results):
    lines = []
    for straps, found in by_straps(results):
        for name in NAMES:
            if name in found and 'held_s' in found[name]:
                lines.append(f'| {WORDS[name]} | {found[name]["held_s"]:.0f} | {found[name]["held"]["cpu_us"]:.0f} |')
    if not lines:
        return []
    return ['The largest rate of 128 straps together that is held for 30 s without loss (the load ends at 2048 a second: '
            'zone1d lets 20 a second of each strap through):', '',
            '| program | notifications/s | CPU µs |', '| --- | --- | --- |', *lines, '']


def instructions(results):
    found = results.get('instructions', {})
    if not any(found.values()):
        return []
    words = ', '.join(f'{WORDS[name]} {count / 1000:.0f} thousand' for name, count in found.items() if count)
    return [f'Instructions for each notification outside the kernel (callgrind, 8 straps): {words}.', '']


def wakeups(results):
    threads = results.get('figures', {}).get('1', {}).get('zone1d', {}).get('threads_waits_s')
    if not threads:
        return []
    words = ', '.join(f'`{name}` {count:.1f}' for name, count in sorted(threads.items(), key=lambda one: -one[1]))
    return [f'Wake-ups a second with one strap, by thread: {words}.', '']


def of_day(results):
    day = results.get('day')
    if not day:
        return []
    return [f'A day: {day["hours"]} hours of {day["straps"]} straps, {day["samples"]} samples through gateway, broker and '
            f'store with a clock of their own. Since hour {min(4, day["hours"])}: {day["heap_growth"]} bytes more allocated, '
            f'{day["rss_growth_kib"]} KiB more resident, {day["fds_growth"]} more descriptors; totals that differ from '
            f'the bare core\'s: {day["drifted"]}.', '']


def markdown(results):
    lines = [BEGIN, f'{results["date"]}; {results["machine"]}.', '']
    if results.get('figures'):
        lines += [*bars(results), '', *floor_against_peers(results), *of_async(results), '![CPU time for each notification](cpu.svg)', '',
                  *table(results), '']
    lines += [*held(results), *instructions(results), *wakeups(results), *of_day(results), END]
    return '\n'.join(lines)


def into(text, section):
    """TEXT of the README with SECTION in its place."""
    before, _, rest = text.partition(BEGIN)
    return before + section + rest.partition(END)[2]

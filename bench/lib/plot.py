# SPDX-License-Identifier: MIT
"""One plot, as SVG: CPU time for each notification by the number of straps, on logarithmic axes."""
import math

WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 720, 400, 70, 150, 40, 60
COLOURS = {'floor': '#777777', 'async': '#b0b0b0', 'zone1d': '#0a7d33', 'python': '#2f6fb7', 'node': '#b3541e'}


def decades(values):
    return math.floor(math.log10(min(values))), math.ceil(math.log10(max(values)))


def place(value, low, high, start, end):
    return start + (math.log10(value) - low) / (high - low) * (end - start)


def text(x, y, words, anchor='middle', more=''):
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" {more}>{words}</text>'


def grid(low, high, straps, across):
    parts = []
    for decade in range(low, high + 1):
        for step in range(1, 10 if decade < high else 2):
            y = place(step * 10 ** decade, low, high, HEIGHT - BOTTOM, TOP)
            colour = '#bbbbbb' if step == 1 else '#eeeeee'
            parts.append(f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y:.1f}" y2="{y:.1f}" stroke="{colour}"/>')
            if step in (1, 2, 5):
                parts.append(text(LEFT - 8, y + 4, f'{step * 10 ** decade:g}', 'end'))
    for count in straps:
        parts.append(text(across(count), HEIGHT - BOTTOM + 20, count))
    return parts


def svg(series, words):
    """SERIES: {name: {straps: microseconds}}; WORDS: what the names are called."""
    values = [value for line in series.values() for value in line.values()]
    straps = sorted({count for line in series.values() for count in line})
    low, high = decades(values)
    first, last = math.log10(straps[0]), math.log10(max(straps[-1], straps[0] * 2))

    def across(count):
        return place(count, first, last, LEFT + 25, WIDTH - RIGHT - 25)

    parts = grid(low, max(high, low + 1), straps, across)
    for name, line in series.items():
        points = [(across(count), place(value, low, max(high, low + 1), HEIGHT - BOTTOM, TOP))
                  for count, value in sorted(line.items())]
        path = ' '.join(f'{x:.1f},{y:.1f}' for x, y in points)
        parts.append(f'<polyline points="{path}" fill="none" stroke="{COLOURS[name]}" stroke-width="2.5"/>')
        parts += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4" fill="{COLOURS[name]}"/>' for x, y in points]
        parts.append(text(points[-1][0] + 10, points[-1][1] + 4, words[name], 'start', f'fill="{COLOURS[name]}"'))
    parts.append(text((WIDTH - RIGHT + LEFT) / 2, HEIGHT - 16, 'straps, each at 1 Hz with RR intervals'))
    parts.append(text(LEFT, 22, 'CPU time for each notification, µs', 'start', 'font-weight="bold"'))
    body = '\n'.join(parts)
    size = f'viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}"'
    return (f'<svg xmlns="http://www.w3.org/2000/svg" {size} font-family="sans-serif" font-size="13">\n'
            f'<rect width="100%" height="100%" fill="white"/>\n{body}\n</svg>\n')

#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""ansi2svg.py < screen.ansi > screen.svg: a captured terminal screen (tmux capture-pane -e) as a picture.

Knows what zone1ctl uses: bold, dim, reverse, the 8 colours, 208, and a colour behind. Block elements are
drawn as rectangles, so that no font's gaps show between them.
"""
import re
import sys
from html import escape

COLUMN, ROW, MARGIN = 9, 19, 14
PAPER, INK = '#14171c', '#d7dae0'
COLOURS = ['#1d2127', '#e5534b', '#57ab5a', '#e0b341', '#539bf5', '#b083f0', '#39c5cf', '#f0f3f6']
INDEXED = {208: '#f0883e'}
SGR = re.compile(r'\x1b\[([0-9;]*)m|\x1b\[[^m]*?[A-Za-z]|\x0f|\x0e')
EIGHTHS_WIDE = {chr(0x258F - n): (n + 1) / 8 for n in range(7)}  # ▏ is an eighth, ▉ seven
EIGHTHS_HIGH = {chr(0x2581 + n): (n + 1) / 8 for n in range(7)}  # ▁ is an eighth, ▇ seven


class Pen:
    def __init__(self):
        self.reset()

    def reset(self):
        self.ink, self.paper, self.bold, self.dim, self.reverse = None, None, False, False, False

    def take(self, parameters):
        codes = [int(code or 0) for code in parameters.split(';')]
        while codes:
            code = codes.pop(0)
            if code == 0:
                self.reset()
            elif code in (1, 2, 7):
                setattr(self, {1: 'bold', 2: 'dim', 7: 'reverse'}[code], True)
            elif code in (38, 48) and codes[:1] == [5]:
                colour = INDEXED.get(codes[1], INK)
                setattr(self, 'ink' if code == 38 else 'paper', colour)
                codes = codes[2:]
            elif 30 <= code <= 37 or 90 <= code <= 97:
                self.ink = COLOURS[code % 10]
            elif 40 <= code <= 47:
                self.paper = COLOURS[code % 10]
            elif code == 39:
                self.ink = None
            elif code == 49:
                self.paper = None

    def style(self):
        ink, paper = self.ink or INK, self.paper
        if self.reverse:
            ink, paper = paper or PAPER, ink
        return ink, paper, self.bold, self.dim


def cells(line, pen):
    """(column, character, style) of each cell of a line."""
    column, at = 0, 0
    while at < len(line):
        if control := SGR.match(line, at):
            if control[0].endswith('m'):
                pen.take(control[1] or '')
            at = control.end()
        else:
            yield column, line[at], pen.style()
            column, at = column + 1, at + 1


def rectangle(x, y, width, height, colour, dim=False):
    faint = ' opacity="0.55"' if dim else ''
    return f'<rect x="{x:g}" y="{y:g}" width="{width:g}" height="{height:g}" fill="{colour}"{faint}/>'


def block(character, x, y):
    """The rectangle that a block element fills, or None for any other character."""
    if character == '█':
        return x, y, COLUMN, ROW
    if character in EIGHTHS_WIDE:
        return x, y, COLUMN * EIGHTHS_WIDE[character], ROW
    if character in EIGHTHS_HIGH:
        height = ROW * EIGHTHS_HIGH[character]
        return x, y + ROW - height, COLUMN, height
    return None


def draw_line(line, row, pen):
    """The shapes of one line: what is behind, blocks, and runs of text in one style."""
    shapes, runs, y = [], [], MARGIN + row * ROW
    for column, character, style in cells(line, pen):
        ink, paper, bold, dim = style
        x = MARGIN + column * COLUMN
        if paper:
            shapes.append(rectangle(x, y, COLUMN + 0.5, ROW, paper))
        if area := block(character, x, y):
            left, top, width, height = area
            overlap = 0.4 if character == '█' else 0  # no seams between neighbours
            shapes.append(rectangle(left, top, width + overlap, height + overlap, ink, dim))
        elif character != ' ':
            if runs and runs[-1][2] == style and runs[-1][0] + len(runs[-1][1]) == column:
                runs[-1][1] += character
            else:
                runs.append([column, character, style])
    for column, text, (ink, _, bold, dim) in runs:
        weight = ' font-weight="bold"' if bold else ''
        faint = ' opacity="0.55"' if dim else ''
        shapes.append(f'<text x="{MARGIN + column * COLUMN}" y="{y + ROW - 5}" fill="{ink}"{weight}{faint} '
                      f'textLength="{len(text) * COLUMN}">{escape(text)}</text>')
    return shapes


def svg(screen, columns=80):
    lines = screen.rstrip('\n').split('\n')
    width, height = 2 * MARGIN + columns * COLUMN, 2 * MARGIN + len(lines) * ROW
    pen, shapes = Pen(), []
    for row, line in enumerate(lines):
        shapes += draw_line(line, row, pen)
    return '\n'.join([
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
        'font-family="ui-monospace, DejaVu Sans Mono, Menlo, Consolas, monospace" font-size="15">',
        f'<rect width="{width}" height="{height}" rx="10" fill="{PAPER}"/>', *shapes, '</svg>', ''])


if __name__ == '__main__':
    sys.stdout.write(svg(sys.stdin.read()))

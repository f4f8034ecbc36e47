// SPDX-License-Identifier: MIT
// How many columns of tiles, or tables, make the most of a screen. Pure.

const ASPECT = 1.5; // a tile that wide reads best

/** {columns, rows} for COUNT tiles on WIDTH x HEIGHT: those whose tiles are largest, as read from afar. */
export function grid(count, width, height)
{
    let best = { columns: 1, rows: Math.max(count, 1), size: 0 };
    for (let columns = 1; columns <= count; columns++) {
        const rows = Math.ceil(count / columns);
        const size = Math.min(width / columns / ASPECT, height / rows);
        if (size > best.size)
            best = { columns, rows, size };
    }
    return { columns: best.columns, rows: best.rows };
}

const [ROW_EM, TABLE_EM] = [2.1, 31]; // what a row and a table take, in the size of its letters
const [SMALLEST_PX, LARGEST_PX] = [11.5, 64];

/** {columns, font}: how many tables side by side, in which size (px), show COUNT rows largest. */
export function tableGrid(count, width, height)
{
    let best = { columns: 1, font: 0 };
    for (let columns = 1; columns <= 4; columns++) {
        const font = Math.min(height / ROW_EM / (Math.ceil(count / columns) + 1.2), width / (columns * TABLE_EM));
        if (font > best.font)
            best = { columns, font };
    }
    return { columns: best.columns, font: Math.max(SMALLEST_PX, Math.min(best.font, LARGEST_PX)) };
}

// SPDX-License-Identifier: MIT
// The tables of strings, and how a key becomes a sentence. A language more is a table more.
import de from './strings_de.js';
import en from './strings_en.js';

export const TABLES = { en, de };

/** A function that says a KEY of LANGUAGE, with {0} and {1} filled in. */
export function speaker(language)
{
    const table = TABLES[language] ?? TABLES.en;
    return (key, ...values) => (table[key] ?? key).replace(/\{(\d)\}/g, (_, index) => String(values[index] ?? ''));
}

/** A zone's name in words: z1 -> Zone 1. */
export function zoneWord(say, zone)
{
    return zone === 'below' ? say('zone_below') : say('zone', zone.slice(1).toUpperCase());
}

/** A number with the language's decimal sign and DIGITS decimals. */
export function decimal(language, value, digits)
{
    return value.toLocaleString(language, { minimumFractionDigits: digits, maximumFractionDigits: digits,
        useGrouping: false });
}

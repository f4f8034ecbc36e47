// SPDX-License-Identifier: MIT
// Colours for what is painted on a canvas, read from the style sheet, so that they are written down once.

/** The value of a custom property such as --fg, as ELEMENT sees it. */
export function colour(element, name)
{
    return getComputedStyle(element).getPropertyValue(name).trim();
}

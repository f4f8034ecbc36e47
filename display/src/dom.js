// SPDX-License-Identifier: MIT
// Elements made and changed without a line of HTML: what comes from outside can only ever become text.

const SVG = 'http://www.w3.org/2000/svg';

/** An element NAME with ATTRIBUTES (null leaves one out) and CHILDREN (elements or texts). */
export function el(name, attributes = {}, ...children)
{
    return fill(document.createElement(name), attributes, children);
}

/** The same for SVG. */
export function svg(name, attributes = {}, ...children)
{
    return fill(document.createElementNS(SVG, name), attributes, children);
}

function fill(element, attributes, children)
{
    for (const [key, value] of Object.entries(attributes))
        if (value !== null)
            element.setAttribute(key, value);
    element.append(...children);
    return element;
}

/** Sets ELEMENT's text when it is another one: nothing is laid out anew for nothing, nothing read out twice. */
export function setText(element, text)
{
    if (element.textContent !== text)
        element.textContent = text;
}

/** Sets an attribute when it is another one; null takes it away. */
export function setAttribute(element, key, value)
{
    if (value === null)
        element.removeAttribute(key);
    else if (element.getAttribute(key) !== String(value))
        element.setAttribute(key, value);
}

/** Shows or hides ELEMENT. */
export function setShown(element, shown)
{
    element.toggleAttribute('hidden', !shown); // SVG has no property of that name
}

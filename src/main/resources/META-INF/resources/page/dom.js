// Elements are only ever made here, from names and text: what a model or a document says is never read as HTML.
import { say } from './words.js';

const SVG = 'http://www.w3.org/2000/svg';

/** An element with attributes (functions listen to events), and with children that are nodes or text. */
export function element(tag, attributes = {}, ...children) {
  return furnish(document.createElement(tag), attributes, children);
}

/** As `element`, for a drawing. */
export function drawn(tag, attributes = {}, ...children) {
  return furnish(document.createElementNS(SVG, tag), attributes, children);
}

function furnish(made, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === 'function') {
      made.addEventListener(name, value);
    } else if (typeof value === 'boolean') {
      made.toggleAttribute(name, value);
    } else {
      made.setAttribute(name, value);
    }
  }
  made.append(...children);
  return made;
}

/** A button that says a sentence. While what it does takes its time, it cannot be pressed again, but keeps the focus. */
export function button(wordName, click, attributes = {}) {
  let busy = false;
  const made = say(element('button', { type: 'button', ...attributes, click: async () => {
    if (busy) {
      return;
    }
    busy = true;
    made.setAttribute('aria-busy', 'true');
    try {
      await click();
    } finally {
      busy = false;
      made.removeAttribute('aria-busy');
    }
  } }), wordName);
  return made;
}

/** A control with its label above. */
export function field(wordName, control, ...more) {
  const target = control.matches('input, select, textarea') ? control : control.querySelector('select, input');
  return element('div', { class: 'field' }, say(element('label', { for: target.id }), wordName), control, ...more);
}

/** A box to tick, and what it is for. */
export function tick(wordName, input) {
  return element('label', { class: 'switch' }, input, say(element('span'), wordName));
}

/** A line for what went wrong; it is not there while nothing did. */
export class Problem {
  element = element('p', { class: 'error', role: 'alert', hidden: true });

  tell(message) {
    this.element.textContent = message;
    this.element.hidden = message === '';
  }

  /** Does something, and tells what goes wrong with it. @returns whether it went well */
  async during(action) {
    this.tell('');
    try {
      await action();
      return true;
    } catch (error) {
      if (error.name !== 'AbortError') {
        this.tell(error.message);
      }
      return false;
    }
  }
}

/** A link if the address is one of the web, else its text: a `javascript:` address is nothing to follow. */
export function linkOrText(address, text) {
  return isWeb(address)
    ? element('a', { href: address, target: '_blank', rel: 'noopener noreferrer' }, text)
    : element('span', {}, text);
}

function isWeb(address) {
  return /^https?:\/\//i.test(address) && URL.canParse(address);
}

/** A button that puts text on the clipboard, and says whether it could. */
export function copyButton(wordName, text) {
  const made = say(element('button', { type: 'button', class: 'small', click: async () => {
    try {
      await copy(text());
      say(made, 'copied');
    } catch {
      say(made, 'notCopied');
    }
    setTimeout(() => say(made, wordName), 1500);
  } }), wordName);
  return made;
}

/** Puts text on the clipboard, also where a page without TLS may not use it directly. */
async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    const box = element('textarea', { class: 'offscreen', 'aria-hidden': 'true' });
    const focused = document.activeElement;
    box.value = text;
    document.body.append(box);
    box.select();
    const copied = document.execCommand('copy');
    box.remove();
    focused?.focus();
    if (!copied) {
      throw new Error('the clipboard is closed');
    }
  }
}

// Elements are only ever made here, from names and text: what a model or a document says is never read as HTML.

/** An element with attributes (functions listen to events), and with children that are nodes or text. */
export function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
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

/** A link if the address is one of the web, else its text: a `javascript:` address is nothing to follow. */
export function linkOrText(address, text) {
  return isWeb(address)
    ? element('a', { href: address, target: '_blank', rel: 'noopener noreferrer' }, text)
    : element('span', {}, text);
}

function isWeb(address) {
  return /^https?:\/\//i.test(address) && URL.canParse(address);
}

/** Puts text on the clipboard, also where a page without TLS may not use it directly. */
export async function copy(text) {
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

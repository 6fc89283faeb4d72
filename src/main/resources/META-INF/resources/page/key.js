// The key that a server may ask for. It goes into a header and nowhere else; it is kept for this tab, or on this device if that is wished.
import { button, element, field, tick } from './dom.js';
import { store, stored } from './storage.js';
import { say } from './words.js';

const NAME = 'lorikeet.key';
let key = stored(NAME, null, 'sessionStorage') ?? stored(NAME, null);
let asking = null;
/** Whoever has closed the dialog is not asked again before the next visit, but by the button in the bar. */
let refused = false;

export const hasKey = () => key !== null;

export const authorization = () => (key === null ? {} : { Authorization: `Bearer ${key}` });

/** The header as a shell command should have it: without the key itself, which would stay in the shell's history. */
export const shellAuthorization = () => (key === null ? '' : ' -H "Authorization: Bearer $LORIKEET_KEY"');

/** Asks for a key once, however many requests need one. @returns whether there is a new one */
export async function askForKey(message) {
  reveal();
  if (refused) {
    return false;
  }
  asking ??= dialog(message).finally(() => { asking = null; });
  return asking;
}

/** The button that opens the dialog; it shows once there is something to say. */
export const keyButton = button('key', () => {
  refused = false;
  return dialog('').then((changed) => changed && location.reload());
}, { id: 'key', class: 'small', hidden: key === null });

function reveal() {
  keyButton.hidden = false;
}

function keep(value, forGood) {
  key = value;
  store(NAME, forGood ? null : value, 'sessionStorage');
  store(NAME, forGood ? value : null);
}

function dialog(message) {
  const input = element('input', { id: 'key-value', type: 'password', autocomplete: 'off', required: true, spellcheck: 'false' });
  const remember = element('input', { type: 'checkbox', id: 'key-remember' });
  remember.checked = stored(NAME, null) !== null;
  const shown = element('dialog', { class: 'key', 'aria-labelledby': 'key-title' });
  return new Promise((done) => {
    let changed = false;
    const end = () => shown.close();
    shown.append(element('form', { submit: (event) => {
      event.preventDefault();
      keep(input.value.trim(), remember.checked);
      changed = true;
      end();
    } }, say(element('h2', { id: 'key-title' }), 'keyTitle'), say(element('p'), 'keyWhy'),
    ...(message ? [element('p', { class: 'quiet', lang: 'en' }, message)] : []),
    field('keyValue', input), tick('keyRemember', remember),
    element('div', { class: 'row' },
      element('div', { class: 'actions' }, button('cancel', end),
        ...(hasKey() ? [button('keyForget', () => {
          keep(null, false);
          changed = true;
          end();
        }, { id: 'key-forget' })] : [])),
      say(element('button', { class: 'primary', id: 'key-use' }), 'keyUse'))));
    shown.addEventListener('close', () => {
      shown.remove();
      refused = !changed;
      done(changed);
    });
    document.body.append(shown);
    shown.showModal();
  });
}

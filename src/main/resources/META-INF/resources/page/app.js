// The frame around the views. A view is a module of its own with a custom element, named here once.
import { element } from './dom.js';
import { keyButton } from './key.js';
import { store, stored } from './storage.js';
import { language, say, setLanguage, word } from './words.js';
import './chat.js';
import './compare.js';
import './models.js';
import './train.js';

const VIEWS = [{ name: 'chat', tag: 'lorikeet-chat' }, { name: 'compare', tag: 'lorikeet-compare' }, { name: 'train', tag: 'lorikeet-train' },
  { name: 'models', tag: 'lorikeet-models' }];
const made = new Map();
let shown = null;

/** The address names a view and what of it is meant: `#compare/demo/law`. */
function address() {
  try {
    const [name, ...rest] = location.hash.slice(1).split('/').map(decodeURIComponent);
    return { name, rest };
  } catch {
    return { name: '', rest: [] }; // Somebody has typed an address that is none.
  }
}

/** A view is made when it is first shown, and keeps its state while another is. One that is left follows nothing any more. */
function show() {
  const { name, rest } = address();
  const chosen = VIEWS.find((view) => view.name === name) ?? VIEWS[0];
  if (!made.has(chosen.name)) {
    made.set(chosen.name, document.createElement(chosen.tag));
    document.getElementById('view').append(made.get(chosen.name));
  }
  for (const [other, view] of made) {
    view.hidden = other !== chosen.name;
  }
  const view = made.get(chosen.name);
  if (shown !== view) {
    shown?.close?.();
    shown = view;
  }
  view.open(rest);
  for (const link of document.querySelectorAll('#views a')) {
    if (link.hash === `#${chosen.name}`) {
      link.setAttribute('aria-current', 'page');
    } else {
      link.removeAttribute('aria-current');
    }
  }
  entitle(chosen.name);
}

function entitle(name) {
  document.title = `${word(name)} – Lorikeet`;
}

function setTheme(theme) {
  document.documentElement.dataset.theme = theme;
}

const languages = document.getElementById('language');
setLanguage(stored('lorikeet.language', navigator.language.startsWith('ko') ? 'ko' : 'en'));
languages.value = language();
languages.addEventListener('change', () => {
  setLanguage(languages.value);
  store('lorikeet.language', languages.value);
  entitle(VIEWS.find(({ name }) => made.get(name) === shown).name);
});

const themes = document.getElementById('theme');
themes.value = stored('lorikeet.theme', 'auto');
setTheme(themes.value);
themes.addEventListener('change', () => {
  setTheme(themes.value);
  store('lorikeet.theme', themes.value);
});

document.getElementById('views').append(...VIEWS.map(({ name }) => say(element('a', { href: `#${name}` }), name)));
languages.before(keyButton);
window.addEventListener('hashchange', () => VIEWS.some(({ name }) => name === address().name) && show());
show();

// The frame around the views. A view is a module of its own with a custom element, named here once.
import { element } from './dom.js';
import { language, say, setLanguage } from './words.js';
import './chat.js';

const VIEWS = [{ name: 'chat', tag: 'lorikeet-chat' }];
const made = new Map();

function stored(key, fallback) {
  try {
    return localStorage.getItem(key) ?? fallback;
  } catch {
    return fallback; // Storage may be forbidden; the page works without.
  }
}

function store(key, value) {
  try {
    localStorage.setItem(key, value);
  } catch {
    // As above.
  }
}

/** A view is made when it is first shown, and keeps its state while another is. */
function show() {
  const chosen = VIEWS.find(({ name }) => `#${name}` === location.hash) ?? VIEWS[0];
  if (!made.has(chosen.name)) {
    made.set(chosen.name, document.createElement(chosen.tag));
    document.getElementById('view').append(made.get(chosen.name));
  }
  for (const [name, view] of made) {
    view.hidden = name !== chosen.name;
  }
  for (const link of document.querySelectorAll('#views a')) {
    if (link.hash === `#${chosen.name}`) {
      link.setAttribute('aria-current', 'page');
    } else {
      link.removeAttribute('aria-current');
    }
  }
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
});

const themes = document.getElementById('theme');
themes.value = stored('lorikeet.theme', 'auto');
setTheme(themes.value);
themes.addEventListener('change', () => {
  setTheme(themes.value);
  store('lorikeet.theme', themes.value);
});

const links = document.getElementById('views');
links.hidden = VIEWS.length < 2;
links.append(...VIEWS.map(({ name }) => say(element('a', { href: `#${name}` }), name)));
window.addEventListener('hashchange', () => {
  if (VIEWS.some(({ name }) => `#${name}` === location.hash)) {
    show();
  }
});
show();

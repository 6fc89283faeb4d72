// What a browser keeps for the page. Storage may be forbidden; the page works without.

export function stored(key, fallback, place = 'localStorage') {
  try {
    return window[place].getItem(key) ?? fallback;
  } catch {
    return fallback;
  }
}

/** Keeps a value, or forgets it if it is null. */
export function store(key, value, place = 'localStorage') {
  try {
    if (value === null) {
      window[place].removeItem(key);
    } else {
      window[place].setItem(key, value);
    }
  } catch {
    // As above.
  }
}

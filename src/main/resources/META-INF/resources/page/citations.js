// An answer with its sources. Positions count code points, the last one included, as the API has them.
import { element, linkOrText } from './dom.js';
import { label, say } from './words.js';

/**
 * The sources of an answer, numbered as the prompt numbered them; those that only a citation names come after.
 * Of an answer that was stopped nobody knows what it would have cited.
 */
export function numbered(report, annotations, whole) {
  const sources = (report?.sources ?? []).map((source) => ({ ...source, cited: whole ? false : null }));
  const citations = annotations.filter(({ type }) => type === 'url_citation').map(({ url_citation: citation }) => {
    let source = sources.find(({ url, title }) => url === citation.url && (title || url) === citation.title)
      ?? sources.find(({ url }) => url === citation.url);
    if (!source) {
      source = { number: sources.length + 1, title: citation.title, url: citation.url };
      sources.push(source);
    }
    source.cited = true;
    return { start: citation.start_index, end: citation.end_index, source };
  });
  return { sources, citations };
}

/** The answer's text with a mark after each part that a source supports. */
export function withMarks(text, citations, anchor) {
  const points = Array.from(text);
  const parts = document.createDocumentFragment();
  let at = 0;
  for (const [{ start, end }, cited] of bySpan(citations)) {
    parts.append(points.slice(at, start).join(''));
    const from = Math.max(at, start);
    parts.append(element('span', { class: 'cited' }, points.slice(from, end + 1).join('')), ...cited.map((source) => mark(source, anchor)));
    at = Math.max(at, end + 1);
  }
  parts.append(points.slice(at).join(''));
  return parts;
}

/** One entry for each part, in the order of the text; several sources may support the same part. */
function bySpan(citations) {
  const spans = new Map();
  for (const citation of citations) {
    const key = `${citation.start}-${citation.end}`;
    const [, sources] = spans.get(key) ?? spans.set(key, [citation, []]).get(key);
    sources.push(citation.source);
  }
  return [...spans.values()].sort(([a], [b]) => a.start - b.start || a.end - b.end);
}

function mark(source, anchor) {
  const link = element('a', { href: `#${anchor}-${source.number}`, class: 'mark', click: (event) => {
    // The address is that of a view, so it stays.
    event.preventDefault();
    document.getElementById(`${anchor}-${source.number}`)?.focus();
  } }, String(source.number));
  return element('sup', {}, label(link, 'aria-label', 'cites', source.number, source.title || source.url));
}

/** The list below an answer that had sources, or the line that it had none. */
export function sourceList(report, { sources }, anchor) {
  if (report && !report.grounded) {
    // The server's note begins with the same sentence, in English.
    const reason = (report.note ?? '').replace(/^This answer was made without sources: /, '');
    return element('p', { class: 'ungrounded', role: 'note' }, say(element('strong'), 'ungrounded'), ' ', element('span', { lang: 'en' }, reason));
  }
  if (sources.length === 0) {
    return null;
  }
  const list = element('section', { class: 'sources' }, say(element('h3'), 'sources'),
    element('ul', {}, ...sources.map((source) => item(source, anchor))));
  if (sources.every(({ cited }) => cited === false)) {
    list.append(say(element('p', { class: 'quiet' }), 'noneCited'));
  }
  return list;
}

function item(source, anchor) {
  const row = element('li', { id: `${anchor}-${source.number}`, tabindex: '-1', class: source.cited ? 'used' : 'unused' },
    element('span', { class: 'number' }, String(source.number)),
    element('span', { class: 'name' }, linkOrText(source.url, source.title || source.url),
      ...(source.title ? [element('span', { class: 'address' }, source.url)] : [])));
  if (source.cited === false) {
    row.append(say(element('span', { class: 'tag' }), 'uncited'));
  }
  return row;
}

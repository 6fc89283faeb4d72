// The page in a real browser: node page.mjs http://localhost:PORT http://localhost:PORT-WITH-ADAPTERS [FOLDER-FOR-PICTURES]
// This is the chat, and what all views have in common; `page-views.mjs` has the other views. Prints TAP.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { allow, before, contrast, run, send, test, visit as open } from './browser.mjs';

const [demo, adapters, pictures] = process.argv.slice(2);
allow(demo, adapters);

// The demo server searches a folder with a document about it.
const QUESTION = '전세 계약 갱신은 언제까지 통보하나요?';
const CHAT = '/v1/chat/completions';

// Before the demo server: chats can be answered by a script here, in the server's own wire format, as slowly as a test wants.
let script = null;
const scripted = await before(demo, (request, response) => {
  if (script === null || request.url !== CHAT) {
    return false;
  }
  let body = '';
  request.on('data', (part) => { body += part; }).on('end', () => script(response, JSON.parse(body)));
  return true;
});

const chunk = (delta, more = {}, usage = { prompt_tokens: 9, completion_tokens: 2, total_tokens: 11 }) => `data: ${JSON.stringify({
  id: 'chatcmpl-1', object: 'chat.completion.chunk', created: 1, model: 'demo', system_fingerprint: null,
  choices: [{ index: 0, delta, logprobs: null, finish_reason: more.finish_reason ?? null }], usage, ...(more.lorikeet && { lorikeet: more.lorikeet }),
})}\n\n`;
const begin = (response) => response.writeHead(200, { 'Content-Type': 'text/event-stream' });
const whole = (text, { rag, annotations } = {}) => (response) => {
  begin(response);
  response.write(chunk({ role: 'assistant', content: '', refusal: null }, rag && { lorikeet: { rag } }));
  response.write(': ping\n\n');
  for (const part of text.match(/.{1,7}/gsu)) {
    response.write(chunk({ content: part }));
  }
  if (annotations) {
    response.write(chunk({ annotations }));
  }
  response.end(`${chunk({}, { finish_reason: 'stop' })}data: [DONE]\n\n`);
};
const citation = (start_index, end_index, url, title) => ({ type: 'url_citation', url_citation: { start_index, end_index, url, title } });

async function visit(...options) {
  const page = await open(...options);
  await page.locator('#model option').first().waitFor({ state: 'attached' });
  return page;
}

const last = (page) => page.locator('.assistant').last();
const finished = async (page) => {
  await page.locator('.assistant:not(.running)').last().waitFor();
  await page.locator('#send').waitFor();
  return last(page);
};
const said = async (page) => (await finished(page)).locator('.text').textContent();
const openSettings = async (page) => (await page.locator('details.settings').getAttribute('open')) === null && page.locator('.settings > summary').click();

async function addDocument(page, { title, url, text }) {
  await page.locator('#add-document').click();
  const entry = page.locator('.document').last();
  await entry.locator('[name=title]').fill(title);
  await entry.locator('[name=url]').fill(url);
  await entry.locator('[name=text]').fill(text);
}

test('the page and its parts come with a strict policy, and the API without', async () => {
  for (const path of ['/', '/page/app.js', '/page/page.css']) {
    const answer = await fetch(demo + path);
    assert.equal(answer.status, 200, path);
    assert.match(answer.headers.get('content-security-policy'), /default-src 'none'.*script-src 'self'.*frame-ancestors 'none'.*require-trusted-types-for 'script'/);
    assert.doesNotMatch(answer.headers.get('content-security-policy'), /unsafe|https?:|\*/);
    assert.equal(answer.headers.get('x-content-type-options'), 'nosniff');
    assert.equal(answer.headers.get('cache-control'), 'no-cache');
    assert.ok(answer.headers.get('x-request-id'));
  }
  assert.equal((await fetch(`${demo}/v1/models`)).headers.get('content-security-policy'), null);
  for (const path of ['/nothing', '/page/nothing.js', '/page/']) {
    const missing = await fetch(demo + path);
    assert.equal(missing.status, 404);
    assert.equal((await missing.json()).error.code, 'unknown_url');
  }
});

test('a message is answered in parts, with what it cost', async () => {
  const page = await visit(demo);
  await page.locator('#temperature').fill('0');
  await page.evaluate(() => {
    window.seen = new Set();
    new MutationObserver(() => window.seen.add(document.querySelector('.assistant.running .text')?.childNodes.length)).observe(document.querySelector('.log'), { childList: true, subtree: true });
  });
  await send(page, '안녕');
  assert.equal(await said(page), '안녕하세요.');
  const figures = await last(page).locator('.figures span').allTextContents();
  assert.equal(figures[0], '4 tokens');
  assert.match(figures.join(' '), /first token after \d+ ms/);
  await send(page, '너 누구야?');
  assert.match(await said(page), /Lorikeet/);
  assert.match((await last(page).locator('.figures').textContent()), /[\d.]+ tokens\/s/);
  assert.ok(await page.evaluate(() => Math.max(...[...window.seen].filter(Boolean))) > 1, 'text was appended while it came in');
  await page.locator('#new-chat').click();
  assert.equal(await page.locator('.turn').count(), 0);
});

test('text shows while the server still writes; stopping closes the connection and keeps it', async () => {
  for (const stop of [(page) => page.locator('#halt').click(), (page) => page.keyboard.press('Escape')]) {
    const page = await visit(scripted);
    let closed;
    script = (response) => {
      closed = new Promise((done) => response.on('close', done));
      const rag = { grounded: true, sources: [{ number: 1, title: 'a', url: 'https://example.org/a', source: 'request' }] };
      begin(response).write(chunk({ role: 'assistant', content: '', refusal: null }, { lorikeet: { rag } }) + chunk({ content: '하나, ' }));
    };
    await send(page, '세어 줘');
    await page.getByText('하나,').waitFor();
    assert.equal(await page.locator('#send').isVisible(), false);
    await stop(page);
    await closed;
    assert.equal(await said(page), '하나, ');
    assert.match(await last(page).locator('.figures').textContent(), /2 tokens.*stopped/);
    assert.equal(await last(page).locator('.sources li').textContent(), '1ahttps://example.org/a', 'nobody knows whether it would have been cited');
    assert.ok(await page.locator('#message').evaluate((box) => box === document.activeElement));
    let asked;
    script = (response, body) => { asked = body; whole('둘')(response); };
    await send(page, '더');
    assert.equal(await said(page), '둘');
    assert.deepEqual(asked.messages, [{ role: 'user', content: '세어 줘' }, { role: 'assistant', content: '하나, ' }, { role: 'user', content: '더' }]);
    await page.context().close();
  }
});

test('the adapter that is chosen answers', async () => {
  const page = await visit(adapters);
  await page.locator('#temperature').fill('0');
  await page.locator('#max_tokens').fill('12');
  const answers = new Set();
  for (const model of await page.locator('#model option').evaluateAll((options) => options.map(({ value }) => value))) {
    const request = { model, temperature: 0, max_tokens: 12, messages: [{ role: 'user', content: 'hi' }] };
    const answer = await (await fetch(adapters + CHAT, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(request) })).json();
    await page.locator('#new-chat').click();
    await page.locator('#model').selectOption(model);
    await send(page, 'hi');
    assert.equal(await said(page), answer.choices[0].message.content);
    assert.equal(await last(page).locator('h2').textContent(), model);
    answers.add(await said(page));
  }
  assert.deepEqual(await page.locator('#model option').allTextContents(), ['llama (base)', 'begun', 'done']);
  assert.ok(answers.size >= 2, 'an adapter that has learned answers otherwise than its base');
});

test('every setting is sent, those left empty are not, and the curl command makes the same request', async () => {
  const page = await visit(demo, { permissions: ['clipboard-read', 'clipboard-write'] });
  let [request] = await Promise.all([page.waitForRequest(demo + CHAT), send(page, "it's me")]);
  const streaming = { stream: true, stream_options: { include_usage: true, continuous_usage_stats: true } };
  assert.deepEqual(request.postDataJSON(), { model: 'demo', messages: [{ role: 'user', content: "it's me" }], ...streaming });
  await finished(page);
  await page.locator('#new-chat').click();
  const values = { temperature: 0.5, top_p: 0.9, max_tokens: 7, seed: 42, repetition_penalty: 1.1 };
  for (const [name, value] of Object.entries(values)) {
    await page.locator(`#${name}`).fill(String(value));
  }
  await page.locator('#system').fill('짧게 답해.');
  await page.locator('#stop').fill('###\n끝');
  await page.locator('#search').check();
  await addDocument(page, { title: 'A', url: '', text: 'Some text.' });
  [request] = await Promise.all([page.waitForRequest(demo + CHAT), send(page, "it's me")]);
  assert.deepEqual(request.postDataJSON(), { model: 'demo', ...values, stop: ['###', '끝'], documents: [{ title: 'A', text: 'Some text.' }], web_search_options: {},
    messages: [{ role: 'system', content: '짧게 답해.' }, { role: 'user', content: "it's me" }], ...streaming });
  await finished(page);
  // A prompt with documents is another each time: their block bears a random name.
  await page.locator('.document button').click();
  await page.locator('#search').uncheck();
  await page.locator('#new-chat').click();
  await send(page, "it's me");
  const answer = await said(page);
  await last(page).getByRole('button', { name: 'Copy as curl' }).click();
  await last(page).getByRole('button', { name: 'Copied' }).waitFor();
  const command = await page.evaluate(() => navigator.clipboard.readText());
  const stream = execFileSync('sh', ['-c', command], { encoding: 'utf8' });
  const content = stream.split('\n\n').filter((event) => event.startsWith('data: {')).flatMap((event) => JSON.parse(event.slice(6)).choices)
    .map((choice) => choice.delta.content ?? '').join('');
  assert.equal(content, answer, 'the same seed, the same answer');
  assert.match(stream, /data: \[DONE\]\s*$/);
});

test('every option of sampling and of stopping reaches the server as the API has it', async () => {
  const page = await visit(demo);
  await page.locator('.further > summary').click();
  const numbers = { top_k: 40, min_p: 0.05, typical_p: 0.9, presence_penalty: 0.5, frequency_penalty: -0.5, min_tokens: 1, max_time: 30 };
  for (const [name, value] of Object.entries({ ...numbers, max_period: 20, min_repeats: 4 })) {
    await page.locator(`#${name}`).fill(String(value));
  }
  await page.locator('#stop').fill('\\n\\n\n끝\\\\n');
  await page.locator('#stop_token_ids').fill('7, 8');
  await page.locator('#logit_bias').fill('12: -100\n13: 2.5');
  for (const name of ['ignore_eos', 'include_stop_str_in_output', 'skip_special_tokens']) {
    await page.locator(`#${name}`).check();
  }
  await page.locator('#max_tokens').fill('5');
  const [request] = await Promise.all([page.waitForRequest(demo + CHAT), send(page, '안녕')]);
  const { model, messages, stream, stream_options, ...options } = request.postDataJSON();
  assert.deepEqual(options, { ...numbers, max_tokens: 5, repetition_detection: { max_period: 20, min_repeats: 4 }, stop: ['\n\n', '끝\\n'], stop_token_ids: [7, 8],
    logit_bias: { 12: -100, 13: 2.5 }, ignore_eos: true, include_stop_str_in_output: true, skip_special_tokens: false });
  assert.equal(await (await finished(page)).locator('.error').count(), 0, 'the server understands all of it');
  for (const [id, value, complaint] of [['logit_bias', 'x: 1', /token bias.*x: 1/], ['stop_token_ids', 'x', /“Stop tokens \(ids\)” is not a number: x/]]) {
    await page.locator(`#${id}`).fill(value);
    await send(page, '안녕');
    assert.match(await (await finished(page)).locator('.error').textContent(), complaint);
    await page.locator(`#${id}`).fill('');
  }
});

test('an address names the model to chat with, and the title the view', async () => {
  const page = await visit(`${adapters}/#chat/done`);
  await page.waitForFunction(() => document.querySelector('#model').value === 'done');
  assert.equal(await page.title(), 'Chat – Lorikeet');
  await page.goto(`${adapters}/#chat/nobody`);
  await page.locator('.settings .error').filter({ hasText: 'nobody' }).waitFor();
  for (const wrong of ['#%', '#nothing', '#view']) {
    await page.goto(adapters + '/' + wrong);
    assert.ok(await page.locator('#message').isVisible());
  }
});

test('the server’s sources are shown: documents pasted by hand, and those that it found', async () => {
  const page = await visit(demo);
  await page.locator('#temperature').fill('0');
  await page.locator('#search').check();
  await addDocument(page, { title: 'Tenancy act', url: 'https://example.org/act', text: 'Notice is due two months before the end.' });
  await addDocument(page, { title: '', url: '', text: 'It may rain.' });
  await send(page, QUESTION);
  const sources = (await finished(page)).locator('.sources li');
  assert.deepEqual(await sources.locator('.number').allTextContents(), ['1', '2', '3']);
  assert.deepEqual(await sources.locator('.name').allTextContents(), ['Tenancy acthttps://example.org/act', 'document:2', '전세 계약folder:전세.md']);
  assert.deepEqual(await sources.locator('a').evaluateAll((links) => links.map(({ href, rel }) => [href, rel])), [['https://example.org/act', 'noopener noreferrer']]);
  assert.notEqual(await page.locator('.assistant .text').textContent(), '');
});

test('marks stand after what they support, counted in code points, and lead to the source', async () => {
  const page = await visit(scripted);
  const text = '🦜🦜 두 달 전까지입니다 [2]. 그렇습니다.';
  script = whole(text, {
    rag: { grounded: true, sources: [{ number: 1, title: '임대차 소식', url: 'https://news.kr/1', source: 'naver/news' },
      { number: 2, title: '전세 갱신', url: 'https://blog.kr/1', source: 'naver/blog' }] },
    annotations: [citation(0, 17, 'https://blog.kr/1', '전세 갱신')],
  });
  await send(page, '언제?');
  const answer = await finished(page);
  assert.equal(await answer.locator('.cited').textContent(), '🦜🦜 두 달 전까지입니다 [2].');
  assert.equal(await answer.locator('.text').textContent(), text.replace('[2].', '[2].2'));
  await answer.locator('.mark').click();
  assert.match(await page.evaluate(() => document.activeElement.textContent), /^2전세 갱신https:\/\/blog\.kr\/1$/);
  assert.deepEqual(await answer.locator('.sources a').evaluateAll((links) => links.map(({ href }) => href)), ['https://news.kr/1', 'https://blog.kr/1']);
});

test('what a model or a document says stays text', async () => {
  const page = await visit(scripted);
  const hostile = '<img src=x onerror="window.hacked=1"><script>window.hacked=2</script>';
  script = whole(`${hostile} [link](javascript:window.hacked=3) &lt;b&gt;`, {
    rag: { grounded: true, sources: [{ number: 1, title: hostile, url: 'javascript:window.hacked=4', source: 'request' },
      { number: 2, title: 'b', url: 'data:text/html,<script>window.hacked=5</script>', source: 'request' },
      { number: 3, title: 'c', url: 'https://example.org/"><img src=x onerror="window.hacked=6">', source: 'request' }] },
    annotations: [citation(0, 5, 'javascript:window.hacked=4', hostile)],
  });
  await send(page, hostile);
  const answer = await finished(page);
  assert.equal(await page.locator('.log img, .log script, .log b').count(), 0);
  assert.equal(await page.locator('.user .text').textContent(), hostile);
  assert.ok((await answer.locator('.text').textContent()).includes('onerror="window.hacked=1"'));
  assert.equal(await answer.locator('.sources li').first().locator('.name > span').first().textContent(), hostile);
  assert.deepEqual(await answer.locator('.sources a').evaluateAll((links) => links.map(({ protocol }) => protocol)), ['https:']);
  script = (response) => response.writeHead(400, { 'Content-Type': 'application/json' }).end(JSON.stringify({ error: { message: hostile } }));
  const page2 = await visit(scripted, {}, /400/);
  await send(page2, 'x');
  assert.equal(await page2.locator('.error[role=alert]:visible').textContent(), hostile);
  for (const visited of [page, page2]) {
    assert.equal(await visited.locator('.log img, .log script').count(), 0);
    assert.equal(await visited.evaluate(() => window.hacked), undefined);
  }
});

test('an answer without sources says so', async () => {
  const page = await visit(demo);
  await page.locator('#search').check();
  await send(page, 'Hello');
  assert.match(await (await finished(page)).locator('.ungrounded').textContent(), /^This answer was made without sources\. nothing was found/);
  assert.equal(await last(page).locator('.sources').count(), 0);
  await page.locator('#language').selectOption('ko');
  assert.match(await last(page).locator('.ungrounded').textContent(), /^출처 없이 작성된 답변입니다\./);
  await page.locator('#search').uncheck();
  await send(page, '안녕');
  assert.equal(await (await finished(page)).locator('.ungrounded, .sources').count(), 0, 'nothing is said of sources that nobody wanted');
});

test('errors are told in words, and the message can be sent again', async () => {
  const page = await visit(demo, {}, /400/);
  await page.locator('#top_p').fill('7');
  await send(page, '안녕');
  assert.match(await (await finished(page)).locator('.error').textContent(), /top_p/);
  assert.equal(await page.locator('#message').inputValue(), '안녕');
  await page.locator('#top_p').fill('');
  await page.locator('#temperature').fill('0');
  await page.locator('#message').press('Enter');
  assert.equal(await said(page), '안녕하세요.');
  const troubled = await visit(scripted, {}, /ERR_/);
  for (const [trouble, words] of [
    [(response) => begin(response).end(`${chunk({ content: 'a' })}data: {"error":{"message":"The engine failed.","type":"server_error","param":null,"code":null}}\n\n`), /^The engine failed\.$/],
    [(response) => begin(response).end(chunk({ content: 'a' })), /broke off/],
    [(response) => begin(response).write(chunk({ content: 'a' }), () => response.destroy()), /broke off/],
    [(response) => response.destroy(), /cannot be reached/]]) {
    script = trouble;
    await send(troubled, 'x');
    assert.match(await (await finished(troubled)).locator('.error').textContent(), words);
  }
});

test('the keyboard reaches everything, and the focus shows', async () => {
  const page = await visit(demo);
  assert.ok(await page.locator('#message').evaluate((box) => box === document.activeElement), 'one can write at once');
  await page.keyboard.type('one');
  await page.keyboard.press('Shift+Enter');
  await page.keyboard.type('two');
  assert.equal(await page.locator('#message').inputValue(), 'one\ntwo');
  await page.keyboard.press('Enter');
  await finished(page);
  assert.equal(await page.locator('.user .text').textContent(), 'one\ntwo');
  await page.locator('body').evaluate(() => document.activeElement.blur());
  const reached = [];
  for (let presses = 0; presses < 40; presses++) {
    await page.keyboard.press('Tab');
    const [name, visible] = await page.evaluate(() => [document.activeElement.id || document.activeElement.className || document.activeElement.tagName,
      document.activeElement === document.body || getComputedStyle(document.activeElement).outlineStyle !== 'none']);
    assert.ok(visible, `the focus of ${name} shows`);
    reached.push(name);
  }
  for (const name of ['skip', 'language', 'theme', 'SUMMARY', 'model', 'system', 'temperature', 'top_p', 'max_tokens', 'seed', 'repetition_penalty', 'stop', 'search',
    'add-document', 'log', 'small', 'new-chat', 'message', 'send']) {
    assert.ok(reached.includes(name), `Tab reaches ${name}: ${reached}`);
  }
  await page.locator('#add-document').focus();
  await page.keyboard.press('Enter');
  await page.keyboard.type('Title');
  assert.equal(await page.locator('.document [name=title]').inputValue(), 'Title');
});

test('while Korean is composed, Enter ends the syllable only', async () => {
  const page = await visit(demo);
  await page.locator('#message').fill('안녕');
  await page.locator('#message').evaluate((box) => box.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', isComposing: true, bubbles: true, cancelable: true })));
  assert.equal(await page.locator('.turn').count(), 0);
});

test('a phone shows all of it without scrolling sideways', async () => {
  for (const width of [320, 390]) {
    const page = await visit(scripted, { viewport: { width, height: 700 }, hasTouch: true, isMobile: true });
    script = whole(`${'무궁화'.repeat(200)} ${'x'.repeat(300)}`, {
      rag: { grounded: true, sources: [{ number: 1, title: 'y'.repeat(120), url: `https://example.org/${'z'.repeat(200)}`, source: 'request' }] }, annotations: [] });
    await send(page, 'w'.repeat(200));
    await finished(page);
    for (const open of [false, true]) {
      if (open) {
        await openSettings(page);
        await addDocument(page, { title: 'v'.repeat(100), url: '', text: 'u' });
      }
      assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth && document.querySelector('.log').scrollWidth <= document.querySelector('.log').clientWidth
        && document.querySelector('.settings').scrollWidth <= document.querySelector('.settings').clientWidth), `${width} pixels, settings open: ${open}`);
      const box = await page.locator('#send').boundingBox();
      assert.equal(await page.locator('.settings').evaluate((panel) => panel.open), open);
      assert.ok(box.y + box.height <= 700 && box.x + box.width <= width, 'the button to send is in sight');
    }
    await page.context().close();
  }
});

test('light and dark are the system’s until one is chosen, and both can be read', async () => {
  for (const colorScheme of ['light', 'dark']) {
    const page = await visit(demo, { colorScheme });
    const paper = () => page.evaluate(() => Number(getComputedStyle(document.body).backgroundColor.match(/\d+/)[0]) < 128);
    assert.equal(await paper(), colorScheme === 'dark');
    for (const selector of ['body', '.empty .quiet', '.primary', 'legend', 'header a']) {
      assert.ok(await contrast(page, selector) >= 4.5, `${selector} in ${colorScheme}: ${await contrast(page, selector)}`);
    }
    const other = colorScheme === 'dark' ? 'light' : 'dark';
    await page.locator('#theme').selectOption(other);
    assert.equal(await paper(), other === 'dark');
    await page.reload();
    assert.equal(await paper(), other === 'dark', 'the choice is kept');
  }
});

test('it speaks Korean and English, all of it', async () => {
  const page = await visit(demo, { locale: 'ko-KR' });
  assert.equal(await page.locator('html').getAttribute('lang'), 'ko');
  assert.equal(await page.locator('#send').textContent(), '보내기');
  assert.equal(await page.locator('#message').getAttribute('placeholder'), '메시지를 입력하세요 …');
  const [korean, english] = await page.evaluate(async () => {
    const { WORDS } = await import('/page/words.js');
    const names = (words) => Object.entries(words).map(([name, sentence]) => [name, ...(sentence.match(/\{\d\}/g) ?? []).sort()].join(' ')).sort();
    return [names(WORDS.ko), names(WORDS.en)];
  });
  assert.deepEqual(korean, english);
  await page.locator('#temperature').fill('0');
  await send(page, '안녕');
  await finished(page);
  assert.match(await last(page).locator('.figures').textContent(), /토큰 4개/);
  await page.locator('#language').selectOption('en');
  assert.match(await last(page).locator('.figures').textContent(), /4 tokens/);
  assert.equal(await page.locator('#send').textContent(), 'Send');
  assert.equal(await page.locator('#temperature').getAttribute('placeholder'), 'model’s own');
});

if (pictures) {
  test('the picture of the documentation', async () => {
    const page = await visit(demo, { viewport: { width: 1000, height: 660 } });
    await page.locator('#temperature').fill('0');
    for (const question of ['안녕', '배고파']) {
      await send(page, question);
      await finished(page);
    }
    await page.locator('.settings').evaluate((panel) => { panel.scrollTop = 0; });
    await page.screenshot({ path: `${pictures}/page.png` });
  });
}

await run(() => { script = null; });

// Comparing, models, adapters and keys in a real browser:
// node page-views.mjs http://localhost:PORT-WITH-ADAPTERS-AND-HUB http://localhost:PORT-WITH-KEYS [FOLDER-FOR-PICTURES]
// The server serves the fixture `llama` with the adapters `begun` and `done`, finds others under its roots, and `acme/tiny` and `acme/large` on its hub.
// The other one serves `llama` too, and has the keys below.
// Prints TAP.
import assert from 'node:assert/strict';
import { allow, before, contrast, fits, run, send, test, visit } from './browser.mjs';

const [address, keyed, pictures] = process.argv.slice(2);
const CHAT = '/v1/chat/completions';
const KEY = 'a-key-of-sixteen-or-more';
const USER = 'alice-key-0123456789';
const ADMIN = 'root-key-0123456789a';
allow(address, keyed);

const column = (page, place) => page.locator(`#compare-model-${place}`);
const answers = async (page) => {
  await page.locator('#compare-send').waitFor();
  return page.locator('.answers').last().locator('.text').allTextContents();
};
async function answerOf(model) {
  const request = { model, temperature: 0, max_tokens: 12, messages: [{ role: 'user', content: 'hi' }] };
  const answer = await fetch(address + CHAT, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(request) });
  return (await answer.json()).choices[0].message.content;
}
const adapter = (page, name) => page.locator(`[data-adapter="${name}"]`);
const model = (page, name) => page.locator(`[data-model="${name}"]`);
const listed = async () => (await (await fetch(`${address}/v1/models`)).json()).data.map(({ id }) => id);

test('two to four models and adapters answer the same, each in its own conversation', async () => {
  const page = await visit(`${address}/#compare/llama/done`);
  await page.waitForFunction(() => document.querySelector('#compare-model-2')?.value === 'done');
  await page.locator('#compare-temperature').fill('0');
  await page.locator('#compare-max_tokens').fill('12');
  await page.locator('#add-column').click();
  await page.locator('#compare-model-3 option[value=begun]').waitFor({ state: 'attached' });
  await column(page, 3).selectOption('begun');
  await send(page, 'hi', '#compare-message');
  await page.locator('.answers .assistant:not(.running)').nth(2).waitFor();
  assert.deepEqual(await answers(page), await Promise.all(['llama', 'done', 'begun'].map(answerOf)));
  assert.deepEqual(await page.locator('.answers h2').allTextContents(), ['llama', 'done', 'begun']);
  assert.match(await page.locator('.answers .figures').first().textContent(), /\d+ tokens.*tokens\/s.*first token after/);
  await page.locator('#add-column').click();
  assert.ok(await page.locator('#add-column').isHidden(), 'four are the most');
  await page.getByRole('button', { name: 'Remove model or adapter 4' }).click();
  const requests = [];
  page.on('request', (request) => request.url().endsWith(CHAT) && requests.push(request.postDataJSON()));
  await send(page, 'more', '#compare-message');
  await page.locator('.answers').nth(1).waitFor();
  const [first] = [await answers(page)];
  assert.equal(first.length, 3);
  for (const { model: asked, messages } of requests) {
    assert.deepEqual(messages.map(({ role }) => role), ['user', 'assistant', 'user']);
    assert.equal(messages[1].content, await answerOf(asked), 'each goes on with its own answer');
  }
});

test('the answers of a comparison come in together, and one stop ends them all', async () => {
  const open = new Set();
  const slow = await before(address, (request, response) => {
    if (request.url !== CHAT) {
      return false;
    }
    open.add(response);
    response.on('close', () => open.delete(response));
    request.resume();
    response.writeHead(200, { 'Content-Type': 'text/event-stream' });
    response.write(`data: ${JSON.stringify({ choices: [{ index: 0, delta: { content: 'so far' }, finish_reason: null }], usage: { completion_tokens: 2 } })}\n\n`);
    return true;
  });
  const page = await visit(`${slow}/#compare`);
  await page.locator('#compare-model-2 option').first().waitFor({ state: 'attached' });
  await send(page, 'hi', '#compare-message');
  await page.getByText('so far').nth(1).waitFor();
  assert.equal(open.size, 2, 'both are on their way at once');
  await page.locator('#compare-halt').click();
  await page.locator('.answers .assistant:not(.running)').nth(1).waitFor();
  assert.match(await page.locator('.answers').textContent(), /stopped.*stopped/);
  await page.waitForFunction(() => document.activeElement.id === 'compare-message');
  while (open.size > 0) {
    await new Promise((later) => setTimeout(later, 10));
  }
});

test('a model is loaded by its name, shown with what it takes, chatted with and unloaded', async () => {
  const page = await visit(`${address}/#models`);
  await model(page, 'llama').getByText('loaded').waitFor();
  assert.match(await page.locator('.bars').textContent(), /Device cpu.*this server [\d.]+ [MG]iB.*free [\d.]+ GiB.*llama.*weights.*cache up to.*Adapters.*loaded [\d.]+/);
  assert.match(await model(page, 'llama').textContent(), /parameters.*float32.*context 256/);
  await page.locator('#load-model').fill('qwen3');
  await page.locator('#load').click();
  await model(page, 'qwen3').and(page.locator('[data-status=loaded]')).waitFor();
  assert.ok((await listed()).includes('qwen3'));
  await page.locator('.bar-name', { hasText: 'qwen3' }).waitFor();
  await model(page, 'qwen3').getByRole('link', { name: 'Chat' }).click();
  await page.waitForFunction(() => document.querySelector('#model')?.value === 'qwen3');
  await page.locator('#max_tokens').fill('4');
  await send(page, 'hi');
  await page.locator('.assistant:not(.running)').waitFor();
  assert.equal(await page.locator('.assistant .error').count(), 0);
  await page.goto(`${address}/#models`);
  await model(page, 'qwen3').getByRole('button', { name: 'Unload' }).click();
  await model(page, 'qwen3').and(page.locator('[data-status=unloaded]')).waitFor();
  assert.ok(!(await listed()).includes('qwen3'));
  await model(page, 'qwen3').getByRole('button', { name: 'Load' }).waitFor();
});

test('a model of the hub is downloaded with its progress shown, loaded, and a download cancelled', async () => {
  const page = await visit(`${address}/#models`, {}, /404/);
  await page.locator('#load-model').fill('acme/tiny');
  await page.locator('#load').click();
  await model(page, 'acme/tiny').and(page.locator('[data-status=loaded]')).waitFor();
  assert.ok((await listed()).includes('acme/tiny'));
  // Of this one the hub holds a part back.
  await page.locator('#load-model').fill('acme/large');
  await page.getByRole('button', { name: 'Download only' }).click();
  await page.waitForFunction(() => {
    const { value } = document.querySelector('[data-model="acme/large"] progress') ?? {};
    return value > 0.3 && value < 1;
  });
  assert.match(await model(page, 'acme/large').locator('progress + .figures').textContent(), /MiB \/ 40 MiB/);
  await model(page, 'acme/large').getByRole('button', { name: 'Cancel' }).click();
  await model(page, 'acme/large').and(page.locator('[data-status=unloaded]')).waitFor();
  await page.locator('#load-model').fill('acme/nothing');
  await page.locator('#load').click();
  await page.locator('lorikeet-bases > .error').getByText('acme/nothing').waitFor();
});

test('an adapter is loaded, swapped for its next version, rolled back and unloaded', async () => {
  const page = await visit(`${address}/#models`);
  const [begun, done] = [await answerOf('begun'), await answerOf('done')];
  await page.locator('#adapter-name').fill('law');
  await page.locator('#adapter-path').fill('start');
  await page.locator('#load-adapter').click();
  await adapter(page, 'law').locator('[data-version="1"][data-current=true]').waitFor();
  assert.equal(await answerOf('law'), begun);
  await adapter(page, 'law').getByRole('button', { name: 'Swap' }).click();
  assert.equal(await page.locator('#adapter-name').inputValue(), 'law');
  await page.locator('#adapter-path').fill('end');
  await page.locator('#load-adapter').click();
  await adapter(page, 'law').locator('[data-version="2"][data-current=true]').waitFor();
  assert.equal(await answerOf('law'), done);
  await adapter(page, 'law').getByRole('button', { name: 'Roll back' }).click();
  await adapter(page, 'law').locator('[data-version="1"][data-current=true]').waitFor();
  assert.equal(await answerOf('law'), begun);
  assert.equal(await page.locator('lorikeet-adapters [role=status]').textContent(), 'law is version 1 now.');
  await adapter(page, 'law').getByRole('button', { name: 'Make current' }).click();
  await adapter(page, 'law').locator('[data-version="2"][data-current=true]').waitFor();
  if (pictures) {
    await page.setViewportSize({ width: 1200, height: 1360 });
    await page.locator('lorikeet-models').evaluate((view) => {
      view.scrollTop = 0;
      // Of the fixtures one is enough to show what is not loaded.
      [...view.querySelectorAll('[data-status=unloaded]')].filter(({ dataset }) => dataset.model !== 'gemma3').forEach((card) => card.remove());
    });
    await page.screenshot({ path: `${pictures}/page-models.png` });
    await page.setViewportSize({ width: 1200, height: 800 });
  }
  await adapter(page, 'law').locator('> .actions').getByRole('button', { name: 'Unload' }).click();
  await adapter(page, 'law').waitFor({ state: 'detached' });
  assert.ok(!(await listed()).includes('law'));
});

test('what cannot be done is said in the server’s words', async () => {
  const page = await visit(`${address}/#models`, {}, /400|404/);
  await page.locator('#adapter-name').fill('law');
  await page.locator('#adapter-path').fill('../../etc');
  await page.locator('#load-adapter').click();
  await page.locator('lorikeet-adapters > .error').filter({ hasText: '../../etc' }).waitFor();
});

/** As the server does with keys: everything but the page itself needs one. */
const locked = () => before(address, (request, response) => {
  if (request.url === '/' || request.url.startsWith('/page/') || request.headers.authorization === `Bearer ${KEY}`) {
    return false;
  }
  response.writeHead(401, { 'Content-Type': 'application/json', 'WWW-Authenticate': 'Bearer' })
    .end(JSON.stringify({ error: { message: 'A key is needed.', type: 'invalid_request_error', param: null, code: 'invalid_api_key' } }));
  return true;
});

test('a server with keys is asked with one, which is kept as long as is wished and shown nowhere', async () => {
  const server = await locked();
  const page = await visit(server, { permissions: ['clipboard-read', 'clipboard-write'] }, /401/);
  await page.locator('dialog').getByText('A key is needed.').waitFor();
  assert.equal(await page.locator('dialog').count(), 1, 'several requests ask once');
  await page.locator('#key-value').fill('a-wrong-key-of-someone');
  await page.keyboard.press('Enter');
  await page.locator('dialog').getByText('A key is needed.').waitFor();
  await page.locator('#key-value').fill(KEY);
  await page.locator('#key-use').click();
  await page.locator('#model option').first().waitFor({ state: 'attached' });
  await page.locator('#max_tokens').fill('4');
  await send(page, 'hi');
  await page.locator('.assistant:not(.running)').waitFor();
  await page.getByRole('button', { name: 'Copy as curl' }).click();
  const command = await page.evaluate(() => navigator.clipboard.readText());
  assert.match(command, /-H "Authorization: Bearer \$LORIKEET_KEY"/);
  assert.ok(!command.includes(KEY) && !(await page.content()).includes(KEY) && !page.url().includes(KEY));
  assert.equal(await page.evaluate(() => localStorage.getItem('lorikeet.key')), null, 'not beyond this tab, unless that is wished');
  await page.reload();
  await page.locator('#model option').first().waitFor({ state: 'attached' });
  await page.locator('#key').click();
  await page.locator('#key-value').fill(KEY);
  await page.locator('#key-remember').check();
  await page.locator('#key-use').click();
  await page.waitForFunction((key) => localStorage.getItem('lorikeet.key') === key, KEY);
  const other = await page.context().newPage();
  await other.goto(server);
  await other.locator('#model option').first().waitFor({ state: 'attached' });
  await other.locator('#key').click();
  await other.locator('#key-forget').click();
  await other.locator('dialog').getByText('A key is needed.').waitFor();
  assert.equal(await other.evaluate(() => localStorage.getItem('lorikeet.key') ?? sessionStorage.getItem('lorikeet.key')), null);
  await other.keyboard.press('Escape');
  await other.locator('.settings .error').getByText('A key is needed.').waitFor();
  assert.ok(await other.locator('#key').isVisible(), 'whoever has closed the dialog can open it again');
});

const pasteRows = async (page) => {
  await page.locator('#job-max_seq_length').fill('64');
  await page.locator('#paste summary').click();
  await page.locator('#rows-text').fill(Array.from({ length: 10 }, (_, i) => `{"text": "row ${i}"}`).join('\n'));
  await page.locator('#use-pasted').click();
};

test('with a user’s key the page offers what it may do, and says what takes an admin’s', async () => {
  const page = await visit(`${keyed}/#models`, {}, /401|403/);
  const use = async (key) => {
    await page.locator('#key-value').fill(key);
    await page.locator('#key-use').click();
  };
  await use(USER);
  await page.locator('#only-look').getByText('The key of alice is a user’s').waitFor();
  await model(page, 'llama').getByRole('link', { name: 'Chat' }).waitFor();
  assert.equal(await page.locator('.change:visible').count(), 0);
  await page.locator('#language').selectOption('ko');
  await page.locator('#only-look').getByText('관리자 키').waitFor();
  await page.locator('#language').selectOption('en');
  await page.goto(`${keyed}/#train/new`);
  await page.locator('#rows-of-hub').getByText('takes an admin’s key').waitFor({ state: 'attached' });
  assert.equal(await page.locator('#rows-hub').count(), 0);
  // What is its own it may do.
  await pasteRows(page);
  await page.locator('.report').waitFor();
  await page.locator('#job-base').selectOption('baseInFourBits');
  await page.locator('#start-job').click();
  await page.locator('lorikeet-job-form .error').getByText("it needs an admin's key").waitFor();
  await page.goto(`${keyed}/#models`);
  await page.locator('#key').click();
  await use(ADMIN);
  await page.locator('#load').waitFor();
  assert.ok(await page.locator('#only-look').isHidden());
  assert.ok(await model(page, 'llama').getByRole('button', { name: 'Unload' }).isVisible());
  await page.goto(`${keyed}/#train/new`);
  await page.locator('#rows-hub').waitFor({ state: 'attached' });
});

test('a model is loaded in fewer bits, and a training asks for a base in four', async () => {
  const page = await visit(`${address}/#models`);
  await page.locator('#load-model').fill('llama');
  await page.locator('#load-quantization').selectOption('int8');
  await page.locator('#load').click();
  const packed = page.locator('[data-model^="llama:int8"][data-status=loaded]');
  await packed.waitFor();
  assert.match(await packed.textContent(), /int8, float32/);
  await packed.getByRole('button', { name: 'Unload' }).click();
  await packed.waitFor({ state: 'detached' });
  await page.goto(`${address}/#train/new`);
  await page.locator('#job-model option').first().waitFor({ state: 'attached' });
  await page.locator('#job-base').selectOption('baseInFourBits');
  const asked = page.waitForRequest((request) => request.url().endsWith('/jobs') && request.method() === 'POST');
  await pasteRows(page);
  const { lorikeet } = (await asked).postDataJSON();
  assert.deepEqual([lorikeet.load_in_4bit, lorikeet.bnb_4bit_quant_type], [true, 'nf4']);
  await page.locator('.report').waitFor();
});

test('phones, darkness and Korean: nothing sticks out, and all can be read', async () => {
  for (const [hash, ready] of [['compare', '#compare-model-2 option'], ['models', '[data-adapter=done]'], ['train/new', '#job-model option']]) {
    for (const locale of ['en-GB', 'ko-KR']) {
      const page = await visit(`${address}/#${hash}`, { viewport: { width: 320, height: 700 }, hasTouch: true, isMobile: true, locale, colorScheme: locale === 'ko-KR' ? 'dark' : 'light' });
      await page.locator(ready).first().waitFor({ state: 'attached' });
      await page.locator('details').evaluateAll((all) => all.forEach((details) => { details.open = true; }));
      assert.ok(await fits(page, '.log', '.settings', '.pane', 'lorikeet-models'), `${hash} in ${locale}`);
      for (const selector of ['#views a', '#views a[aria-current]', '.figures', '.primary', 'legend', '.status'].filter((part) => part !== 'legend' || hash !== 'models')) {
        if (await page.locator(selector).first().isVisible().catch(() => false)) {
          assert.ok(await contrast(page, selector) >= 4.5, `${selector} of ${hash} in ${locale}: ${await contrast(page, selector)}`);
        }
      }
      await page.context().close();
    }
  }
});


await run();

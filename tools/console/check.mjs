// SPDX-License-Identifier: Apache-2.0
// Every page of the console in headless Chromium behind nginx: no error, no violation of the content security
// policy or of accessibility, nothing wider than a phone, and everything by keyboard.  Makes the screenshots.
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { Gateway, apiKey, freePort } from '../../tests/end_to_end/support/gateway.mjs';
import { OpenAiServer } from '../../tests/end_to_end/support/openai_server.mjs';
import { Program, eventually, required, runToEnd } from '../../tests/end_to_end/support/process.mjs';

const load = createRequire(import.meta.url);
const { chromium } = load('playwright-core');
const axe = readFileSync(load.resolve('axe-core/axe.min.js'), 'utf8');
const hostile = '<img src=x onerror=document.title="hacked">\u202e"\'';
const pages = [['overview', '#/'], ['requests', '#/requests'], ['request', null], ['routes', '#/routes'], ['configuration', '#/config'], ['log', '#/log'], ['limits', '#/plugin/limits'], ['spend', '#/spend']];
const widths = [1280, 360], themes = ['light', 'dark'], prefixes = ['/', '/a/b/c/'];

let gateway, backend, nginx, browser, admin, proxy, failed;

async function startGateway() {
  backend = await OpenAiServer.start();
  gateway = new Gateway();
  gateway.makeFolder();
  admin = await freePort();
  await gateway.launch((port, folder) => `
[server]
listen = "127.0.0.1:${port}"
[admin]
listen = "127.0.0.1:${admin}"
hosts = ["gate.test"]
[log]
file = "${folder}/gatehouse.log"
[authenticator.team]
use = "api_key"
keys = [{ name = "ci", key = "${apiKey}" }]
[limiter.quota]
use = "quota"
currency = "USD"
ledger_file = "${folder}/ledger.jsonl"
limits = [{ for = "key:*", requests_per_minute = 1000 }]
prices."main/gpt-4.1" = { input = 2.0, output = 8.0 }
[observer.console]
use = "console"
[provider.main]
use = "openai"
base_url = "${backend.url}/v1"
[provider.backup]
use = "openai"
base_url = "http://127.0.0.1:9/v1"
[mapper.models]
use = "table"
[mapper.models.models]
"fast" = "main/gpt-4.1"
"gpt-4.1" = "main/gpt-4.1"
"careful" = ["backup/gpt-4.1", "main/gpt-4.1"]
"lost" = "backup/gpt-4.1"
[dialect.openai]
use = "openai"
`);
}

/** nginx removes the prefix, as the documents show. */
async function startNginx() {
  proxy = await freePort();
  const folder = join(gateway.folder, 'nginx');
  mkdirSync(folder);
  writeFileSync(join(folder, 'nginx.conf'), `
daemon off; pid ${folder}/pid; error_log ${folder}/error.log; worker_processes 1;
events {}
http {
  access_log off; client_body_temp_path ${folder}/a; proxy_temp_path ${folder}/b; fastcgi_temp_path ${folder}/c; uwsgi_temp_path ${folder}/d; scgi_temp_path ${folder}/e;
  server { listen 127.0.0.1:${proxy};
    location /a/b/c/ { proxy_pass http://127.0.0.1:${admin}/; proxy_set_header Host $http_host; }
    location / { proxy_pass http://127.0.0.1:${admin}; proxy_set_header Host $http_host; } } }`);
  nginx = new Program('nginx', ['-p', folder, '-c', join(folder, 'nginx.conf')]);
  await eventually(() => fetch(`http://127.0.0.1:${proxy}/health`).then((answer) => answer.ok, () => false), 'nginx runs');
}

async function makeTraffic() {
  const chat = (model, headers) => gateway.post({ model, messages: [{ role: 'user', content: 'Say hello' }] }, { headers }).then((answer) => (answer.arrayBuffer(), answer.headers.get('x-request-id')));
  const stream = () => gateway.post({ model: 'fast', stream: true, messages: [{ role: 'user', content: 'Say hello' }] }).then((answer) => answer.text());
  for (let i = 0; i < 12; i += 1) { await chat('fast'); await stream(); }
  await chat('careful');
  await chat(hostile);
  await chat('fast', { authorization: 'Bearer wrong' });
  failed = await chat('lost');
}

/** The address that the command prints, with the address of nginx. */
async function login(prefix) {
  const { stdout } = await runToEnd(required('GATEHOUSE'), ['console', '-c', gateway.file, '--url', `http://127.0.0.1:${proxy}${prefix}`]);
  return stdout.trim();
}

/** A page of a browser that is logged in; every error of it fails the test. */
async function open(t, { prefix = '/', width = 1280, theme = 'light', bypassCSP = false } = {}) {
  const context = await browser.newContext({ viewport: { width, height: 900 }, colorScheme: theme, bypassCSP, reducedMotion: 'reduce' });
  t.after(() => context.close());
  const page = await context.newPage(), errors = [];
  page.on('pageerror', (error) => errors.push(`${error}`));
  page.on('console', (message) => ['error', 'warning'].includes(message.type()) && errors.push(message.text()));
  page.on('request', (request) => request.url().startsWith(`http://127.0.0.1:${proxy}${prefix}`) || request.url().startsWith('data:') || errors.push(`asks ${request.url()}`));
  await page.goto(await login(prefix));
  await page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor()
    .catch(async (error) => assert.fail(`${error.message}\n${errors.join('\n')}\n${await page.textContent('body')}`));
  return { page, errors };
}

async function show(page, hash, name) {
  await page.evaluate((to) => { location.hash = to; }, hash ?? `#/requests/${failed}`);
  await page.waitForFunction((wanted) => !wanted || document.querySelector('h1')?.textContent.toLowerCase().includes(wanted), name);
  await page.waitForTimeout(700);
}

before(async () => {
  await startGateway();
  await startNginx();
  await makeTraffic();
  browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox'] });
});
after(async () => {
  await browser?.close();
  await nginx?.stop();
  await gateway?.stop(backend);
});

for (const prefix of prefixes)
  test(`all pages under ${prefix}, in both themes and widths`, async (t) => {
    for (const theme of themes)
      for (const width of widths) {
        const { page, errors } = await open(t, { prefix, width, theme });
        for (const [name, hash] of pages) {
          await show(page, hash, name);
          const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
          assert.ok(wide <= 0, `${name} is ${wide} px too wide at ${width}`);
          assert.doesNotMatch(await page.textContent('body'), /undefined|NaN|\[object Object\]/, name);
          assert.deepEqual(errors.splice(0), [], `${name} ${theme} ${width}`);
        }
        assert.doesNotMatch(await page.title(), /hacked/);
        assert.equal(await page.locator('img').count(), 0);
      }
  });

test('accessibility: no violation on any page', async (t) => {
  for (const theme of themes)
    for (const width of widths) {
      const { page } = await open(t, { width, theme, bypassCSP: true });
      for (const [name, hash] of pages) {
        await show(page, hash, name);
        await page.evaluate(axe);
        const { violations, passes } = await page.evaluate(() => window.axe.run());
        assert.ok(passes.length > 10, 'the rules have run');
        assert.deepEqual(violations.map(({ id, nodes }) => [id, nodes.slice(0, 3).map(({ html }) => html.slice(0, 200))]), [], `${name} ${theme} ${width}`);
      }
    }
});

test('a failed request is found in two clicks, and its page says the cause', async (t) => {
  const { page } = await open(t);
  await page.getByRole('region', { name: 'Finished requests' }).getByRole('link').first().click();
  await page.getByRole('heading', { name: 'What happened' }).waitFor();
  assert.match(await page.textContent('.advice'), /The upstream of backup\/gpt-4\.1 did not respond: the connection failed.*What to do: Check that http:\/\/127\.0\.0\.1:9 can be reached/s);
});

test('a new request appears in the list, and the filter is in the address', async (t) => {
  const { page, errors } = await open(t);
  await show(page, '#/requests', 'requests');
  const answer = await gateway.post({ model: 'gpt-4.1', messages: [{ role: 'user', content: 'again' }] });
  const link = page.locator(`a[href="#/requests/${answer.headers.get('x-request-id')}"]`);
  await link.waitFor({ timeout: 10_000 });
  await page.keyboard.press('/');
  await page.keyboard.type('backup');
  await page.keyboard.press('Enter');
  await page.waitForURL(/#\/requests\?text=backup$/);
  await link.waitFor({ state: 'detached' });
  assert.deepEqual(errors, []);
});

test('by keyboard: the pages, the help, and each link and control in the order of the page', async (t) => {
  const { page } = await open(t);
  for (const [keys, title] of [['gr', 'Requests'], ['gm', 'Routes and providers'], ['gc', 'Configuration'], ['gl', 'Log'], ['go', 'Overview']]) {
    for (const key of keys) await page.keyboard.press(key);
    await page.getByRole('heading', { level: 1, name: title }).waitFor();
  }
  await page.keyboard.press('?');
  await page.getByRole('dialog').waitFor();
  await page.keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  const all = await page.locator('a[href]:visible, button:visible, summary:visible, input:visible, select:visible').count();
  const seen = new Set();
  for (let i = 0; i < all + 20; i += 1) {
    await page.keyboard.press('Tab');
    seen.add(await page.evaluate(() => [...document.querySelectorAll('*')].indexOf(document.activeElement)));
  }
  assert.ok(seen.size >= all, `${seen.size} of ${all}`);
});

test('a page of another site reads and changes nothing', async (t) => {
  const evil = createServer((_, answer) => answer.writeHead(200, { 'content-type': 'text/html' }).end('<title>evil</title><iframe></iframe>'));
  await new Promise((resolve) => evil.listen(0, '127.0.0.1', resolve));
  t.after(() => evil.close());
  const context = await browser.newContext();
  t.after(() => context.close());
  const page = await context.newPage(), target = `http://127.0.0.1:${admin}`;
  await page.goto(`http://localhost:${evil.address().port}/`);
  const read = (path, options) => page.evaluate(([url, more]) => fetch(url, more).then((answer) => answer.status, () => 'refused'), [target + path, options]);
  assert.equal(await read('/api/v1/gateway/config', {}), 'refused');
  assert.equal(await read('/api/v1/session', { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{}' }), 'refused');
  const simple = await page.evaluate((url) => fetch(url, { method: 'POST', mode: 'no-cors', body: '{}' }).then((answer) => answer.type), `${target}/api/v1/session`);
  assert.equal(simple, 'opaque', 'sent, but not read');
  const frame = await page.evaluate((url) => new Promise((resolve) => {
    const one = document.querySelector('iframe');
    one.onload = () => { try { resolve(one.contentDocument === null); } catch { resolve(true); } };
    one.src = url;
  }), `${target}/console/`);
  assert.equal(frame, true);
  assert.equal(await page.frames()[1].evaluate(() => document.querySelector('#app')).catch(() => null), null, 'the console is in no frame');
});

test('without the gateway the page says so, and greys its numbers', async (t) => {
  const { page } = await open(t);
  await page.route('**/api/v1/**', (route) => route.abort());
  await page.getByText(/^Not connected since/).waitFor({ timeout: 8000 });
  assert.match(await page.getAttribute('main', 'class'), /stale/);
});

test('the screenshots', { skip: !process.env.SCREENSHOTS }, async (t) => {
  const folder = process.env.SCREENSHOTS, { page } = await open(t);
  mkdirSync(folder, { recursive: true });
  for (const [name, hash] of pages) {
    await show(page, name === 'log' ? `#/log?text=${failed}` : hash, name);
    const picture = await page.screenshot({ path: join(folder, `${name}.png`) });
    assert.ok(picture.length <= 150_000, `${name}: ${picture.length} bytes`);
  }
});

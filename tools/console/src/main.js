// SPDX-License-Identifier: Apache-2.0
// The shell of the console: login, navigation by hash, keyboard.
import { signal } from '@preact/signals';
import { html } from 'htm/preact';
import { render } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';

import { begin, get, loggedIn, loginError, logInByToken, logOut, lostSince, needsLogin } from './api.js';
import { Config } from './config.js';
import { capital, time } from './format.js';
import { Log } from './log.js';
import { Overview } from './overview.js';
import { OneRequest, Requests } from './requests.js';
import { Resource, Spend } from './resource.js';
import { Routes } from './routes.js';
import '../style.css';

// The pages are at /NAME/, and the API of the same resource at /api/v1/NAME.
const resource = new URL('.', document.baseURI).pathname.split('/').at(-2);
const place = signal(location.hash.startsWith('#code=') ? '#/' : location.hash);
addEventListener('hashchange', () => {
  if (location.hash.startsWith('#code=')) return void begin();
  place.value = location.hash;
});

/** "#/requests/ID?a=b" as its parts and its query. */
function parsed(hash) {
  const [path, query = ''] = hash.replace(/^#\/?/, '').split('?');
  return { parts: path.split('/').filter(Boolean).map((one) => { try { return decodeURIComponent(one); } catch { return one; } }), query: new URLSearchParams(query) };
}

function Page({ at, resources }) {
  const [first = '', second] = at.parts;
  if (first === '') return html`<${Overview} resource=${resource} />`;
  if (first === 'requests' && second) return html`<${OneRequest} key=${second} resource=${resource} id=${second} />`;
  if (first === 'requests') return html`<${Requests} resource=${resource} query=${at.query} />`;
  if (first === 'routes') return html`<${Routes} />`;
  if (first === 'config') return html`<${Config} />`;
  if (first === 'log') return html`<${Log} query=${at.query} />`;
  if (first === 'spend') return html`<${Spend} query=${at.query} />`;
  const found = first === 'plugin' && resources.find((one) => one.name === second);
  return found ? html`<${Resource} key=${second} resource=${found} />` : html`<h1>No such page</h1><p><a href="#/">Overview</a></p>`;
}

function Login() {
  const [text, setText] = useState('');
  const send = (event) => { event.preventDefault(); logInByToken(text); setText(''); };
  return html`<main id="main" class="login"><h1>Gatehouse console</h1>
    <p>Run <code>gatehouse console -c FILE</code> on the gateway's machine, and open the address that it prints.</p>
    <form onSubmit=${send}><label>Or log in with a token of <code>[admin] tokens</code>
      <input type="password" value=${text} onInput=${(event) => setText(event.target.value)} autocomplete="off" required /></label>
      <button type="submit">Log in</button></form>
    ${loginError.value && html`<p class="problem" role="alert">${loginError.value}</p>`}</main>`;
}

function Help({ close }) {
  const dialog = useRef(null);
  useEffect(() => dialog.current.showModal(), []);
  const keys = [['/', 'filter'], ['g o', 'overview'], ['g r', 'requests'], ['g m', 'routes and models'], ['g c', 'configuration'], ['g l', 'log'], ['?', 'this help']];
  return html`<dialog ref=${dialog} onClose=${close} aria-labelledby="help-title"><h2 id="help-title">Keys</h2>
    <dl class="facts">${keys.map(([key, doc]) => html`<div key=${key}><dt><kbd>${key}</kbd></dt><dd>${doc}</dd></div>`)}</dl>
    <form method="dialog"><button>Close</button></form></dialog>`;
}

const pages = [['', 'Overview', 'o'], ['requests', 'Requests', 'r'], ['routes', 'Routes', 'm'], ['config', 'Configuration', 'c'], ['log', 'Log', 'l']];

function useKeys(showHelp) {
  useEffect(() => {
    let before = '';
    const press = (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey || /^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName)) return;
      const page = before === 'g' && pages.find((one) => one[2] === event.key);
      before = event.key;
      if (page) location.hash = `#/${page[0]}`;
      else if (event.key === '?') showHelp();
      else if (event.key === '/' && document.querySelector('.filter input')) {
        event.preventDefault();
        document.querySelector('.filter input').focus();
      }
    };
    addEventListener('keydown', press);
    return () => removeEventListener('keydown', press);
  }, []);
}

function Console() {
  const [resources, setResources] = useState([]), [help, setHelp] = useState(false);
  const at = parsed(place.value), main = useRef(null), page = at.parts.join('/');
  useKeys(() => setHelp(true));
  useEffect(() => { get('').then((list) => setResources(list.resources)).catch(() => {}); }, []);
  useEffect(() => {
    const name = main.current?.querySelector('h1')?.textContent;
    document.title = name ? `${name} – Gatehouse` : 'Gatehouse console';
  });
  useEffect(() => { scrollTo(0, 0); }, [page]);
  const others = resources.filter((one) => one.kind !== 'core' && one.name !== resource && one.methods.some((method) => method.method === 'GET'));
  const link = (path, title) => html`<li key=${path}><a href=${`#/${path}`} aria-current=${page === path || (path && page.startsWith(`${path}/`)) ? 'page' : null}>${title}</a></li>`;
  return html`<a class="skip" href="#main" onClick=${(event) => { event.preventDefault(); main.current.focus(); }}>To the content</a>
    <header><a class="brand" href="#/">Gatehouse</a>
      <nav aria-label="Pages"><ul>${pages.map(([path, title]) => link(path, title))}${others.map((one) => link(`plugin/${encodeURIComponent(one.name)}`, capital(one.name)))}${others.some((one) => one.name === 'limits') && link('spend', 'Spend')}</ul></nav>
      <span class="tools"><button type="button" class="quiet" onClick=${() => setHelp(true)} aria-label="Help on keys">?</button>
        ${loggedIn() && html`<button type="button" class="quiet" onClick=${logOut}>Log out</button>`}</span></header>
    <div aria-live="polite">${lostSince.value && html`<p class="lost">Not connected since ${time(lostSince.value)}. The numbers are old. Trying again.</p>`}</div>
    <main id="main" ref=${main} tabindex="-1" class=${lostSince.value ? 'stale' : ''}><${Page} at=${at} resources=${resources} /></main>
    ${help && html`<${Help} close=${() => setHelp(false)} />`}`;
}

function App() {
  if (needsLogin.value === null) return html`<main id="main"><h1 class="unseen">Gatehouse console</h1></main>`;
  return needsLogin.value ? html`<${Login} />` : html`<${Console} />`;
}

const app = document.getElementById('app');
app.replaceChildren();
render(html`<${App} />`, app);
begin();

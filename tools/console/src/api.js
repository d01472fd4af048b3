// SPDX-License-Identifier: Apache-2.0
// Calls of the admin API.  The token of the session is in this tab only; there is no cookie.
import { signal } from '@preact/signals';

const root = new URL('../', document.baseURI);
const kept = `gatehouse session ${root.pathname}`;

/** Whether the API wants a login: null while that is not known. */
export const needsLogin = signal(null);
/** The time since which the gateway does not answer; null: it does. */
export const lostSince = signal(null);
export const loginError = signal('');

const token = () => sessionStorage.getItem(kept);

/** An error with the reason that the gateway gives. */
class ApiError extends Error {
  constructor(status, body) {
    super(body?.detail ?? `The gateway answered with status ${status}.`);
    this.status = status;
  }
}

async function call(path, options = {}) {
  const headers = { accept: 'application/json', ...options.headers };
  if (token()) headers.authorization = `Bearer ${token()}`;
  let answer;
  try {
    answer = await fetch(new URL(`api/v1${path}`, root), { ...options, headers, cache: 'no-store', credentials: 'omit' });
  } catch (error) {
    if (error.name !== 'AbortError') lostSince.value ??= Date.now();
    throw error;
  }
  lostSince.value = null;
  if (answer.status === 204) return null;
  const body = await answer.json().catch(() => null);
  if (answer.ok) return body;
  if (answer.status === 401 && path !== '/session') {
    sessionStorage.removeItem(kept);
    needsLogin.value = true;
  }
  throw new ApiError(answer.status, body);
}

/** The body of a GET.  The signal aborts it. */
export const get = (path, signal) => call(path, { signal });

async function logIn(credential) {
  const session = await call('/session', {
    method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(credential) });
  sessionStorage.setItem(kept, session.token);
  needsLogin.value = false;
  loginError.value = '';
}

export const logInByToken = (text) => logIn({ token: text.trim() }).catch((error) => { loginError.value = error.message; });

export async function logOut() {
  await call('/session', { method: 'DELETE' }).catch(() => {});
  sessionStorage.removeItem(kept);
  needsLogin.value = true;
}
export const loggedIn = () => token() !== null;

/** Uses a code in the address, and asks whether the API can be used. */
export async function begin() {
  const code = /^#code=(.+)$/.exec(location.hash)?.[1];
  if (code) {
    history.replaceState(null, '', '#/');
    await logIn({ code }).catch((error) => { loginError.value = error.message; });
  }
  try {
    await get('');
    needsLogin.value = false;
  } catch (error) {
    if (!(error instanceof ApiError)) return void setTimeout(begin, 1000);
    if (error.status !== 401) loginError.value ||= error.message;
    needsLogin.value = true;
  }
}

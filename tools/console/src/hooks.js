// SPDX-License-Identifier: Apache-2.0
// Data of the API for components.
import { useEffect, useState } from 'preact/hooks';

import { get } from './api.js';

/**
 * The answer to a GET, asked again after each interval while the page is visible.
 * @returns {{data: any, error: Error|null}}  The last good data stay if a later call fails.
 */
export function usePoll(path, interval = 0) {
  const [state, setState] = useState({ path: null, data: null, error: null });
  useEffect(() => {
    const aborted = new AbortController();
    let timer = 0, asked = false;
    const ask = async () => {
      clearTimeout(timer);
      if (!document.hidden)
        try {
          asked = true;
          const data = await get(path, aborted.signal);
          if (!aborted.signal.aborted) setState({ path, data, error: null });
        } catch (error) {
          if (aborted.signal.aborted) return;
          setState((before) => ({ path, data: before.path === path ? before.data : null, error }));
        }
      if (interval && !aborted.signal.aborted) timer = setTimeout(ask, interval);
    };
    const shown = () => { if (!document.hidden && (interval || !asked)) ask(); };
    document.addEventListener('visibilitychange', shown);
    ask();
    return () => { aborted.abort(); clearTimeout(timer); document.removeEventListener('visibilitychange', shown); };
  }, [path, interval]);
  return state.path === path ? state : { path, data: null, error: null };
}

/** The time, changed each second. */
export function useClock() {
  const [now, setNow] = useState(Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(timer);
  }, []);
  return now;
}

// SPDX-License-Identifier: Apache-2.0
// Random numbers that a seed repeats.

/** below(n): an integer from 0 to n - 1; one(list): an element; chance(p): true so often. */
export function randomFrom(seed) {
  let state = seed >>> 0;
  const next = () => {  // mulberry32
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
  return { below: (n) => Math.floor(next() * n), one: (list) => list[Math.floor(next() * list.length)], chance: (p) => next() < p };
}

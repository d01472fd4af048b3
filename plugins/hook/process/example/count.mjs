// SPDX-License-Identifier: Apache-2.0
// A hook in JavaScript: answers "How many words?" itself, and passes everything else.
import { createInterface } from 'node:readline';

const replies = {
  describe: () => ({ name: 'count', version: '1.0.0', reads: ['request'] }),
  request: ({ text }) => (text.endsWith('How many words?') ? { answer: `${text.trim().split(/\s+/).length} words` } : {}),
};

for await (const line of createInterface({ input: process.stdin })) {
  const call = JSON.parse(line);
  process.stdout.write(`${JSON.stringify(replies[call.call]?.(call) ?? {})}\n`);
}

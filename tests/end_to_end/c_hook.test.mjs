// SPDX-License-Identifier: Apache-2.0
// The example of a hook in C in the gateway, with a scripted upstream of the provider openai.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { required } from './support/process.mjs';
import { HookStack, masked, question } from './support/text_hook.mjs';

const stack = new HookStack();

before(() => stack.start(`[hook.words]
use = "c_bridge"
library = ${JSON.stringify(join(required('BUILD'), 'plugins/hook/c_bridge/words.so'))}
[hook.words.settings]
word = "tulip"`));
after(() => stack.stop());

test('a non-streaming response is masked', async () => {
  const answer = await stack.client.chat.completions.create(question('hello'));
  assert.equal(answer.choices[0].message.content, masked('***'));
});

test('a streaming response is masked across its pieces', async () => {
  assert.deepEqual(await stack.stream('hello'), { text: masked('***'), finish: 'stop' });
});

test('a request with the word is refused, and no upstream is asked', async () => {
  const before = stack.asked;
  const error = await stack.failure('a tulip');
  assert.equal(error.status, 403);
  assert.equal(error.code, 'word');
  assert.match(error.message, /The request has a forbidden word/);
  assert.equal(stack.asked, before);
});

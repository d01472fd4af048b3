// SPDX-License-Identifier: Apache-2.0
// A scripted service that behaves as Google's OpenAI-compatible endpoint does: it signs the first tool
// call of each turn, and refuses a conversation whose signatures are missing or changed.
import { createHash } from 'node:crypto';

import { Paced, ScriptedServer } from './scripted_server.mjs';

const signatureOf = (id) => createHash('sha256').update(`thought behind ${id}`).digest('base64');

/** Why Google would refuse this conversation, or nothing. */
function complaint(messages) {
  for (const [index, { role, tool_calls: calls }] of messages.entries()) {
    if (role !== 'assistant' || !calls?.length) continue;
    const [{ id, function: { name }, extra_content: extra }] = calls, signature = extra?.google?.thought_signature;
    if (signature === undefined)
      return `Function call is missing a thought_signature in functionCall parts. This is required for tools to work correctly. ` +
        `Additional data, function call \`default_api:${name}\`, position ${index + 1}.`;
    if (signature !== signatureOf(id)) return 'Thought signature is not valid.';
    if (calls.slice(1).some((call) => call.extra_content)) return 'A parallel function call has a signature that it was not given.';
  }
  return undefined;
}

export class GeminiServer extends ScriptedServer {
  /** How many tool turns the model makes before it answers. */
  turns = 3;

  answer(request, text, response) {
    const body = JSON.parse(text);
    this.requests.push({ body, headers: request.headers });
    const wrong = complaint(body.messages);
    if (wrong) return this.json(response, 400, [{ error: { code: 400, message: wrong, status: 'INVALID_ARGUMENT' } }]);
    const turn = body.messages.filter(({ role }) => role === 'assistant').length;
    const usage = { prompt_tokens: 10 + turn, completion_tokens: 5, total_tokens: 15 + turn };
    const envelope = { id: `gemini-${turn}`, created: 7, model: body.model };
    const delta = turn < this.turns ? this.calls(turn) : { role: 'assistant', content: 'It is sunny.' };
    return body.stream ? this.stream(envelope, delta, usage, response) : this.whole(envelope, delta, usage, response);
  }
  /** Two parallel calls in the second turn, of which only the first is signed. */
  calls(turn) {
    const call = (number) => ({ id: `function-call-${turn}-${number}`, type: 'function',
      function: { name: 'get_weather', arguments: JSON.stringify({ city: `City ${turn}${number}` }) } });
    const first = { ...call(0), extra_content: { google: { thought_signature: signatureOf(call(0).id) } } };
    return { role: 'assistant', content: null, tool_calls: turn === 1 ? [first, call(1)] : [first] };
  }
  whole(envelope, message, usage, response) {
    this.json(response, 200, { ...envelope, object: 'chat.completion', usage,
      choices: [{ index: 0, message, finish_reason: message.tool_calls ? 'tool_calls' : 'stop' }] });
  }
  /** A call is one event, as Google sends it, or several fragments. */
  stream(envelope, { tool_calls: calls, ...message }, usage, response) {
    const chunk = (delta, finish = null) => ({ ...envelope, object: 'chat.completion.chunk', choices: [{ index: 0, delta, finish_reason: finish }] });
    const fragments = (calls ?? []).flatMap(({ function: { name, arguments: text }, ...call }, index) => (this.fragments
      ? [{ index, ...call, function: { name, arguments: '' } }, ...text.match(/.{1,4}/g).map((piece) => ({ index, function: { arguments: piece } }))]
      : [{ index, ...call, function: { name, arguments: text } }]));
    const paced = new Paced(response, {});
    paced.writeHead(200, { 'content-type': 'text/event-stream' });
    for (const one of [...(calls ? [] : [chunk(message)]), ...fragments.map((fragment) => chunk({ role: 'assistant', tool_calls: [fragment] })),
      { ...chunk({}, calls ? 'tool_calls' : 'stop'), usage }]) paced.write(`data: ${JSON.stringify(one)}\n\n`);
    paced.end('data: [DONE]\n\n');
  }
}

// SPDX-License-Identifier: Apache-2.0
// An upstream that speaks OpenAI's protocol and answers when the test says so: a test
// orders events with it, where a pause would depend on the machine's speed.
import { ScriptedServer } from './scripted_server.mjs';

/** One request, which waits for its answer.  A streaming response has begun, and has no word yet. */
class HeldCall {
  constructor(server, body, response) {
    Object.assign(this, { server, body, response });
    if (body.stream) response.writeHead(200, { 'content-type': 'text/event-stream' });
  }
  get asked() {
    return this.body.messages.at(-1).content;
  }
  event(delta, finish_reason = null) {
    const event = { id: 'held', object: 'chat.completion.chunk', created: 1, model: this.body.model, choices: [{ index: 0, delta, finish_reason }] };
    this.response.write(`data: ${JSON.stringify(event)}\n\n`);
  }
  /** Part of a streaming response. */
  say(content) {
    this.event({ content });
  }
  /** The rest of the response, or all of a non-streaming one. */
  end(content = `You said: ${this.asked}`) {
    const { body, response } = this;
    if (!body.stream)
      return this.server.json(response, 200, { id: 'held', object: 'chat.completion', created: 1, model: body.model,
        choices: [{ index: 0, message: { role: 'assistant', content }, finish_reason: 'stop' }], usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 } });
    this.event({ content }, 'stop');
    response.end('data: [DONE]\n\n');
    return undefined;
  }
}

export class HeldServer extends ScriptedServer {
  reset() {
    super.reset();
    Object.assign(this, { held: [], peak: 0 });
  }
  /** Requests without a complete response. */
  get running() {
    return this.held.length;
  }
  answer(request, text, response) {
    const body = JSON.parse(text);
    this.requests.push({ body, headers: request.headers });
    const call = new HeldCall(this, body, response);
    this.held.push(call);
    this.peak = Math.max(this.peak, this.running);
    response.on('close', () => (this.held = this.held.filter((one) => one !== call)));
  }
  /** Ends the oldest request. */
  release() {
    this.held.shift().end();
  }
  /** The table that makes it the provider `held` of a configuration. */
  get provider() {
    return `[provider.held]\nuse = "openai"\nbase_url = "${this.url}/v1"\n`;
  }
}

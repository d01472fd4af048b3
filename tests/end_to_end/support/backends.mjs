// SPDX-License-Identifier: Apache-2.0
// The backends that one suite is run against: the tables of each, which are all
// that its configuration does not have in common with the others, and the
// service behind it.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { AnthropicServer } from './anthropic_server.mjs';
import { Gateway, apiKey } from './gateway.mjs';
import { OpenAiServer } from './openai_server.mjs';
import { Emulator, compartment, writeOciConfig } from './stack.mjs';

const upstreamKey = 'sk-upstream-0f1e2d';

/** Starts what is behind the backend: `tables` for the TOML, `last()` request and `left()` calls of the service, stop(). */
const starts = {
  async oci() {
    const folder = mkdtempSync(join(tmpdir(), 'gatehouse-'));
    writeOciConfig(folder);
    const emulator = await Emulator.start(folder);
    return {
      tables: `
[signer.backend]
use = "oci_signer"
config_file = "${folder}/config"
[provider.backend]
use = "oci"
signer = "backend"
endpoint = "${emulator.url}"
compartment_id = "${compartment}"
discover = true
[mapper.models]
use = "table"
models = { chat = "backend/openai.gpt-4.1", embed = "backend/cohere.embed-v4.0", rank = "backend/cohere.rerank-v3.5", "all/*" = "backend/*" }
`,
      listed: 'all/openai.gpt-4.1', unrecorded: ['logprobs'],
      last: async () => (await emulator.last()).body,
      left: async () => (await emulator.stats()).cancelled,
      async stop() {
        await emulator.program.stop();
        rmSync(folder, { recursive: true });
      },
    };
  },

  async openai() {
    const server = await OpenAiServer.start({ key: upstreamKey });
    return {
      tables: `
[signer.backend]
use = "bearer"
key = "${upstreamKey}"
[provider.backend]
use = "openai"
signer = "backend"
base_url = "${server.url}/v1"
models = "discover"
[mapper.models]
use = "table"
models = { chat = "backend/gpt-4.1", embed = "backend/text-embedding-3-small", rank = "backend/rerank", "all/*" = "backend/*" }
`,
      listed: 'all/gpt-4.1', last: () => server.last, left: () => server.closed, stop: () => server.stop(),
    };
  },

  async anthropic() {
    const server = await AnthropicServer.start({ key: upstreamKey });
    return {
      tables: `
[signer.backend]
use = "bearer"
header = "x-api-key"
scheme = ""
key = "${upstreamKey}"
[provider.backend]
use = "anthropic"
signer = "backend"
base_url = "${server.url}"
discover = true
[mapper.models]
use = "table"
models = { chat = "backend/claude-sonnet-4-5", embed = "backend/claude-sonnet-4-5", rank = "backend/claude-sonnet-4-5", "all/*" = "backend/*" }
`,
      listed: 'all/claude-sonnet-4-5', last: () => server.last, left: () => server.closed, stop: () => server.stop(),
    };
  },

  async echo() {
    return {
      tables: `
[provider.backend]
use = "echo"
words_per_second = 200
prefix = "You said: "
[mapper.models]
use = "table"
models = { chat = "backend/any", embed = "backend/any", rank = "backend/any" }
`,
      stop: () => {},
    };
  },
};

/** Starts the backend `name` and a gateway before it: { gateway, service }. */
export async function startBackend(name) {
  const service = await starts[name]();
  const configuration = (port) => `
[server]
listen = "127.0.0.1:${port}"
[log]
level = "debug"
[upstream]
attempts = 1
[authenticator.team]
use = "api_key"
keys = [{ name = "tests", key = "${apiKey}" }]
[dialect.openai]
use = "openai"
[dialect.anthropic]
use = "anthropic"
${service.tables}`;
  try {
    return { gateway: await Gateway.start(configuration), service, upstreamKey };
  } catch (error) {
    await service.stop();
    throw error;
  }
}

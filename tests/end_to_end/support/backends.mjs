// SPDX-License-Identifier: Apache-2.0
// The backends that one suite is run against: the tables of each, which are all
// that its configuration does not have in common with the others, and the
// service behind it.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { AnthropicServer } from './anthropic_server.mjs';
import { BedrockServer } from './bedrock_server.mjs';
import { Gateway, apiKey } from './gateway.mjs';
import { OllamaServer } from './ollama_server.mjs';
import { OpenAiServer } from './openai_server.mjs';
import { Emulator, compartment, writeOciConfig } from './stack.mjs';

const upstreamKey = 'sk-upstream-0f1e2d';

/**
 * Starts the service of a backend: its `tables` in the TOML, its `models` by their use, `last()` request, `left()`
 * calls and the `peak()` of simultaneous requests of the service, stop().  The tables have the name "backend".
 */
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
`,
      models: { chat: 'openai.gpt-4.1', think: 'openai.gpt-oss-120b', embed: 'cohere.embed-v4.0', rank: 'cohere.rerank-v3.5', 'all/*': '*' },
      listed: 'all/openai.gpt-4.1', unrecorded: ['logprobs'],
      last: async () => (await emulator.last()).body,
      left: async () => (await emulator.stats()).cancelled,
      peak: async () => (await emulator.stats()).peak,
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
`,
      models: { chat: 'gpt-4.1', think: 'thinker', embed: 'text-embedding-3-small', rank: 'rerank', 'all/*': '*' },
      listed: 'all/gpt-4.1', last: () => server.last, left: () => server.closed, peak: () => server.mostOpen, stop: () => server.stop(),
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
`,
      models: { ...sameModel(['chat', 'think', 'embed', 'rank'], 'claude-sonnet-4-5'), 'all/*': '*' },
      listed: 'all/claude-sonnet-4-5', last: () => server.last, left: () => server.closed, peak: () => server.mostOpen, stop: () => server.stop(),
    };
  },

  async bedrock() {
    const server = await BedrockServer.start({ id: 'AKIAUPSTREAM', secret: upstreamKey });
    return {
      tables: `
[signer.backend]
use = "aws_sigv4"
region = "us-east-1"
access_key_id = "AKIAUPSTREAM"
secret_access_key = "${upstreamKey}"
[provider.backend]
use = "bedrock"
signer = "backend"
base_url = "${server.url}"
control_url = "${server.url}"
models = "discover"
`,
      models: { ...sameModel(['chat', 'think', 'embed', 'rank'], 'us.anthropic.claude-sonnet-4-5-20250929-v1:0'), 'all/*': '*' },
      listed: 'all/us.anthropic.claude-sonnet-4-5-20250929-v1:0',
      last: () => server.last, left: () => server.closed, peak: () => server.mostOpen, stop: () => server.stop(),
    };
  },

  async ollama() {
    const server = await OllamaServer.start();
    return {
      tables: `
[provider.backend]
use = "ollama"
base_url = "${server.url}"
models = "discover"
`,
      models: { ...sameModel(['chat', 'think'], 'qwen3:8b'), 'all/*': '*' },
      listed: 'all/qwen3:8b', last: () => server.last, left: () => server.closed, peak: () => server.mostOpen, stop: () => server.stop(),
    };
  },

  async echo() {
    return {
      tables: `
[provider.backend]
use = "echo"
words_per_second = 200
prefix = "You said: "
`,
      models: sameModel(['chat', 'embed', 'rank'], 'any'),
      stop: () => {},
    };
  },
};

const sameModel = (uses, model) => Object.fromEntries(uses.map((use) => [use, model]));

/** The configuration of a gateway before services: `backends` has their tables under the names of providers. */
const configuration = (port, backends) => `
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
${Object.entries(backends).map(([name, { tables }]) => tables.replaceAll(/\.backend\]|"backend"/g, (found) => found.replace('backend', name))).join('')}
[mapper.models]
use = "table"
[mapper.models.models]
${Object.entries(backends).flatMap(([name, { models, prefix = '' }]) => Object.entries(models).map(([use, model]) => `"${prefix}${use}" = "${name}/${model}"`)).join('\n')}
`;

async function startGateway(backends) {
  try {
    return await Gateway.start((port) => configuration(port, backends));
  } catch (error) {
    await Promise.all(Object.values(backends).map((service) => service.stop()));
    throw error;
  }
}

/** Starts the backend `name` and a gateway before it: { gateway, service }. */
export async function startBackend(name) {
  const service = await starts[name]();
  return { gateway: await startGateway({ backend: service }), service, upstreamKey };
}

/** Starts several backends and one gateway before all: { gateway, services }.  The model `NAME-chat` is at the backend NAME. */
export async function startBackends(names) {
  const backends = {};
  for (const name of names) backends[name] = { ...await starts[name](), prefix: `${name}-` };
  return { gateway: await startGateway(backends), services: Object.values(backends) };
}

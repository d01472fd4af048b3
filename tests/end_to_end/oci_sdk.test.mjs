// SPDX-License-Identifier: Apache-2.0
// OCI's own client, and OpenAI's, against the emulator: these packages were not written
// for Gatehouse, so they show that the emulator behaves like the service.  OpenAI's client
// gets the same answers through the gateway.
import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';

import common from 'oci-common';
import controlPlane from 'oci-generativeai';
import inference from 'oci-generativeaiinference';
import OpenAI from 'openai';

import { runToEnd } from './support/process.mjs';
import { Emulator, Stack, compartment, keys } from './support/stack.mjs';

const tenancy = 'ocid1.tenancy.oc1..sdk';
const user = 'ocid1.user.oc1..sdk';
const secret = 'sk-sdk-0123456789abcdef';
const project = 'ocid1.generativeaiproject.oc1.us-chicago-1.sdk';
const serviceAccountToken = 'token-of-the-pod';

let folder, emulator, apiKey;
const opened = [];
before(async () => {
  folder = mkdtempSync(join(tmpdir(), 'gatehouse-sdk-'));
  writeFileSync(join(folder, 'sa-token'), serviceAccountToken);
  emulator = await Emulator.start(folder, [
    '--tenancy', tenancy, '--api-key', secret, '--resource-principal', folder, '--service-account-token', serviceAccountToken,
    '--tls-listen', '127.0.0.1:0', '--tls-ca', join(folder, 'ca.pem')]);
  apiKey = new common.SimpleAuthenticationDetailsProvider(
    tenancy, user, keys().fingerprint, keys().pem, null, common.Region.US_CHICAGO_1);
});
after(async () => {
  for (const client of opened) client.close();
  await emulator.program.stop();
  rmSync(folder, { recursive: true, force: true });
});

function clientOf(Client, provider = apiKey, url = emulator.url) {
  const client = new Client({ authenticationDetailsProvider: provider });
  client.endpoint = url;
  opened.push(client);
  return client;
}
const inferenceClient = (provider) => clientOf(inference.GenerativeAiInferenceClient, provider);

const once = { retryConfiguration: common.NoRetryConfigurationDetails };
const onDemand = (modelId) => ({ servingType: 'ON_DEMAND', modelId });
const text = (words) => [{ type: 'TEXT', text: words }];
const chat = (modelId, chatRequest) => ({
  chatDetails: { compartmentId: compartment, servingMode: onDemand(modelId), chatRequest }, ...once });
const generic = (words, more = {}) => chat('meta.llama-3.3-70b-instruct',
  { apiFormat: 'GENERIC', messages: [{ role: 'USER', content: text(words) }], maxTokens: 100, ...more });
const cohere = (message, more = {}) => chat('cohere.command-a-03-2025', { apiFormat: 'COHERE', message, maxTokens: 100, ...more });
const cohereV2 = (words, more = {}) => chat('cohere.command-a-vision-07-2025',
  { apiFormat: 'COHEREV2', messages: [{ role: 'USER', content: text(words) }], maxTokens: 100, ...more });
const streamed = { isStream: true, streamOptions: { isIncludeUsage: true } };

/** The events of a stream, `[DONE]` left out, and whether it was there. */
async function eventsOf(body) {
  const chunks = [];
  for await (const chunk of body) chunks.push(Buffer.from(chunk));
  const events = Buffer.concat(chunks).toString('utf8').split('\n\n').filter(Boolean)
    .map((event) => event.replace(/^data: /, ''));
  const done = events.at(-1) === '[DONE]';
  return { events: (done ? events.slice(0, -1) : events).map((event) => JSON.parse(event)), done };
}

const lastSigner = async () => (await emulator.requests()).at(-1).signed_by;

test('GENERIC, non-streaming', async () => {
  const { chatResult, opcRequestId } = await inferenceClient().chat(generic('Grüße, 世界'));
  assert.equal(chatResult.modelId, 'meta.llama-3.3-70b-instruct');
  const { choices, usage, timeCreated } = chatResult.chatResponse;
  assert.equal(choices[0].message.content[0].text, 'You said: Grüße, 世界');
  assert.equal(choices[0].finishReason, 'stop');
  assert.equal(usage.completionTokens, 4);
  assert.ok(timeCreated instanceof Date || !Number.isNaN(Date.parse(timeCreated)));
  assert.match(opcRequestId, /^\w+/);
  assert.match(await lastSigner(), new RegExp(`^${tenancy}/${user}/`));
});

test('GENERIC, streaming', async () => {
  const { events, done } = await eventsOf(await inferenceClient().chat(generic('a b c', streamed)));
  assert.equal(events.map((event) => event.message?.content?.[0].text ?? '').join(''), 'You said: a b c');
  assert.equal(events.at(-1).usage.completionTokens, 5);
  assert.ok(done);
});

test('GENERIC, a tool and its result', async () => {
  const client = inferenceClient();
  const tools = [{ type: 'FUNCTION', name: 'get_weather', description: 'd',
    parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] } }];
  const asked = generic('call the tool', { tools, toolChoice: { type: 'AUTO' } });
  const { message, finishReason } = (await client.chat(asked)).chatResult.chatResponse.choices[0];
  assert.equal(finishReason, 'tool_calls');
  assert.equal(message.toolCalls[0].arguments, '{"city":"city"}');
  asked.chatDetails.chatRequest.messages.push(
    { role: 'ASSISTANT', toolCalls: message.toolCalls },
    { role: 'TOOL', toolCallId: message.toolCalls[0].id, content: text('22 C') });
  const answer = (await client.chat(asked)).chatResult.chatResponse;
  assert.equal(answer.choices[0].message.content[0].text, 'The tool said: 22 C');
});

test('COHERE, non-streaming, with a tool and its result', async () => {
  const client = inferenceClient();
  const plain = (await client.chat(cohere('hello there', {
    chatHistory: [{ role: 'USER', message: 'a' }, { role: 'CHATBOT', message: 'b' }], preambleOverride: 'Be terse.' }))).chatResult;
  assert.equal(plain.chatResponse.text, 'You said: hello there');
  assert.equal(plain.chatResponse.finishReason, 'COMPLETE');
  assert.deepEqual(plain.chatResponse.chatHistory.map(({ role, message }) => `${role} ${message}`),
    ['USER a', 'CHATBOT b', 'USER hello there', 'CHATBOT You said: hello there']);

  const tools = [{ name: 'get_weather', description: 'd', parameterDefinitions: { city: { type: 'str', isRequired: true } } }];
  const { toolCalls, text: plan } = (await client.chat(cohere('call the tool', { tools }))).chatResult.chatResponse;
  assert.deepEqual(toolCalls, [{ name: 'get_weather', parameters: { city: 'city' } }]);
  const after = (await client.chat(cohere('', {
    tools,
    chatHistory: [{ role: 'USER', message: 'call the tool' }, { role: 'CHATBOT', message: plan, toolCalls }],
    toolResults: [{ call: toolCalls[0], outputs: [{ output: '22 C' }] }],
  }))).chatResult.chatResponse;
  assert.equal(after.text, 'The tool said: 22 C');
  assert.equal(after.citations[0].text, '22 C');
});

test('COHERE, streaming: the last event repeats the complete text', async () => {
  const { events, done } = await eventsOf(await inferenceClient().chat(cohere('a b c', streamed)));
  assert.equal(events.slice(0, -1).map((event) => event.text).join(''), 'You said: a b c');
  assert.equal(events.at(-1).text, 'You said: a b c');
  assert.equal(events.at(-1).finishReason, 'COMPLETE');
  assert.equal(events.at(-1).usage.completionTokens, 5);
  assert.ok(!done);
});

test('COHEREV2, non-streaming and streaming', async () => {
  const client = inferenceClient();
  const image = { type: 'IMAGE_URL', imageUrl: { url: 'data:image/png;base64,iVBORw0KGgo=', detail: 'AUTO' } };
  const { message, finishReason, usage } = (await client.chat(cohereV2('look', {
    messages: [{ role: 'USER', content: [...text('look'), image] }] }))).chatResult.chatResponse;
  assert.equal(message.content[0].text, 'You said: look (1 image: 8 bytes)');
  assert.equal(finishReason, 'COMPLETE');
  assert.ok(usage.totalTokens > usage.promptTokens);

  const { events } = await eventsOf(await client.chat(cohereV2('a b', streamed)));
  assert.equal(events.map((event) => event.message.content?.[0].text ?? '').join(''), 'You said: a b');
  assert.equal(events.at(-1).finishReason, 'COMPLETE');

  const tools = [{ type: 'FUNCTION', function: { name: 'f', parameters: { type: 'object', properties: { x: { type: 'string' } } } } }];
  const called = (await client.chat(cohereV2('x', { tools, toolsChoice: 'REQUIRED' }))).chatResult.chatResponse;
  assert.equal(called.finishReason, 'TOOL_CALL');
  assert.deepEqual(called.message.toolCalls[0].function, { name: 'f', arguments: '{"x":"x"}' });
});

test('the wrong format, the wrong compartment, an unknown model and a retired one', async () => {
  const client = inferenceClient();
  const fails = (request, statusCode, message) =>
    assert.rejects(client.chat(request), (error) => error.statusCode === statusCode && message.test(error.message));
  const wrong = cohere('x');
  wrong.chatDetails.servingMode = onDemand('xai.grok-4');
  await fails(wrong, 400, /Chat request type does not match serving model/);
  const elsewhere = generic('x');
  elsewhere.chatDetails.compartmentId = 'ocid1.compartment.oc1..other';
  await fails(elsewhere, 404, /Authorization failed or requested resource not found/);
  for (const name of ['meta.llama-9', 'cohere.command-r-plus']) {
    const unknown = generic('x');
    unknown.chatDetails.servingMode = onDemand(name);
    // The code of this error is a number (recorded), which this client cannot handle.
    await assert.rejects(client.chat(unknown));
    assert.equal((await emulator.requests()).at(-1).status, 404);
  }
});

test('the client itself retries a temporary failure', async () => {
  const request = generic('mock:flaky:2:503 again');
  request.retryConfiguration = {
    terminationStrategy: new common.MaxAttemptsTerminationStrategy(3),
    delayStrategy: new common.FixedTimeDelayStrategy(0),
    retryCondition: common.OciSdkDefaultRetryConfiguration.retryCondition,
  };
  const { chatResponse } = (await inferenceClient().chat(request)).chatResult;
  assert.equal(chatResponse.choices[0].message.content[0].text, 'You said: mock:flaky:2:503 again');
});

test('embeddings', async () => {
  const client = inferenceClient();
  const embed = async (more) => (await client.embedText({
    embedTextDetails: { compartmentId: compartment, servingMode: onDemand('cohere.embed-v4.0'), ...more }, ...once })).embedTextResult;
  const { embeddings, usage, modelId } = await embed({ inputs: ['one two', 'three', 'one two'], truncate: 'END', inputType: 'SEARCH_DOCUMENT' });
  assert.equal(modelId, 'cohere.embed-v4.0');
  assert.deepEqual(embeddings.map((vector) => vector.length), [1536, 1536, 1536]);
  assert.deepEqual(embeddings[0], embeddings[2]);
  assert.ok(Math.abs(embeddings[1].reduce((sum, number) => sum + number * number, 0) - 1) < 1e-4);
  assert.equal(usage.promptTokens, 5);
  const typed = await embed({ inputs: ['x'], embeddingTypes: ['float', 'int8'], outputDimensions: 256 });
  assert.equal(typed.embeddingsByType.float[0].length, 256);
  await assert.rejects(embed({ inputs: Array(97).fill('x') }), { statusCode: 400 });
});

test('ranks', async () => {
  const { documentRanks } = (await inferenceClient().rerankText({
    rerankTextDetails: {
      compartmentId: compartment, servingMode: onDemand('cohere.rerank-v3.5'), topN: 2, isEcho: true,
      input: 'capital of France', documents: ['Berlin is large.', 'Paris is the capital of France.', 'France is a country.'],
    },
    ...once,
  })).rerankTextResult;
  assert.deepEqual(documentRanks.map(({ index }) => index), [1, 2]);
  assert.equal(documentRanks[0].document.text, 'Paris is the capital of France.');
});

test('the list of models, page by page', async () => {
  const client = clientOf(controlPlane.GenerativeAiClient);
  const all = new Map();
  let page, pages = 0;
  do {
    const answer = await client.listModels({ compartmentId: compartment, limit: 10, page, ...once });
    for (const item of answer.modelCollection.items) all.set(item.id, item);
    page = answer.opcNextPage;
    assert.ok(++pages < 50);
  } while (page);
  const whole = (await client.listModels({ compartmentId: compartment, limit: 1000, ...once })).modelCollection.items;
  assert.equal(all.size, whole.length);
  assert.ok(pages > 5);
  assert.equal(whole.filter(({ displayName }) => displayName === 'meta.llama-3.3-70b-instruct').length, 2);
  const chosen = (await client.listModels({
    compartmentId: compartment, limit: 1000, capability: ['TEXT_EMBEDDINGS', 'TEXT_RERANK'], vendor: ['cohere'].join(), ...once })).modelCollection.items;
  assert.ok(chosen.length > 5 && chosen.every(({ capabilities }) => !capabilities.includes('CHAT')));
  const { id } = whole.find(({ displayName, lifecycleState }) => displayName === 'xai.grok-3' && lifecycleState === 'ACTIVE');
  const byOcid = generic('by OCID');
  byOcid.chatDetails.servingMode = onDemand(id);
  assert.equal((await inferenceClient().chat(byOcid)).chatResult.modelId, id);
});

test('the further lists: endpoints, imported models and API keys', async () => {
  const client = clientOf(controlPlane.GenerativeAiClient);
  assert.deepEqual((await client.listEndpoints({ compartmentId: compartment, ...once })).endpointCollection.items, []);
  assert.deepEqual((await client.listImportedModels({ compartmentId: compartment, ...once })).importedModelCollection.items, []);
  const [key] = (await client.listApiKeys({ compartmentId: compartment, limit: 10, ...once })).apiKeyCollection.items;
  assert.deepEqual(key.keys.map(({ keyName, state }) => `${keyName} ${state}`), ['first ACTIVE', 'second REVOKED']);
  assert.ok(new Date(key.keys[0].timeExpiry) > new Date());
  assert.ok(!JSON.stringify(key).includes(secret));
});

test('guardrails', async () => {
  const guard = (text, versions) => inferenceClient().applyGuardrails({
    applyGuardrailsDetails: {
      compartmentId: compartment, input: { type: 'TEXT', content: text },
      guardrailConfigs: { contentModerationConfig: { categories: ['OVERALL', 'BLOCKLIST'] }, promptInjectionConfig: {},
        personallyIdentifiableInformationConfig: { types: ['EMAIL'] } },
      ...versions,
    },
    ...once,
  });
  const { results } = (await guard('mock:toxic mail to ann@example.com')).applyGuardrailsResult;
  assert.equal(results.contentModeration.categories.find(({ name }) => name === 'OVERALL').score, 1);
  assert.equal(results.personallyIdentifiableInformation[0].text, 'ann@example.com');
  assert.equal(results.promptInjection.score, 0);
});

test('the client sends a retry token of its own, which belongs to one request', async () => {
  const request = { ...generic('once'), opcRetryToken: 'my-token' };
  await inferenceClient().chat(request);
  await inferenceClient().chat(request);
  assert.equal((await emulator.requests()).at(-1)['opc-retry-token'], 'my-token');
  await assert.rejects(inferenceClient().chat({ ...generic('twice'), opcRetryToken: 'my-token' }), { statusCode: 409, serviceCode: 'InvalidatedRetryToken' });
});

test('OpenAI\'s client gets the same answers from the emulator and through the gateway', async () => {
  const stack = await Stack.start({ routes: { '*': 'oci/*' }, provider: { surface: 'auto', project }, emulatorArgs: ['--api-key', secret] });
  try {
    const direct = new OpenAI({ apiKey: secret, baseURL: `${stack.emulator.url}/openai/v1`, defaultHeaders: { 'OpenAI-Project': project } });
    const tool = { name: 'weather', parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'], additionalProperties: false }, strict: true };
    const chat = { model: 'xai.grok-4', messages: [{ role: 'user', content: 'Grüße, 世界' }], max_tokens: 100 };
    const calling = { ...chat, messages: [{ role: 'user', content: 'call the tool' }], tools: [{ type: 'function', function: tool }] };
    const response = { model: 'openai.gpt-4.1', input: 'Grüße, 世界', store: false, max_output_tokens: 100 };
    const callingResponse = { ...response, input: 'call the tool', tools: [{ type: 'function', ...tool }] };
    const streamText = async (stream) => {
      let text = '', usage;
      for await (const event of stream) {
        text += event.choices ? event.choices[0]?.delta.content ?? '' : event.type === 'response.output_text.delta' ? event.delta : '';
        usage = event.usage ?? event.response?.usage ?? usage;
      }
      return { text, tokens: usage.total_tokens };
    };
    const answers = async (client) => {
      const plain = await client.chat.completions.create(chat);
      const called = (await client.chat.completions.create(calling)).choices[0];
      const whole = await client.responses.create(response);
      const item = (await client.responses.create(callingResponse)).output.find(({ type }) => type === 'function_call');
      return {
        plain: [plain.model, plain.choices[0].message.content, plain.choices[0].finish_reason, plain.usage.total_tokens],
        called: [called.finish_reason, called.message.tool_calls.map((call) => call.function)],
        streamed: await streamText(await client.chat.completions.create({ ...chat, stream: true, stream_options: { include_usage: true } })),
        whole: [whole.model, whole.status, whole.output_text, whole.usage.total_tokens],
        item: [item.name, item.arguments, item.status],
        events: await streamText(await client.responses.create({ ...response, stream: true })),
        refused: await client.chat.completions.create({ ...chat, messages: [{ role: 'user', content: 'mock:toolong' }] }).catch(({ status }) => status),
      };
    };
    const expected = await answers(direct);
    assert.equal(expected.plain[1], 'You said: Grüße, 世界');
    assert.equal(expected.whole[2], 'You said: Grüße, 世界');
    assert.deepEqual(await answers(stack.client()), expected);
  } finally {
    await stack.stop();
  }
});

test('a session token signs, is refreshed, and ends', async () => {
  const pair = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const login = (more = {}) => emulator.post('session-token',
    { publicKey: pair.publicKey.export({ type: 'spki', format: 'pem' }), ...more });
  const providerFor = (token) => {
    writeFileSync(join(folder, 'session.pem'), pair.privateKey.export({ type: 'pkcs1', format: 'pem' }));
    writeFileSync(join(folder, 'session-token'), token);
    writeFileSync(join(folder, 'config'), `[SESSION]\nregion=us-chicago-1\ntenancy=${tenancy}\nuser=${user}\nfingerprint=${keys().fingerprint}\n` +
      `key_file=${folder}/session.pem\nsecurity_token_file=${folder}/session-token\n`);
    return new common.SessionAuthDetailProvider(join(folder, 'config'), 'SESSION');
  };
  const { token } = await login();
  const provider = providerFor(token);
  await inferenceClient(provider).chat(generic('x'));
  assert.match(await lastSigner(), /^ST\$token-\d+$/);

  // The provider's own refresh uses a fixed host; this is the same request to the emulator.
  const request = await common.composeRequest({
    baseEndpoint: emulator.url, path: '/v1/authentication/refresh', method: 'POST',
    defaultHeaders: { 'content-type': 'application/json' }, bodyContent: JSON.stringify({ currentToken: token }) });
  const refreshed = await new common.FetchHttpClient(new common.DefaultRequestSigner(provider)).send(request);
  assert.equal(refreshed.status, 200);
  const next = (await refreshed.json()).token;
  assert.notEqual(next, token);
  await inferenceClient(providerFor(next)).chat(generic('x'));

  await emulator.post('identity', { revoke: true });
  await assert.rejects(inferenceClient(providerFor(next)).chat(generic('x')), { statusCode: 401 });
});

async function instancePrincipal() {
  const builder = new common.InstancePrincipalsAuthenticationDetailsProviderBuilder();
  builder.metadataBaseUrl = `${emulator.url}/opc/v2`;
  await builder.autoDetectEndpointUsingMetadataUrl();  // the region; the client derives Oracle's endpoint from it
  builder.federationEndpoint = emulator.url;
  return builder.build();
}

test('an instance principal finds its region, its certificates and its token', async () => {
  const provider = await instancePrincipal();
  assert.equal(provider.getRegion().regionId, 'us-chicago-1');
  const { chatResult } = await inferenceClient(provider).chat(generic('from an instance'));
  assert.equal(chatResult.chatResponse.choices[0].message.content[0].text, 'You said: from an instance');
  assert.match(await lastSigner(), /^ST\$token-\d+$/);
  const paths = (await emulator.requests()).map(({ path, status }) => `${status} ${path}`);
  for (const path of ['/opc/v2/instance/region', '/opc/v2/identity/cert.pem', '/opc/v2/identity/key.pem',
    '/opc/v2/identity/intermediate.pem', '/v1/x509'])
    assert.ok(paths.includes(`200 ${path}`), path);

  // After its certificate was replaced it fetches the new one with its next token.
  await emulator.post('identity', { rotate: true, revoke: true });
  await assert.rejects(inferenceClient(provider).chat(generic('x')), { statusCode: 401 });
  await provider.refresh();
  await inferenceClient(provider).chat(generic('x'));
});

test('an instance principal renews a token that has expired', async (t) => {
  await emulator.post('identity', { token_lifetime: 5 });
  t.after(() => emulator.post('identity', { token_lifetime: 1200 }));
  const client = inferenceClient(await instancePrincipal());
  await client.chat(generic('x'));
  const first = await lastSigner();
  await new Promise((resolve) => setTimeout(resolve, 6000));
  await client.chat(generic('x'));
  assert.notEqual(await lastSigner(), first);
});

test('a resource principal reads its files, also after a renewal', async (t) => {
  const set = { OCI_RESOURCE_PRINCIPAL_VERSION: '2.2', OCI_RESOURCE_PRINCIPAL_REGION: 'us-chicago-1',
    OCI_RESOURCE_PRINCIPAL_RPST: join(folder, 'rpst'), OCI_RESOURCE_PRINCIPAL_PRIVATE_PEM: join(folder, 'private.pem') };
  Object.assign(process.env, set);
  t.after(() => Object.keys(set).forEach((name) => delete process.env[name]));
  await emulator.post('resource-principal');  // replaces a principal that an earlier test revoked
  const provider = common.ResourcePrincipalAuthenticationDetailsProvider.builder();
  assert.equal(await provider.getStringClaim('res_compartment'), compartment);
  await inferenceClient(provider).chat(generic('x'));
  const token = readFileSync(join(folder, 'rpst'), 'utf8');
  await emulator.post('resource-principal', { new_key: true });
  assert.notEqual(readFileSync(join(folder, 'rpst'), 'utf8'), token);
  await provider.refresh();
  await inferenceClient(provider).chat(generic('x'));
});

test('a pod receives its token over TLS', async () => {
  const { hostname, port } = new URL(emulator.urls.at(-1));
  const pod = await runToEnd(process.execPath,
    [fileURLToPath(new URL('support/pod.mjs', import.meta.url)), emulator.url, compartment, join(folder, 'ca.pem'), join(folder, 'sa-token')],
    { KUBERNETES_SERVICE_HOST: hostname, KUBERNETES_SERVICE_PORT_PROXYMUX: port, NODE_EXTRA_CA_CERTS: join(folder, 'ca.pem') });
  assert.match(pod.stdout, /^You said: from a pod$/m);
  const requests = await emulator.requests();
  assert.ok(requests.some(({ path, status }) => path === '/resourcePrincipalSessionTokens' && status === 200));
  assert.match(requests.at(-1).signed_by, /^ST\$token-\d+$/);
});

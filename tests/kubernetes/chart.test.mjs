// SPDX-License-Identifier: Apache-2.0
// The Helm chart and the manifests of config/kubernetes: the chart's defaults give the objects of kustomize, all objects follow the
// schemas of the Kubernetes API, and a mistake in the values has a message. Needs helm (HELM) and kubectl; run by tools/kubernetes_check.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { parse, parseAllDocuments } from 'yaml';

const source = process.env.SOURCE, chart = join(source, 'config/kubernetes/helm');
let folder;
before(() => (folder = mkdtempSync(join(tmpdir(), 'gatehouse-chart-'))));
after(() => rmSync(folder, { recursive: true, force: true }));

const objects = (text) => parseAllDocuments(text).map((one) => one.toJS()).filter((one) => one);
const secrets = Object.fromEntries(readFileSync(join(source, 'config/kubernetes/secrets.env.example'), 'utf8').trim().split('\n').map((line) => line.split(/=(.*)/s).slice(0, 2)));

/** The end of `helm template` with these values. */
function render(values) {
  const file = join(folder, 'values.yaml');
  writeFileSync(file, JSON.stringify(values));
  return spawnSync(process.env.HELM, ['template', 'gatehouse', chart, '--namespace', 'gatehouse', '-f', file], { encoding: 'utf8' });
}
function rendered(values = {}) {
  const { status, stdout, stderr } = render({ secrets: { values: secrets }, ...values });
  assert.equal(status, 0, stderr);
  return objects(stdout);
}
function kustomized() {
  const copy = mkdtempSync(join(folder, 'kustomize-'));
  cpSync(join(source, 'config/kubernetes'), copy, { recursive: true, filter: (path) => path !== chart });
  renameSync(join(copy, 'secrets.env.example'), join(copy, 'secrets.env'));
  return objects(execFileSync('kubectl', ['kustomize', copy], { encoding: 'utf8' }));
}

/** Without the differences of the tools: kustomize writes the namespace and puts a digest into names, the chart into an annotation. */
function comparable(list) {
  const kept = list.filter(({ kind }) => kind !== 'Namespace').map((one) => {
    const copy = JSON.parse(JSON.stringify(one).replaceAll(/"gatehouse-[a-z0-9]{10}"/g, '"gatehouse"'));
    delete copy.metadata.namespace;
    delete copy.spec?.template?.metadata.annotations?.['checksum/configuration'];
    return [`${copy.kind}/${copy.metadata.name}`, copy];
  });
  return Object.fromEntries(kept.sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Fails if the API's schema does not accept the object. */
async function valid({ apiVersion, kind, ...rest }) {
  const model = (await import(`kubernetes-models/${apiVersion}/${kind}`).catch(() => assert.fail(`there is no ${kind} of ${apiVersion}`)))[kind];
  new model(structuredClone({ apiVersion, kind, ...rest })).validate();
}
const find = (list, kind, name = 'gatehouse') => list.find((one) => one.kind === kind && one.metadata.name === name);
const pod = (list) => find(list, 'Deployment').spec.template.spec;

test('the defaults of the chart give the objects of kustomize', () => {
  const ours = comparable(rendered()), theirs = comparable(kustomized());
  assert.deepEqual(Object.keys(ours), Object.keys(theirs));
  assert.deepEqual(ours, theirs);
});

test('all objects follow the schemas of the API', async () => {
  for (const one of [...kustomized(), ...rendered()]) await valid(one);
  await assert.rejects(valid({ apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'x' }, spec: { replicas: 'three' } }), /replicas/);
});

test('each value changes its object, which follows the schema', async () => {
  const list = rendered({
    image: { repository: 'example.org/g', tag: '9', pullPolicy: 'Always', pullSecrets: ['registry'] }, replicas: 5, configuration: '[server]\n',
    secrets: { existing: 'mine' }, environment: { REDIS_HOST: 'redis.example.org' }, serviceAccount: { name: 'g', annotations: { a: 'b' } },
    oke: { workloadIdentity: true }, service: { type: 'LoadBalancer', port: 443, annotations: { c: 'd' } },
    drain: { terminationGracePeriodSeconds: 60, preStopSeconds: 7 }, disruptionBudget: { maxUnavailable: '30%' }, autoscaling: { requestsRunning: 0, maxReplicas: 9 },
    redis: { enabled: false }, nodeSelector: { disk: 'ssd' }, tolerations: [{ key: 'k', operator: 'Exists' }],
    affinity: { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [{ topologyKey: 'zone' }] } }, resources: { limits: { memory: '2Gi' } } });
  for (const one of list) await valid(one);
  const { containers: [container], ...spec } = pod(list);
  assert.deepEqual([container.image, container.imagePullPolicy, spec.imagePullSecrets], ['example.org/g:9', 'Always', [{ name: 'registry' }]]);
  assert.deepEqual([container.env, container.envFrom], [[{ name: 'REDIS_HOST', value: 'redis.example.org' }], [{ secretRef: { name: 'mine' } }]]);
  assert.deepEqual([container.lifecycle, spec.terminationGracePeriodSeconds], [{ preStop: { sleep: { seconds: 7 } } }, 60]);
  assert.deepEqual([spec.nodeSelector, spec.tolerations.length, Object.keys(spec.affinity)], [{ disk: 'ssd' }, 1, ['podAntiAffinity']]);
  assert.deepEqual([find(list, 'ServiceAccount', 'g').automountServiceAccountToken, spec.serviceAccountName], [true, 'g']);
  assert.deepEqual([find(list, 'Service').spec.type, find(list, 'Service').spec.ports[0].port], ['LoadBalancer', 443]);
  assert.deepEqual(find(list, 'HorizontalPodAutoscaler').spec.metrics.map(({ type }) => type), ['Resource']);
  assert.equal(find(list, 'PodDisruptionBudget').spec.maxUnavailable, '30%');
  assert.equal(find(list, 'ConfigMap').data['gatehouse.toml'], '[server]\n');
  for (const [kind, name] of [['StatefulSet', 'redis'], ['Service', 'redis'], ['Secret', 'gatehouse']]) assert.equal(find(list, kind, name), undefined);
  assert.equal(find(rendered({ autoscaling: { enabled: false } }), 'HorizontalPodAutoscaler'), undefined);
});

test('a changed configuration or secret makes new pods', () => {
  const digest = (values) => find(rendered(values), 'Deployment').spec.template.metadata.annotations['checksum/configuration'];
  const all = [digest(), digest({ configuration: 'x' }), digest({ secrets: { values: { ...secrets, MORE: '1' } } })];
  assert.equal(new Set(all).size, 3);
  assert.equal(digest(), all[0]);
});

test('a mistake in the values has a message', () => {
  const refused = (values, message) => {
    const { status, stderr } = render({ secrets: { values: secrets }, ...values });
    assert.notEqual(status, 0);
    assert.match(stderr, message);
  };
  refused({ secrets: {} }, /set secrets\.existing, or secrets\.values with the variables of the configuration, such as GATEHOUSE_KEY/);
  refused({ replica: 3 }, /Additional property replica is not allowed/);
  refused({ replicas: 0 }, /replicas: Must be greater than or equal to 1/);
  refused({ redis: { image: 7 } }, /redis\.image: Invalid type\. Expected: string, given: integer/);
  refused({ service: { type: 'External' } }, /service\.type.*must be one of/);
  refused({ secrets: { values: { 'my key': 'x' } } }, /secrets\.values.*[Pp]roperty name of "my key" does not match|secrets\.values: Property name/);
  refused({ autoscaling: { requestsRunning: 0, cpuPercent: 0 } }, /autoscaling needs requestsRunning or cpuPercent, or enabled: false/);
});

test('the schema describes each default, and only those', () => {
  const schema = JSON.parse(readFileSync(join(chart, 'values.schema.json'), 'utf8')), values = parse(readFileSync(join(chart, 'values.yaml'), 'utf8'));
  const compare = (where, { properties }, value) => {
    assert.deepEqual(Object.keys(properties).filter((name) => name !== 'global').sort(), Object.keys(value).sort(), where);
    for (const [name, one] of Object.entries(properties)) if (one.additionalProperties === false && one.properties) compare(`${where}.${name}`, one, value[name]);
  };
  compare('values', schema, values);
});

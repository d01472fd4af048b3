// SPDX-License-Identifier: Apache-2.0
// Authorities and certificates, made on the spot by openssl.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { patience } from './process.mjs';

const openssl = (...args) => execFileSync('openssl', args, { stdio: 'pipe' });
let serial = 100;

/** Writes NAME.pem and NAME.key into `folder`; signed by `ca`, another one of these, or by itself. */
export function makeCertificate(folder, name, { subject = `/CN=${name}`, alternative, ca, days = 30 } = {}) {
  const certificate = join(folder, `${name}.pem`), key = join(folder, `${name}.key`);
  const extensions = alternative ? ['-addext', `subjectAltName=${alternative}`] : [];
  const request = ['req', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', key, '-subj', subject, '-utf8', ...extensions];
  if (ca) {
    openssl(...request, '-out', `${certificate}.csr`);
    openssl('x509', '-req', '-in', `${certificate}.csr`, '-CA', ca.certificate, '-CAkey', ca.key, '-set_serial', String(++serial),
      '-days', String(days), '-copy_extensions', 'copy', '-out', certificate);
  } else {
    openssl(...request, '-x509', '-days', String(days), '-out', certificate);
  }
  execFileSync('chmod', ['600', key]);
  return { certificate, key, pem: readFileSync(certificate), keyPem: readFileSync(key) };
}

/** `openssl s_client` against 127.0.0.1: what it prints, whatever its status. */
export function sClient(port, ...args) {
  try {
    return execFileSync('openssl', ['s_client', '-connect', `127.0.0.1:${port}`, ...args], { input: '', stdio: ['pipe', 'pipe', 'pipe'], timeout: patience }).toString();
  } catch (error) {
    return `${error.stdout}${error.stderr}`;
  }
}

// SPDX-License-Identifier: Apache-2.0
// A program in a pod: sends a chat as its workload.  It is a process of
// its own, because Node reads NODE_EXTRA_CA_CERTS at its start only.
// node pod.mjs ENDPOINT COMPARTMENT CA_FILE TOKEN_FILE
import common from 'oci-common';
import inference from 'oci-generativeaiinference';

const [endpoint, compartmentId, certificate, token] = process.argv.slice(2);
const client = new inference.GenerativeAiInferenceClient({
  authenticationDetailsProvider: common.OkeWorkloadIdentityAuthenticationDetailsProvider.builder(certificate, token),
});
client.endpoint = endpoint;
const { chatResult } = await client.chat({
  chatDetails: {
    compartmentId,
    servingMode: { servingType: 'ON_DEMAND', modelId: 'meta.llama-3.3-70b-instruct' },
    chatRequest: { apiFormat: 'GENERIC', messages: [{ role: 'USER', content: [{ type: 'TEXT', text: 'from a pod' }] }] },
  },
  retryConfiguration: common.NoRetryConfigurationDetails,
});
console.log(chatResult.chatResponse.choices[0].message.content[0].text);
client.close();

// SPDX-License-Identifier: Apache-2.0
// Capabilities of each backend.  The suite of swap.test.mjs holds every backend to
// its column, and the table of plugins/README.md to these.
export const yes = { text: 'yes' };
/** Answered without it; a line of the log at level debug names it. */
export const ignored = { text: 'ignored' };
/** Answered, as if it had not been asked for. */
export const no = { text: 'no' };
/** There is nothing that could. */
export const none = { text: '–' };
/** 400 `unsupported`, with this (or a place in it) as `param`. */
export const refused = (param) => ({ text: `refused: \`${param}\``, param });

export const columns = ['oci', 'openai', 'anthropic', 'bedrock', 'echo'];

export const capabilities = {
  //                                                   oci                     openaianthropic                      bedrock                        echo
  'Chats, streaming and non-streaming':                [yes,                    yes, yes,                           yes,                           yes],
  'System and developer messages, several turns':      [yes,                    yes, yes,                           yes,                           yes],
  'Usage, including streams':                          [yes,                    yes, yes,                           yes,                           yes],
  '`max_tokens`, `max_completion_tokens`':             [yes,                    yes, yes,                           yes,                           yes],
  '`stop`':                                            [yes,                    yes, yes,                           yes,                           yes],
  '`n`':                                               [yes,                    yes, refused('n'),                  refused('n'),                  yes],
  '`logprobs`':                                        [yes,                    yes, refused('logprobs'),           refused('logprobs'),           refused('logprobs')],
  '`seed`':                                            [yes,                    yes, ignored,                       ignored,                       ignored],
  '`presence_penalty`, `frequency_penalty`':           [yes,                    yes, ignored,                       ignored,                       ignored],
  '`logit_bias`':                                      [yes,                    yes, ignored,                       ignored,                       ignored],
  '`reasoning_effort`':                                [yes,                    yes, yes,                           yes,                           ignored],
  'Tools: calls, parallel calls, results':             [yes,                    yes, yes,                           yes,                           refused('tools')],
  '`tool_choice`: `required`, a function':             [yes,                    yes, yes,                           yes,                           refused('tool_choice')],
  '`tool_choice`: `allowed_tools`':                    [refused('tool_choice'), yes, refused('tool_choice'),        refused('tool_choice'),        refused('tool_choice')],
  '`response_format`: `json_object`':                  [yes,                    yes, yes,                           yes,                           refused('response_format')],
  '`response_format`: `json_schema`':                  [yes,                    yes, yes,                           yes,                           refused('response_format')],
  'Images':                                            [yes,                    yes, yes,                           yes,                           refused('messages')],
  'Files':                                             [yes,                    yes, yes,                           yes,                           refused('messages')],
  'Audio input':                                       [yes,                    yes, refused('messages'),           yes,                           refused('messages')],
  'Audio output: `modalities`':                        [refused('modalities'),  yes, refused('modalities'),         refused('modalities'),         refused('modalities')],
  '`web_search_options`':                              [yes,                    yes, refused('web_search_options'), refused('web_search_options'), refused('web_search_options')],
  'Fields that the gateway does not know':             [ignored,                yes, ignored,                       ignored,                       ignored],
  'Text completions: `POST /v1/completions`':          [yes,                    yes, yes,                           yes,                           yes],
  'Text completions: several prompts':                 [refused('prompt'),      yes, refused('prompt'),             refused('prompt'),             refused('prompt')],
  'Text completions: `suffix`':                        [refused('suffix'),      yes, refused('suffix'),             refused('suffix'),             refused('suffix')],
  'Embeddings':                                        [yes,                    yes, refused('model'),              refused('model'),              refused('model')],
  'Rankings':                                          [yes,                    yes, refused('model'),              refused('model'),              refused('model')],
  'Models listed by the backend':                      [yes,                    yes, yes,                           yes,                           none],
  'Backend errors: too long, throttled, down':         [yes,                    yes, yes,                           yes,                           none],
};

/** The rows of the table below the heading `heading` of a Markdown text, as lists of cells. */
export function documentedTable(markdown, heading) {
  const section = markdown.split(`\n## ${heading}\n`)[1]?.split('\n## ')[0] ?? '';
  const rows = section.split('\n').filter((line) => line.startsWith('|'));
  return rows.map((line) => line.slice(1, -1).split('|').map((cell) => cell.trim())).filter(([first]) => !/^-+$/.test(first));
}

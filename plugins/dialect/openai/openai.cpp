// SPDX-License-Identifier: Apache-2.0
// Configuration keys and entry point of the dialect.
#include "plugins/dialect/openai/dialect.hpp"

using gatehouse::openai_dialect::OpenAi;
using gatehouse::openai_dialect::Options;

namespace {

const gatehouse::Fields<Options> fields = {
    gatehouse::optional("prefix", &Options::prefix, "Prefix of every path; may be empty."),
    gatehouse::optional(
        "stored_objects", &Options::stored_objects,
        "Model whose route serves /files, /vector_stores and /containers. Clients may use them if "
        "they may use this model. Empty: these paths do not exist."),
    gatehouse::ranged("max_messages", &Options::max_messages, 1, 1'000'000, "Maximum messages per request."),
    gatehouse::ranged("max_parts", &Options::max_parts, 1, 1'000'000,
                      "Maximum content parts and tool calls in all messages of a request."),
    gatehouse::ranged("max_tools", &Options::max_tools, 1, 1'000'000, "Maximum tools per request."),
    gatehouse::ranged("max_stop", &Options::max_stop, 1, 1'000, "Maximum stop sequences per request."),
    gatehouse::ranged("max_inputs", &Options::max_inputs, 1, 1'000'000,
                      "Maximum texts per embedding request, and prompts per text completion."),
    gatehouse::ranged("max_documents", &Options::max_documents, 1, 1'000'000,
                      "Maximum documents per ranking."),
    gatehouse::ranged(
        "keep_for_s", &Options::keep_for_s, 1, 31'536'000,
        "How long the store keeps a response of /responses or an unchanged conversation, in seconds."),
    gatehouse::ranged(
        "max_kept_bytes", &Options::max_kept_bytes, 1'024, 1'000'000'000,
        "Maximum size of a kept response with its input, and of a conversation. A larger one is not kept."),
    gatehouse::ranged("max_chain", &Options::max_chain, 1, 10'000,
                      "Maximum kept responses that previous_response_id continues."),
};

}  // namespace

GATEHOUSE_PLUGIN(OpenAi, Options, fields, "openai", "1.0.0");

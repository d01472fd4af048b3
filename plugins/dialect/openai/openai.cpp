// SPDX-License-Identifier: Apache-2.0
// The door of the dialect, and its keys.
#include "plugins/dialect/openai/dialect.hpp"

using gatehouse::openai_dialect::OpenAi;
using gatehouse::openai_dialect::Options;

namespace {

const gatehouse::Fields<Options> fields = {
    gatehouse::optional("prefix", &Options::prefix, "What every path begins with."),
    gatehouse::ranged("max_messages", &Options::max_messages, 1, 1'000'000, "Messages of one request."),
    gatehouse::ranged("max_parts", &Options::max_parts, 1, 1'000'000,
                      "Content parts and tool calls of all messages of one request."),
    gatehouse::ranged("max_tools", &Options::max_tools, 1, 1'000'000, "Tools of one request."),
    gatehouse::ranged("max_stop", &Options::max_stop, 1, 1'000, "Stop sequences of one request."),
    gatehouse::ranged("max_inputs", &Options::max_inputs, 1, 1'000'000,
                      "Texts of one request for embeddings, prompts of one for completions."),
    gatehouse::ranged("max_documents", &Options::max_documents, 1, 1'000'000, "Documents of one ranking."),
};

}  // namespace

GATEHOUSE_PLUGIN(OpenAi, Options, fields, "openai", "1.0.0");

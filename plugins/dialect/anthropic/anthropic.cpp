// SPDX-License-Identifier: Apache-2.0
// Configuration keys and entry point of the dialect.
#include "plugins/dialect/anthropic/dialect.hpp"

using gatehouse::anthropic_dialect::Anthropic;
using gatehouse::anthropic_dialect::Options;

namespace {

const gatehouse::Fields<Options> fields = {
    gatehouse::optional("prefix", &Options::prefix, "Prefix of every path; may be empty."),
    gatehouse::ranged("max_messages", &Options::max_messages, 1, 1'000'000, "Maximum messages per request."),
    gatehouse::ranged("max_parts", &Options::max_parts, 1, 1'000'000,
                      "Maximum content blocks in all messages of a request."),
    gatehouse::ranged("max_tools", &Options::max_tools, 1, 1'000'000, "Maximum tools per request."),
    gatehouse::ranged("max_stop", &Options::max_stop, 1, 1'000, "Maximum stop sequences per request."),
    gatehouse::optional("require_version", &Options::require_version,
                        "Refuse requests without the header anthropic-version."),
    gatehouse::choice("count_tokens", &Options::count_tokens, {"estimate", "off"},
                      "The response to a count of tokens if the provider cannot count: an estimate, or 404."),
    gatehouse::choice(
        "reasoning", &Options::reasoning, {"asked", "never"},
        "Whether clients that ask for thinking get the thoughts of models that do not sign them."),
};

}  // namespace

GATEHOUSE_PLUGIN(Anthropic, Options, fields, "anthropic", "1.0.0");

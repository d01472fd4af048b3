// SPDX-License-Identifier: Apache-2.0
#include "plugins/provider/anthropic/quirks.hpp"

#include "plugins/provider/anthropic/text.hpp"

namespace gatehouse::anthropic {

std::optional<Quirk> learn(const ErrorBody& refusal, const Sent& sent, Capabilities& capabilities) {
    const std::string text = lower_case(refusal.message);
    auto says = [&](std::string_view word) { return text.find(word) != text.npos; };
    const bool refuses = says("not support") || says("unsupported") || says("deprecated") ||
                         says("not permitted") || says("not available") || says("cannot be set");

    if (sent.temperature && sent.top_p && says("temperature") && says("top_p") && says("both")) {
        capabilities.both = false;
        return Quirk{"temperature and top_p in one request"};
    }
    const bool names_sampling = (sent.temperature && says("temperature")) || (sent.top_p && says("top_p")) ||
                                (sent.top_k && says("top_k"));
    if (names_sampling && refuses && !says("thinking")) {
        capabilities.sampling = false;
        return Quirk{"temperature, top_p and top_k"};
    }
    if (sent.prefill && says("prefill")) {
        capabilities.prefill = false;
        return Quirk{"a conversation that ends with the assistant's words"};
    }
    if (sent.system && says("system") && says("role")) {
        capabilities.system = false;
        return Quirk{"the role system inside a conversation"};
    }
    // The model may refuse a keyword of this schema and still accept other schemas.
    if (sent.schema && (says("output_config.format") || says("output_format") || says("structured output") ||
                        says("schema"))) {
        capabilities.schemas = false;
        return Quirk{"this schema as output_config.format", false};
    }
    if (sent.thinking == ThinkingStyle::budget && says("thinking") && (refuses || says("adaptive"))) {
        capabilities.thinking = says("adaptive") ? ThinkingStyle::adaptive : ThinkingStyle::none;
        capabilities.effort = capabilities.effort || says("adaptive");
        return Quirk{"thinking with a budget"};
    }
    if (sent.thinking == ThinkingStyle::adaptive && refuses && says("thinking")) {
        capabilities.thinking =
            says("enabled") || says("adaptive") ? ThinkingStyle::budget : ThinkingStyle::none;
        return Quirk{"adaptive thinking"};
    }
    if (sent.effort && refuses && says("effort")) {
        capabilities.effort = false;
        return Quirk{"output_config.effort"};
    }
    return std::nullopt;
}

}  // namespace gatehouse::anthropic

// SPDX-License-Identifier: Apache-2.0
#include "plugins/provider/anthropic/lessons.hpp"

#include "plugins/provider/anthropic/text.hpp"

namespace gatehouse::anthropic {

std::optional<Lesson> learn(const ErrorBody& refusal, const Sent& sent, Manners& manners) {
    const std::string text = lower_case(refusal.message);
    auto says = [&](std::string_view word) { return text.find(word) != text.npos; };
    const bool refuses = says("not support") || says("unsupported") || says("deprecated") ||
                         says("not permitted") || says("not available") || says("cannot be set");

    if (sent.temperature && sent.top_p && says("temperature") && says("top_p") && says("both")) {
        manners.both = false;
        return Lesson{"temperature and top_p in one request"};
    }
    const bool names_sampling = (sent.temperature && says("temperature")) || (sent.top_p && says("top_p")) ||
                                (sent.top_k && says("top_k"));
    if (names_sampling && refuses && !says("thinking")) {
        manners.sampling = false;
        return Lesson{"temperature, top_p and top_k"};
    }
    if (sent.prefill && says("prefill")) {
        manners.prefill = false;
        return Lesson{"a conversation that ends with the assistant's words"};
    }
    // A schema may have a keyword too many for it, which says nothing of other schemas.
    if (sent.schema && (says("output_config.format") || says("output_format") || says("structured output") ||
                        says("schema"))) {
        manners.schemas = false;
        return Lesson{"this schema as output_config.format", false};
    }
    if (sent.thinking == ThinkingStyle::budget && says("thinking") && (refuses || says("adaptive"))) {
        manners.thinking = says("adaptive") ? ThinkingStyle::adaptive : ThinkingStyle::none;
        manners.effort = manners.effort || says("adaptive");
        return Lesson{"thinking with a budget"};
    }
    if (sent.thinking == ThinkingStyle::adaptive && refuses && says("thinking")) {
        manners.thinking = says("enabled") || says("adaptive") ? ThinkingStyle::budget : ThinkingStyle::none;
        return Lesson{"adaptive thinking"};
    }
    if (sent.effort && refuses && says("effort")) {
        manners.effort = false;
        return Lesson{"output_config.effort"};
    }
    return std::nullopt;
}

}  // namespace gatehouse::anthropic

// SPDX-License-Identifier: Apache-2.0
#include "plugins/provider/bedrock/quirks.hpp"

#include <gatehouse/text.hpp>

namespace gatehouse::bedrock {

std::optional<Quirk> learn(const ErrorText& refusal, const Sent& sent, Capabilities& capabilities) {
    const std::string text = lower_case(refusal.message);
    auto says = [&](std::string_view word) { return text.find(word) != text.npos; };
    // "This model doesn't support the stopSequences field. Remove stopSequences and try again."
    const bool refuses = says("support") || says("deprecated") || says("not permitted") ||
                         says("not available") || says("not allowed") || says("extraneous") ||
                         says("invalid");

    if (sent.stream && refuses && says("stream")) {
        if (sent.tools && says("tool")) {
            capabilities.tool_stream = false;
            return Quirk{"tools in streams"};
        }
        capabilities.streams = false;
        return Quirk{"streams"};
    }
    if (sent.temperature && sent.top_p && says("temperature") && says("top_p") && says("both")) {
        capabilities.both = false;
        return Quirk{"temperature and top_p in one request"};
    }
    const bool names_sampling = (sent.temperature && says("temperature")) ||
                                (sent.top_p && (says("top_p") || says("topp"))) ||
                                (sent.top_k && (says("top_k") || says("topk")));
    if (names_sampling && refuses && !says("thinking")) {
        capabilities.sampling = false;
        return Quirk{"temperature, top_p and top_k"};
    }
    if (sent.stop && refuses && (says("stopsequences") || says("stop_sequences"))) {
        capabilities.stop = false;
        return Quirk{"stop sequences"};
    }
    if (sent.caching && refuses && (says("cachepoint") || says("prompt caching") || says("cache_control"))) {
        capabilities.caching = false;
        return Quirk{"cache points"};
    }
    // The model may refuse a keyword of this schema and still accept other schemas.
    if ((sent.schema || sent.strict) &&
        (says("outputconfig") || says("output_config") || says("output_format") || says("textformat") ||
         says("structured output") || says("schema") || says("strict"))) {
        capabilities.schemas = false;
        return Quirk{"this schema", refuses && !says("schema")};
    }
    if (sent.prefill && (says("prefill") || says("must end with a user message"))) {
        capabilities.prefill = false;
        return Quirk{"a conversation that ends with the assistant's words"};
    }
    if (sent.system && refuses &&
        (says("system messages") || says("system field") || says("system prompt"))) {
        capabilities.system = false;
        return Quirk{"a system prompt"};
    }
    const bool names_thinking = says("thinking") || says("reasoning");
    if (sent.thinking == Thinking::budget && names_thinking && (refuses || says("adaptive"))) {
        capabilities.thinking = says("adaptive") ? Thinking::adaptive : Thinking::none;
        return Quirk{"thinking with a budget"};
    }
    if (sent.thinking != Thinking::none && refuses && (names_thinking || says("effort"))) {
        const bool adaptive = sent.thinking == Thinking::adaptive;
        capabilities.thinking = adaptive && says("enabled") ? Thinking::budget : Thinking::none;
        return Quirk{"reasoning"};
    }
    return std::nullopt;
}

}  // namespace gatehouse::bedrock

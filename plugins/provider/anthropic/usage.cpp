// SPDX-License-Identifier: Apache-2.0
#include "plugins/provider/anthropic/usage.hpp"

#include "plugins/common/upstream/answer_parts.hpp"

namespace gatehouse::anthropic {

namespace {

using namespace upstream;

void read_count(std::optional<std::int64_t>& into, dom::object from, std::string_view key) {
    if (const auto found = token_count(from, key)) into = found;
}

}  // namespace

void TokenCounts::read(dom::object from) {
    const auto usage = object_member(from, "usage");
    if (!usage) return;
    read_count(input_, *usage, "input_tokens");
    read_count(output_, *usage, "output_tokens");
    read_count(cache_read_, *usage, "cache_read_input_tokens");
    read_count(cache_creation_, *usage, "cache_creation_input_tokens");
    if (const auto details = object_member(*usage, "output_tokens_details")) {
        read_count(thinking_, *details, "thinking_tokens");
        output_extra_.keep(*details, {"thinking_tokens"});
    }
    extra_.keep(*usage, {"input_tokens", "output_tokens", "cache_read_input_tokens",
                         "cache_creation_input_tokens", "output_tokens_details", "service_tier"});
}

std::optional<std::int64_t> TokenCounts::prompt() const {
    if (!input_) return std::nullopt;
    return *input_ + cache_read_.value_or(0) + cache_creation_.value_or(0);
}

std::optional<Usage> TokenCounts::total() const {
    if (!input_ && !output_) return std::nullopt;
    Usage usage;
    usage.prompt = input_.value_or(0) + cache_read_.value_or(0) + cache_creation_.value_or(0);
    usage.completion = output_.value_or(0);
    usage.total = usage.prompt + usage.completion;
    usage.cached = cache_read_;
    usage.cache_written = cache_creation_;
    usage.reasoning = thinking_;
    usage.extra = extra_.text();
    usage.completion_extra = output_extra_.text();
    return usage;
}

}  // namespace gatehouse::anthropic

// SPDX-License-Identifier: Apache-2.0
// The table of optional fields, and the ways from one side's name to the other's.
#include "plugins/provider/oci/fields.hpp"

#include <array>

namespace gatehouse::oci {

namespace {

constexpr std::array table = {
    FieldNames{Field::token_limit, "maxTokens", "max_tokens", false},
    FieldNames{Field::temperature, "temperature", "temperature", true},
    FieldNames{Field::top_p, "topP", "top_p", true},
    FieldNames{Field::top_k, "topK", "top_k", true},
    FieldNames{Field::frequency_penalty, "frequencyPenalty", "frequency_penalty", true},
    FieldNames{Field::presence_penalty, "presencePenalty", "presence_penalty", true},
    FieldNames{Field::seed, "seed", "seed", true},
    FieldNames{Field::stop, "stop", "stop", true},
    FieldNames{Field::num_generations, "numGenerations", "n", false},
    FieldNames{Field::log_probs, "logProbs", "logprobs", true},
    FieldNames{Field::logit_bias, "logitBias", "logit_bias", true},
    FieldNames{Field::reasoning_effort, "reasoningEffort", "reasoning_effort", true},
    FieldNames{Field::verbosity, "verbosity", "verbosity", true},
    FieldNames{Field::metadata, "metadata", "metadata", true},
    FieldNames{Field::prediction, "prediction", "prediction", true},
    FieldNames{Field::response_format, "responseFormat", "response_format", false},
    FieldNames{Field::tool_choice, "toolChoice", "tool_choice", false},
    FieldNames{Field::parallel_tool_calls, "isParallelToolCalls", "parallel_tool_calls", true},
    FieldNames{Field::web_search_options, "webSearchOptions", "web_search_options", false},
    FieldNames{Field::service_tier, "serviceTier", "service_tier", true},
    FieldNames{Field::stream_options, "streamOptions", "stream_options", true},
    // Further names.
    FieldNames{Field::token_limit, "maxCompletionTokens", "max_completion_tokens", false},
    FieldNames{Field::log_probs, "topLogprobs", "top_logprobs", true},
    FieldNames{Field::stop, "stopSequences", "stop_sequences", true},
};

}  // namespace

std::span<const FieldNames> all_fields() { return table; }

std::optional<Field> field_called(std::string_view name) {
    for (const FieldNames& names : table)
        if (names.oci == name || names.openai == name) return names.field;
    return std::nullopt;
}

const FieldNames& names_of(Field field) { return table[static_cast<std::size_t>(field)]; }

std::string openai_name(std::string_view name) {
    for (const FieldNames& names : table)
        if (names.oci == name || names.openai == name) return std::string(names.openai);
    std::string snake;
    for (char c : name) {
        if (c >= 'A' && c <= 'Z') {
            if (!snake.empty() && snake.back() != '_' && snake.back() != '.') snake += '_';
            c = static_cast<char>(c - 'A' + 'a');
        }
        snake += c;
    }
    return snake;
}

}  // namespace gatehouse::oci

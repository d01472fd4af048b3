// SPDX-License-Identifier: Apache-2.0
// The table of optional fields, and the translation of their names.
#include "plugins/provider/oci/models/fields.hpp"

#include <array>

namespace gatehouse::oci {

namespace {

constexpr std::array field_table = {
    FieldNames{RequestField::token_limit, "maxTokens", "max_tokens", false},
    FieldNames{RequestField::temperature, "temperature", "temperature", true},
    FieldNames{RequestField::top_p, "topP", "top_p", true},
    FieldNames{RequestField::top_k, "topK", "top_k", true},
    FieldNames{RequestField::frequency_penalty, "frequencyPenalty", "frequency_penalty", true},
    FieldNames{RequestField::presence_penalty, "presencePenalty", "presence_penalty", true},
    FieldNames{RequestField::seed, "seed", "seed", true},
    FieldNames{RequestField::stop, "stop", "stop", true},
    FieldNames{RequestField::num_generations, "numGenerations", "n", false},
    FieldNames{RequestField::log_probs, "logProbs", "logprobs", true},
    FieldNames{RequestField::logit_bias, "logitBias", "logit_bias", true},
    FieldNames{RequestField::reasoning_effort, "reasoningEffort", "reasoning_effort", true},
    FieldNames{RequestField::verbosity, "verbosity", "verbosity", true},
    FieldNames{RequestField::metadata, "metadata", "metadata", true},
    FieldNames{RequestField::prediction, "prediction", "prediction", true},
    FieldNames{RequestField::response_format, "responseFormat", "response_format", false},
    FieldNames{RequestField::tool_choice, "toolChoice", "tool_choice", false},
    FieldNames{RequestField::parallel_tool_calls, "isParallelToolCalls", "parallel_tool_calls", true},
    FieldNames{RequestField::web_search_options, "webSearchOptions", "web_search_options", false},
    FieldNames{RequestField::service_tier, "serviceTier", "service_tier", true},
    FieldNames{RequestField::stream_options, "streamOptions", "stream_options", true},
    FieldNames{RequestField::encrypted_content, "encryptedContent", "encrypted_content", true},
    FieldNames{RequestField::reasoning_items, "reasoningItems", "reasoning_items", true},
    // Further names.
    FieldNames{RequestField::token_limit, "maxCompletionTokens", "max_completion_tokens", false},
    FieldNames{RequestField::log_probs, "topLogprobs", "top_logprobs", true},
    FieldNames{RequestField::stop, "stopSequences", "stop", true},
    FieldNames{RequestField::log_probs, "isLogProbsEnabled", "logprobs", true},
    FieldNames{RequestField::tool_choice, "toolsChoice", "tool_choice", false},
    FieldNames{RequestField::reasoning_effort, "thinking", "reasoning_effort", true},
};

}  // namespace

std::span<const FieldNames> all_fields() { return field_table; }

std::optional<RequestField> field_called(std::string_view name) {
    for (const FieldNames& names : field_table)
        if (names.oci == name || names.openai == name) return names.field;
    return std::nullopt;
}

const FieldNames& names_of(RequestField field) { return field_table[static_cast<std::size_t>(field)]; }

std::string openai_name(std::string_view name) {
    // Fields of embedding requests, which have no optional fields that a model may
    // refuse.
    if (name == "outputDimensions") return "dimensions";
    if (name == "inputs" || name == "embedContents") return "input";
    for (const FieldNames& names : field_table)
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

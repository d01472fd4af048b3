// SPDX-License-Identifier: Apache-2.0
// The optional fields of OCI's chat requests, with OCI's and OpenAI's names.
// Configuration, model families and refusals refer to them.  Constant data and
// plain values: any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace gatehouse::oci {

enum class RequestField : unsigned {
    token_limit,  // maxTokens or maxCompletionTokens, depending on the model
    temperature,
    top_p,
    top_k,
    frequency_penalty,
    presence_penalty,
    seed,
    stop,
    num_generations,
    log_probs,
    logit_bias,
    reasoning_effort,
    verbosity,
    metadata,
    prediction,
    response_format,
    tool_choice,
    parallel_tool_calls,
    web_search_options,
    service_tier,
    stream_options,
    encrypted_content,  // encrypted thoughts, on the Responses surface
    reasoning_items,    // thoughts of earlier turns, there
};

struct FieldNames {
    RequestField field;
    std::string_view oci, openai;
    /// Whether a response without the field still answers the question.  Only such
    /// a field is omitted if a model refuses it.
    bool is_hint;
};

/// All fields in the order of the enumeration, then further names.
std::span<const FieldNames> all_fields();

/// Returns the field that OCI or OpenAI calls `name`.
std::optional<RequestField> field_called(std::string_view name);
const FieldNames& names_of(RequestField field);

/// Returns OpenAI's name for a name of either side: "topP" is "top_p".  Unknown
/// names are converted from camelCase to snake_case.
std::string openai_name(std::string_view name);

/// A set of fields.
class FieldSet {
public:
    constexpr FieldSet() = default;
    constexpr FieldSet(std::initializer_list<RequestField> fields) {
        for (RequestField field : fields) add(field);
    }
    constexpr void add(RequestField field) { bits_ |= 1u << static_cast<unsigned>(field); }
    constexpr void add(FieldSet others) { bits_ |= others.bits_; }
    /// Without those of `others` that `kept` lacks.
    constexpr void remove(FieldSet others, FieldSet kept) { bits_ &= ~(others.bits_ & ~kept.bits_); }
    constexpr bool has(RequestField field) const { return bits_ >> static_cast<unsigned>(field) & 1u; }
    constexpr bool empty() const { return bits_ == 0; }
    bool operator==(const FieldSet&) const = default;

private:
    std::uint32_t bits_ = 0;
};

}  // namespace gatehouse::oci

// SPDX-License-Identifier: Apache-2.0
// The structure of a response of an upstream that speaks this API.  Its provider sends it as
// blocks with the type and the members of an event, without the texts, see
// plugins/common/openai/responses/answer.hpp.  Functions without state: any thread.
#pragma once

#include <gatehouse/event.hpp>

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace gatehouse::openai_dialect::responses {

struct NativeEvent {
    std::int64_t index = 0;  // the upstream's `output_index`
    std::string item = {};   // JSON objects; empty: absent
    std::string part = {}, annotation = {};
    std::string others = {};  // the other members, each with a comma before it
};

/// The event in `block`, or nothing if the block is not one of this API.
std::optional<NativeEvent> native_event(const OtherBlock& block);

/// The string `name` of a JSON object, or an empty text.
std::string word_in(std::string_view object, std::string_view name);

/// The members of a JSON object whose names are not `known`, each with a comma before it.
std::string members_without(std::string_view object, std::span<const std::string_view> known);

/// A JSON object on one line with another `id`, which comes first if it had none.
std::string with_id(std::string_view object, std::string_view id);

/// The prefix of an upstream's id, such as "ws_".
std::string id_prefix_of(std::string_view id);

}  // namespace gatehouse::openai_dialect::responses

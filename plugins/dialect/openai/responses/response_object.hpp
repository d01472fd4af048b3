// SPDX-License-Identifier: Apache-2.0
// The response object, which is the complete non-streaming response and a member of several
// events.  Functions without state.  [any thread]
#pragma once

#include "plugins/dialect/openai/responses/facts.hpp"

#include <gatehouse/event.hpp>
#include <gatehouse/json_writer.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace gatehouse::openai_dialect::responses {

/// The part of a response object that changes while the response is written.
struct ResponseState {
    std::string_view status = "in_progress";
    std::int64_t completed_at = 0;     // Unix seconds; 0: null
    std::string_view incomplete = {};  // the reason; empty: null
    std::string_view error_code = {};  // empty: no error
    std::string_view error_message = {};
    std::string_view output = {};           // elements, as JSON
    std::string_view sealed_thoughts = {};  // for the store only
    std::string_view instructions = {};     // as JSON; empty: those of the request
    std::string_view service_tier = "default";
    const JsonText* extra = nullptr;  // the upstream's other members; null: none
    const Usage* usage = nullptr;     // null: not known yet
};

/// The member `usage`.  Null: the usage is not known yet.
void write_usage(JsonWriter& json, const Usage* usage);

std::string response_object(const ResponseFacts& facts, const ResponseState& state);

/// OpenAI's word for an error that a client receives within a stream.
std::string_view stream_code(const Error& error);

}  // namespace gatehouse::openai_dialect::responses

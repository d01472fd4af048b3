// SPDX-License-Identifier: Apache-2.0
// A client's messages in an order that OCI takes: the results of tool calls
// directly behind the turn that made them, whatever stood in between.
//
// OCI answers 400 to a result whose call is not in the turn before; clients
// put user messages there, change ids on the way, lose calls and results.
// Plain values that point into the request: valid as long as it is.
#pragma once

#include <gatehouse/chat.hpp>

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::upstream {

struct CallRef {
    const ToolCall* call;
    std::string id;  // the call's own, or a made-up one if it has none
};

/// One message as it goes upstream.
struct Turn {
    enum class Kind {
        message,  // as it is, with `calls` for its tool calls
        calls,    // only `calls`: the message's content went before
        result,   // a tool result for the call `id`
        missing,  // a call `id` whose result is nowhere: OCI insists on one
        orphan,   // a result whose call is nowhere: to be told as a user's text
    };
    Kind kind;
    const Message* message;
    std::size_t index;  // of the message in the request, for `param`
    std::vector<CallRef> calls = {};
    std::string id = {};
};

/// `sequential`: one call a turn, its result right behind it.
std::vector<Turn> arrange(const std::vector<Message>& messages, bool sequential);

/// The arguments of a call as an object, whatever the model wrote: {} for none,
/// {"value": …} for what is no object or no JSON.
std::string argument_object(const std::string& arguments);

/// What stands for the result of a call that has none.
inline constexpr std::string_view no_result = "(no result)";

}  // namespace gatehouse::upstream

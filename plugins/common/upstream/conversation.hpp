// SPDX-License-Identifier: Apache-2.0
// Arranges a client's messages in an order that OCI accepts.  The results of tool calls
// follow directly after the turn with the calls.
//
// OCI responds with 400 to a result whose call is not in the turn before.  Clients put user
// messages there, change ids, and lose calls and results.  Plain values that point into
// the request, valid as long as the request.
#pragma once

#include <gatehouse/chat.hpp>

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::upstream {

struct CallRef {
    const ToolCall* call;
    std::string id;  // the call's own id, or a generated one
};

/// One message as sent upstream.
struct Turn {
    enum class Kind {
        message,  // unchanged, with `calls` for its tool calls
        calls,    // only `calls`; the message's content was sent before
        result,   // a tool result for the call `id`
        missing,  // a call `id` without a result; OCI requires one
        orphan,   // a result without a call; it is sent as a user's text
    };
    Kind kind;
    const Message* message;
    std::size_t index;  // position of the message in the request, for `param`
    std::vector<CallRef> calls = {};
    std::string id = {};
};

/// `sequential`: one call per turn, followed directly by its result.
std::vector<Turn> arrange(const std::vector<Message>& messages, bool sequential);

/// The arguments of a call as an object.  Returns {} for empty arguments, and {"value": …}
/// for arguments that are not an object.
std::string argument_object(const std::string& arguments);

/// The text sent as the result of a call without one.
inline constexpr std::string_view no_result = "(no result)";

}  // namespace gatehouse::upstream

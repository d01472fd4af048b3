// SPDX-License-Identifier: Apache-2.0
// A request that is being parsed, and its readers, one function per group of fields.  Each
// returns false if the Reader has an error.
#pragma once

#include "plugins/common/client/reader.hpp"
#include "plugins/dialect/anthropic/request_parser.hpp"

namespace gatehouse::anthropic_dialect {

using client::Reader;
using client::Unknown;
using client::Where;

struct Draft {
    const Bounds& bounds;
    bool counts = false;  // the request asks for a count of tokens only
    ChatRequest& request;
    std::vector<Part> system = {};  // the member `system`, which may follow `messages`
    bool system_listed = false;
    std::size_t parts = 0;  // in all messages; limited by Bounds
    bool asks_thoughts = false;
    bool no_thoughts = false;           // `thinking` is disabled
    std::string budget_effort = {};     // from a budget of `thinking`
    std::string effort = {};            // from `output_config`
    ResponseFormat config_format = {};  // from `output_config`
    std::string thinking_json = {},
                config_json = {};  // both members as received, for an upstream of the protocol
};

/// A unit of the bound on content blocks.
bool count_part(Reader& reader, const Where& where, Draft& draft);

// messages.cpp
bool read_messages(Reader& reader, json::Value& value, const Where& where, Draft& draft);
bool read_system(Reader& reader, json::Value& value, const Where& where, Draft& draft);

// tool_blocks.cpp
/// A block of a tool's call or result.
bool read_tool_use(Reader& reader, json::Object& block, const Where& where, Message& message);
bool read_tool_result(Reader& reader, json::Object& block, const Where& where, Draft& draft,
                      Message& message);

// blocks.cpp
/// A string, null, or an array of blocks that are neither calls nor results of tools.
bool read_content(Reader& reader, json::Value& value, const Where& where, Draft& draft, Message& message);
/// A block that is neither a call nor a result of a tool.
bool read_block(Reader& reader, json::Object& block, const std::string& type, const Where& where, Part& out);

// media.cpp
bool read_image(Reader& reader, json::Object& block, const Where& where, Part& out);
bool read_document(Reader& reader, json::Object& block, const Where& where, Part& out);

// tools.cpp
bool read_tools(Reader& reader, json::Value& value, const Where& where, Draft& draft);
bool read_tool_choice(Reader& reader, json::Value& value, const Where& where, Draft& draft);
/// Checks conditions that need all fields.
bool check_tools(Reader& reader, Draft& draft);

// settings.cpp
bool read_thinking(Reader& reader, json::Value& value, const Where& where, Draft& draft);
bool read_output_config(Reader& reader, json::Value& value, const Where& where, Draft& draft);
bool read_output_format(Reader& reader, json::Value& value, const Where& where, Draft& draft);
bool read_metadata(Reader& reader, json::Value& value, const Where& where, Draft& draft);
bool read_service_tier(Reader& reader, json::Value& value, const Where& where, Draft& draft);
bool read_stop(Reader& reader, json::Value& value, const Where& where, Draft& draft);
/// Decides the effort and the format, which several members set.
void settle_settings(Draft& draft);

}  // namespace gatehouse::anthropic_dialect

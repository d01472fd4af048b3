// SPDX-License-Identifier: Apache-2.0
// Parts of the request parser, one function per group of fields.  Each returns false if the
// Reader has an error.
#pragma once

#include "plugins/dialect/openai/reader.hpp"
#include "plugins/dialect/openai/request_parser.hpp"

namespace gatehouse::openai_dialect {

/// A request that is being parsed.
struct Draft {
    const Bounds& bounds;
    ChatRequest& request;
    std::size_t parts = 0;  // in all messages; limited by Bounds
    // The older names of tools and tool_choice, until all fields are read.
    std::vector<Tool> functions = {};
    ToolChoice function_call = {};
    std::size_t prompts = 0;  // number of prompts of a text completion
};

// messages.cpp
bool read_messages(Reader& reader, json::Value& value, const Where& where, Draft& draft);
/// Arguments are JSON within a string, whose own escapes may be halves of surrogate pairs.
bool read_arguments(Reader& reader, json::Value& value, const Where& where, JsonString& arguments);

// parts.cpp
/// `content`: a string, null, or an array of parts.
bool read_content(Reader& reader, json::Value& value, const Where& where, Draft& draft, Message& message);
/// Whether `url` has the scheme http, https or data, and more than that.
bool is_image_url(std::string_view url);
/// Whether `word` can be a part of a media type.  The upstream knows its formats.
bool is_audio_format(std::string_view word);

// tools.cpp
bool read_tools(Reader& reader, json::Value& value, const Where& where, Draft& draft);
bool read_tool_choice(Reader& reader, json::Value& value, const Where& where, Draft& draft);
bool read_functions(Reader& reader, json::Value& value, const Where& where, Draft& draft);
bool read_function_call(Reader& reader, json::Value& value, const Where& where, Draft& draft);
/// Checks conditions that need all fields.
bool check_tools(Reader& reader, Draft& draft);

// formats.cpp
bool read_response_format(Reader& reader, json::Value& value, const Where& where, Draft& draft);
bool read_stream_options(Reader& reader, json::Value& value, const Where& where, Draft& draft);
bool read_stop(Reader& reader, json::Value& value, const Where& where, Draft& draft);
bool read_logit_bias(Reader& reader, json::Value& value, const Where& where, Draft& draft);
bool read_modalities(Reader& reader, json::Value& value, const Where& where, Draft& draft);

}  // namespace gatehouse::openai_dialect

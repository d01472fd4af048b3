// SPDX-License-Identifier: Apache-2.0
// Code that streaming and non-streaming messages share: values set by the request, stop
// reasons, usage and common pieces of JSON.
#pragma once

#include <gatehouse/event.hpp>
#include <gatehouse/json_writer.hpp>

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

namespace gatehouse::anthropic_dialect {

/// Set when the request is parsed, so the same in every attempt.
struct AnswerFacts {
    std::string id = {};             // "msg_…"
    std::string model = {};          // the client's name for it
    std::int64_t prompt_tokens = 1;  // an estimate
    bool shows_thoughts = false;     // also thoughts without a signature
};

/// The facts that the events of an answer told.
struct AnswerEnd {
    AnswerInfo info = {};
    std::optional<Finish> finish = {};
    std::optional<Usage> usage = {};
    std::string members = {};  // unknown members of the upstream's message, as the inside of an object
    bool called = false, refused = false;
    std::size_t bytes = 0;  // in its content
};

/// The upstream's id if it is one of this protocol, else the request's.
std::string_view id_of(const AnswerInfo& info, const AnswerFacts& facts);

/// A word of this protocol for the end of an answer.
std::string_view stop_reason(const AnswerEnd& end);

/// `"stop_reason":…,"stop_sequence":…`, and `stop_details` if there are any.
void write_stop(JsonWriter& json, const AnswerEnd& end);

/// The object of `usage` at the start of a stream.
void append_first_usage(std::string& out, const AnswerInfo& info, const AnswerFacts& facts);
/// The object of `usage` of a complete answer.  An upstream without usage has estimates.
void append_usage(std::string& out, const AnswerEnd& end, const AnswerFacts& facts);

/// One element of `citations`.
void append_citation(std::string& out, const Citation& citation, std::string_view cited);

/// Appends the members of the object `extra` to an object, each with a comma before it, on one
/// line.  Omits members named in `known`.
void append_members(std::string& out, const JsonText& extra,
                    std::initializer_list<std::string_view> known = {});

/// `json` with blanks instead of line ends, which would end an event.  JSON has line ends only
/// between tokens.
std::string on_one_line(std::string_view json);

/// `id` if it fits the pattern of the protocol, else a new one.
std::string call_id(std::string_view id);

/// Adds the headers of a response, among them those of the upstream that clients of this
/// protocol read.
void add_headers(http::Headers& headers, const AnswerInfo& info);

}  // namespace gatehouse::anthropic_dialect

// SPDX-License-Identifier: Apache-2.0
// Parts of a response that upstreams send in the same structure with different names.
// Optional parts with a wrong type are dropped; they do not fail the response.  Functions
// without state: any thread.
#pragma once

#include "plugins/common/upstream/null_names.hpp"
#include "plugins/common/upstream/tree.hpp"

#include <gatehouse/event.hpp>
#include <gatehouse/result.hpp>

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::upstream {

/// Makes an error: the response of `who` has no `end`, such as "finish reason".
Error unfinished(std::string_view who, std::string_view end);

/// The member `key`.  It is part of the answer, so another type than string is an error.
Result<std::string_view> text_member(dom::object object, std::string_view key, std::string_view who);

/// A string unchanged.  Some upstreams send an object or an array instead; it is returned
/// as JSON in `room`.  Returns nothing for other types.
std::optional<std::string_view> text_or_json(dom::element value, std::string& room);

/// The member `key` if it is a valid token count.
std::optional<std::int64_t> token_count(dom::object object, std::string_view key);

/// Reads an embedding.  The error names its defect.
Result<std::vector<float>> read_vector(dom::element embedding, std::string_view who);

/// Whether members that are null belong to the unknown ones.
enum class Nulls { skip, keep };

struct UsageNames {
    std::string_view prompt, completion, total;
    std::string_view prompt_details, cached;
    std::string_view cache_written = {};
    std::string_view completion_details, reasoning, accepted_prediction, rejected_prediction;
    Nulls nulls = Nulls::skip;
};
/// Returns nothing if all of the first three are absent.  Unknown members go to the extras.
std::optional<Usage> read_usage(dom::element usage, const UsageNames& names);

/// Appends the value of `member`, with its numbers as the upstream wrote them.
void append_value(std::string& out, const dom::key_value_pair& member);

/// Appends `member` to the members that begin with a brace.
void append_member(std::string& members, const dom::key_value_pair& member);

/// The text of `object`, with the same numbers.
std::string text_of(dom::object object);

/// The members of `object` for which keep(member) is true, as the text of one object.  Empty if there is
/// no such member.
template <typename Keep>
std::string members_if(dom::object object, Keep&& keep) {
    std::string out;
    for (const dom::key_value_pair member : object)
        if (keep(member)) append_member(out, member);
    if (!out.empty()) out += '}';
    return out;
}

/// The members of `object` whose names are not `known`, as the text of one object.
/// Empty if there is no such member.
std::string unknown_members(dom::object object, std::initializer_list<std::string_view> known,
                            Nulls nulls = Nulls::skip);

/// The same for an object of which a response has many.  A member that stays null is passed on once.
std::string unknown_members(dom::object object, std::initializer_list<std::string_view> known,
                            NullNames& nulls);

/// The characters [start, end) of a text.
struct Range {
    std::int64_t start = 0, end = 0;
};
/// Reads the members `start` and `end`.  An invalid range becomes [0, 0).
Range read_range(dom::object object, std::string_view start, std::string_view end);

struct CitationNames {
    std::string_view url_citation, start, end;
    Nulls nulls = Nulls::skip;
};
/// One of `annotations` of a message.  Returns nothing if it is not the citation of a URL.
std::optional<Citation> read_citation(dom::element annotation, int choice, const CitationNames& names);
/// Emits the `annotations` of a message: citations of URLs, and others as they came.
void emit_annotations(dom::element annotations, int choice, const CitationNames& names, EventSink& events);

}  // namespace gatehouse::upstream

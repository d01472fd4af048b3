// SPDX-License-Identifier: Apache-2.0
// Parts of an answer that upstreams send in the same shape, each in its own
// spelling.  What is an ornament to the answer is left out where it has a wrong
// type; it is no reason to lose the answer.  Functions without state: any thread.
#pragma once

#include "plugins/common/upstream/tree.hpp"

#include <gatehouse/event.hpp>
#include <gatehouse/result.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::upstream {

/// An error that says that the answer of `who` has no `end`, such as "finish reason".
Error unfinished(std::string_view who, std::string_view end);

/// The member `key`, which must be a string if it is there: it is part of the answer.
Result<std::string_view> text_member(dom::object object, std::string_view key, std::string_view who);

/// A string as it is; an object or an array, which some send in its place, as JSON
/// in `room`; nothing: it is neither.
std::optional<std::string_view> text_or_json(dom::element value, std::string& room);

/// The member `key` if it is a number of tokens.
std::optional<std::int64_t> token_count(dom::object object, std::string_view key);

/// An embedding; the error says what is odd about it.
Result<std::vector<float>> read_vector(dom::element embedding, std::string_view who);

struct UsageNames {
    std::string_view prompt, completion, total;
    std::string_view prompt_details, cached;
    std::string_view completion_details, reasoning, accepted_prediction, rejected_prediction;
};
/// Nothing if none of the first three is there.
std::optional<Usage> read_usage(dom::element usage, const UsageNames& names);

/// The characters [start, end) of the text that something is about.
struct Range {
    std::int64_t start = 0, end = 0;
};
/// From the members `start` and `end`; one that cannot be is [0, 0).
Range read_range(dom::object object, std::string_view start, std::string_view end);

struct CitationNames {
    std::string_view url_citation, start, end;
};
/// `annotations` of a message: those that are citations of a URL.
std::vector<Citation> read_citations(dom::element annotations, int choice, const CitationNames& names);

}  // namespace gatehouse::upstream

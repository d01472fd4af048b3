// SPDX-License-Identifier: Apache-2.0
// The finish reasons of upstreams.
// Functions without state.  [any thread]
#pragma once

#include "gatehouse/event.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <string_view>

namespace gatehouse {

namespace detail {

// Words without case and signs.
inline constexpr auto length_words = std::to_array<std::string_view>({
    "length",
    "maxtokens",
    "maxtoken",
    "maxoutputtokens",
    "maxoutput",
    "maxlength",
    "maxnewtokens",
    "maxtokensreached",
    "maxcontextlength",
    "modellength",
    "tokenlimit",
    "errorlimit",
    "limit",
    "incomplete",
    "truncated",
    "pauseturn",
    "timelimit",
    "contextlength",
    "contextlengthexceeded",
    "contextwindowexceeded",
    "modelcontextwindowexceeded",
    "exceededcontextwindow",
    "exceedcontextsize",
    "modelmaxlength",
});
inline constexpr auto call_words = std::to_array<std::string_view>({
    "toolcalls",
    "toolcall",
    "tooluse",
    "functioncall",
    "functioncalls",
    "tools",
});
inline constexpr auto filter_words = std::to_array<std::string_view>({
    "contentfilter",
    "contentfiltered",
    "contentfiltering",
    "contentpolicy",
    "contentpolicyviolation",
    "contentmoderation",
    "sensitive",
    "inputsensitive",
    "outputsensitive",
    "safety",
    "refusal",
    "recitation",
    "blocklist",
    "blocked",
    "prohibitedcontent",
    "spii",
    "language",
    "other",
    "modelarmor",
    "imagesafety",
    "imageprohibitedcontent",
    "imagerecitation",
    "imageother",
    "errortoxic",
    "toxic",
    "unsafe",
    "filtered",
    "filter",
    "moderated",
    "moderation",
    "guardrail",
    "guardrails",
    "guardrailintervened",
    "policyviolation",
});
inline constexpr auto failure_words = std::to_array<std::string_view>({
    "error",
    "networkerror",
    "internalerror",
    "internalservererror",
    "servererror",
    "apierror",
    "upstreamerror",
    "providererror",
    "modelerror",
    "engineerror",
    "failed",
    "failure",
    "abort",
    "aborted",
    "cancel",
    "canceled",
    "cancelled",
    "interrupted",
    "timeout",
    "deadlineexceeded",
    "overloaded",
    "overload",
    "ratelimit",
    "ratelimited",
    "ratelimiterror",
    "unavailable",
    "serviceunavailable",
    "insufficientsystemresource",
    "insufficientsystemresources",
    "insufficientquota",
    "malformedfunctioncall",
    "malformedtoolcall",
    "malformedtooluse",
    "malformedmodeloutput",
    "malformedresponse",
    "unexpectedtoolcall",
    "toomanytoolcalls",
    "missingthoughtsignature",
    "noimage",
});

/// The letters and digits of `word` in lower case, behind the last point.
inline std::string plain_word(std::string_view word) {
    if (const std::size_t point = word.rfind('.'); point != word.npos) word.remove_prefix(point + 1);
    std::string out;
    for (const char c : word) {
        if (c >= 'A' && c <= 'Z') out += static_cast<char>(c - 'A' + 'a');
        if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')) out += c;
    }
    constexpr std::string_view prefix = "finishreason";
    return out.starts_with(prefix) ? out.substr(prefix.size()) : out;
}

template <std::size_t N>
bool is_one_of(std::string_view word, const std::array<std::string_view, N>& words) {
    return std::find(words.begin(), words.end(), word) != words.end();
}

}  // namespace detail

/// Whether a limit or a filter has ended the answer, so that its tool calls may be incomplete.
constexpr bool is_cut(FinishReason reason) {
    switch (reason) {
        case FinishReason::length:
        case FinishReason::content_filter: return true;
        case FinishReason::stop:
        case FinishReason::tool_calls: return false;
    }
    return false;
}

/// Reads the words of all vendors that are known, in any spelling: "MAX_TOKENS", "maxTokens",
/// "FinishReason.MAX_TOKENS".  Unknown words are `stop`.  Returns nothing for a word that
/// reports a failure of the model or of its service.
inline std::optional<FinishReason> read_finish_reason(std::string_view word) {
    if (word == "stop" || word.size() > 100) return FinishReason::stop;
    const std::string known = detail::plain_word(word);
    if (detail::is_one_of(known, detail::length_words)) return FinishReason::length;
    if (detail::is_one_of(known, detail::call_words)) return FinishReason::tool_calls;
    if (detail::is_one_of(known, detail::filter_words)) return FinishReason::content_filter;
    if (detail::is_one_of(known, detail::failure_words)) return std::nullopt;
    return FinishReason::stop;
}

/// "stop", "length", "tool_calls" or "content_filter".
inline std::string_view word_of(FinishReason reason) {
    switch (reason) {
        case FinishReason::stop: return "stop";
        case FinishReason::length: return "length";
        case FinishReason::tool_calls: return "tool_calls";
        case FinishReason::content_filter: return "content_filter";
    }
    return "stop";  // no other value exists
}

}  // namespace gatehouse

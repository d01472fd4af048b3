// SPDX-License-Identifier: Apache-2.0
#include "plugins/common/upstream/finish_reason.hpp"

#include <algorithm>
#include <array>
#include <string>

namespace gatehouse::upstream {

namespace {

// Words without case and signs.
constexpr auto length = std::to_array<std::string_view>({
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
constexpr auto calls = std::to_array<std::string_view>({
    "toolcalls",
    "toolcall",
    "tooluse",
    "functioncall",
    "functioncalls",
    "tools",
});
constexpr auto filter = std::to_array<std::string_view>({
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
constexpr auto failure = std::to_array<std::string_view>({
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
std::string plain(std::string_view word) {
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

}  // namespace

std::optional<FinishReason> read_finish_reason(std::string_view word) {
    if (word == "stop" || word.size() > 100) return FinishReason::stop;
    const std::string known = plain(word);
    if (is_one_of(known, length)) return FinishReason::length;
    if (is_one_of(known, calls)) return FinishReason::tool_calls;
    if (is_one_of(known, filter)) return FinishReason::content_filter;
    if (is_one_of(known, failure)) return std::nullopt;
    return FinishReason::stop;
}

}  // namespace gatehouse::upstream

// SPDX-License-Identifier: Apache-2.0
// The defaults are those of OpenAI's API.
#include "plugins/dialect/openai/responses/echo.hpp"

#include "plugins/common/json/extras.hpp"
#include "plugins/dialect/openai/pieces.hpp"

#include <initializer_list>

namespace gatehouse::openai_dialect::responses {

namespace {

struct Member {
    std::string_view name, otherwise;
};

std::string value_of(const ResponseDraft& draft, std::string_view name, std::string_view otherwise) {
    const std::string_view given = draft.noted(name);
    return given.empty() ? std::string(otherwise) : on_one_line(given);
}

/// The members with a comma behind each.
std::string repeated(const ResponseDraft& draft, std::initializer_list<Member> members) {
    std::string out;
    for (const auto& [name, otherwise] : members) {
        out.append("\"").append(name).append("\":");
        out.append(value_of(draft, name, otherwise)).append(",");
    }
    return out;
}

/// The same for the members of the object `name`.
std::string repeated_object(const ResponseDraft& draft, std::string_view name,
                            std::initializer_list<Member> members) {
    const JsonText given{std::string(draft.noted(name))};
    std::string out = "\"" + std::string(name) + "\":{";
    for (const auto& [member, otherwise] : members) {
        const std::string own = json::member_of(given, member);
        out.append("\"").append(member).append("\":");
        out.append(own.empty() ? std::string(otherwise) : on_one_line(own)).append(",");
    }
    out.back() = '}';
    return out += ',';
}

}  // namespace

Echo echo_of(const ResponseDraft& draft) {
    Echo echo;
    echo.instructions = value_of(draft, "instructions", "null");
    echo.before_output = repeated(
        draft,
        {{"max_output_tokens", "null"}, {"max_tool_calls", "null"}, {"metadata", "{}"}, {"model", "\"\""}});
    echo.after_output = repeated(draft, {{"parallel_tool_calls", "true"},
                                         {"previous_response_id", "null"},
                                         {"prompt_cache_key", "null"}}) +
                        repeated_object(draft, "reasoning", {{"effort", "null"}, {"summary", "null"}}) +
                        repeated(draft, {{"safety_identifier", "null"}});
    echo.after_tier =
        repeated(draft, {{"temperature", "1"}}) +
        repeated_object(draft, "text", {{"format", R"({"type":"text"})"}, {"verbosity", "\"medium\""}}) +
        repeated(draft, {{"tool_choice", "\"auto\""},
                         {"tools", "[]"},
                         {"top_logprobs", "0"},
                         {"top_p", "1"},
                         {"truncation", "\"disabled\""}});
    echo.user = value_of(draft, "user", "null");
    return echo;
}

}  // namespace gatehouse::openai_dialect::responses

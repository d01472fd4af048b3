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

/// The value that the client has given, or `otherwise`.
void append_value(std::string& out, std::string_view given, std::string_view otherwise) {
    const std::size_t begin = out.size();
    out += given.empty() ? otherwise : given;
    if (!given.empty()) replace_line_ends(out, begin);
}

/// A member with a comma behind it.
void append_member(std::string& out, const Member& member, std::string_view given) {
    out.append(1, '"').append(member.name).append("\":");
    append_value(out, given, member.otherwise);
    out += ',';
}

void append_repeated(std::string& out, const ResponseDraft& draft, std::initializer_list<Member> members) {
    for (const Member& member : members) append_member(out, member, draft.noted(member.name));
}

/// The same for the members of the object `name`.
void append_repeated_object(std::string& out, const ResponseDraft& draft, std::string_view name,
                            std::initializer_list<Member> members) {
    out.append(1, '"').append(name).append("\":{");
    const JsonText given{std::string(draft.noted(name))};
    for (const Member& member : members)
        append_member(out, member, given.empty() ? std::string() : json::member_of(given, member.name));
    out.back() = '}';
    out += ',';
}

}  // namespace

Echo echo_of(const ResponseDraft& draft) {
    constexpr std::size_t usual_bytes = 256;  // enough for a request without these members
    Echo echo;
    append_value(echo.instructions, draft.noted("instructions"), "null");
    echo.before_output.reserve(usual_bytes);
    append_repeated(
        echo.before_output, draft,
        {{"max_output_tokens", "null"}, {"max_tool_calls", "null"}, {"metadata", "{}"}, {"model", "\"\""}});
    echo.after_output.reserve(usual_bytes);
    append_repeated(
        echo.after_output, draft,
        {{"parallel_tool_calls", "true"}, {"previous_response_id", "null"}, {"prompt_cache_key", "null"}});
    append_repeated_object(echo.after_output, draft, "reasoning", {{"effort", "null"}, {"summary", "null"}});
    append_repeated(echo.after_output, draft, {{"safety_identifier", "null"}});
    echo.after_tier.reserve(usual_bytes);
    append_repeated(echo.after_tier, draft, {{"temperature", "1"}});
    append_repeated_object(echo.after_tier, draft, "text",
                           {{"format", R"({"type":"text"})"}, {"verbosity", "\"medium\""}});
    append_repeated(echo.after_tier, draft,
                    {{"tool_choice", "\"auto\""},
                     {"tools", "[]"},
                     {"top_logprobs", "0"},
                     {"top_p", "1"},
                     {"truncation", "\"disabled\""}});
    append_value(echo.user, draft.noted("user"), "null");
    return echo;
}

}  // namespace gatehouse::openai_dialect::responses

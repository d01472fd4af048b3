// SPDX-License-Identifier: Apache-2.0
// The recorded cases: a request, the request to an upstream with Chat Completions, its response, and
// the events and the response of the Responses API.
#pragma once

#include "tests/plugins/dialect/openai/responses/helper.hpp"

#include <map>
#include <string>

namespace gatehouse::test {

inline constexpr const char* cases[] = {"text",
                                        "refusal",
                                        "nothing-said",
                                        "reasoning-then-text",
                                        "text-then-call",
                                        "parallel-calls",
                                        "call-without-arguments",
                                        "namespace-call",
                                        "custom-call",
                                        "search-call",
                                        "limit-in-text",
                                        "limit-in-call",
                                        "limit-in-reasoning",
                                        "content-filter",
                                        "broken",
                                        "history-in"};

/// Ids become those of the fixtures, which count them for each prefix.
class Renamer {
public:
    void rename(Json& value) {
        if (value.is_string()) return rename_text(value);
        if (value.is_structured())
            for (Json& inner : value) rename(inner);
    }

private:
    void rename_text(Json& value) {
        const std::string text = value;
        for (const char* prefix : {"resp_", "msg_", "rs_", "fc_", "ctc_", "tsc_"})
            if (text.starts_with(prefix) && text.size() > 30) {
                auto& known = names_[text];
                if (known.empty()) known = prefix + std::to_string(++counts_[prefix]);
                value = known;
                return;
            }
    }
    std::map<std::string, std::string> names_;
    std::map<std::string, int> counts_;
};

/// The response of the case for a client that does not store it.
inline Json recorded_response(const Json& given) {
    Json response = given["response"];
    response["store"] = false;
    return response;
}

/// The events of the case, with their responses.
inline Json recorded_events(const Json& given) {
    Json events = given["events"];
    const Json whole = recorded_response(given);
    Json begun = whole;
    begun.update(Json{{"status", "in_progress"},
                      {"output", Json::array()},
                      {"usage", nullptr},
                      {"error", nullptr},
                      {"completed_at", nullptr},
                      {"incomplete_details", nullptr}});
    for (Json& event : events)
        if (event.contains("response"))
            event["response"] = event["response"].get<std::string>().starts_with("<as") ? whole : begun;
    return events;
}

/// Pieces of one text may be of any size.
inline Json with_joined_deltas(const Json& events) {
    Json joined = Json::array();
    for (Json event : events) {
        event.erase("sequence_number");
        const bool more =
            event.contains("delta") && !joined.empty() && joined.back()["type"] == event["type"];
        if (more)
            joined.back()["delta"] =
                joined.back()["delta"].get<std::string>() + event["delta"].get<std::string>();
        else
            joined.push_back(event);
    }
    return joined;
}

}  // namespace gatehouse::test

// SPDX-License-Identifier: Apache-2.0
#include "plugins/observer/console/filter.hpp"

#include <gatehouse/error_kind_name.hpp>
#include <gatehouse/text.hpp>
#include <gatehouse/url.hpp>

#include <charconv>
#include <initializer_list>

namespace gatehouse::console {

namespace {

constexpr std::size_t most_text = 200;
constexpr std::uint64_t most_rows = 200;

bool has(std::string_view text, std::string_view wanted) {
    return lower_case(text).find(wanted) != std::string::npos;
}

Result<std::uint64_t> number_of(const std::string& name, const std::string& text) {
    std::uint64_t number = 0;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
    if (read.ec != std::errc() || read.ptr != text.data() + text.size())
        return Error{.kind = ErrorKind::bad_request, .message = name + " must be a number", .param = name};
    return number;
}

Error wrong(const std::string& name, std::string message) {
    return {.kind = ErrorKind::bad_request, .message = std::move(message), .param = name};
}

/// Sets one parameter.
Result<void> set(Query& query, const std::string& name, std::string value) {
    Filter& filter = query.filter;
    for (auto [known, member] : std::initializer_list<std::pair<const char*, std::string*>>{
             {"client", &filter.client}, {"model", &filter.model}, {"provider", &filter.provider}}) {
        if (name != known) continue;
        *member = std::move(value);
        return {};
    }
    if (name == "text") {
        filter.text = lower_case(value);
        return {};
    }
    if (name == "outcome") {
        static const std::string_view words[] = {"ok", "failed", "cut", "left", "problem"};
        if (!value.empty() && std::find(std::begin(words), std::end(words), value) == std::end(words))
            return wrong(name, "outcome must be ok, failed, cut, left or problem");
        filter.outcome = std::move(value);
        return {};
    }
    const bool is_number =
        name == "status" || name == "slower_ms" || name == "limit" || name == "after" || name == "before";
    if (!is_number)
        return wrong(
            name, "there is no parameter " + name.substr(0, 40) +
                      " (allowed: client, model, provider, outcome, status, slower_ms, text, limit, after, "
                      "before)");
    if (value.empty()) return {};
    const auto number = number_of(name, value);
    if (!number) return number.error();
    if (name == "status") {
        if (*number > 599) return wrong(name, "status must be a status such as 429, or 4 for 400 to 499");
        filter.status = static_cast<int>(*number);
    } else if (name == "slower_ms") {
        filter.slower = std::chrono::milliseconds(std::min<std::uint64_t>(*number, 86'400'000));
    } else if (name == "limit") {
        if (*number < 1 || *number > most_rows) return wrong(name, "limit must be 1 to 200");
        query.limit = *number;
    } else {
        (name == "after" ? query.after : query.before) = *number;
    }
    return {};
}

}  // namespace

bool Filter::matches(const Story& story) const {
    if (!client.empty() && story.client != client) return false;
    if (!model.empty() && story.model != model) return false;
    if (!provider.empty() && story.route.provider != provider) return false;
    if (outcome == "problem" ? story.outcome == "ok" : !outcome.empty() && story.outcome != outcome)
        return false;
    if (status != 0 && story.status != status && story.status / 100 != status) return false;
    if (story.total < slower) return false;
    if (text.empty()) return true;
    for (const std::string* part : {&story.id, &story.path, &story.client, &story.client_id, &story.model,
                                    &story.route.provider, &story.route.model, &story.peer, &story.hook})
        if (has(*part, text)) return true;
    if (story.error && has(kind_name(*story.error), text)) return true;
    return has(story.trace.id.hex(), text);
}

Result<Query> read_query(std::string_view query) {
    Query made;
    while (!query.empty()) {
        const std::string_view pair = query.substr(0, query.find('&'));
        query.remove_prefix(std::min(pair.size() + 1, query.size()));
        if (pair.empty()) continue;
        const std::size_t equals = std::min(pair.find('='), pair.size());
        const auto name = percent_decoded(pair.substr(0, equals));
        const auto value = percent_decoded(pair.substr(std::min(equals + 1, pair.size())));
        if (!name || !value) return wrong("", "the query is not percent-encoded correctly");
        if (value->size() > most_text) return wrong(*name, "a value has at most 200 bytes");
        if (auto ok = set(made, *name, *value); !ok) return ok.error();
    }
    return made;
}

}  // namespace gatehouse::console

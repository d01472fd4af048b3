// SPDX-License-Identifier: Apache-2.0
#include "core/request/explanation.hpp"

#include "core/request/private_text.hpp"
#include "core/util/ascii.hpp"

#include <gatehouse/json.hpp>

#include <algorithm>

namespace gatehouse::core {

namespace {

constexpr std::size_t max_fields = 64;
constexpr std::size_t max_value_bytes = 64;

/// "maxTokens" and "max_tokens" are the same name.
std::string plain_name(std::string_view name) {
    std::string plain = lower_case(name);
    std::erase(plain, '_');
    return plain;
}

bool is_short_scalar(const JsonValue& value) {
    return !value.is(JsonType::object) && !value.is(JsonType::array) && value.raw().size() <= max_value_bytes;
}

/// Calls found(name, value) for the members of the object, and for those of the objects in it.
template <typename Found>
void each_member(const JsonValue& top, Found&& found) {
    for (const auto& [key, value] : top.members()) {
        found(std::string(key), value);
        for (const auto& [inner, one] : value.members()) found(std::string(inner), one);
    }
}

}  // namespace

void Explanation::note_routes(const std::vector<RoutePlace>& places, std::string_view model,
                              const std::vector<Route>& found) {
    rule = place_of(places, model, found);
    for (const Route& route : found) routes.push_back(without_ids(route.provider + "/" + route.model));
}

void Explanation::pass_over(const Route& route, std::string_view why, std::chrono::milliseconds wait) {
    const std::string name = without_ids(route.provider + "/" + route.model);
    if (!std::ranges::count(passed_over, name, &PassedOver::route))
        passed_over.push_back({name, why, wait.count()});
}

void Explanation::note_body(std::string_view json) {
    const auto top = read_json(json);
    if (!top) return;
    for (const auto& [key, value] : top->members()) {
        if (fields.size() == max_fields) return;
        fields.emplace_back(std::string(key),
                            is_short_scalar(value) ? std::string(value.raw()) : std::string());
    }
}

void Explanation::note_sent(std::string_view json) {
    not_sent.clear();
    rewritten.clear();
    const auto top = read_json(json);
    if (!top) return;
    std::vector<std::pair<std::string, std::string>> sent;
    each_member(*top, [&](const std::string& name, const JsonValue& value) {
        sent.emplace_back(plain_name(name),
                          is_short_scalar(value) ? std::string(value.raw()) : std::string());
    });
    for (const auto& [name, value] : fields) {
        const auto found =
            std::ranges::find(sent, plain_name(name), [](const auto& one) { return one.first; });
        if (found == sent.end())
            not_sent.push_back(name);
        else if (!value.empty() && value != found->second)
            rewritten.push_back(name);
    }
}

}  // namespace gatehouse::core

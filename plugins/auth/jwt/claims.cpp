// SPDX-License-Identifier: Apache-2.0
#include "plugins/auth/jwt/claims.hpp"

#include "plugins/auth/jwt/strict_json.hpp"
#include "plugins/auth/jwt/token.hpp"
#include "plugins/common/inbound/client_facts.hpp"

#include <algorithm>
#include <cmath>

namespace gatehouse::jwt {

namespace {

using simdjson::dom::array;
using simdjson::dom::element;
using simdjson::dom::object;

constexpr std::size_t max_name_bytes = 200;
constexpr std::size_t max_values = 1'000;
constexpr double latest_s = 1e11;  // beyond the year 5000

std::optional<object> parse(std::string_view payload) {
    static thread_local StrictJson json(max_token_bytes, max_json_depth);
    return json.object(payload);
}

std::optional<element> find(const object& claims, std::string_view claim) {
    element found;
    const auto outcome = claim.starts_with('/') ? claims.at_pointer(claim) : claims.at_key(claim);
    if (outcome.get(found) || found.is_null()) return std::nullopt;
    return found;
}

/// Returns whether a claim of this name is a text of several words (RFC 8693, 4.2).
bool is_scope(std::string_view claim) {
    const std::string_view name = claim.substr(claim.rfind('/') + 1);  // npos + 1 is 0
    return name == "scope" || name == "scp";
}

/// Calls each(text) for each value of a claim until each() returns true.
template <typename Each>
bool any_value(std::string_view claim, element value, const Each& each) {
    if (array list; !value.get_array().get(list)) {
        std::size_t count = 0;
        return std::any_of(list.begin(), list.end(), [&](element item) {
            return !item.is_array() && ++count <= max_values && any_value("", item, each);
        });
    }
    if (bool flag = false; !value.get_bool().get(flag)) return each(flag ? "true" : "false");
    if (std::int64_t number = 0; !value.get_int64().get(number)) return each(std::to_string(number));
    std::string_view text;
    if (value.get_string().get(text)) return false;
    if (!is_scope(claim)) return each(text);
    while (!text.empty()) {
        const std::size_t end = std::min(text.find(' '), text.size());
        if (end > 0 && each(text.substr(0, end))) return true;
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return false;
}

bool has_value(const object& claims, const std::string& claim, std::string_view wanted) {
    const auto value = find(claims, claim);
    if (!value) return false;
    return wanted == "*" || any_value(claim, *value, [&](std::string_view text) { return text == wanted; });
}

bool is_one_of(std::string_view text, const std::vector<std::string>& list) {
    return std::find(list.begin(), list.end(), text) != list.end();
}

/// Seconds since 1970, which may have a fraction (RFC 7519, 2).
std::optional<double> time_in(const object& claims, std::string_view name) {
    double seconds = 0;
    if (claims.at_key(name).get_double().get(seconds) || !std::isfinite(seconds)) return std::nullopt;
    return std::clamp(seconds, -latest_s, latest_s);
}

double seconds_of(Claims::Time time) {
    return std::chrono::duration<double>(time.time_since_epoch()).count();
}

Claims::Time time_of(double seconds) {
    // The clock counts nanoseconds in 64 bits: its range ends in 2262.
    return Claims::Time(std::chrono::duration_cast<Claims::Time::duration>(
        std::chrono::duration<double>(std::min(seconds, 9e9))));
}

bool is_name(std::string_view text) {
    return !text.empty() && text.size() <= max_name_bytes &&
           std::none_of(text.begin(), text.end(),
                        [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; });
}

}  // namespace

Claims::Claims(const Options& options)
    : options_(options),
      limits_models_(!options.models.empty() || !options.models_claim.empty() || !options.rules.empty()) {}

Result<void> Claims::check(const object& claims, Time now) const {
    const auto issuer = string_in(claims, "iss");
    if (!issuer || !is_one_of(*issuer, options_.issuer)) return refused("its \"iss\" is not the issuer");
    if (!options_.audience.empty()) {
        const auto audience = find(claims, "aud");
        const auto is_ours = [this](std::string_view text) { return is_one_of(text, options_.audience); };
        if (!audience || !any_value("", *audience, is_ours))
            return refused("its \"aud\" does not name this gateway's audience");
    }
    const double leeway = static_cast<double>(options_.leeway_s), seconds = seconds_of(now);
    const auto expires = time_in(claims, "exp");
    if (!expires) return refused("its \"exp\" is missing or not a number");
    if (seconds >= *expires + leeway) return refused("it has expired");
    if (has(claims, "nbf")) {
        const auto begins = time_in(claims, "nbf");
        if (!begins) return refused("its \"nbf\" is not a number");
        if (seconds + leeway < *begins) return refused("it is not valid yet");
    }
    for (const auto& [claim, values] : options_.claims) {
        const std::string& name = claim;
        if (std::none_of(values.begin(), values.end(),
                         [&](const std::string& value) { return has_value(claims, name, value); }))
            return refused("its \"" + name + "\" does not have a value that claims allows");
    }
    return {};
}

Result<void> Claims::plausible(std::string_view payload, Time now) const {
    const auto claims = parse(payload);
    if (!claims) return refused("its claims are not a JSON object or repeat a name");
    return check(*claims, now);
}

Result<Bearer> Claims::read(std::string_view payload, Time now) const {
    const auto claims = parse(payload);
    if (!claims) return refused("its claims are not a JSON object or repeat a name");
    if (auto ok = check(*claims, now); !ok) return ok.error();
    auto name = name_in(*claims);
    if (!name) return name.error();
    Bearer bearer{.who = {.name = *std::move(name)},
                  .until = time_of(*time_in(*claims, "exp") + static_cast<double>(options_.leeway_s))};
    add_facts(*claims, bearer.who);
    if (!limits_models_) return bearer;
    bearer.who.models = models_for(*claims);
    // An empty list would mean all models.
    if (bearer.who.models.empty())
        return Error{
            .kind = ErrorKind::forbidden,
            .message = "this token does not allow any model",
            .detail = "neither models, models_claim nor a rule gives a model to \"" + bearer.who.name + "\""};
    return bearer;
}

// Omits values that are not facts, which gives the client no right.
void Claims::add_facts(const object& claims, Identity& who) const {
    const auto add = [&](const std::string& claim, std::vector<std::string>& values) {
        const auto value = find(claims, claim);
        if (!value) return;
        any_value(claim, *value, [&](std::string_view text) {
            if (inbound::is_fact(text)) values.emplace_back(text);
            return false;
        });
    };
    if (!options_.groups_claim.empty()) add(options_.groups_claim, who.groups);
    for (const auto& [name, sources] : options_.attributes) {
        std::vector<std::string> values;
        for (const std::string& claim : sources) add(claim, values);
        if (!values.empty()) who.attributes.emplace(name, std::move(values));
    }
}

Result<std::string> Claims::name_in(const object& claims) const {
    const auto value = find(claims, options_.name_claim);
    std::string_view text;
    if (!value || value->get_string().get(text) || !is_name(text))
        return refused("its \"" + options_.name_claim +
                       "\", the claim that name_claim names, is missing or not a text of 1 to 200 bytes");
    return options_.name_prefix + std::string(text);
}

std::vector<std::string> Claims::models_for(const object& claims) const {
    std::vector<std::string> models = options_.models;
    if (!options_.models_claim.empty())
        if (const auto value = find(claims, options_.models_claim))
            any_value(options_.models_claim, *value, [&](std::string_view text) {
                if (!text.empty()) models.emplace_back(text);
                return false;
            });
    for (const Rule& rule : options_.rules)
        if (has_value(claims, rule.claim, rule.value))
            models.insert(models.end(), rule.models.begin(), rule.models.end());
    return models;
}

}  // namespace gatehouse::jwt

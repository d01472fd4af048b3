// SPDX-License-Identifier: Apache-2.0
#include "plugins/auth/managed_keys/key_fields.hpp"

#include "plugins/common/inbound/client_facts.hpp"
#include "plugins/common/inbound/model_patterns.hpp"

#include <gatehouse/schema.hpp>

#include <algorithm>

namespace gatehouse::managed_keys {

namespace {

constexpr std::size_t longest_name = 64, longest_text = 500, most_entries = 100;
constexpr std::int64_t latest = 253'402'300'799;  // the last second of the year 9999

Error wrong(std::string_view name, const std::string& expected) {
    return {.kind = ErrorKind::bad_request,
            .message = std::string(name) + " must be " + expected,
            .param = std::string(name)};
}

Result<std::vector<std::string>> text_list(JsonValue fields, std::string_view name) {
    const JsonValue list = fields[name];
    const Error expected = wrong(name, "an array of at most 100 strings");
    if (!list.is(JsonType::array) || list.size() > most_entries) return expected;
    std::vector<std::string> texts;
    for (const JsonValue item : list.items()) {
        if (!item.is(JsonType::string)) return expected;
        texts.push_back(item.str());
    }
    return texts;
}

/// The checks of the configuration's keys throw KeyError.
template <typename Check>
Result<void> checked(std::string_view name, Check check) {
    try {
        check();
    } catch (const KeyError& error) {
        return Error{.kind = ErrorKind::bad_request, .message = error.what(), .param = std::string(name)};
    }
    return {};
}

Result<void> apply_name(JsonValue value, KeyRecord& key) {
    const std::string name = value.str();
    if (!inbound::is_client_name(name))
        return wrong("name", "1 to 64 visible ASCII characters without blanks");
    key.name = name;
    return {};
}

Result<void> apply_groups(JsonValue fields, KeyRecord& key) {
    auto groups = text_list(fields, "groups");
    if (!groups) return groups.error();
    if (auto ok = checked("groups", [&] { inbound::check_facts(*groups, {}, ""); }); !ok) return ok;
    key.groups = *std::move(groups);
    return {};
}

Result<void> apply_models(JsonValue fields, KeyRecord& key) {
    auto models = text_list(fields, "models");
    if (!models) return models.error();
    if (!models->empty())
        if (auto ok = checked("models", [&] { inbound::check_models(*models, "models", "the key"); }); !ok)
            return ok;
    key.models = *std::move(models);
    return {};
}

}  // namespace

Result<JsonValue> read_body(const std::string& body, std::initializer_list<std::string_view> members) {
    if (body.empty()) return JsonValue::unchecked("{}");
    const auto top = read_json(std::string_view(body), 8);
    if (!top || !top->is(JsonType::object))
        return Error{ErrorKind::bad_request, "the body is not a JSON object"};
    for (const auto& [key, value] : top->members())
        if (std::find(members.begin(), members.end(), key) == members.end()) {
            std::string known;
            for (const std::string_view one : members) known.append(known.empty() ? "" : ", ").append(one);
            return Error{.kind = ErrorKind::bad_request,
                         .message = "unknown member; known are " + (known.empty() ? "none" : known),
                         .param = std::string(key.substr(0, longest_name))};
        }
    return *top;
}

Result<std::int64_t> number_field(JsonValue fields, std::string_view name, std::int64_t otherwise,
                                  std::int64_t most) {
    const JsonValue value = fields[name];
    if (value.is(JsonType::absent)) return otherwise;
    const auto number = value.integer();
    if (!number || *number < 0 || *number > most)
        return wrong(name, "an integer from 0 to " + std::to_string(most));
    return *number;
}

Result<std::string> text_field(JsonValue fields, std::string_view name) {
    const JsonValue value = fields[name];
    if (value.is(JsonType::absent)) return std::string();
    std::string text = value.str();
    if (!value.is(JsonType::string) || text.size() > longest_text)
        return wrong(name, "a string of at most 500 bytes");
    return text;
}

Result<void> apply_fields(JsonValue fields, KeyRecord& key) {
    if (const JsonValue name = fields["name"]; !name.is(JsonType::absent))
        if (auto ok = apply_name(name, key); !ok) return ok;
    if (!fields["groups"].is(JsonType::absent))
        if (auto ok = apply_groups(fields, key); !ok) return ok;
    if (!fields["models"].is(JsonType::absent))
        if (auto ok = apply_models(fields, key); !ok) return ok;
    const auto expires = number_field(fields, "expires_at", key.expires_at, latest);
    if (!expires) return expires.error();
    key.expires_at = *expires;
    if (!fields["note"].is(JsonType::absent)) {
        auto note = text_field(fields, "note");
        if (!note) return note.error();
        key.note = *std::move(note);
    }
    return {};
}

}  // namespace gatehouse::managed_keys

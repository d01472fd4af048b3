// SPDX-License-Identifier: Apache-2.0
// Reads the document of a shard.  A start reads 100,000 records, so each member is visited once.
#include "plugins/auth/managed_keys/key_record.hpp"
#include "plugins/common/json/json.hpp"

#include <gatehouse/base64.hpp>
#include <gatehouse/json.hpp>

#include <algorithm>
#include <functional>
#include <iterator>
#include <optional>
#include <utility>

namespace gatehouse::managed_keys {

namespace {

/// Empty for another type.
std::string text_of(const json::Value& value) {
    std::string text;
    json::take_string(value, text);
    return text;
}

std::int64_t number_of(const json::Value& value) { return json::integer(value).value_or(0); }

/// Calls each(element) for the elements of an array; not at all for another type.
template <typename Each>
void for_items(const json::Value& value, Each&& each) {
    if (const auto list = json::array(value))
        json::for_each(*list, [&](const json::Value& item, std::size_t) { return each(item), true; });
}

/// A member that a KeyRecord has as it is.
struct Place {
    std::string_view name;
    std::string KeyRecord::*text = nullptr;
    std::int64_t KeyRecord::*number = nullptr;
    std::vector<std::string> KeyRecord::*list = nullptr;
};

constexpr Place places[] = {{.name = "id", .text = &KeyRecord::id},
                            {.name = "name", .text = &KeyRecord::name},
                            {.name = "groups", .list = &KeyRecord::groups},
                            {.name = "models", .list = &KeyRecord::models},
                            {.name = "created_by", .text = &KeyRecord::created_by},
                            {.name = "created_at", .number = &KeyRecord::created_at},
                            {.name = "expires_at", .number = &KeyRecord::expires_at},
                            {.name = "blocked_at", .number = &KeyRecord::blocked_at},
                            {.name = "revoked_at", .number = &KeyRecord::revoked_at}};

void read_place(const json::Value& value, const Place& place, KeyRecord& key) {
    if (place.text) key.*place.text = text_of(value);
    if (place.number) key.*place.number = number_of(value);
    if (place.list)
        for_items(value, [&](const json::Value& item) { (key.*place.list).push_back(text_of(item)); });
}

/// Returns nothing if it has no digest.
std::optional<Secret> read_secret(const json::Value& value) {
    Secret secret;
    bool has_digest = false;
    if (const auto object = json::object(value))
        json::for_each(*object, [&](std::string_view name, const json::Value& member) {
            if (name == "valid_until") secret.valid_until = number_of(member);
            if (name != "digest") return true;
            const auto digest = from_base64url(text_of(member));
            has_digest = digest && digest->size() == secret.digest.size();
            if (has_digest) std::copy(digest->begin(), digest->end(), secret.digest.begin());
            return true;
        });
    return has_digest ? std::optional(secret) : std::nullopt;
}

/// At most two, the newest first.  Returns false if one has no digest.
bool read_secrets(const json::Value& value, KeyRecord& key) {
    bool is_good = true;
    int count = 0;
    for_items(value, [&](const json::Value& item) {
        const auto secret = read_secret(item);
        is_good = is_good && secret;
        if (!secret) return;
        if (count++ == 0)
            key.secret = *secret;
        else
            key.old_secret = *secret;
    });
    return is_good;
}

Error defect(std::string what) { return {ErrorKind::internal, "internal error", std::move(what)}; }

Result<KeyPointer> read_record(const json::Value& value, std::size_t hash_of_text) {
    const auto key = std::make_shared<KeyRecord>();
    bool has_digests = true;
    if (const auto object = json::object(value))
        json::for_each(*object, [&](std::string_view name, const json::Value& member) {
            const auto place = std::ranges::find(places, name, &Place::name);
            if (place != std::end(places))
                read_place(member, *place, *key);
            else if (name == "secrets")
                has_digests = read_secrets(member, *key);
            else if (name == "note")
                key->note = text_of(member);
            else if (name == "blocked_because")
                key->blocked_because = text_of(member);
            return true;
        });
    if (!has_digests) return defect("a key in the store has no digest");
    if (key->id.empty()) return defect("a key in the store has no id");
    key->hash_of_text = hash_of_text;
    return KeyPointer(key);
}

/// The id of a record; empty if it has none.
std::string id_of(const json::Value& value) {
    std::string id;
    if (const auto object = json::object(value))
        json::for_each(*object, [&](std::string_view name, const json::Value& member) {
            if (name == "id") id = text_of(member);
            return true;
        });
    return id;
}

}  // namespace

Result<Shard> read_shard(std::string body, const Known& known) {
    std::optional<Error> huge;  // such a number counts as 0
    const auto document = json::Document::parse(body, 200, &huge);
    if (!document) {
        const auto read = read_json(std::string_view(body));  // its error names the byte
        return defect("the store's keys: " + (read ? document.error() : read.error()).message);
    }
    Shard shard;
    Result<void> result;
    const auto add = [&](const json::Value& item) {
        const std::size_t hash = std::hash<std::string_view>()(json::raw(item));
        KeyPointer same = known ? known(id_of(item)) : nullptr;
        if (same && same->hash_of_text == hash) return shard.keys.push_back(std::move(same));
        auto key = read_record(item, hash);
        if (key)
            shard.keys.push_back(*std::move(key));
        else
            result = key.error();
    };
    if (const auto top = document->object())
        json::for_each(*top, [&](std::string_view name, const json::Value& value) {
            if (name == "revision") shard.revision = number_of(value);
            if (name == "keys") for_items(value, add);
            return true;
        });
    if (!result) return result.error();
    return shard;
}

}  // namespace gatehouse::managed_keys

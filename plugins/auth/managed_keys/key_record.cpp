// SPDX-License-Identifier: Apache-2.0
#include "plugins/auth/managed_keys/key_record.hpp"

#include <gatehouse/base64.hpp>
#include <gatehouse/json.hpp>
#include <gatehouse/sha256.hpp>

#include <algorithm>
#include <functional>

namespace gatehouse::managed_keys {

namespace {

std::string_view bytes_of(const Digest& digest) {
    return {reinterpret_cast<const char*>(digest.data()), digest.size()};
}

std::vector<std::string> texts(JsonValue list) {
    std::vector<std::string> out;
    for (const JsonValue item : list.items()) out.push_back(item.str());
    return out;
}

/// The members that both forms have.
void write_common(JsonWriter& json, const KeyRecord& key) {
    json.member("id", key.id).member("name", key.name).member("groups", key.groups);
    json.member("models", key.models).member("note", *key.note).member("created_by", key.created_by);
    json.member("created_at", key.created_at);
    for (const auto& [name, time] : {std::pair{"expires_at", key.expires_at},
                                     {"blocked_at", key.blocked_at},
                                     {"revoked_at", key.revoked_at}})
        if (time) json.member(name, time);
    if (!key.blocked_because->empty()) json.member("blocked_because", *key.blocked_because);
}

Result<Secret> read_secret(JsonValue from) {
    const auto digest = from_base64url(from["digest"].str());
    Secret one{{}, from["valid_until"].integer().value_or(0)};
    if (!digest || digest->size() != one.digest.size())
        return Error{ErrorKind::internal, "internal error", "a key in the store has no digest"};
    std::copy(digest->begin(), digest->end(), one.digest.begin());
    return one;
}

// A revoked key has no secret.
void write_secret(JsonWriter& json, const Secret& secret) {
    if (secret == Secret()) return;
    json.begin_object().member("digest", to_base64url(bytes_of(secret.digest)));
    json.member("valid_until", secret.valid_until).end_object();
}

// Walks over the members once, because a document has thousands of records.
Result<KeyRecord> read_record(JsonValue from) {
    KeyRecord key;
    std::string note, blocked_because;
    const std::pair<std::string_view, std::string*> strings[] = {{"id", &key.id},
                                                                 {"name", &key.name},
                                                                 {"note", &note},
                                                                 {"created_by", &key.created_by},
                                                                 {"blocked_because", &blocked_because}};
    const std::pair<std::string_view, std::int64_t*> times[] = {{"created_at", &key.created_at},
                                                                {"expires_at", &key.expires_at},
                                                                {"blocked_at", &key.blocked_at},
                                                                {"revoked_at", &key.revoked_at}};
    for (const JsonMember member : from.members()) {
        for (const auto& [name, place] : strings)
            if (member.key == name) *place = member.value.str();
        for (const auto& [name, place] : times)
            if (member.key == name) *place = member.value.integer().value_or(0);
        if (member.key == "groups") key.groups = texts(member.value);
        if (member.key == "models") key.models = texts(member.value);
        if (member.key != "secrets") continue;
        int count = 0;  // at most two, the newest first
        for (const JsonValue item : member.value.items()) {
            auto secret = read_secret(item);
            if (!secret) return secret.error();
            if (count++ == 0)
                key.secret = *secret;
            else
                key.old_secret = *secret;
        }
    }
    key.note = std::move(note);
    key.blocked_because = std::move(blocked_because);
    if (key.id.empty()) return Error{ErrorKind::internal, "internal error", "a key in the store has no id"};
    return key;
}

}  // namespace

std::string_view KeyRecord::state(std::int64_t now) const {
    if (revoked_at) return "revoked";
    if (blocked_at) return "blocked";
    return expires_at && expires_at <= now ? "expired" : "active";
}

bool KeyRecord::knows(const Digest& digest, std::int64_t now) const {
    bool found = false;
    for (const Secret* known : {&secret, &*old_secret})
        found |= *known != Secret() && equal_in_constant_time(bytes_of(known->digest), bytes_of(digest)) &&
                 (known->valid_until == 0 || now < known->valid_until);
    return found;
}

std::string write_shard(const Shard& shard) {
    std::string body;
    JsonWriter json(body);
    json.begin_object().member("revision", shard.revision).key("keys").begin_array();
    for (const KeyPointer& key : shard.keys) {
        json.begin_object();
        write_common(json, *key);
        json.key("secrets").begin_array();
        write_secret(json, key->secret);
        write_secret(json, *key->old_secret);
        json.end_array().end_object();
    }
    json.end_array().end_object();
    return body;
}

Result<Shard> read_shard(std::string_view body, const Known& known) {
    const auto top = read_json(body);
    if (!top) return Error{ErrorKind::internal, "internal error", "the store's keys: " + top.error().message};
    Shard shard{(*top)["revision"].integer().value_or(0), {}};
    for (const JsonValue item : (*top)["keys"].items()) {
        const std::size_t hash = std::hash<std::string>()(item.text().text);
        if (KeyPointer same = known(item["id"].str()); same && same->hash_of_text == hash) {
            shard.keys.push_back(std::move(same));
            continue;
        }
        auto key = read_record(item);
        if (!key) return key.error();
        key->hash_of_text = hash;
        shard.keys.push_back(std::make_shared<const KeyRecord>(*std::move(key)));
    }
    return shard;
}

void write_public(JsonWriter& json, const KeyRecord& key, std::int64_t now, std::int64_t last_used) {
    json.begin_object();
    write_common(json, key);
    json.member("state", key.state(now));
    if (last_used) json.member("last_used_at", last_used);
    if (key.old_secret->valid_until > now) json.member("old_key_valid_until", key.old_secret->valid_until);
    json.end_object();
}

}  // namespace gatehouse::managed_keys

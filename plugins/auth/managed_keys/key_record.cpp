// SPDX-License-Identifier: Apache-2.0
#include "plugins/auth/managed_keys/key_record.hpp"

#include <gatehouse/base64.hpp>
#include <gatehouse/sha256.hpp>

namespace gatehouse::managed_keys {

namespace {

std::string_view bytes_of(const Digest& digest) {
    return {reinterpret_cast<const char*>(digest.data()), digest.size()};
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

// A revoked key has no secret.
void write_secret(JsonWriter& json, const Secret& secret) {
    if (secret == Secret()) return;
    json.begin_object().member("digest", to_base64url(bytes_of(secret.digest)));
    json.member("valid_until", secret.valid_until).end_object();
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

void write_public(JsonWriter& json, const KeyRecord& key, std::int64_t now, std::int64_t last_used) {
    json.begin_object();
    write_common(json, key);
    json.member("state", key.state(now));
    if (last_used) json.member("last_used_at", last_used);
    if (key.old_secret->valid_until > now) json.member("old_key_valid_until", key.old_secret->valid_until);
    json.end_object();
}

}  // namespace gatehouse::managed_keys

// SPDX-License-Identifier: Apache-2.0
// A key as the store and the admin API know it.  Plain values: one thread at a time.
#pragma once

#include "plugins/auth/managed_keys/key_text.hpp"

#include <gatehouse/json_writer.hpp>
#include <gatehouse/result.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::managed_keys {

struct Secret {
    Digest digest = {};
    std::int64_t valid_until = 0;  // Unix seconds; 0: as long as the key
};

/// All times are Unix seconds, and 0 means never.
struct KeyRecord {
    std::string id = {}, name = {};
    std::vector<std::string> groups = {}, models = {};  // as in Identity
    std::string note = {};
    std::string created_by = {};  // the name of the caller's admin token
    std::int64_t created_at = 0, expires_at = 0;
    std::int64_t blocked_at = 0, revoked_at = 0;
    std::string blocked_because = {};
    std::vector<Secret> secrets = {};  // at most two, the newest first

    /// "active", "blocked", "expired" or "revoked".
    std::string_view state(std::int64_t now) const;
    /// Whether a client that presents this digest at `now` knows a secret of the key.
    bool knows(const Digest& digest, std::int64_t now) const;
};

/// The records of one document of the store.
struct Shard {
    std::int64_t revision = 0;  // grows by 1 with each change
    std::vector<KeyRecord> keys = {};
};

std::string write_shard(const Shard& shard);
/// The error is for the log.  REQUIRES: a body that write_shard() has written; another one is an error.
Result<Shard> read_shard(std::string_view body);

/// The record without its digests.
void write_public(JsonWriter& json, const KeyRecord& key, std::int64_t now);

}  // namespace gatehouse::managed_keys

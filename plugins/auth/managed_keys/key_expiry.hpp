// SPDX-License-Identifier: Apache-2.0
// Tells operators of keys that expire soon, before their clients are refused: a line in the log for each key,
// and a gauge.  Owned by the plugin instance.  [any thread]
#pragma once

#include "plugins/auth/managed_keys/key_table.hpp"

#include <gatehouse/host.hpp>

#include <chrono>
#include <cstdint>
#include <string>
#include <unordered_set>

namespace gatehouse::managed_keys {

class KeyExpiry {
public:
    /// `host` and `table` outlive its calls.  `days`: how long before its end a key is told of; 0: never.
    KeyExpiry(Host& host, const KeyTable& table, std::int64_t days);

    /// Begins to look at all keys, each hour.  [once]
    void start();

private:
    void look_after(std::chrono::minutes delay);
    void look();

    Host& host_;
    const KeyTable& table_;
    const std::int64_t days_;
    Gauge& expiring_;
    std::unordered_set<std::string> told_;  // ids and ends of keys in the log; of look(), one at a time
};

}  // namespace gatehouse::managed_keys

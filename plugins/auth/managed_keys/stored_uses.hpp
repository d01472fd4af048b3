// SPDX-License-Identifier: Apache-2.0
// Keeps the last uses of the keys in the store, for a later process and for other gateways.
//
// The store has a document for each shard of the keys: a JSON object with the Unix time of the last use for
// each id.  Once a minute a gateway reads each document, and writes it with compare-and-set if its own keys
// were used later.  A process that is killed loses the uses of its last minute.
#pragma once

#include "plugins/auth/managed_keys/key_store.hpp"
#include "plugins/auth/managed_keys/key_uses.hpp"

#include <gatehouse/host.hpp>
#include <gatehouse/store.hpp>

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace gatehouse::managed_keys {

/// Owned by the plugin instance; the host drops its timers and completions with the instance.  [any thread]
class StoredUses {
public:
    /// The arguments outlive its calls.  REQUIRES: `host` has a store.
    StoredUses(Host& host, const KeyStore& keys, KeyUses& uses);

    /// Begins to read and write the documents, each minute.  [once]
    void start();

private:
    void look_after(std::chrono::milliseconds delay);
    void look(std::size_t number);
    void merge(std::size_t number, const std::optional<Record>& record);
    void take(std::string_view body);
    std::string uses_of(std::size_t number) const;

    Host& host_;
    Store& store_;
    const KeyStore& keys_;
    KeyUses& uses_;
    int looks_ = 0;
};

}  // namespace gatehouse::managed_keys

// SPDX-License-Identifier: Apache-2.0
// The keys in a store that several gateways may share, and their copy in memory.
//
// The store has a document and a counter for each shard.  A gateway that changes a shard writes the
// document with compare-and-set and raises the counter.  All gateways look at the counters each
// `refresh`, and read the documents of the shards that changed.  Each fourth look also reads one further
// shard, in turn. If the store is away, the keys in memory stay as they are.
#pragma once

#include "plugins/auth/managed_keys/key_table.hpp"

#include <gatehouse/host.hpp>
#include <gatehouse/store.hpp>

#include <atomic>
#include <chrono>
#include <functional>
#include <limits>
#include <memory>
#include <mutex>

namespace gatehouse::managed_keys {

/// Owned by the plugin instance; the host drops its timers and completions with the instance.  [any thread]
class KeyStore {
public:
    KeyStore(Host& host, std::chrono::milliseconds refresh);

    /// Reads all keys, and begins to look for changes.  [once]
    void start();
    /// Whether all keys have been read once.
    bool loaded() const { return loaded_; }
    const KeyTable& table() const { return table_; }

    /// Changes a copy of the key with this id, or an empty record.  An Error of it changes
    /// nothing.  May run several times, if another gateway changes the same shard.
    using Change = std::function<Result<void>(KeyRecord&)>;
    /// Completes with the changed key when the store has it.  This gateway applies it at once.
    void change(std::string id, Change change, Completion<KeyRecord> done);

private:
    struct Changing;
    struct Reading;
    void read_counters();
    void renew();
    void renew(std::size_t number);
    void compare(const std::vector<std::int64_t>& counters);
    void read(std::shared_ptr<Reading> todo);
    void refreshed();
    void report_count();
    bool differs(std::size_t number, const std::optional<Record>& record);
    void take(std::size_t number, const std::optional<Record>& record);
    void restore(std::size_t number, std::uint64_t version);
    void set_version(std::size_t number, std::uint64_t version);
    Known known() const;
    void failed(const Error& error);
    void later();
    void attempt(std::shared_ptr<Changing> changing);
    void write(const std::shared_ptr<Changing>& changing, const std::optional<Record>& record);
    void announce(std::size_t number);

    Host& host_;
    Store& store_;
    Gauge& count_;
    const std::chrono::milliseconds refresh_;
    KeyTable table_;
    std::atomic<bool> loaded_{false}, away_{false};
    std::atomic<bool> has_loss_{false};  // a document was older: the next look reads all of them
    std::atomic<std::size_t> next_{0};   // number of looks at the counters
    static constexpr std::uint64_t unread = std::numeric_limits<std::uint64_t>::max();
    std::mutex mutex_;                     // guards the next two
    std::vector<std::int64_t> seen_;       // the counters of the documents in memory; -1: not read
    std::vector<std::uint64_t> versions_;  // versions of the documents in memory; 0: no document
};

}  // namespace gatehouse::managed_keys

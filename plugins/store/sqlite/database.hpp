// SPDX-License-Identifier: Apache-2.0
// The file of a store: its tables, its bounds, and transactions.  Its members block and throw
// SqliteError.  One thread at a time.
#pragma once

#include "plugins/common/store/bounds.hpp"
#include "plugins/common/store/counters.hpp"
#include "plugins/store/sqlite/statement.hpp"

#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace gatehouse::sqlite_store {

using stores::Bounds;
using stores::Counter;
using stores::Time;

/// A document that is written or erased.
struct Change {
    std::shared_ptr<const std::string> body = {};  // null: erased
    std::uint64_t version = 0;
    std::int64_t expires = 0;  // milliseconds since 1970, as everywhere in this plugin
};
using Changes = std::unordered_map<StoreKey, Change, stores::KeyHash>;
using CounterValues = std::vector<std::pair<StoreKey, Counter>>;

class Database {
public:
    /// Opens or creates the file, for this process alone.
    explicit Database(const std::string& path);

    /// Whether the path still leads to the open file.
    bool is_in_place() const;

    CounterValues counters(std::int64_t now);
    std::uint64_t last_version();
    /// The length of the body, or nullopt if there is no such document.
    std::optional<std::size_t> length(const StoreKey& key, std::int64_t now);
    std::optional<Record> find(const StoreKey& key, std::int64_t now);
    /// 0 if there is no such document.
    std::uint64_t version(const StoreKey& key, std::int64_t now);

    /// Writes everything in one transaction, then removes what is beyond a bound or has expired.
    void write(const Changes& changes, const CounterValues& counters, const Bounds& bounds, std::int64_t now);

    std::size_t records() const { return records_; }
    std::size_t bytes() const { return bytes_; }
    /// The documents of the gateway, which never go for others.
    StoreSize of_gateway() const;

private:
    void change_tables(const char* sql);
    void measure();
    void write_all(const Changes& changes, const CounterValues& counters);
    void remove(Statement& rows);
    void keep_bounds(const Changes& changes, const Bounds& bounds);
    void remove_expired(std::int64_t now);

    struct Statements;
    const std::string path_;
    Connection connection_;
    std::shared_ptr<Statements> all_;
    std::unordered_map<std::string, std::size_t> owners_;  // bytes of each
    std::size_t records_ = 0, bytes_ = 0, records_of_gateway_ = 0;
    std::int64_t swept_ = 0;
};

}  // namespace gatehouse::sqlite_store

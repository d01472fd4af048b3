// SPDX-License-Identifier: Apache-2.0
// The records of one file.  Changes are accepted in memory, where reads look first, and written in
// groups by a helper thread.  Shared by the instances of all configurations that name the file.
// [any thread]; members that take a Host complete on the caller's thread or on a helper thread.
#pragma once

#include "plugins/store/sqlite/database.hpp"

#include <gatehouse/host.hpp>

#include <chrono>
#include <memory>
#include <mutex>
#include <unordered_set>

namespace gatehouse::sqlite_store {

using Records = std::vector<std::optional<Record>>;

class Engine final : public std::enable_shared_from_this<Engine> {
public:
    /// The engine of the file.  A second call in this process gets the same one, with new bounds.
    static std::shared_ptr<Engine> of(const std::string& path, const Bounds& bounds);

    Engine(std::string path, const Bounds& bounds);

    void get(Host& host, std::vector<StoreKey> keys, std::size_t max_bytes, Completion<Records> done);
    void put(Host& host, Put document, Completion<std::uint64_t> done);
    void erase(Host& host, StoreKey key, Completion<bool> done);
    void add(Host& host, std::vector<Count> changes, Completion<Counts> done);
    StoreSize size() const;

    /// Writes what has been accepted; the instance of `host` ends.  Blocks.
    void leave(Host& host);

private:
    static constexpr std::chrono::milliseconds group_time{20};     // changes of this time are one transaction
    static constexpr std::chrono::milliseconds retry_time{1'000};  // after a failure

    static Error unavailable(const std::string& reason);
    static std::size_t size_of(const StoreKey& key, const Change& change);

    /// Counters that have grown and do not drain, such as spent money: the caller learns of it when the
    /// change is in the file, so that a process that is killed loses nothing that others rely on.
    struct Spend {
        std::vector<Count> changes;
        Counts counts;
        std::shared_ptr<Completion<Counts>> done;
    };

    /// A document of the gateway, such as a revoked key: the caller learns of it when it is in the file.
    struct Save {
        StoreKey key;
        std::uint64_t version;
        std::shared_ptr<Completion<std::uint64_t>> done;
    };
    /// The callers that wait for the file.
    struct Callers {
        std::vector<Spend> spends = {};
        std::vector<Save> saves = {};
    };

    std::string flush(Host& host);
    std::string write(Host& host, Callers& callers);
    void undo(const Callers& callers, Time now);
    void save(Host& host, std::shared_ptr<Put> document, std::shared_ptr<Completion<std::uint64_t>> done);
    void add_open(Host& host, const std::vector<Count>& changes, Completion<Counts> done);
    template <typename T, typename Work>
    void run(Host& host, Completion<T> done, Work work, bool makes_file = true);
    void open(Host& host);
    bool has_no_file() const;
    void reopen(Host& host);
    void close(Host& host);
    void read(Host& host, const std::vector<StoreKey>& keys, std::size_t max_bytes, Records& records);
    template <typename Accept>
    auto with_version(Host& host, const StoreKey& key, Accept&& accept);
    void failed(Host& host, const std::string& reason);
    void report(Host& host, const std::string& reason);
    std::string failure() const;
    void succeeded(Host& host);
    Result<std::uint64_t> put_if(Host& host, Put& document);
    void settle(Host& host, bool written, const CounterValues& counters);

    // These require mutex_.
    const Change* accepted(const StoreKey& key) const;
    Result<void> accepts() const;
    Result<void> has_room(const Put& document) const;
    std::uint64_t put_now(Host& host, Put& document);
    Result<Counts> add_now(Host& host, const std::vector<Count>& changes);
    std::uint64_t accept(Host& host, const StoreKey& key, Change change);
    void schedule(Host& host, std::chrono::milliseconds delay);
    CounterValues take_counters(Time now);

    const std::string path_;

    std::mutex file_mutex_;  // locked before mutex_, and by helper threads only
    std::unique_ptr<Database> file_;
    bool was_open_ = false;
    Time next_open_{};

    mutable std::mutex mutex_;  // guards all members below; never held while the file is used
    Bounds bounds_;
    bool open_ = false, scheduled_ = false;  // scheduled: a timer writes the next group
    std::string reported_;  // the last failure in the log; empty: none since the last success
    std::string failure_;   // why the file cannot be used or written; empty: it can
    Changes waiting_, writing_;
    std::size_t waiting_bytes_ = 0;
    std::uint64_t version_ = 0, writes_ = 0;
    stores::Counters counters_;
    std::unordered_set<StoreKey, stores::KeyHash> changed_counters_;
    Callers callers_;
    bool urgent_ = false;             // a helper task writes now
    StoreSize written_, of_gateway_;  // in the file
};

}  // namespace gatehouse::sqlite_store

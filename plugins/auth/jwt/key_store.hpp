// SPDX-License-Identifier: Apache-2.0
// The issuer's keys in force.  They are fetched at start, periodically, and when a token
// names an unknown key.  The host does all waiting.  [any thread]
#pragma once

#include "plugins/auth/jwt/key_set.hpp"
#include "plugins/common/files/files.hpp"

#include <gatehouse/host.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace gatehouse::jwt {

class KeyStore final : public std::enable_shared_from_this<KeyStore> {
public:
    struct Source {
        std::string url, file;  // exactly one is set
        std::string ca_file = {};
        std::chrono::seconds refresh{600}, max_stale{86'400};
    };
    struct Keys {
        std::shared_ptr<const KeySet> set = {};  // null: not fetched yet, or too old
        std::uint64_t number = 0;                // differs for each set
    };

    /// REQUIRES: `host` may be called after the instance is destroyed, because tasks hold it.
    KeyStore(Source source, std::shared_ptr<Host> host)
        : source_(std::move(source)), host_(std::move(host)) {}

    /// Starts the first fetch of a URL, or reads the file before it returns.  The error's
    /// message is a phrase.
    Result<void> start();

    Keys keys();

    /// Calls `then` once, after newer keys have arrived or their fetch has failed.  Returns
    /// false and does not call `then` if there is no fetch to wait for: unknown keys cause
    /// at most one fetch a minute.
    bool wait_for_newer(std::function<void()> then);

    /// Drops the waiting callbacks.  Call it when the instance is destroyed, because the
    /// callbacks and this store hold each other.
    void drop_waiting();

private:
    using Time = std::chrono::system_clock::time_point;

    void load();  // once `loading_` has been set
    void fetch();
    void look_at_file();
    void loaded(std::optional<Result<std::string>> text);
    void load_after(std::chrono::seconds delay);
    std::string source_name() const { return source_.url.empty() ? source_.file : source_.url; }

    const Source source_;
    const std::shared_ptr<Host> host_;
    std::mutex mutex_;
    Keys keys_;
    Time read_at_{};
    std::optional<Time> asked_for_unknown_at_;
    std::optional<FileStamp> stamp_;
    bool loading_ = false;
    int failures_ = 0;
    std::uint64_t timer_ = 0;  // number of the current timer; earlier timers do nothing
    std::vector<std::function<void()>> waiting_;
};

}  // namespace gatehouse::jwt

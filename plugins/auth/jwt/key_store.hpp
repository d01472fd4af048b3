// SPDX-License-Identifier: Apache-2.0
// The issuer's keys in force: fetched at start, anew from time to time, and once when
// a token names a key that nobody has heard of.  All waiting is the host's.  [any thread]
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
        std::string url, file;  // one of them
        std::string ca_file = {};
        std::chrono::seconds refresh{600}, max_stale{86'400};
    };
    struct Keys {
        std::shared_ptr<const KeySet> set = {};  // null: none yet, or none fresh enough
        std::uint64_t number = 0;                // another one for each other set
    };

    /// `host` must be one that may be asked after the instance has gone: tasks hold it.
    KeyStore(Source source, std::shared_ptr<Host> host)
        : source_(std::move(source)), host_(std::move(host)) {}

    /// Begins to fetch; a file is read here and now.  The error's message is a phrase.
    Result<void> start();

    Keys keys();

    /// Calls `then` once, when newer keys have come or have failed to come; false, and it
    /// is not called, if there is nothing to wait for: a token's unknown key makes us ask
    /// once a minute at most.
    bool wait_for_newer(std::function<void()> then);

    /// What waits is dropped: the instance goes, and they hold one another.
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
    std::uint64_t timer_ = 0;  // the one that counts; those set before it do nothing
    std::vector<std::function<void()>> waiting_;
};

}  // namespace gatehouse::jwt

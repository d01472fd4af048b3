// SPDX-License-Identifier: Apache-2.0
// Resolves upstreams' names with the system's resolver.  That call blocks, so it runs on
// helper threads, one for each name.  The addresses are cached for a minute.
//
// Owned by a NativeHttpClient, whose loop's thread makes all calls; the helper threads may
// outlive it.
#pragma once

#include "core/net/client/native/address.hpp"
#include "core/net/loop.hpp"

#include <deque>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

namespace gatehouse::core {

struct LookupFailure {
    std::string reason = {};  // for the log
    bool permanent = false;   // the name does not exist; false: the look-up itself failed
};

class Resolver {
public:
    class Waiter {
    public:
        /// Null: the name has no addresses, because of `why`.
        virtual void on_addresses(Addresses addresses, const LookupFailure& why) = 0;

    protected:
        ~Waiter() = default;
    };

    explicit Resolver(Loop& loop);
    ~Resolver();

    /// Returns the cached addresses of `name`, or null.
    Addresses known(const std::string& name) const;
    /// Resolves `name`.  Calls the waiter later, unless forget() is called first.
    void ask(const std::string& name, Waiter& waiter);
    void forget(const std::string& name, Waiter& waiter);
    /// Drops the cached addresses after none of them accepted a connection.
    void doubt(const std::string& name);

private:
    using Clock = std::chrono::steady_clock;

    struct Name {
        Addresses addresses = {};
        Clock::time_point known_until = {};
        std::vector<Waiter*> waiters = {};
        bool asked = false;
    };
    /// The helper threads' access to the resolver while it exists.
    struct DetachableResolver {
        std::mutex mutex;
        Loop* loop;
        Resolver* resolver;
    };

    void start(const std::string& name);
    void resolved(const std::string& name, Addresses addresses, const LookupFailure& why);

    std::shared_ptr<DetachableResolver> self_;
    std::unordered_map<std::string, Name> names_;
    std::deque<std::string> queue_;  // names that wait for a helper thread
    int threads_ = 0;
};

}  // namespace gatehouse::core

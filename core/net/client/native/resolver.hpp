// SPDX-License-Identifier: Apache-2.0
// Finds the addresses of upstreams' names by the system's resolver, which blocks: so on
// threads of its own, one for each name.  What it finds is kept for a minute.
//
// Belongs to one loop, whose thread makes all calls; the helper threads may outlive it.
#pragma once

#include "core/net/client/native/address.hpp"
#include "core/net/loop.hpp"

#include <deque>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

namespace gatehouse::core {

class Resolver {
public:
    class Waiter {
    public:
        /// Null: there are none, and `why` says so for the log.
        virtual void on_addresses(Addresses addresses, const std::string& why) = 0;

    protected:
        ~Waiter() = default;
    };

    explicit Resolver(Loop& loop);
    ~Resolver();

    /// The addresses of `name` if they are known.
    Addresses known(const std::string& name) const;
    /// Asks for them.  The waiter hears of it later, unless forget() comes before.
    void ask(const std::string& name, Waiter& waiter);
    void forget(const std::string& name, Waiter& waiter);
    /// Nobody is at any of its addresses: the next one asks anew.
    void doubt(const std::string& name);

private:
    using Clock = std::chrono::steady_clock;

    struct Name {
        Addresses addresses = {};
        Clock::time_point known_until = {};
        std::vector<Waiter*> waiters = {};
        bool asked = false;
    };
    /// How a helper thread reaches us, as long as we are there.
    struct Door {
        std::mutex mutex;
        Loop* loop;
        Resolver* resolver;
    };

    void start(const std::string& name);
    void answered(const std::string& name, Addresses addresses, const std::string& why);

    std::shared_ptr<Door> door_;
    std::unordered_map<std::string, Name> names_;
    std::deque<std::string> queue_;  // for a thread
    int threads_ = 0;
};

}  // namespace gatehouse::core

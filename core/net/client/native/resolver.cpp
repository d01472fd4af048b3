// SPDX-License-Identifier: Apache-2.0
#include "core/net/client/native/resolver.hpp"

#include <arpa/inet.h>
#include <netdb.h>

#include <system_error>
#include <thread>
#include <utility>

namespace gatehouse::core {

namespace {

constexpr std::chrono::seconds kept{60};
constexpr std::size_t max_resolved_names = 256;  // remembered; nearly all come from the configuration
constexpr std::size_t max_addresses = 16;
constexpr int max_threads = 8;

/// Blocks.  [a helper thread]
Addresses look_up(const std::string& name, LookupFailure& why) {
    addrinfo hints{}, *found = nullptr;
    hints.ai_socktype = SOCK_STREAM;
    if (const int error = getaddrinfo(name.c_str(), nullptr, &hints, &found); error != 0) {
        why = {gai_strerror(error), error == EAI_NONAME};
        return nullptr;
    }
    auto addresses = std::make_shared<std::vector<Address>>();
    for (const addrinfo* each = found; each && addresses->size() < max_addresses; each = each->ai_next)
        if (auto address = Address::of(each->ai_addr)) addresses->push_back(*address);
    freeaddrinfo(found);
    why.reason = "it has no address";
    return addresses->empty() ? nullptr : addresses;
}

}  // namespace

std::optional<Address> Address::parse(const std::string& text) {
    Address made;
    if (inet_pton(AF_INET, text.c_str(), &made.four_.sin_addr) == 1) {
        made.four_.sin_family = AF_INET;
        return made;
    }
    made = Address();
    if (inet_pton(AF_INET6, text.c_str(), &made.six_.sin6_addr) != 1) return std::nullopt;
    made.six_.sin6_family = AF_INET6;
    return made;
}

Resolver::Resolver(Loop& loop) : self_(std::make_shared<DetachableResolver>()) {
    self_->loop = &loop;
    self_->resolver = this;
}

Resolver::~Resolver() {
    std::lock_guard lock(self_->mutex);
    self_->loop = nullptr;
    self_->resolver = nullptr;
}

Addresses Resolver::known(const std::string& name) const {
    const auto found = names_.find(name);
    if (found == names_.end() || Clock::now() >= found->second.known_until) return nullptr;
    return found->second.addresses;
}

void Resolver::ask(const std::string& name, Waiter& waiter) {
    if (names_.size() >= max_resolved_names)
        std::erase_if(names_, [](const auto& entry) { return !entry.second.asked; });
    Name& asked = names_[name];
    asked.waiters.push_back(&waiter);
    if (std::exchange(asked.asked, true)) return;
    if (threads_ < max_threads)
        start(name);
    else
        queue_.push_back(name);
}

void Resolver::forget(const std::string& name, Waiter& waiter) {
    if (const auto found = names_.find(name); found != names_.end())
        std::erase(found->second.waiters, &waiter);
}

void Resolver::doubt(const std::string& name) {
    if (const auto found = names_.find(name); found != names_.end()) found->second.known_until = {};
}

void Resolver::start(const std::string& name) {
    ++threads_;
    auto tell = [name, self = self_](const Addresses& addresses, const LookupFailure& why) {
        std::lock_guard lock(self->mutex);
        if (!self->loop) return;
        self->loop->post([=] {
            // Only this loop's thread destroys the resolver.
            if (self->resolver) self->resolver->resolved(name, addresses, why);
        });
    };
    try {
        std::thread([name, tell] {
            LookupFailure why;
            Addresses addresses;
            try {
                addresses = look_up(name, why);
            } catch (const std::exception&) {
                why.reason = "no memory";
            }
            tell(addresses, why);
        }).detach();
    } catch (const std::system_error&) {
        tell(nullptr, {.reason = "no thread can be started"});
    }
}

void Resolver::resolved(const std::string& name, Addresses addresses, const LookupFailure& why) {
    --threads_;
    if (!queue_.empty()) {
        start(queue_.front());
        queue_.pop_front();
    }
    Name& asked = names_[name];
    asked.addresses = addresses;
    asked.known_until = addresses ? Clock::now() + kept : Clock::time_point();
    // A waiter may destroy other waiters and this resolver in its call.
    const auto self = self_;
    while (!asked.waiters.empty()) {
        Waiter* waiter = asked.waiters.front();
        asked.waiters.erase(asked.waiters.begin());
        waiter->on_addresses(addresses, why);
        if (!self->resolver) return;
    }
    asked.asked = false;
}

}  // namespace gatehouse::core

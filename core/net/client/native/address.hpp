// SPDX-License-Identifier: Apache-2.0
// The IPv4 or IPv6 address of an upstream, with room for a port.  A plain value.
#pragma once

#include <netinet/in.h>

#include <cstdint>
#include <cstring>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace gatehouse::core {

class Address {
public:
    /// Converts a system's address.  Returns nullopt for other families.
    static std::optional<Address> of(const sockaddr* any) {
        Address made;
        if (any->sa_family == AF_INET)
            std::memcpy(&made.four_, any, sizeof made.four_);
        else if (any->sa_family == AF_INET6)
            std::memcpy(&made.six_, any, sizeof made.six_);
        else
            return std::nullopt;
        return made;
    }
    /// Parses the usual text form.  Returns nullopt if `text` is not an address.
    static std::optional<Address> parse(const std::string& text);

    int family() const { return any_.sa_family; }
    const sockaddr* data() const { return &any_; }
    socklen_t size() const { return family() == AF_INET ? sizeof four_ : sizeof six_; }
    void set_port(std::uint16_t port) {
        (family() == AF_INET ? four_.sin_port : six_.sin6_port) = htons(port);
    }

private:
    Address() : six_{} {}
    union {
        sockaddr any_;
        sockaddr_in four_;
        sockaddr_in6 six_;
    };
};

/// The addresses of one host, in the order in which they should be tried.
using Addresses = std::shared_ptr<const std::vector<Address>>;

}  // namespace gatehouse::core

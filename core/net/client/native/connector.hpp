// SPDX-License-Identifier: Apache-2.0
// Connects to the first of several addresses that answers: one after another, and the
// next one also while those before it are silent (RFC 8305).  Part of a transfer.
// [the loop's thread]
#pragma once

#include "core/net/client/native/address.hpp"
#include "core/net/loop.hpp"

#include <memory>
#include <vector>

namespace gatehouse::core {

class Connector {
public:
    class Listener {
    public:
        /// The socket is the listener's now.  It may destroy the connector, here and below.
        virtual void on_connected(int fd) = 0;
        /// What the first address said, as the system's number.
        virtual void on_unreachable(int os_error) = 0;

    protected:
        ~Listener() = default;
    };

    /// REQUIRES: `addresses` has at least one.
    Connector(Loop& loop, Addresses addresses, std::uint16_t port, Listener& listener);
    ~Connector();
    Connector(const Connector&) = delete;
    Connector& operator=(const Connector&) = delete;

    /// May call the listener.
    void start() { try_next(); }

private:
    class Try;

    void try_next();
    int open(int& fd);
    void connected(Try& which);
    void failed(Try& which, int os_error);

    Loop& loop_;
    Addresses addresses_;
    const std::uint16_t port_;
    Listener& listener_;
    std::vector<std::unique_ptr<Try>> tries_;
    std::size_t next_ = 0;  // address
    int first_error_ = 0;
    Loop::TimerId timer_ = 0;
};

}  // namespace gatehouse::core

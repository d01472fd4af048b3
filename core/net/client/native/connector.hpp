// SPDX-License-Identifier: Apache-2.0
// Connects to the first of several addresses that accepts.  It tries them in order, and starts
// the next attempt also while earlier attempts are pending (RFC 8305).  Owned by a
// NativeTransfer.  [the loop's thread]
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
        /// The listener now owns the socket.  It may destroy the connector in both calls.
        virtual void on_connected(int fd) = 0;
        /// No address accepts.  `os_error` is the errno of the first address.
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

// SPDX-License-Identifier: Apache-2.0
// What waits to be sent to one client: small pieces are joined, large ones are
// kept where they are and never copied again.  Owned by a connection, which
// bounds it.  [the loop's thread]
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::core {

class TlsChannel;

class WriteQueue {
public:
    /// Appends copies of the three, one after another.
    void append(std::string_view first, std::string_view second = {}, std::string_view third = {});
    /// Appends `bytes` without a copy when they are many.
    void take(std::string bytes);

    std::size_t size() const { return size_; }
    bool empty() const { return size_ == 0; }
    void clear();

    enum class Sent { all, blocked, failed };
    /// Sends to the socket what it takes now.
    Sent send(int fd);
    /// The same, encrypted.  After `blocked` nothing may be cleared before the rest has gone.
    Sent send(TlsChannel& channel);

private:
    void drop(std::size_t sent);

    std::vector<std::string> pieces_;
    std::size_t first_ = 0;   // the first piece that is not sent yet
    std::size_t offset_ = 0;  // what of it has been sent
    std::size_t size_ = 0;
};

}  // namespace gatehouse::core

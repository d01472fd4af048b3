// SPDX-License-Identifier: Apache-2.0
// The bytes that wait to be sent to one client.  Small pieces are joined; large pieces are
// not copied.  Owned by a Connection, which bounds it.  [the loop's thread]
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::core {

class TlsChannel;

class WriteQueue {
public:
    /// An empty string with memory of sent bytes, for take(), so that few responses allocate.
    static std::string spare();
    /// Appends copies of the three, one after another.
    void append(std::string_view first, std::string_view second = {}, std::string_view third = {});
    /// Appends `bytes`, without a copy if they are large.
    void take(std::string bytes);

    std::size_t size() const { return size_; }
    bool empty() const { return size_ == 0; }
    void clear();

    enum class Sent { all, blocked, failed };
    /// Sends as many bytes as the socket takes now.
    Sent send(int fd);
    /// The same, encrypted.  After `blocked`, clear() must not be called before all bytes are sent.
    Sent send(TlsChannel& channel);

private:
    void drop(std::size_t sent);

    std::vector<std::string> pieces_;
    std::size_t first_ = 0;   // the first piece that is not sent yet
    std::size_t offset_ = 0;  // sent bytes of that piece
    std::size_t size_ = 0;
};

}  // namespace gatehouse::core

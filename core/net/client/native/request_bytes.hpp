// SPDX-License-Identifier: Apache-2.0
// The bytes of a request to an upstream, while they are sent.  Owned by a NativeTransfer.
// [the loop's thread]
#pragma once

#include <sys/uio.h>

#include <algorithm>
#include <cstddef>
#include <string>
#include <utility>

namespace gatehouse::core {

class RequestBytes {
public:
    /// Two pieces of memory, so that a large body is not copied.
    void set(std::string head, std::string body) {
        head_ = std::move(head);
        body_ = std::move(body);
        size_ = head_.size() + body_.size();
        rewind();
    }

    bool all_sent() const { return sent_ == size_; }
    /// Sets `parts` to the bytes that are still to be sent.  Returns the number of parts.
    std::size_t unsent(iovec (&parts)[2]) {
        std::size_t count = 0;
        if (sent_ < head_.size()) parts[count++] = {head_.data() + sent_, head_.size() - sent_};
        const std::size_t skip = sent_ - std::min(sent_, head_.size());
        if (skip < body_.size()) parts[count++] = {body_.data() + skip, body_.size() - skip};
        return count;
    }
    void advance(std::size_t bytes) { sent_ += bytes; }
    /// All bytes are to be sent again.  REQUIRES: neither release() nor erase() has been called.
    void rewind() { sent_ = 0; }

    /// Frees the memory; all_sent() keeps its value.
    void release() {
        std::string().swap(head_);
        std::string().swap(body_);
    }
    /// As release(), and overwrites the credentials.
    void erase() {
        std::fill(head_.begin(), head_.end(), '\0');
        release();
    }

private:
    std::string head_, body_;
    std::size_t sent_ = 0, size_ = 0;
};

}  // namespace gatehouse::core

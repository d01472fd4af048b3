// SPDX-License-Identifier: Apache-2.0
#include "core/net/server/write_queue.hpp"

#include "core/tls/channel.hpp"

#include <sys/socket.h>
#include <sys/uio.h>

#include <algorithm>
#include <cerrno>
#include <utility>

namespace gatehouse::core {
namespace {

constexpr std::size_t max_joined_piece = 16 * 1024;  // pieces up to this size are copied together
constexpr std::size_t pieces_at_once = 16;           // pieces in one call
constexpr std::size_t most_spares = 64;              // sent pieces whose memory a thread keeps

std::vector<std::string>& spares() {
    thread_local std::vector<std::string> mine;
    return mine;
}

void keep_spare(std::string piece) {
    const bool own_memory = piece.capacity() > std::string().capacity();
    if (!own_memory || piece.capacity() > max_joined_piece || spares().size() >= most_spares) return;
    piece.clear();
    spares().push_back(std::move(piece));
}

}  // namespace

std::string WriteQueue::spare() {
    if (spares().empty()) return {};
    std::string piece = std::move(spares().back());
    spares().pop_back();
    return piece;
}

void WriteQueue::append(std::string_view first, std::string_view second, std::string_view third) {
    const std::size_t more = first.size() + second.size() + third.size();
    if (more == 0) return;
    // Growing a large piece would copy it, so a new piece is begun.
    if (pieces_.empty() ||
        pieces_.back().size() + more > std::max(max_joined_piece, pieces_.back().capacity()))
        pieces_.emplace_back(spare()).reserve(more);
    pieces_.back().append(first).append(second).append(third);
    size_ += more;
}

void WriteQueue::take(std::string bytes) {
    if (bytes.size() <= max_joined_piece && !pieces_.empty()) return append(bytes);
    size_ += bytes.size();
    pieces_.push_back(std::move(bytes));
}

void WriteQueue::clear() {
    for (std::string& piece : pieces_) keep_spare(std::move(piece));
    pieces_.clear();
    first_ = offset_ = size_ = 0;
}

/// Drops `sent` bytes from the front.
void WriteQueue::drop(std::size_t sent) {
    while (sent > 0) {
        const std::size_t here = pieces_[first_].size() - offset_;
        if (sent < here) {
            offset_ += sent;
            break;
        }
        sent -= here;
        offset_ = 0;
        std::string().swap(pieces_[first_++]);  // frees the memory as soon as it is sent
    }
    if (first_ > 64 && first_ > pieces_.size() / 2) {
        pieces_.erase(pieces_.begin(), pieces_.begin() + static_cast<std::ptrdiff_t>(first_));
        first_ = 0;
    }
}

WriteQueue::Sent WriteQueue::send(TlsChannel& channel) {
    while (size_ > 0) {
        const std::string& piece = pieces_[first_];
        const bool more = first_ + 1 < pieces_.size();
        const auto [state, sent] = channel.write(piece.data() + offset_, piece.size() - offset_, more);
        if (state == TlsChannel::State::failed) return Sent::failed;
        if (state != TlsChannel::State::done) return Sent::blocked;
        size_ -= sent;
        if (size_ > 0) drop(sent);
    }
    clear();
    return Sent::all;
}

WriteQueue::Sent WriteQueue::send(int fd) {
    while (size_ > 0) {
        iovec parts[pieces_at_once];
        std::size_t count = 0, asked = 0;
        for (std::size_t i = first_; i < pieces_.size() && count < pieces_at_once; ++i, ++count) {
            const std::size_t skip = i == first_ ? offset_ : 0;
            parts[count] = {pieces_[i].data() + skip, pieces_[i].size() - skip};
            asked += parts[count].iov_len;
        }
        ssize_t sent;
        if (count == 1) {
            sent = ::send(fd, parts[0].iov_base, parts[0].iov_len, MSG_NOSIGNAL | MSG_DONTWAIT);
        } else {
            msghdr message{};
            message.msg_iov = parts;
            message.msg_iovlen = count;
            sent = ::sendmsg(fd, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
        }
        if (sent < 0) {
            if (errno == EINTR) continue;
            return errno == EAGAIN || errno == EWOULDBLOCK ? Sent::blocked : Sent::failed;
        }
        size_ -= static_cast<std::size_t>(sent);
        if (size_ == 0) break;
        drop(static_cast<std::size_t>(sent));
        if (static_cast<std::size_t>(sent) < asked) return Sent::blocked;
    }
    clear();
    return Sent::all;
}

}  // namespace gatehouse::core

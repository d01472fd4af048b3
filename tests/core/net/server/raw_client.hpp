// SPDX-License-Identifier: Apache-2.0
// A client on a raw socket, for tests that control which bytes are sent, and when.
// Blocking; every wait is bounded.  [one thread at a time]
#pragma once

#include "tests/core/patience.hpp"

#include <gatehouse/http.hpp>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

namespace gatehouse::testing {

/// A response as it was read from the socket.
struct RawAnswer {
    int status = 0;  // 0: no response
    http::Headers headers = {};
    std::string body = {};
    bool complete = false;  // complete according to its framing
};

class RawClient {
public:
    using Milliseconds = std::chrono::milliseconds;

    /// Connects to 127.0.0.1.  Sets the receive buffer to `receive_buffer` bytes, if not 0.
    explicit RawClient(std::uint16_t port, int receive_buffer = 0)
        : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        if (receive_buffer > 0)
            ::setsockopt(fd_, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
        const int one = 1;
        ::setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(port);
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        if (fd_ < 0 || ::connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
            close();
            throw std::runtime_error("cannot connect");
        }
    }
    ~RawClient() { close(); }
    RawClient(RawClient&& other) noexcept
        : fd_(std::exchange(other.fd_, -1)), seen_(std::move(other.seen_)) {}
    RawClient& operator=(RawClient&&) = delete;

    int fd() const { return fd_; }

    /// Sends all bytes.  Returns false if the server closes before that.
    bool send(std::string_view bytes) {
        while (!bytes.empty()) {
            const ssize_t sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
            if (sent < 0 && errno == EINTR) continue;
            if (sent <= 0) return false;
            bytes.remove_prefix(static_cast<std::size_t>(sent));
        }
        return true;
    }
    /// Sends FIN.
    void finish() { ::shutdown(fd_, SHUT_WR); }
    void close() {
        if (fd_ >= 0) ::close(std::exchange(fd_, -1));
    }
    /// Ends with RST.
    void reset() {
        const ::linger now{1, 0};
        ::setsockopt(fd_, SOL_SOCKET, SO_LINGER, &now, sizeof now);
        close();
    }

    /// Reads more bytes.  Returns false after the end, a reset, or `wait` without bytes.
    bool read(Milliseconds wait = patience) {
        pollfd ready{fd_, POLLIN, 0};
        if (::poll(&ready, 1, static_cast<int>(wait.count())) <= 0) return false;
        char bytes[65536];
        const ssize_t count = ::recv(fd_, bytes, sizeof bytes, 0);
        if (count > 0) seen_.append(bytes, static_cast<std::size_t>(count));
        ended_ = count == 0;
        reset_ = count < 0 && errno == ECONNRESET;
        return count > 0;
    }
    /// Reads all bytes until the server closes.
    std::string read_to_end(Milliseconds wait = patience) {
        while (read(wait)) {
        }
        return std::exchange(seen_, {});
    }
    /// Waits until the server has closed by FIN or RST.
    bool closed_by_server(Milliseconds wait = patience) {
        while (read(wait)) {
        }
        return ended_ || reset_;
    }
    bool was_reset() const { return reset_; }
    /// The bytes that were read and not yet taken by answer().
    const std::string& seen() const { return seen_; }

    /// Reads one response and skips interim responses (1xx).  `head_only`: the response to HEAD.
    RawAnswer answer(bool head_only = false, Milliseconds wait = patience) {
        RawAnswer answer;
        const auto end = read_until("\r\n\r\n", 0, wait);
        if (!end) return answer;
        parse_head(std::string_view(seen_).substr(0, *end), answer);
        seen_.erase(0, *end);
        if (answer.status < 200 || answer.status == 204 || answer.status == 304 || head_only) {
            answer.complete = true;
        } else if (answer.headers.get("transfer-encoding") == "chunked") {
            read_chunked(answer, wait);
        } else if (answer.headers.has("content-length")) {
            const auto size =
                static_cast<std::size_t>(std::stoull(std::string(answer.headers.get("content-length"))));
            while (seen_.size() < size && read(wait)) {
            }
            answer.complete = seen_.size() >= size;
            answer.body = seen_.substr(0, size);
            seen_.erase(0, size);
        } else {
            answer.body = read_to_end(wait);
            answer.complete = ended_;
        }
        return answer;
    }
    /// Sends a request and reads its response.
    RawAnswer ask(std::string_view request, bool head_only = false) {
        send(request);
        return answer(head_only);
    }

private:
    /// Reads until `mark`.  Returns the position after it.
    std::optional<std::size_t> read_until(std::string_view mark, std::size_t from, Milliseconds wait) {
        while (true) {
            if (const std::size_t at = seen_.find(mark, from); at != std::string::npos)
                return at + mark.size();
            from = std::max(from, seen_.size() > mark.size() ? seen_.size() - mark.size() : 0);
            if (!read(wait)) return std::nullopt;
        }
    }
    static void parse_head(std::string_view head, RawAnswer& answer) {
        answer.status = std::stoi(std::string(head.substr(9, 3)));
        std::size_t line = head.find("\r\n") + 2;
        while (line + 2 < head.size()) {
            const std::size_t end = head.find("\r\n", line);
            const std::string_view field = head.substr(line, end - line);
            const std::size_t colon = field.find(": ");
            answer.headers.add(std::string(field.substr(0, colon)), std::string(field.substr(colon + 2)));
            line = end + 2;
        }
    }
    void read_chunked(RawAnswer& answer, Milliseconds wait) {
        std::size_t at = 0;
        while (const auto line = read_until("\r\n", at, wait)) {
            const std::size_t size = std::stoul(seen_.substr(at, *line - at), nullptr, 16);
            while (seen_.size() < *line + size + 2 && read(wait)) {
            }
            answer.body.append(seen_, *line, size);
            if (seen_.size() < *line + size + 2) break;
            at = *line + size + 2;
            if (size == 0) {
                answer.complete = true;
                break;
            }
        }
        seen_.erase(0, answer.complete ? at : seen_.size());
    }

    int fd_;
    std::string seen_;
    bool ended_ = false, reset_ = false;
};

}  // namespace gatehouse::testing

// SPDX-License-Identifier: Apache-2.0
// Counts marks instead of reading JSON: they are the same in every format.
#include "tools/benchmark/client.hpp"

#include "tools/benchmark/sockets.hpp"

#include <algorithm>
#include <cerrno>

#include <unistd.h>

namespace gatehouse::benchmark {

void Client::due() { begin(now_ns()); }

void Client::begin(std::int64_t scheduled) {
    busy_ = true;
    sent_ = 0;
    scheduled_ = scheduled;
    last_text_ = 0;
    texts_ = 0;
    ending_.clear();
    scanner_ = {};
    answer_.begin();
    if (socket_ < 0) {
        socket_ = connect_to_loopback(plan_.port);
        if (socket_ < 0) return finish(false);
        loop_.watch(socket_, *this);  // tells when the connection stands
        return;
    }
    if (!flush()) finish(false);
}

void Client::drop() {
    loop_.cancel(*this);
    if (socket_ >= 0) close(socket_);
    socket_ = -1;
    busy_ = false;
}

bool Client::flush() {
    if (!busy_ || sent_ == plan_.request.size()) return true;
    const ssize_t size =
        send(socket_, plan_.request.data() + sent_, plan_.request.size() - sent_, MSG_NOSIGNAL);
    if (size < 0) return errno == EAGAIN || errno == ENOTCONN;
    sent_ += static_cast<std::size_t>(size);
    return true;
}

void Client::ready(bool peer_left) {
    if (!flush()) return finish(false);
    static char buffer[256 * 1024];  // one thread: all clients share it
    while (socket_ >= 0) {
        const ssize_t size = recv(socket_, buffer, sizeof buffer, 0);
        if (size < 0 && (errno == EAGAIN || errno == ENOTCONN)) return;
        if (size <= 0) {
            if (!busy_) return drop();  // an idle connection that the gateway has closed
            if (size == 0) answer_.end();
            return finish(answer_.complete());
        }
        if (!take({buffer, static_cast<std::size_t>(size)})) return finish(false);
        if (static_cast<std::size_t>(size) < sizeof buffer && !peer_left) return;
    }
}

bool Client::take(std::string_view bytes) {
    static std::vector<std::string_view> body;
    if (!busy_) return false;
    body.clear();
    found_ = 0;
    const std::size_t taken = answer_.take(bytes, body);
    for (const std::string_view slice : body) scan(slice);
    if (found_ > 0) {
        const std::int64_t now = now_ns();
        listener_.texts(*this, found_, oldest_, now);
        texts_ += found_;
        last_text_ = now;
    }
    if (answer_.broken() || taken < bytes.size()) return false;
    if (answer_.complete()) finish(true);
    return true;
}

void Client::scan(std::string_view body) {
    scanner_.take(body, [this](std::int64_t sent) {
        oldest_ = found_ == 0 ? sent : std::min(oldest_, sent);
        ++found_;
    });
    constexpr std::size_t kept = 32;
    if (body.size() < kept) {
        ending_ += body;
        if (ending_.size() > kept) ending_.erase(0, ending_.size() - kept);
    } else {
        ending_ = body.substr(body.size() - kept);
    }
}

void Client::finish(bool good) {
    good = good && answer_.status() == 200 && (plan_.texts == 0 || texts_ == plan_.texts) &&
           (!plan_.stream || ending_.find("[DONE]") != std::string::npos);
    busy_ = false;
    if (!good || answer_.head().find("onnection: close") != std::string_view::npos) drop();
    listener_.ended(*this, good);
}

}  // namespace gatehouse::benchmark

// SPDX-License-Identifier: Apache-2.0
#include "plugins/store/redis/connection.hpp"

#include <poll.h>
#include <sys/time.h>

namespace gatehouse::redis_store {

namespace {

timeval timeval_of(std::chrono::milliseconds time) {
    return {.tv_sec = time.count() / 1'000, .tv_usec = time.count() % 1'000 * 1'000};
}

}  // namespace

Connection::Connection(const Address& address) {
    const timeval timeout = timeval_of(address.timeout);
    context_.reset(address.path.empty() ? redisConnectWithTimeout(address.host.c_str(), address.port, timeout)
                                        : redisConnectUnixWithTimeout(address.path.c_str(), timeout));
    if (!context_) throw RedisError("out of memory");
    if (context_->err) throw RedisError(std::string("cannot connect: ") + context_->errstr);
    redisSetTimeout(context_.get(), timeout);
    // A firewall then keeps an idle connection, and a server that is gone is noticed.
    if (address.path.empty()) redisEnableKeepAlive(context_.get());
    if (context_->err) throw RedisError(std::string("cannot connect: ") + context_->errstr);
    if (!address.password.empty()) {
        std::vector<std::string> words = {"AUTH"};
        if (!address.user.empty()) words.push_back(address.user);
        words.push_back(address.password);
        command(words);
    }
    if (address.database != 0) command({"SELECT", std::to_string(address.database)});
}

bool Connection::has_ended() const {
    pollfd socket{.fd = context_->fd, .events = POLLIN | POLLRDHUP, .revents = 0};
    return ::poll(&socket, 1, 0) > 0;
}

Reply Connection::command(const std::vector<std::string>& words) {
    std::vector<const char*> texts;
    std::vector<std::size_t> sizes;
    for (const std::string& word : words) texts.push_back(word.data()), sizes.push_back(word.size());
    Reply reply(static_cast<redisReply*>(
        redisCommandArgv(context_.get(), static_cast<int>(words.size()), texts.data(), sizes.data())));
    if (!reply) throw RedisError(std::string("connection lost: ") + context_->errstr);
    if (reply->type == REDIS_REPLY_ERROR) throw RefusedCommand(text_of(*reply));
    return reply;
}

}  // namespace gatehouse::redis_store

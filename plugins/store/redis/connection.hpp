// SPDX-License-Identifier: Apache-2.0
// A connection to a Redis server, with exceptions.  Blocks, at most for its timeout.  One thread.
#pragma once

#include <hiredis/hiredis.h>

#include <chrono>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

namespace gatehouse::redis_store {

/// Its text is for the log.
struct RedisError : std::runtime_error {
    using std::runtime_error::runtime_error;
};
/// The server has answered with an error, and the connection can be used again.
struct RefusedCommand : RedisError {
    using RedisError::RedisError;
};

struct Address {
    std::string host = "127.0.0.1", path = {}, user = {}, password = {};
    int port = 6379, database = 0;
    std::chrono::milliseconds timeout{2'000};
};

struct FreeReply {
    void operator()(redisReply* reply) const { freeReplyObject(reply); }
};
using Reply = std::unique_ptr<redisReply, FreeReply>;

class Connection {
public:
    explicit Connection(const Address& address);

    /// Sends one command and waits for its reply.
    Reply command(const std::vector<std::string>& words);

    /// The socket.  It becomes readable without a command if the server has ended the connection.
    int socket() const { return context_->fd; }
    /// Whether the server has ended the connection.  REQUIRES: no command waits for its reply.
    bool has_ended() const;

private:
    struct Close {
        void operator()(redisContext* context) const { redisFree(context); }
    };
    std::unique_ptr<redisContext, Close> context_;
};

inline std::string text_of(const redisReply& reply) {
    return {reply.str, static_cast<std::size_t>(reply.len)};
}

}  // namespace gatehouse::redis_store

// SPDX-License-Identifier: Apache-2.0
// One call of an admin resource: reads the body, asks the resource, responds, and writes the line of the
// log.  Shared by the connection and the resource's completion.  [the admin thread]
#pragma once

#include "core/admin/caller.hpp"
#include "core/instances/config_snapshot.hpp"
#include "core/net/server/client.hpp"

#include <chrono>
#include <memory>
#include <string>

namespace gatehouse::core {

/// A request to /api/v1, as the log shows it.
struct AdminRecord {
    explicit AdminRecord(const http::RequestHead& head)
        : method(head.method), path(head.path), peer(head.peer) {}
    /// `status` 0: the caller has left before the response.
    void write(Log& log, int status) const;

    std::string method, path, peer;
    std::string who = {};       // the token's name, or "console"; empty: none
    Level level = Level::info;  // debug for a console that only reads, because it asks often
    std::chrono::steady_clock::time_point start = std::chrono::steady_clock::now();
};

class AdminCall final : public RequestListener, public std::enable_shared_from_this<AdminCall> {
public:
    /// `snapshot` keeps the resource alive.  `path`: behind the resource's name.
    AdminCall(std::shared_ptr<const ConfigSnapshot> snapshot, const NamedResource& resource,
              AdminRequest request, AdminRecord record, Client& client)
        : snapshot_(std::move(snapshot)),
          log_(snapshot_->log),
          resource_(resource),
          request_(std::move(request)),
          record_(std::move(record)),
          client_(&client),
          loop_(client.loop()) {}

    void on_body(std::string body) override;
    void on_body_error(Error error) override { respond(std::move(error)); }
    void on_writable() override {}
    void on_half_close() override {}
    void on_stop() override { respond(Error{ErrorKind::unavailable, "the gateway is stopping"}); }
    void on_gone() override;

private:
    void respond(Result<http::Response> result);
    void end();

    // Released at the end, so that a plugin that never completes does not keep its configuration.
    std::shared_ptr<const ConfigSnapshot> snapshot_;
    Log& log_;
    const NamedResource& resource_;  // lives as long as snapshot_
    AdminRequest request_;
    const AdminRecord record_;
    Client* client_;  // null: the request has ended
    Loop& loop_;
    Loop::TimerId timer_ = 0;  // 0: none
};

}  // namespace gatehouse::core

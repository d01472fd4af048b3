// SPDX-License-Identifier: Apache-2.0
// The emulator on its sockets: sends the service's paths to Players and answers
// those of its own, below /_emulator/.  Members: [each worker's thread, concurrently].
#pragma once

#include "core/http/server.hpp"
#include "tools/oci_emulator/service.hpp"

namespace gatehouse::emulator {

class Emulator final : public core::Application {
public:
    explicit Emulator(Settings settings) : service_(std::move(settings)) {}

    /// The server whose connections the statistics count.  Before it starts.
    void serve_on(const core::Server& server) {
        service_.stats.connections = [&server] { return server.connections(); };
    }
    Service& service() { return service_; }

    std::shared_ptr<core::RequestListener> on_request(core::Client& client) override;
    http::Response refuse(const Error& error, std::string_view path) override;

private:
    Service service_;
};

}  // namespace gatehouse::emulator

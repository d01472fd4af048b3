// SPDX-License-Identifier: Apache-2.0
// The emulator on its sockets: passes the service's paths to Players and handles
// those below /_emulator/.  Members: [each worker's thread, concurrently].
#pragma once

#include "core/net/server/server.hpp"
#include "tools/oci_emulator/service.hpp"

namespace gatehouse::emulator {

/// One address of the emulator.
class Listener final : public core::Application {
public:
    Listener(Service& service, std::string region) : service_(service), address_{std::move(region)} {}

    AddressState& address() { return address_; }

    std::shared_ptr<core::RequestListener> on_request(core::Client& client) override;
    http::Response refuse(const Error& error, std::string_view path, std::string_view peer) override;

private:
    Service& service_;
    AddressState address_;
};

}  // namespace gatehouse::emulator

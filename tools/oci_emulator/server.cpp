// SPDX-License-Identifier: Apache-2.0
// Separates the service's paths from /_emulator/, which needs no signature.
#include "tools/oci_emulator/server.hpp"

#include "tools/oci_emulator/player.hpp"

namespace gatehouse::emulator {

namespace {

constexpr std::size_t largest_own_body = 64 * 1024;

// Handles a request below /_emulator/.  It does not count as a request to the
// service.
class OwnPage final : public core::RequestListener {
public:
    OwnPage(Service& service, AddressState& address, core::Client& client)
        : service_(service), address_(address), client_(&client) {}

    void on_body(std::string body) override {
        if (client_) client_->respond(service_.control(client_->head(), body, address_));
        client_ = nullptr;
    }
    void on_body_error(Error error) override {
        if (client_) client_->respond(to_response(usual_error(status_of(error))));
        client_ = nullptr;
    }
    void on_writable() override {}
    void on_half_close() override {}
    void on_gone() override { client_ = nullptr; }

private:
    Service& service_;
    AddressState& address_;
    core::Client* client_;  // null after the end
};

}  // namespace

std::shared_ptr<core::RequestListener> Listener::on_request(core::Client& client) {
    if (client.head().path.starts_with("/_emulator/")) {
        auto page = std::make_shared<OwnPage>(service_, address_, client);
        client.read_body(largest_own_body);
        return page;
    }
    auto player = std::make_shared<Player>(service_, address_, client);
    player->start();
    return player;
}

http::Response Listener::refuse(const Error& error, std::string_view, std::string_view) {
    ServiceError usual = usual_error(status_of(error));
    usual.debug = error.message;
    return to_response(usual);
}

}  // namespace gatehouse::emulator

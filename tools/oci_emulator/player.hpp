// SPDX-License-Identifier: Apache-2.0
// One request on its connection: reads the body, calls the Service, plays the
// Script, and counts whether the client stayed connected to the end.  All calls
// are on the request's Loop.
#pragma once

#include "core/net/server/client.hpp"
#include "tools/oci_emulator/service.hpp"

#include <memory>

namespace gatehouse::emulator {

class Player final : public core::RequestListener, public std::enable_shared_from_this<Player> {
public:
    Player(Service& service, AddressState& address, core::Client& client)
        : service_(service), address_(address), client_(&client), loop_(client.loop()) {}
    ~Player() override;

    /// Starts.  Called once, when a shared_ptr owns the player.
    void start();

    void on_body(std::string body) override;
    void on_body_error(Error error) override;
    void on_writable() override;
    void on_half_close() override;
    void on_gone() override;

private:
    void begin();
    void play();
    void leave(bool cancelled);
    void wait(std::chrono::milliseconds delay, void (Player::*then)());

    Service& service_;
    AddressState& address_;
    core::Client* client_;  // null after the end
    core::Loop& loop_;
    Script script_;
    std::size_t next_ = 0;
    bool running_ = false, begun_ = false, waited_ = false;
    core::Loop::TimerId timer_ = 0;
};

}  // namespace gatehouse::emulator

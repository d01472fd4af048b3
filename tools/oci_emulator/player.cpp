// SPDX-License-Identifier: Apache-2.0
// Plays scripts.  Every end of a request goes through leave(), so that each
// request is counted exactly once.
#include "tools/oci_emulator/player.hpp"

namespace gatehouse::emulator {

namespace {
constexpr std::size_t largest_body = 64 * 1024 * 1024;
}

Player::~Player() {
    // A server that shuts down does not call on_gone().
    if (running_) --service_.stats.running;
}

void Player::start() {
    ++service_.stats.requests;
    const std::int64_t running = ++service_.stats.running;
    running_ = true;
    for (std::int64_t peak = service_.stats.peak; peak < running;)
        if (service_.stats.peak.compare_exchange_weak(peak, running)) break;
    client_->read_body(largest_body);
}

void Player::on_body(std::string body) {
    script_ = service_.answer(client_->head(), body, address_);
    if (client_->half_closed()) return on_half_close();
    wait(script_.wait, &Player::begin);
}

void Player::on_body_error(Error error) {
    ++service_.stats.refused;
    core::Client& client = *client_;
    leave(false);
    client.respond(to_response(usual_error(status_of(error))));
}

void Player::begin() {
    core::Client& client = *client_;
    if (script_.reset) {
        ++service_.stats.broken;
        leave(false);
        return client.abort();
    }
    if (script_.head.status >= 400) ++service_.stats.refused;
    if (script_.whole) {
        leave(false);
        ++service_.stats.completed;
        return client.respond({std::move(script_.head), std::move(script_.steps.front().bytes)});
    }
    begun_ = true;
    client.begin(script_.head);
    play();
}

void Player::play() {
    if (!client_) return;
    for (; next_ < script_.steps.size(); ++next_) {
        Script::Step& step = script_.steps[next_];
        if (step.before.count() && !waited_) {
            waited_ = true;
            return wait(step.before, &Player::play);
        }
        waited_ = false;
        ++service_.stats.words;
        const bool room = client_->write(step.bytes);
        if (!client_) return;  // it disconnected during the call
        step.bytes = {};
        if (!room) {
            ++next_;
            return;  // on_writable() continues
        }
    }
    core::Client& client = *client_;
    leave(false);
    if (script_.cut) {
        ++service_.stats.broken;
        return client.abort();
    }
    ++service_.stats.completed;
    client.end();
}

void Player::on_writable() {
    if (begun_ && !timer_) play();
}

void Player::on_half_close() {
    // Clients of the service do not half-close a connection.  A FIN is a
    // disconnect.
    if (!client_ || !running_) return;
    core::Client& client = *client_;
    leave(true);
    client.abort();
}

void Player::on_gone() { leave(running_); }

void Player::leave(bool cancelled) {
    if (timer_) loop_.cancel(timer_);
    timer_ = 0;
    client_ = nullptr;
    if (!running_) return;
    running_ = false;
    --service_.stats.running;
    if (cancelled) ++service_.stats.cancelled;
}

void Player::wait(std::chrono::milliseconds delay, void (Player::*then)()) {
    if (!delay.count()) return (this->*then)();
    timer_ = loop_.after(delay, [weak = weak_from_this(), then] {
        const auto self = weak.lock();
        if (!self || !self->client_) return;
        self->timer_ = 0;
        ((*self).*then)();
    });
}

}  // namespace gatehouse::emulator

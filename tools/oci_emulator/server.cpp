// SPDX-License-Identifier: Apache-2.0
// Tells the service's paths from the emulator's own, which need no signature.
#include "tools/oci_emulator/server.hpp"

#include "tools/oci_emulator/player.hpp"

namespace gatehouse::emulator {

namespace {

http::Response json_response(int status, std::string body) {
    return {{status, {{"content-type", "application/json"}}}, std::move(body)};
}

// For requests that are answered at once.
class Done final : public core::RequestListener {
public:
    void on_body(std::string) override {}
    void on_body_error(Error) override {}
    void on_writable() override {}
    void on_half_close() override {}
    void on_gone() override {}
};

}  // namespace

std::shared_ptr<core::RequestListener> Emulator::on_request(core::Client& client) {
    if (client.head().path.starts_with("/_emulator/")) {
        client.respond(own_answer(client.head()));
        return std::make_shared<Done>();
    }
    auto player = std::make_shared<Player>(service_, client);
    player->start();
    return player;
}

http::Response Emulator::refuse(const Error& error, std::string_view) {
    ServiceError usual = usual_error(status_of(error));
    usual.debug = error.message;
    return to_response(usual);
}

http::Response Emulator::own_answer(const http::RequestHead& head) {
    const std::string what = head.method + " " + head.path;
    if (what == "GET /_emulator/stats") return json_response(200, statistics());
    if (what == "GET /_emulator/last") return json_response(200, service_.last_request());
    if (what == "POST /_emulator/reset") {
        service_.reset();
        return json_response(200, "{}");
    }
    return json_response(404,
                         R"({"error":"GET /_emulator/stats, GET /_emulator/last, POST /_emulator/reset"})");
}

std::string Emulator::statistics() const {
    const Stats& stats = service_.stats;
    return to_text({{"requests", stats.requests.load()},
                    {"running", stats.running.load()},
                    {"peak", stats.peak.load()},
                    {"completed", stats.completed.load()},
                    {"refused", stats.refused.load()},
                    {"unsigned", stats.unsigned_.load()},
                    {"cancelled", stats.cancelled.load()},
                    {"broken", stats.broken.load()},
                    {"steps", stats.words.load()},
                    {"connections", server_ ? server_->connections() : 0}});
}

}  // namespace gatehouse::emulator

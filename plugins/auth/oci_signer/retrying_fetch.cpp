// SPDX-License-Identifier: Apache-2.0
// One object per exchange.  The callbacks that it gives to the host own it.
#include "plugins/auth/oci_signer/retrying_fetch.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <memory>
#include <utility>

namespace gatehouse::oci {

namespace {

using std::chrono::milliseconds;

bool worth_a_retry(int status, const Retries& retries) {
    return (status >= 500 && status != 501) || (retries.missing_too && (status == 404 || status == 429));
}

class Fetching final : public std::enable_shared_from_this<Fetching> {
public:
    Fetching(Host& host, const Retries& retries, MakeRequest make, Completion<http::Response> done)
        : host_(host),
          retries_(retries),
          make_(std::move(make)),
          done_(std::move(done)),
          began_(host.now()),
          wait_(retries.first_wait) {}

    /// [a helper thread]
    void attempt() {
        auto request = make_(attempts_++);
        if (!request) return done_(request.error());
        host_.fetch(*std::move(request),
                    Completion<http::Response>([self = shared_from_this()](Result<http::Response> answer) {
                        // Back to a helper thread: a thread of the core must not block.
                        self->on_helper([self, answer = std::move(answer)]() mutable {
                            self->answered(std::move(answer));
                        });
                    }));
    }

private:
    void on_helper(std::function<void()> task) { host_.run(std::move(task)); }

    void answered(Result<http::Response> answer) {
        const bool retry = !answer || worth_a_retry(answer->head.status, retries_);
        const auto passed = host_.now() - began_;
        const int most = answer ? retries_.attempts : retries_.unreachable;
        if (!retry || attempts_ >= most || passed + wait_ > retries_.in_all) return done_(std::move(answer));
        const milliseconds wait = std::exchange(wait_, std::min(wait_ * 2, retries_.longest_wait));
        host_.after(wait, [self = shared_from_this()] { self->on_helper([self] { self->attempt(); }); });
    }

    Host& host_;
    const Retries retries_;
    const MakeRequest make_;
    Completion<http::Response> done_;
    const std::chrono::system_clock::time_point began_;
    milliseconds wait_;
    int attempts_ = 0;
};

}  // namespace

void fetch_with_retries(Host& host, const Retries& retries, MakeRequest make,
                        Completion<http::Response> done) {
    std::make_shared<Fetching>(host, retries, std::move(make), std::move(done))->attempt();
}

std::string answer_in_words(const http::Response& response) {
    std::string text = "responded with " + std::to_string(response.head.status);
    if (response.body.size() > 64 * 1024) return text;
    const auto body = nlohmann::json::parse(response.body, nullptr, /*allow_exceptions=*/false);
    if (!body.is_object()) return text;
    std::string said;
    for (const char* name : {"code", "message"}) {
        const auto found = body.find(name);
        if (found == body.end() || !found->is_string()) continue;
        said += (said.empty() ? "" : ": ") + found->get<std::string>().substr(0, 200);
    }
    for (char& c : said)
        if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) c = ' ';
    return said.empty() ? text : text + " (" + said + ")";
}

}  // namespace gatehouse::oci

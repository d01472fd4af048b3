// SPDX-License-Identifier: Apache-2.0
#include "core/app/ask_provider.hpp"

#include "core/net/run_on.hpp"

#include <gatehouse/error_text.hpp>

#include <future>
#include <memory>
#include <utility>

namespace gatehouse::core {

namespace {
constexpr std::chrono::milliseconds time_for_each{60'000};
}  // namespace

BackgroundRequest::Outcome ask_provider(const WorkerServices& worker, const NamedProvider& provider,
                                        Operation operation, Log& log) {
    std::promise<BackgroundRequest::Outcome> answer;
    std::unique_ptr<BackgroundRequest> background;
    run_on(*worker.loop, [&] {
        background =
            std::make_unique<BackgroundRequest>(worker, provider, std::move(operation), time_for_each, log);
        background->start([&](BackgroundRequest::Outcome outcome) { answer.set_value(std::move(outcome)); });
    });
    auto outcome = answer.get_future().get();
    run_on(*worker.loop, [&] { background.reset(); });
    return outcome;
}

std::string described(const BackgroundRequest::Outcome& outcome) {
    std::string text = outcome.status ? std::to_string(outcome.status) + ": " : "";
    const std::string& message = outcome.error->message;
    text += message;
    // The message of an error response is complete, except for refused credentials.  A failed transfer has
    // its cause in `detail`, unless that repeats the message behind the host.
    std::string detail;
    if (outcome.status == 0 || refuses_credentials(outcome.status)) detail = outcome.error->detail;
    if (detail.ends_with(": " + message)) detail.resize(detail.size() - message.size() - 2);
    if (!detail.empty()) text += " (" + detail + ")";
    if (!outcome.request_id.empty()) text += ", request id " + outcome.request_id;
    return text;
}

bool is_unsupported(const BackgroundRequest::Outcome& outcome) {
    return outcome.error && outcome.error->kind == ErrorKind::unsupported && !outcome.status;
}

}  // namespace gatehouse::core

// SPDX-License-Identifier: Apache-2.0
#include "core/request/running.hpp"

#include "core/request/request_flow.hpp"

namespace gatehouse::core {

RunningPlace::List& RunningPlace::of_this_thread() {
    thread_local List list;
    return list;
}

RunningPlace::RunningPlace(const RequestFlow& flow) : flow_(flow) { of_this_thread().push_back(*this); }

std::vector<RunningRequest> running_requests(std::size_t most, std::size_t& count) {
    const RunningPlace::List& list = RunningPlace::of_this_thread();
    count = list.size();
    std::vector<RunningRequest> all;
    for (const RunningPlace& place : list) {
        if (all.size() >= most) break;
        all.push_back(place.flow_.running());
    }
    return all;
}

std::string_view RequestFlow::step() const {
    if (begun_) return "respond";
    if (attempt_) return "upstream";
    if (hooks_) return "decide";
    if (slot_.waits()) return "queue";
    return dialect_ ? "read" : "authenticate";
}

RunningRequest RequestFlow::running() const {
    const auto age =
        std::chrono::duration_cast<std::chrono::milliseconds>(RequestRecord::Clock::now() - record_.start);
    return {.id = record_.request_id,
            .client = record_.client.substr(0, 200),
            .model = record_.model,
            .method = record_.method.substr(0, 200),
            .path = record_.path.substr(0, 200),
            .provider = record_.provider,
            .upstream_model = record_.upstream_model,
            .dialect = record_.dialect,
            .step = step(),
            .stream = streams_,
            .attempts = record_.attempts,
            .start = std::chrono::system_clock::now() - age,
            .age = age,
            .bytes_out = client_ ? client_->bytes_sent() : 0};
}

}  // namespace gatehouse::core

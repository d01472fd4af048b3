// SPDX-License-Identifier: Apache-2.0
#include "core/admin/running_report.hpp"

#include "core/request/running.hpp"

#include <gatehouse/json_writer.hpp>

#include <algorithm>
#include <iterator>
#include <memory>
#include <utility>

namespace gatehouse::core {

namespace {

/// The answers of the workers so far.
struct Answers {
    explicit Answers(std::size_t workers, Completion<http::Response> d)
        : waiting(workers), done(std::move(d)) {}
    std::mutex mutex;
    std::size_t waiting, count = 0;
    std::vector<RunningRequest> all = {};
    Completion<http::Response> done;
};

http::Response json_of(std::vector<RunningRequest> all, std::size_t count) {
    std::ranges::sort(all, {}, &RunningRequest::start);
    http::Response response{{.headers = {{"content-type", "application/json"}}}, {}};
    JsonWriter json(response.body);
    json.begin_object().member("count", count).key("requests").begin_array();
    for (const RunningRequest& one : all) {
        const auto start =
            std::chrono::duration_cast<std::chrono::milliseconds>(one.start.time_since_epoch());
        json.begin_object().member("id", one.id).member("start_ms", std::int64_t{start.count()});
        json.member("age_ms", std::int64_t{one.age.count()}).member("step", one.step);
        json.member("client", one.client).member("model", one.model).member("dialect", one.dialect);
        json.member("method", one.method).member("path", one.path).member("provider", one.provider);
        json.member("upstream_model", one.upstream_model).member("stream", one.stream);
        json.member("attempts", one.attempts).member("bytes_out", one.bytes_out).end_object();
    }
    json.end_array().end_object();
    return response;
}

}  // namespace

void RunningReport::set_loops(std::vector<Loop*> loops) {
    const std::lock_guard lock(mutex_);
    loops_ = std::move(loops);
}

void RunningReport::ask(Completion<http::Response> done) {
    const std::lock_guard lock(mutex_);
    if (loops_.empty()) return done(json_of({}, 0));
    const auto answers = std::make_shared<Answers>(loops_.size(), std::move(done));
    for (Loop* loop : loops_)
        loop->post([answers] {
            std::size_t count = 0;
            auto some = running_requests(most, count);
            std::unique_lock lock(answers->mutex);
            answers->count += count;
            std::ranges::move(some, std::back_inserter(answers->all));
            if (--answers->waiting > 0) return;
            lock.unlock();
            answers->done(json_of(std::move(answers->all), answers->count));
        });
}

}  // namespace gatehouse::core

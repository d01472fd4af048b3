// SPDX-License-Identifier: Apache-2.0
// A request flow with an observer that keeps its records.
#pragma once

#include "tests/core/request/given.hpp"

#include <atomic>
#include <future>

namespace gatehouse::core::fakes {

struct Watching final : Observer {
    bool samples(const Trace&) const override { return sampled; }
    bool wants(const Story& record) override { return record.path != "/unwanted"; }
    void finished(std::vector<std::shared_ptr<const Story>> told) override {
        busy = true;
        if (wait) wait->get_future().wait();
        if (throws) throw std::runtime_error("broken");
        for (auto& one : told) records.push_back(std::move(one));
    }
    void flush(Completion<bool> done) override {
        ++flushed;
        done(true);
    }
    bool sampled = true, throws = false;
    std::promise<void>* wait = nullptr;
    std::vector<std::shared_ptr<const Story>> records;
    std::atomic<int> flushed = 0;
    std::atomic<bool> busy = false;
};

struct Serving {
    std::unique_ptr<Log> service_log = *Log::open({.level = "error"});
    Services services{*service_log, 1, 1};
};

/// The services outlive the flow.
struct Observed : Serving, Given {
    Observed() {
        auto queue = std::make_shared<ObserverQueue>("watch", services, Limits{}, metrics);
        queue->make_host();
        auto made = std::make_unique<Watching>();
        watching = made.get();
        queue->use(std::move(made));
        observers.push_back(std::move(queue));
    }
    ~Observed() {
        services.detach();
        flow.reset();
        services.stop_helpers();
    }
    const Story& record() {
        observers[0]->deliver();
        REQUIRE(watching->records.size() == 1);
        return *watching->records.front();
    }
    std::string sent_parent(std::size_t request = 0) const {
        return std::string(upstream.requests.at(request).headers.get("traceparent"));
    }
    Watching* watching = nullptr;
};

}  // namespace gatehouse::core::fakes

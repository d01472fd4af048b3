// SPDX-License-Identifier: Apache-2.0
#include "core/plugin/host.hpp"

#include "core/observe/log.hpp"
#include "core/plugin/guard.hpp"

#include <utility>

namespace gatehouse::core {

namespace {

// A whole exchange for Host::fetch.  Kept by the services until the transfer is over.
class Fetch final : public TransferListener, public std::enable_shared_from_this<Fetch> {
public:
    Fetch(Services& services, const WorkerServices& worker, std::size_t max_bytes,
          Completion<http::Response> done)
        : services_(services), worker_(worker), max_bytes_(max_bytes), done_(std::move(done)) {}

    void start(http::Request request) {
        services_.keep(shared_from_this());
        transfer_ = worker_.upstream->start(std::move(request), *this);
    }

private:
    void on_head(const http::ResponseHead& head) override { response_.head = head; }
    void on_body(std::string_view bytes) override {
        if (response_.body.size() + bytes.size() > max_bytes_)
            return finish(Error{ErrorKind::upstream, "the upstream's answer is too large"});
        response_.body += bytes;
    }
    void on_end() override { finish(std::move(response_)); }
    void on_error(TransferFailure failure) override { finish(std::move(failure.error)); }

    void finish(Result<http::Response> result) {
        const auto self = shared_from_this();
        services_.release(self);
        transfer_.reset();
        done_(std::move(result));
    }

    Services& services_;
    WorkerServices worker_;
    const std::size_t max_bytes_;
    Completion<http::Response> done_;
    http::Response response_;
    std::unique_ptr<Transfer> transfer_;
};

}  // namespace

Services::Services(Log& log, std::size_t helper_threads, std::size_t computing_threads)
    : log_(log), pool_(helper_threads), computing_(computing_threads) {}

void Services::attach(std::vector<WorkerServices> worker_services) {
    std::vector<std::function<void(const WorkerServices&)>> waiting;
    {
        std::lock_guard lock(mutex_);
        workers_ = std::move(worker_services);
        waiting.swap(waiting_);
    }
    for (auto& task : waiting) on_a_loop(std::move(task));
}

void Services::detach() {
    std::vector<std::function<void(const WorkerServices&)>> waiting;  // destroyed outside the lock
    std::lock_guard lock(mutex_);
    detached_ = true;
    workers_.clear();
    waiting.swap(waiting_);
}

void Services::drop_runners() {
    std::unordered_set<std::shared_ptr<void>> runners;  // destroyed outside the lock
    const std::lock_guard lock(mutex_);
    runners.swap(runners_);
}

void Services::keep(std::shared_ptr<void> runner) {
    std::lock_guard lock(mutex_);
    runners_.insert(std::move(runner));
}

void Services::release(const std::shared_ptr<void>& runner) {
    std::lock_guard lock(mutex_);
    runners_.erase(runner);
}

void Services::on_a_loop(std::function<void(const WorkerServices&)> task) {
    std::lock_guard lock(mutex_);
    if (detached_) return;
    if (workers_.empty()) return waiting_.push_back(std::move(task));
    const WorkerServices worker = workers_[turn_++ % workers_.size()];
    worker.loop->post([worker, task = std::move(task)] { task(worker); });
}

void InstanceHost::fetch(http::Request request, Completion<http::Response> done) {
    Signer* const signer = signer_.load();
    if (!signer) return send(std::move(request), std::move(done));
    auto waiting = std::make_shared<Completion<http::Response>>(std::move(done));
    Completion<http::Request> then([this, waiting, owner = owner_](Result<http::Request> ready) {
        const auto alive = owner.lock();
        if (!alive) return waiting->dismiss();
        if (ready) return send(*std::move(ready), std::move(*waiting));
        (void)guard({instance_, "a completion of Host::fetch"}, [&] { (*waiting)(ready.error()); });
    });
    // A signer that throws drops the completion, which is an error.
    (void)guard({instance_, "Signer::sign"}, [&] { signer->sign(std::move(request), std::move(then)); });
}

void InstanceHost::send(http::Request request, Completion<http::Response> done) {
    // std::function must be copyable; a Completion is not.
    auto shared = std::make_shared<Completion<http::Response>>(std::move(done));
    auto reply =
        Completion<http::Response>([shared, owner = owner_, host = instance_,
                                    id = std::string(noted_request())](Result<http::Response> result) {
            if (auto alive = owner.lock())
                (void)guard({host, "a completion of Host::fetch", id}, [&] { (*shared)(std::move(result)); });
            else
                shared->dismiss();
        });
    auto start = std::make_shared<std::pair<http::Request, Completion<http::Response>>>(std::move(request),
                                                                                        std::move(reply));
    services_.on_a_loop(
        [start, &services = services_, max = limits_.max_answer_bytes](const WorkerServices& worker) {
            std::make_shared<Fetch>(services, worker, max, std::move(start->second))
                ->start(std::move(start->first));
        });
}

void InstanceHost::after(std::chrono::milliseconds delay, std::function<void()> task) {
    services_.on_a_loop([delay, task = guarded(std::move(task), "a task of Host::after", false)](
                            const WorkerServices& worker) { worker.loop->after(delay, task); });
}

void InstanceHost::run(std::function<void()> task) {
    services_.pool().run(guarded(std::move(task), "a task of Host::run", true));
}

// A task belongs to the request for which its instance has given it to the host.
std::function<void()> InstanceHost::guarded(std::function<void()> task, const char* what, bool may_block) {
    return [task = std::move(task), what, may_block, owner = owner_, instance = instance_,
            id = std::string(noted_request()), &log = services_.log()] {
        auto alive = owner.lock();
        if (!alive) return;
        PluginCall call(instance, what, id);
        call.may_block = may_block;
        if (auto ok = guard(call, task); !ok)
            log.write(Level::error, instance, "plugin task failed", {{"detail", ok.error().detail}});
    };
}

template <typename Meter>
Meter& InstanceHost::declared(Result<Meter*> (PluginMeters::*kind)(const MeterDeclaration&),
                              MeterDeclaration what) {
    PluginMeters* meters = services_.meters();
    if (!meters) return gatehouse::detail::no_meter();
    what.instance = instance_;
    auto made = (meters->*kind)(what);
    if (made) return **made;
    services_.log().write(Level::error, instance_, "meter refused", {{"reason", made.error().message}});
    return gatehouse::detail::no_meter();
}

Counter& InstanceHost::counter(std::string_view name, std::string_view help, MeterLabels labels) {
    return declared<Counter>(&PluginMeters::counter, {{}, name, help, std::move(labels)});
}
Gauge& InstanceHost::gauge(std::string_view name, std::string_view help, MeterLabels labels) {
    return declared<Gauge>(&PluginMeters::gauge, {{}, name, help, std::move(labels)});
}
Histogram& InstanceHost::histogram(std::string_view name, std::string_view help, std::vector<double> buckets,
                                   MeterLabels labels) {
    return declared<Histogram>(&PluginMeters::histogram,
                               {{}, name, help, std::move(labels), std::move(buckets)});
}

void InstanceHost::write_log(Level level, std::string_view message, LogFields fields) {
    services_.log().write(level, instance_, message, fields, noted_request());
    if (early_warnings_) early_warnings_->add(level, instance_, message, fields);
}

}  // namespace gatehouse::core

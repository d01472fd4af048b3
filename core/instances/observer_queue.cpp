// SPDX-License-Identifier: Apache-2.0
#include "core/instances/observer_queue.hpp"

#include "core/observe/log.hpp"
#include "core/observe/metrics.hpp"
#include "core/plugin/guard.hpp"

#include <utility>

namespace gatehouse::core {

using std::chrono::milliseconds;

namespace {

// Records are delivered together, because waking a helper thread costs more than a record.
constexpr milliseconds gathering_time{50};
// Limits the life of a replaced instance whose flush() does not complete.
constexpr milliseconds retiring_time{5'000};

/// Keeps an instance until it is dropped, by one of two threads.
struct Keeper {
    void drop() {
        std::shared_ptr<ObserverQueue> last;  // destroyed outside the lock
        const std::lock_guard lock(mutex);
        last.swap(kept);
    }
    std::mutex mutex;
    std::shared_ptr<ObserverQueue> kept;
};

}  // namespace

ObserverQueue::ObserverQueue(std::string name, Services& services, const Limits& limits, Metrics& metrics)
    : name_(std::move(name)), services_(services), limits_(limits), metrics_(metrics) {}

ObserverQueue::~ObserverQueue() { metrics_.records_dropped(name_, "ended", waiting_.size()); }

InstanceHost& ObserverQueue::make_host() {
    host_ = std::make_unique<InstanceHost>(name_, services_, limits_, weak_from_this());
    return *host_;
}

bool ObserverQueue::samples(const Trace& trace) const {
    const auto chosen = guard({name_, "Observer::samples"}, [&] { return observer().samples(trace); });
    return chosen && *chosen;
}

bool ObserverQueue::wants(const Story& record) const {
    const auto wanted =
        guard({name_, "Observer::wants", record.id}, [&] { return observer().wants(record); });
    return wanted && *wanted;
}

void ObserverQueue::offer(std::shared_ptr<const Story> record) {
    {
        const std::lock_guard lock(mutex_);
        used_ = true;
        if (waiting_.size() < most_records) {
            waiting_.push_back(std::move(record));
            if (std::exchange(is_due_, true)) return;
        }
    }
    if (record) return metrics_.records_dropped(name_, "queue_full", 1);
    deliver_later();
}

void ObserverQueue::deliver_later() {
    services_.on_a_loop([weak = weak_from_this(), &services = services_](const WorkerServices& worker) {
        worker.loop->after(gathering_time, [weak, &services] {
            services.pool().run([weak] {
                if (const auto self = weak.lock()) self->deliver();
            });
        });
    });
}

void ObserverQueue::deliver() {
    const std::lock_guard delivering(delivering_);
    std::vector<std::shared_ptr<const Story>> records;
    {
        const std::lock_guard lock(mutex_);
        records.swap(waiting_);
    }
    if (!records.empty()) give(std::move(records));
    {
        const std::lock_guard lock(mutex_);
        is_due_ = !waiting_.empty();
        if (!is_due_) return;
    }
    deliver_later();
}

void ObserverQueue::give(std::vector<std::shared_ptr<const Story>> records) {
    const std::size_t count = records.size();
    PluginCall call(name_, "Observer::finished");
    call.may_block = true;
    const auto taken = guard(call, [&] { observer().finished(std::move(records)); });
    if (taken) return metrics_.records_delivered(name_, count);
    metrics_.records_dropped(name_, "failed", count);
    services_.log().write(Level::error, name_, "plugin call failed", {{"detail", taken.error().detail}});
}

void ObserverQueue::flush(std::function<void()> done) {
    services_.pool().run([self = shared_from_this(), done = std::move(done)] {
        self->deliver();
        PluginCall call(self->name_, "Observer::flush");
        call.may_block = true;
        (void)guard(call, [&] { self->observer().flush(Completion<bool>([done](const auto&) { done(); })); });
    });
}

void ObserverQueue::retire() {
    {
        const std::lock_guard lock(mutex_);
        if (!used_) return;
    }
    const auto keeper = std::make_shared<Keeper>();
    keeper->kept = shared_from_this();
    services_.on_a_loop([keeper](const WorkerServices& worker) {
        worker.loop->after(retiring_time, [keeper] { keeper->drop(); });
    });
    flush([keeper] { keeper->drop(); });
}

}  // namespace gatehouse::core

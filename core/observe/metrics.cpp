// SPDX-License-Identifier: Apache-2.0
#include "core/observe/metrics.hpp"

#include "core/config/settings.hpp"
#include "core/net/memory_budget.hpp"
#include "core/observe/attribute_metrics.hpp"
#include "core/observe/ending.hpp"
#include "core/observe/gen_ai_metrics.hpp"
#include "core/observe/metric_families.hpp"
#include "core/observe/metric_text.hpp"
#include "core/observe/overhead.hpp"
#include "core/observe/plugin_meters.hpp"
#include "core/observe/process_metrics.hpp"
#include "core/observe/provider_metrics.hpp"
#include "core/observe/record.hpp"
#include "core/observe/store_collector.hpp"
#include "core/observe/usage_metrics.hpp"

#include <gatehouse/error_kind_name.hpp>

#include <array>
#include <atomic>
#include <map>
#include <mutex>
#include <string_view>
#include <utility>
#include <vector>

namespace gatehouse::core {

namespace {

using prometheus::Counter;
using prometheus::Gauge;
using prometheus::Histogram;

// Requests that never came to a provider: refused, unknown, answered by the core.
constexpr const char* nobody = "none";

double seconds(RequestRecord::Clock::duration duration) {
    return std::chrono::duration<double>(duration).count();
}

double seconds_since_1970() {
    return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
}

/// Also keeps the request as an exemplar if its trace is recorded.
void observe(Histogram& histogram, Exemplars& exemplars, double value, const RequestRecord& record) {
    histogram.Observe(value);
    if (is_traced(record)) exemplars.note(value, record.trace.id);
}

/// Counts what only a request to an upstream has.
void count_upstream(UpstreamMetrics& numbers, const RequestRecord& record) {
    if (record.first_token)
        observe(numbers.first_token, numbers.first_token_exemplars,
                seconds(*record.first_token - record.start), record);
    if (record.cancelled) (record.drained ? numbers.drained : numbers.cancelled).Increment();
    if (!record.estimate) return;
    add_tokens(numbers.estimated_prompt, record.estimate->prompt);
    add_tokens(numbers.estimated_completion, record.estimate->completion);
}

}  // namespace

class Metrics::Impl {
public:
    Impl() { add_providers({nobody}); }

    // A new table replaces the old table, which stays for its readers.
    void add_providers(const std::vector<std::string>& providers) {
        auto next = tables_.empty() ? std::make_unique<Table>() : std::make_unique<Table>(*tables_.back());
        const std::size_t known = next->size();
        for (const std::string& provider : providers)
            if (!next->contains(provider))
                next->emplace(provider, std::make_shared<ProviderMetrics>(all, provider, provider != nobody));
        if (next->size() == known) return;
        numbers_.store(next.get(), std::memory_order_release);
        tables_.push_back(std::move(next));
    }

    void set_ends(const std::map<std::string, std::int64_t>& ends) {
        for (Gauge* gauge : std::exchange(ends_, {})) all.certificate_ends.Remove(gauge);
        for (const auto& [table, end] : ends) {
            ends_.push_back(&all.certificate_ends.Add({{"table", table}}));
            ends_.back()->Set(static_cast<double>(end));
        }
    }

    ProviderMetrics& numbers_of(std::string_view provider) {
        const Table& numbers = *numbers_.load(std::memory_order_acquire);
        const auto found = numbers.find(provider);
        return found == numbers.end() ? *numbers.find(nobody)->second : *found->second;
    }

    void count_request(ProviderMetrics& numbers, int status) {
        const bool known = status >= 100 && status < 600;
        const auto labels = [&] {
            return prometheus::Labels{{"provider", numbers.provider},
                                      {"status", known ? std::to_string(status) : "none"}};
        };
        numbers.by_status.at(known ? static_cast<std::size_t>(status) : 0, all.requests, labels).Increment();
    }

    void count_outcome(ProviderMetrics& numbers, Ending outcome) {
        const auto labels = [&] {
            return prometheus::Labels{{"provider", numbers.provider}, {"outcome", ending_name(outcome)}};
        };
        numbers.by_outcome.at(static_cast<std::size_t>(outcome), all.outcomes, labels).Increment();
    }

    void count_error(ProviderMetrics& numbers, ErrorKind kind) {
        const auto labels = [&] {
            return prometheus::Labels{{"provider", numbers.provider}, {"kind", kind_name(kind)}};
        };
        numbers.errors.at(index_of(kind), all.errors, labels).Increment();
    }

    void count_upstream_error(ProviderMetrics& numbers, ErrorKind kind, FailureCause cause) {
        if (cause == FailureCause::none) return;
        const auto labels = [&] {
            return prometheus::Labels{
                {"provider", numbers.provider}, {"kind", kind_name(kind)}, {"cause", cause_name(cause)}};
        };
        const std::size_t index = index_of(kind) * failure_causes + static_cast<std::size_t>(cause);
        numbers.upstream_errors.at(index, all.upstream_errors, labels).Increment();
    }

    void count_lost_lines() {
        if (!lost) return;
        std::lock_guard lock(lost_mutex_);
        const std::uint64_t now = lost();
        all.log_lines_lost.Increment(static_cast<double>(now - std::exchange(counted_lost_, now)));
    }

    const MemoryBudget* memory = nullptr;
    std::function<std::uint64_t()> lost;
    MetricFamilies all;
    AttributeMetrics attributes{all};
    UsageMetrics usage{all};
    GenAiMetrics gen_ai{all};
    ProcessMetrics process{all};
    StoreCollector stores{all};
    PluginMeters plugins;

private:
    /// A number that a plugin made up counts as internal, as its name does.
    static std::size_t index_of(ErrorKind kind) {
        const auto index = static_cast<std::size_t>(kind);
        return index < error_kinds ? index : static_cast<std::size_t>(ErrorKind::internal);
    }

    using Table = std::map<std::string, std::shared_ptr<ProviderMetrics>, std::less<>>;
    std::mutex lost_mutex_;
    std::uint64_t counted_lost_ = 0;
    std::vector<Gauge*> ends_;
    std::vector<std::unique_ptr<Table>> tables_;  // one for each configuration
    std::atomic<const Table*> numbers_{nullptr};
};

Metrics::Metrics(const std::vector<std::string>& providers) : impl_(std::make_unique<Impl>()) {
    add_providers(providers);
}
Metrics::~Metrics() = default;

void Metrics::add_providers(const std::vector<std::string>& providers) { impl_->add_providers(providers); }

void Metrics::started() { impl_->all.running.Increment(); }

void Metrics::finished(const RequestRecord& record) {
    impl_->all.running.Decrement();
    ProviderMetrics& numbers = impl_->numbers_of(record.provider);
    impl_->count_request(numbers, record.status);
    impl_->count_outcome(numbers, ending_of(record));
    observe(numbers.duration, numbers.duration_exemplars, seconds(record.end - record.start), record);
    observe(impl_->all.overhead, impl_->all.overhead_exemplars, seconds(overhead_of(record)), record);
    if (record.gone) impl_->all.gone.Increment();
    if (record.error) impl_->count_error(numbers, *record.error);
    if (record.error && !record.error_counted)
        impl_->count_upstream_error(numbers, *record.error, record.cause);
    if (UpstreamMetrics* const upstream = numbers.upstream.get()) count_upstream(*upstream, record);
    if (!record.usage) return;
    add_tokens(numbers.prompt, record.usage->prompt);
    add_tokens(numbers.completion, record.usage->completion);
    add_tokens(numbers.cached, record.usage->cached.value_or(0));
    add_tokens(numbers.cache_written, record.usage->cache_written.value_or(0));
    add_tokens(numbers.reasoning, record.usage->reasoning.value_or(0));
    if (!record.gone) return;
    add_tokens(numbers.wasted_prompt, record.usage->prompt);
    add_tokens(numbers.wasted_completion, record.usage->completion);
}

void Metrics::count_client(const Settings& settings, const RequestRecord& record) {
    // The main listener shows /metrics without a key, and names of clients are not for everybody.
    if (!settings.admin.listen.empty()) impl_->usage.count(settings.metrics.usage_series, record);
    if (!settings.metrics.attributes.empty()) impl_->attributes.count(settings.metrics, record);
}

void Metrics::count_model_calls(const Story& details) { impl_->gen_ai.count(details); }

void Metrics::count(std::string_view provider, HealthEvent what) {
    UpstreamMetrics* const found = impl_->numbers_of(provider).upstream.get();
    if (!found) return;
    UpstreamMetrics& numbers = *found;
    switch (what) {
        case HealthEvent::breaker_opened: numbers.opened.Increment(); return numbers.open_routes.Increment();
        case HealthEvent::breaker_closed: return numbers.open_routes.Decrement();
        case HealthEvent::breaker_refused: return numbers.not_sent.Increment();
        case HealthEvent::endpoint_ejected: numbers.ejections.Increment(); return numbers.ejected.Increment();
        case HealthEvent::endpoint_back: return numbers.ejected.Decrement();
        case HealthEvent::models_listed:
            return impl_->all.listed.Add({{"provider", std::string(provider)}}).Set(seconds_since_1970());
        case HealthEvent::unusable: return numbers.unusable.Set(1);
        case HealthEvent::usable: return numbers.unusable.Set(0);
        case HealthEvent::retry: return numbers.retries.Increment();
        case HealthEvent::retry_refused: return numbers.retries_refused.Increment();
        case HealthEvent::fallback: return numbers.fallbacks.Increment();
    }
}

void Metrics::attempt_failed(std::string_view provider, ErrorKind kind, FailureCause cause) {
    impl_->count_upstream_error(impl_->numbers_of(provider), kind, cause);
}

void Metrics::slow_call(std::string_view instance) {
    impl_->all.slow_calls.Add({{"instance", std::string(instance)}}).Increment();
}
void Metrics::plugin_failed(std::string_view instance, std::size_t times) {
    impl_->all.failures.Add({{"instance", std::string(instance)}}).Increment(static_cast<double>(times));
}
void Metrics::records_delivered(std::string_view observer, std::size_t count) {
    impl_->all.records.Add({{"observer", std::string(observer)}}).Increment(static_cast<double>(count));
}
void Metrics::records_dropped(std::string_view observer, const char* reason, std::size_t count) {
    if (count == 0) return;
    impl_->all.records_dropped.Add({{"observer", std::string(observer)}, {"reason", reason}})
        .Increment(static_cast<double>(count));
}
void Metrics::stuck_workers(std::size_t count) { impl_->all.stuck_workers.Set(static_cast<double>(count)); }
PluginMeters& Metrics::plugin_meters() { return impl_->plugins; }
void Metrics::queued(int change) { impl_->all.queued.Increment(change); }
void Metrics::waited(std::chrono::steady_clock::duration time) { impl_->all.waits.Observe(seconds(time)); }
void Metrics::tls_handshake(Handshake how) {
    impl_->all.handshakes.at(static_cast<std::size_t>(how))->Increment();
}
void Metrics::refused(Refusal why) { impl_->all.refused.at(static_cast<std::size_t>(why))->Increment(); }
void Metrics::certificates(const std::map<std::string, std::int64_t>& ends) { impl_->set_ends(ends); }
void Metrics::reloaded(bool accepted) {
    impl_->all.reloads.at(accepted ? 0 : 1)->Increment();
    impl_->all.last_reload.Set(accepted ? 1 : 0);
    if (accepted) activated();
}
void Metrics::activated() { impl_->all.active_since.Set(seconds_since_1970()); }
void Metrics::watch(const MemoryBudget& memory) { impl_->memory = &memory; }
void Metrics::watch_log(std::function<std::uint64_t()> lost) { impl_->lost = std::move(lost); }
std::shared_ptr<StoreMetrics> Metrics::store(const std::string& name, std::function<StoreSize()> size) {
    return impl_->stores.add(name, std::move(size));
}

std::string Metrics::text(Format format) const {
    impl_->stores.measure();
    impl_->process.measure();
    impl_->count_lost_lines();
    if (impl_->memory) impl_->all.held.Set(static_cast<double>(impl_->memory->held()));
    return format == Format::text ? plain_metrics(impl_->all, impl_->plugins)
                                  : open_metrics(impl_->all, impl_->plugins);
}

}  // namespace gatehouse::core

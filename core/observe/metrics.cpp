// SPDX-License-Identifier: Apache-2.0
// Metrics on prometheus-cpp; see metrics.hpp.
#include "core/observe/metrics.hpp"

#include "core/admission/memory.hpp"
#include "core/observe/kind_name.hpp"
#include "core/observe/record.hpp"
#include "core/resilience/health.hpp"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <array>
#include <atomic>
#include <map>

namespace gatehouse::core {

namespace {

using prometheus::Counter;
using prometheus::Family;
using prometheus::Gauge;
using prometheus::Histogram;

const Histogram::BucketBoundaries duration_seconds = {0.01, 0.05, 0.1, 0.25, 0.5, 1,   2.5,
                                                      5,    10,   30,  60,   120, 300, 600};
const Histogram::BucketBoundaries first_token_seconds = {0.05, 0.1, 0.2, 0.3, 0.5, 0.75, 1,
                                                         1.5,  2,   3,   5,   10,  30,   100};

const Histogram::BucketBoundaries wait_seconds = {0.001, 0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30};

// Requests that never came to a provider: refused, unknown, answered by the core.
constexpr const char* nobody = "none";

/// Counters that differ in one label, made when first used and found without a
/// lock from then on.
template <std::size_t size>
class Counters {
public:
    template <typename Label>
    Counter& at(std::size_t index, Family<Counter>& family, const std::string& provider, const char* name,
                Label&& label) {
        Counter* counter = counters_[index].load(std::memory_order_acquire);
        if (!counter) {
            counter = &family.Add({{"provider", provider}, {name, label()}});  // the same one for all who ask
            counters_[index].store(counter, std::memory_order_release);
        }
        return *counter;
    }

private:
    std::array<std::atomic<Counter*>, size> counters_{};
};

double seconds(RequestRecord::Clock::duration duration) {
    return std::chrono::duration<double>(duration).count();
}

/// Whether the failure is the upstream's, and not the client's or our own.
bool is_upstreams(ErrorKind kind) {
    return kind == ErrorKind::upstream || kind == ErrorKind::unavailable || kind == ErrorKind::timeout ||
           kind == ErrorKind::rate_limited;
}

}  // namespace

class Metrics::Impl {
public:
    Impl() { know({nobody}); }

    // A new table in place of the old one, which stays for those who are reading it.
    void know(const std::vector<std::string>& providers) {
        auto next = tables_.empty() ? std::make_unique<Table>() : std::make_unique<Table>(*tables_.back());
        const std::size_t known = next->size();
        for (const std::string& provider : providers)
            if (!next->contains(provider))
                next->emplace(provider, std::make_shared<Numbers>(*this, provider));
        if (next->size() == known) return;
        numbers_.store(next.get(), std::memory_order_release);
        tables_.push_back(std::move(next));
    }

    /// What is counted for one provider.
    struct Numbers {
        Numbers(Impl& all, const std::string& name)
            : provider(name),
              duration(all.durations_.Add({{"provider", name}}, duration_seconds)),
              first_token(all.first_tokens_.Add({{"provider", name}}, first_token_seconds)),
              prompt(all.tokens(name, "prompt")),
              completion(all.tokens(name, "completion")),
              cached(all.tokens(name, "cached")),
              reasoning(all.tokens(name, "reasoning")),
              wasted_prompt(all.wasted_.Add({{"provider", name}, {"kind", "prompt"}})),
              wasted_completion(all.wasted_.Add({{"provider", name}, {"kind", "completion"}})),
              cancelled(all.left_.Add({{"provider", name}, {"outcome", "cancelled"}})),
              drained(all.left_.Add({{"provider", name}, {"outcome", "drained"}})),
              open_routes(all.open_routes_.Add({{"provider", name}})),
              ejected(all.ejected_.Add({{"provider", name}})),
              opened(all.opened_.Add({{"provider", name}})),
              not_sent(all.not_sent_.Add({{"provider", name}})),
              ejections(all.ejections_.Add({{"provider", name}})),
              retries(all.retries_.Add({{"provider", name}})),
              retries_refused(all.retries_refused_.Add({{"provider", name}})) {}

        const std::string provider;
        Histogram& duration;
        Histogram& first_token;
        Counter &prompt, &completion, &cached, &reasoning;
        Counter &wasted_prompt, &wasted_completion, &cancelled, &drained;
        Gauge &open_routes, &ejected;
        Counter &opened, &not_sent, &ejections, &retries, &retries_refused;
        Counters<600> by_status = {};  // index 0: there was none
        Counters<error_kinds> by_error = {};
    };

    Numbers& numbers_of(std::string_view provider) {
        const Table& numbers = *numbers_.load(std::memory_order_acquire);
        const auto found = numbers.find(provider);
        return found == numbers.end() ? *numbers.find(nobody)->second : *found->second;
    }

    void count_request(Numbers& numbers, int status) {
        const bool known = status >= 100 && status < 600;
        numbers.by_status
            .at(known ? static_cast<std::size_t>(status) : 0, requests_, numbers.provider, "status",
                [&] { return known ? std::to_string(status) : "none"; })
            .Increment();
    }

    void count_error(Numbers& numbers, ErrorKind kind) {
        const auto index = static_cast<std::size_t>(kind);
        if (index >= error_kinds) return count_error(numbers, ErrorKind::internal);
        numbers.by_error
            .at(index, upstream_errors_, numbers.provider, "kind", [&] { return kind_name(kind); })
            .Increment();
    }

    Gauge& running() { return running_; }
    Counter& gone() { return gone_; }
    Gauge& queued() { return queued_; }
    Histogram& waits() { return waits_; }
    Counter& refused(Refusal why) { return *refused_.at(static_cast<std::size_t>(why)); }
    Counter& handshakes(Handshake how) { return *handshakes_.at(static_cast<std::size_t>(how)); }
    Gauge& held() { return held_; }
    const Memory* memory = nullptr;
    const prometheus::Registry& registry() const { return registry_; }

private:
    Counter& tokens(const std::string& provider, const char* kind) {
        return tokens_.Add({{"provider", provider}, {"kind", kind}});
    }

    prometheus::Registry registry_;
    Family<Counter>& requests_ = prometheus::BuildCounter()
                                     .Name("gatehouse_requests_total")
                                     .Help("Requests that are over, by provider and HTTP status.")
                                     .Register(registry_);
    Family<Histogram>& durations_ = prometheus::BuildHistogram()
                                        .Name("gatehouse_request_duration_seconds")
                                        .Help("From a request's head to the last byte of its answer.")
                                        .Register(registry_);
    Family<Histogram>& first_tokens_ = prometheus::BuildHistogram()
                                           .Name("gatehouse_time_to_first_token_seconds")
                                           .Help("From a request's head to the first token of its answer.")
                                           .Register(registry_);
    Family<Counter>& tokens_ =
        prometheus::BuildCounter()
            .Name("gatehouse_tokens_total")
            .Help("Tokens by kind; cached are among prompt, reasoning among completion.")
            .Register(registry_);
    Family<Counter>& upstream_errors_ = prometheus::BuildCounter()
                                            .Name("gatehouse_upstream_errors_total")
                                            .Help("Upstream requests that failed, by provider and kind.")
                                            .Register(registry_);
    Family<Counter>& counter(const char* name, const char* help) {
        return prometheus::BuildCounter().Name(name).Help(help).Register(registry_);
    }
    Family<Gauge>& gauge(const char* name, const char* help) {
        return prometheus::BuildGauge().Name(name).Help(help).Register(registry_);
    }
    Family<Counter>& wasted_ =
        counter("gatehouse_tokens_wasted_total",
                "Those of gatehouse_tokens_total whose client had left before the end of the answer.");
    Family<Counter>& left_ =
        counter("gatehouse_upstream_calls_left_total",
                "Upstream calls whose client left: cut (cancelled), or read to their end (drained).");
    Family<Gauge>& open_routes_ =
        gauge("gatehouse_breakers_open", "Models whose breaker is open, or waits for a trial to succeed.");
    Family<Counter>& opened_ = counter("gatehouse_breaker_opened_total", "Breakers that opened.");
    Family<Counter>& not_sent_ =
        counter("gatehouse_breaker_refused_total", "Requests that an open breaker kept from a provider.");
    Family<Gauge>& ejected_ =
        gauge("gatehouse_endpoints_ejected", "Endpoints that are left out until a trial succeeds.");
    Family<Counter>& ejections_ = counter("gatehouse_endpoint_ejections_total",
                                          "Endpoints that were left out because they kept failing.");
    Family<Counter>& retries_ =
        counter("gatehouse_retries_total", "Upstream requests that repeated one at the same provider.");
    Family<Counter>& retries_refused_ =
        counter("gatehouse_retries_refused_total", "Retries that the retry budget did not allow.");
    Gauge& running_ = prometheus::BuildGauge()
                          .Name("gatehouse_requests_running")
                          .Help("Requests that have begun and are not over.")
                          .Register(registry_)
                          .Add({});
    Counter& gone_ = prometheus::BuildCounter()
                         .Name("gatehouse_client_disconnects_total")
                         .Help("Clients that left before the end of their answer.")
                         .Register(registry_)
                         .Add({});

    Gauge& queued_ = prometheus::BuildGauge()
                         .Name("gatehouse_requests_queued")
                         .Help("Requests that wait for a place among the running ones.")
                         .Register(registry_)
                         .Add({});
    Histogram& waits_ = prometheus::BuildHistogram()
                            .Name("gatehouse_queue_wait_seconds")
                            .Help("How long requests waited that had to wait, and got their place.")
                            .Register(registry_)
                            .Add({}, wait_seconds);
    Family<Counter>& tls_ =
        counter("gatehouse_tls_handshakes_total", "Handshakes of clients, by how they ended.");
    const std::array<Counter*, 3> handshakes_ = {&tls_.Add({{"outcome", "full"}}),
                                                 &tls_.Add({{"outcome", "resumed"}}),
                                                 &tls_.Add({{"outcome", "failed"}})};
    Family<Counter>& refusals_ = prometheus::BuildCounter()
                                     .Name("gatehouse_requests_refused_total")
                                     .Help("Requests that were answered with 503 for want of room.")
                                     .Register(registry_);
    const std::array<Counter*, 3> refused_ = {&refusals_.Add({{"reason", "queue_full"}}),
                                              &refusals_.Add({{"reason", "queue_timeout"}}),
                                              &refusals_.Add({{"reason", "memory"}})};
    Gauge& held_ = prometheus::BuildGauge()
                       .Name("gatehouse_memory_held_bytes")
                       .Help("What connections, requests and answers hold, as memory_limit counts it.")
                       .Register(registry_)
                       .Add({});

    using Table = std::map<std::string, std::shared_ptr<Numbers>, std::less<>>;
    std::vector<std::unique_ptr<Table>> tables_;  // one for each configuration
    std::atomic<const Table*> numbers_{nullptr};
};

Metrics::Metrics(const std::vector<std::string>& providers) : impl_(std::make_unique<Impl>()) {
    know(providers);
}
Metrics::~Metrics() = default;

void Metrics::know(const std::vector<std::string>& providers) { impl_->know(providers); }

void Metrics::started() { impl_->running().Increment(); }

void Metrics::finished(const RequestRecord& record) {
    impl_->running().Decrement();
    Impl::Numbers& numbers = impl_->numbers_of(record.provider);
    impl_->count_request(numbers, record.status);
    numbers.duration.Observe(seconds(record.end - record.start));
    if (record.first_token) numbers.first_token.Observe(seconds(*record.first_token - record.start));
    if (record.gone) impl_->gone().Increment();
    if (record.error && record.attempts > 0 && is_upstreams(*record.error))
        impl_->count_error(numbers, *record.error);
    if (record.cancelled) (record.drained ? numbers.drained : numbers.cancelled).Increment();
    if (!record.usage) return;
    // A counter refuses to go down, whatever an upstream says.
    auto add = [](Counter& counter, std::int64_t tokens) {
        if (tokens > 0) counter.Increment(static_cast<double>(tokens));
    };
    add(numbers.prompt, record.usage->prompt);
    add(numbers.completion, record.usage->completion);
    add(numbers.cached, record.usage->cached.value_or(0));
    add(numbers.reasoning, record.usage->reasoning.value_or(0));
    if (!record.gone) return;
    add(numbers.wasted_prompt, record.usage->prompt);
    add(numbers.wasted_completion, record.usage->completion);
}

void Metrics::happened(std::string_view provider, Happening what) {
    Impl::Numbers& numbers = impl_->numbers_of(provider);
    switch (what) {
        case Happening::breaker_opened: numbers.opened.Increment(); return numbers.open_routes.Increment();
        case Happening::breaker_closed: return numbers.open_routes.Decrement();
        case Happening::breaker_refused: return numbers.not_sent.Increment();
        case Happening::place_ejected: numbers.ejections.Increment(); return numbers.ejected.Increment();
        case Happening::place_back: return numbers.ejected.Decrement();
        case Happening::retry: return numbers.retries.Increment();
        case Happening::retry_refused: return numbers.retries_refused.Increment();
    }
}

void Metrics::attempt_failed(std::string_view provider, ErrorKind kind) {
    if (is_upstreams(kind)) impl_->count_error(impl_->numbers_of(provider), kind);
}

void Metrics::queued(int change) { impl_->queued().Increment(change); }
void Metrics::waited(std::chrono::steady_clock::duration time) { impl_->waits().Observe(seconds(time)); }
void Metrics::shook_hands(Handshake how) { impl_->handshakes(how).Increment(); }
void Metrics::refused(Refusal why) { impl_->refused(why).Increment(); }
void Metrics::show(const Memory& memory) { impl_->memory = &memory; }

std::string Metrics::text() const {
    if (impl_->memory) impl_->held().Set(static_cast<double>(impl_->memory->held()));
    return prometheus::TextSerializer().Serialize(impl_->registry().Collect());
}

}  // namespace gatehouse::core

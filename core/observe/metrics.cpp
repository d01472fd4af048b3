// SPDX-License-Identifier: Apache-2.0
// Metrics on prometheus-cpp; see metrics.hpp.
#include "core/observe/metrics.hpp"

#include "core/observe/kind_name.hpp"
#include "core/observe/record.hpp"

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
              reasoning(all.tokens(name, "reasoning")) {}

        const std::string provider;
        Histogram& duration;
        Histogram& first_token;
        Counter &prompt, &completion, &cached, &reasoning;
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
    if (!record.usage) return;
    // A counter refuses to go down, whatever an upstream says.
    auto add = [](Counter& counter, std::int64_t tokens) {
        if (tokens > 0) counter.Increment(static_cast<double>(tokens));
    };
    add(numbers.prompt, record.usage->prompt);
    add(numbers.completion, record.usage->completion);
    add(numbers.cached, record.usage->cached.value_or(0));
    add(numbers.reasoning, record.usage->reasoning.value_or(0));
}

void Metrics::attempt_failed(std::string_view provider, ErrorKind kind) {
    if (is_upstreams(kind)) impl_->count_error(impl_->numbers_of(provider), kind);
}

std::string Metrics::text() const {
    return prometheus::TextSerializer().Serialize(impl_->registry().Collect());
}

}  // namespace gatehouse::core

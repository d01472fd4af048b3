// SPDX-License-Identifier: Apache-2.0
// Counters and latencies for GET /metrics, in the text format of Prometheus or in OpenMetrics.
//
// The number of label values is bounded: providers are those of the configuration; statuses, kinds
// and errors come from fixed lists.  Text from clients becomes a label only in a bounded number of series:
// names of clients and routed models (usage_metrics.hpp), and attributes that the operator chooses
// (attribute_metrics.hpp). All members: [any thread]; their locks are short.
#pragma once

#include "core/observe/failure_cause.hpp"
#include "core/observe/health_event.hpp"

#include <gatehouse/result.hpp>
#include <gatehouse/store.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse {
struct Story;
}

namespace gatehouse::core {

class MemoryBudget;
class StoreMetrics;
class PluginMeters;
struct Settings;
struct RequestRecord;

class Metrics {
public:
    /// `providers` are the instance names that may become labels.
    explicit Metrics(const std::vector<std::string>& providers = {});
    ~Metrics();

    /// Adds instance names that may become labels.  [main thread]
    void add_providers(const std::vector<std::string>& providers);

    /// Counts a request whose header is complete as running.
    void started();
    /// Counts the end of a request.  Call once for each started().
    void finished(const RequestRecord& record);
    /// Counts the end of a request by its client, model and route, and under the attributes of its client.
    void count_client(const Settings& settings, const RequestRecord& record);

    /// Counts the upstream requests of a request that is over, by the names of the GenAI conventions.
    void count_model_calls(const Story& details);

    /// Counts a failed attempt that another attempt follows.  finished() counts the error that
    /// the client receives.
    void attempt_failed(std::string_view provider, ErrorKind kind, FailureCause cause);

    /// Counts an event of a provider that is not the end of a request.
    void count(std::string_view provider, HealthEvent what);

    /// Counts a call of this instance that has become slow.
    void slow_call(std::string_view instance);
    /// Counts exceptions of this instance.
    void plugin_failed(std::string_view instance, std::size_t times);
    /// Counts records that an observer instance has taken.
    void records_delivered(std::string_view observer, std::size_t count);
    /// Counts records that an observer instance will not get.  `reason`: "queue_full", "failed" or "ended".
    void records_dropped(std::string_view observer, const char* reason, std::size_t count);
    /// The number of workers that do not return from a task.
    void stuck_workers(std::size_t count);

    /// The meters that plugins declare.
    PluginMeters& plugin_meters();

    /// Adds `change` to the number of requests that wait for a slot.
    void queued(int change);
    /// Records the time that a request waited for its slot.
    void waited(std::chrono::steady_clock::duration time);
    /// The reason for which a request got no slot.
    enum class Refusal { queue_full, queue_timeout, memory };
    void refused(Refusal why);
    /// The outcome of a client's TLS handshake.
    enum class Handshake { full, resumed, failed };
    void tls_handshake(Handshake how);
    /// The ends of the certificates in use, in seconds since 1970, by the table that names them.  Replaces
    /// those of the call before.  [main thread]
    void certificates(const std::map<std::string, std::int64_t>& ends);
    /// A configuration has become active at the start of the process.
    void activated();
    /// A reload was accepted or rejected.
    void reloaded(bool accepted);
    /// Reports the bytes that `memory` has reserved.  Call once, before the first text().  `memory`
    /// must outlive this object.
    void watch(const MemoryBudget& memory);

    /// Reports the lines that the log has lost.  Call once, before the first text().  text() calls `lost`,
    /// whose result never decreases.
    void watch_log(std::function<std::uint64_t()> lost);

    /// The numbers of the store instance `name`.  text() calls `size` for the gauges.  A second call
    /// for the same name replaces `size`.
    std::shared_ptr<StoreMetrics> store(const std::string& name, std::function<StoreSize()> size);

    /// text: text/plain; version=0.0.4.  open_metrics: application/openmetrics-text; version=1.0.0, with
    /// exemplars.
    enum class Format { text, open_metrics };
    std::string text(Format format = Format::text) const;

private:
    class Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace gatehouse::core

// SPDX-License-Identifier: Apache-2.0
// Counters and latencies for GET /metrics, in Prometheus' text format.
//
// Every label value is bounded: providers are those of the configuration,
// statuses, kinds and errors come from fixed lists; nothing a client writes
// becomes one.  All members: [any thread]; none takes a lock that is held long.
#pragma once

#include "core/observe/health_event.hpp"

#include <gatehouse/result.hpp>

#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::core {

class MemoryBudget;
struct RequestRecord;

class Metrics {
public:
    /// `providers` are the instance names that may become labels.
    explicit Metrics(const std::vector<std::string>& providers = {});
    ~Metrics();

    /// From now on these may be labels too.  [main thread]
    void know(const std::vector<std::string>& providers);

    /// A request has begun: its head is complete.
    void started();
    /// It is over.  Once for each started().
    void finished(const RequestRecord& record);

    /// An upstream attempt failed and another one follows; the failure that a
    /// client sees is counted by finished().
    void attempt_failed(std::string_view provider, ErrorKind kind);

    /// Counts an event of a provider that is not the end of a request.
    void happened(std::string_view provider, HealthEvent what);

    /// Requests more, or fewer, wait for a place.
    void queued(int change);
    /// One has got its place after this long.
    void waited(std::chrono::steady_clock::duration time);
    /// Why a request got none.
    enum class Refusal { queue_full, queue_timeout, memory };
    void refused(Refusal why);
    /// A client has come by TLS, or has not.
    enum class Handshake { full, resumed, failed };
    void tls_handshake(Handshake how);
    /// Shows what `memory` holds.  Once, before the first text(); it must live as long.
    void show(const MemoryBudget& memory);

    /// Everything, as text/plain; version=0.0.4.
    std::string text() const;

private:
    class Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace gatehouse::core

// SPDX-License-Identifier: Apache-2.0
// The services of the core for a plugin instance: a log, a clock, complete HTTP
// exchanges, timers, helper threads and meters.
//
// A Host outlives its instance.  When the instance is destroyed, its pending work is
// dropped: the task or completion is not called any more.
// All members: [any thread], and none of them blocks.
#pragma once

#include "gatehouse/completion.hpp"
#include "gatehouse/http.hpp"
#include "gatehouse/meter.hpp"

#include <chrono>
#include <cstddef>
#include <functional>
#include <initializer_list>
#include <string_view>
#include <utility>
#include <vector>

namespace gatehouse {

class Store;

enum class Level { debug, info, warning, error };

/// Limits of the configuration that only a plugin can enforce, because it does the reading.
struct Limits {
    std::size_t max_json_depth = 200;                 // [server]: of a client's body
    std::size_t max_event_bytes = 16 * 1024 * 1024;   // [upstream]: one event of a stream
    std::size_t max_answer_bytes = 64 * 1024 * 1024;  // [upstream]: a complete response, kept in memory
    bool strict_permissions = false;  // [server]: refuse files with secrets that others may read
};

class Host {
public:
    using LogFields = std::initializer_list<std::pair<std::string_view, std::string_view>>;

    /// Writes one line with the instance's name.  Never pass a secret, a prompt or an answer.
    void log(Level level, std::string_view message, LogFields fields = {}) {
        write_log(level, message, fields);
    }

    /// The wall clock.  Signers must use it, because tests replace it.
    virtual std::chrono::system_clock::time_point now() const = 0;

    /// The limits do not change during the life of the instance.
    virtual const Limits& limits() const = 0;

    /// Performs a complete HTTP exchange, for example for a token.  A status of 400 or more
    /// is a response like any other.  An Error means that there was no response.  Its message
    /// calls the server "the upstream": use it for the log, and another one for a client.
    /// `done` is called on a thread of the core and must not block.  The instance exists until
    /// it has returned, so it may use the instance.  The request is signed if the key `signer` of a
    /// hook's table names a signer; not in the constructor.
    virtual void fetch(http::Request request, Completion<http::Response> done) = 0;

    /// Calls `task` once on a thread of the core, after at least `delay`.  The task must
    /// not block.
    virtual void after(std::chrono::milliseconds delay, std::function<void()> task) = 0;

    /// Calls `task` on a helper thread, where it may compute long (a signature) or block (a
    /// file, a local model).  Tasks of one instance may run at the same time.  A running
    /// task may outlive the instance, so it must own its data.  Tasks are copyable and a
    /// Completion is not: share it with std::make_shared.
    virtual void run(std::function<void()> task) = 0;

    /// The store that the key `store` of the instance's table names; null if it names none.  A
    /// dialect or limiter that names none has the only store that belongs to no authenticator, or the
    /// built-in one.
    /// The same pointer during the life of the instance, and valid in its constructor.
    virtual Store* store() { return nullptr; }

    // Meters; see meter.hpp.  Declare them in the constructor.  They live longer than the instance, and
    // an instance of the same name continues them after a reload.  A wrong declaration is logged as
    // an error, and its meter counts nothing.

    /// `name` has lower-case letters, digits and "_", begins with a letter, and ends in "_total".
    virtual Counter& counter(std::string_view name, std::string_view help, MeterLabels labels = {}) {
        (void)name, (void)help, (void)labels;
        return detail::no_meter();
    }
    virtual Gauge& gauge(std::string_view name, std::string_view help, MeterLabels labels = {}) {
        (void)name, (void)help, (void)labels;
        return detail::no_meter();
    }
    /// `buckets` are the upper limits of the sizes, ascending.
    virtual Histogram& histogram(std::string_view name, std::string_view help, std::vector<double> buckets,
                                 MeterLabels labels = {}) {
        (void)name, (void)help, (void)buckets, (void)labels;
        return detail::no_meter();
    }

protected:
    ~Host() = default;

private:
    virtual void write_log(Level level, std::string_view message, LogFields fields) = 0;
};

}  // namespace gatehouse

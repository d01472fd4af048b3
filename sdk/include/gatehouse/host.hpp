// SPDX-License-Identifier: Apache-2.0
// What the core offers to a plugin instance: a log, a clock, whole HTTP
// exchanges, timers and helper threads.
//
// A Host outlives the instance that was given it.  What an instance has asked
// for and what is still pending when the instance goes is dropped: its task or
// completion is not called any more.
// All members: [any thread], and none of them blocks.
#pragma once

#include "gatehouse/completion.hpp"
#include "gatehouse/http.hpp"

#include <chrono>
#include <cstddef>
#include <functional>
#include <initializer_list>
#include <string_view>
#include <utility>

namespace gatehouse {

enum class Level { debug, info, warning, error };

/// What the configuration asks of everybody and only a plugin can keep, since it does the reading.
struct Limits {
    std::size_t max_json_depth = 200;                 // [server]: of a client's body
    std::size_t max_event_bytes = 16 * 1024 * 1024;   // [upstream]: one event of a stream
    std::size_t max_answer_bytes = 64 * 1024 * 1024;  // [upstream]: a whole answer, kept in memory
    bool strict_permissions = false;  // [server]: use no file with a secret that others may read
};

class Host {
public:
    using LogFields = std::initializer_list<std::pair<std::string_view, std::string_view>>;

    /// One line, tagged with the instance's name.  Never pass a secret, a prompt or an answer.
    void log(Level level, std::string_view message, LogFields fields = {}) {
        write_log(level, message, fields);
    }

    /// The wall clock.  Tests replace it, so signers must ask here.
    virtual std::chrono::system_clock::time_point now() const = 0;

    /// The same for the life of the instance.
    virtual const Limits& limits() const = 0;

    /// Performs a whole exchange: a token, a model list.  A status of 400 or
    /// more is an answer like any other; an Error means that there was none.
    /// `done` is called on a thread of the core and must not block.
    virtual void fetch(http::Request request, Completion<http::Response> done) = 0;

    /// Calls `task` once, not before `delay` has passed, on a thread of the core.
    /// It must not block.
    virtual void after(std::chrono::milliseconds delay, std::function<void()> task) = 0;

    /// Calls `task` on a helper thread, where it may compute long (a signature)
    /// or block (a file, a local model).  Tasks of one instance may run at once,
    /// and one that runs already may outlive the instance: let it own what it
    /// needs.  A Completion goes into it by std::make_shared, as tasks are copyable.
    virtual void run(std::function<void()> task) = 0;

protected:
    ~Host() = default;

private:
    virtual void write_log(Level level, std::string_view message, LogFields fields) = 0;
};

}  // namespace gatehouse

// SPDX-License-Identifier: Apache-2.0
// The log: one line per event, on standard error, standard output or in a file.
//
//     2026-11-22T10:00:00.123Z info my_signer token renewed expires_in=3600
//
// Whatever a value holds, it stays on its line and within its quotes: no client
// and no upstream can forge a line.  Never pass a secret, a prompt or an answer.
// All members: [any thread].  A line is written in one piece when the call returns, but
// see access().
#pragma once

#include "core/config/settings.hpp"

#include <gatehouse/host.hpp>

#include <atomic>
#include <memory>
#include <string_view>
#include <vector>

namespace gatehouse::core {

struct RequestRecord;

class Log {
public:
    using Fields = Host::LogFields;

    /// Opens what `options` names.
    static Result<std::unique_ptr<Log>> open(const LogOptions& options);
    /// Whether open() would succeed; makes no file.
    static Result<void> can_open(const LogOptions& options);
    ~Log();

    /// Whether lines of this level are written at all.
    bool enabled(Level level) const;

    /// `instance` is the plugin instance that speaks, or a part of the core.
    void write(Level level, std::string_view instance, std::string_view message, Fields fields = {});

    /// The line of one request that is over.  What is not known is left out.  It waits for
    /// others of its thread until that calls write_held(), or logs something else.
    void access(const RequestRecord& record);
    /// Writes the lines of access() that this thread has not written yet.
    static void write_held();

    /// Opens the file anew, after it has been renamed (logrotate).  If that fails,
    /// lines go on into the old one.  Nothing to do for standard error and output.
    Result<void> reopen();

    /// Writes as `options` say from now on, or goes on as before.  Others may be
    /// writing meanwhile; one thread at a time configures.
    Result<void> configure(const LogOptions& options);

private:
    class Impl;
    explicit Log(std::unique_ptr<Impl> impl);
    Impl& impl() const { return *current_.load(std::memory_order_acquire); }

    // Earlier ones stay, since somebody may be writing to them: one for each change.
    std::vector<std::unique_ptr<Impl>> all_;
    std::atomic<Impl*> current_;
};

}  // namespace gatehouse::core

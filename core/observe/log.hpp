// SPDX-License-Identifier: Apache-2.0
// The log: one line per event, on standard error, standard output or in a file.
//
//     2026-11-22T10:00:00.123Z info my_signer token renewed expires_in=3600
//
// Values are escaped and quoted, so that clients and upstreams cannot forge a line.
// Never pass a secret, a prompt or an answer.
// All members: [any thread].  A line is written in one piece when the call returns, but
// see access().
#pragma once

#include "core/config/settings.hpp"

#include <gatehouse/host.hpp>

#include <atomic>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

namespace gatehouse::core {

struct RequestRecord;

struct LostLines;

class Log {
public:
    using Fields = Host::LogFields;

    /// Opens what `options` names.
    static Result<std::unique_ptr<Log>> open(const LogOptions& options);
    /// Whether open() would succeed; makes no file.
    static Result<void> can_open(const LogOptions& options);
    ~Log();

    /// Whether lines of this level are written.
    bool enabled(Level level) const;

    /// `instance` is the plugin instance that logs, or a part of the core.  The line names the request
    /// `request_id`, unless it is empty or a field has this name.  An id without a value, such as the
    /// `upstream_id` of an upstream that sends none, is omitted.
    void write(Level level, std::string_view instance, std::string_view message, Fields fields = {},
               std::string_view request_id = {});

    /// The access line of a finished request, without the fields that are unknown.  The
    /// line is buffered until its thread calls write_held() or logs another message.
    void access(const RequestRecord& record);
    /// Writes the lines of access() that this thread has not written yet.
    static void write_held();

    /// Reopens the file after a rename (logrotate).  Keeps the old file if that fails.
    /// Does nothing for standard error and output.
    Result<void> reopen();

    /// Applies `options` from now on, or changes nothing if it fails.  Other threads may
    /// write meanwhile.  REQUIRES: one thread at a time configures.
    Result<void> configure(const LogOptions& options);

    /// The lines that could not be written, for example because the disk was full.
    std::uint64_t lost_lines() const;

    /// Where the lines go at the moment, and their form, for the report of a crash.
    int descriptor() const;
    bool writes_json() const;

private:
    class Impl;
    explicit Log(std::shared_ptr<LostLines> lost);
    Impl& impl() const { return *current_.load(std::memory_order_acquire); }

    const std::shared_ptr<LostLines> lost_;
    // One for each change.  Earlier objects stay, since a thread may still write to them.
    std::vector<std::unique_ptr<Impl>> all_;
    std::atomic<Impl*> current_ = nullptr;
};

}  // namespace gatehouse::core

// SPDX-License-Identifier: Apache-2.0
// `gatehouse serve`: the life of the process and its signals.
//
// TERM and INT drain; a second TERM or INT ends the process at once.  HUP reopens the
// log and reloads the configuration.  USR1 only reopens the log.  USR2 starts a new process, which
// takes the listening sockets; then this process drains.  A change of a watched file reloads too. Signals are
// blocked before any thread exists, so that only this thread takes them.
#include "core/app/active_config.hpp"
#include "core/app/active_files.hpp"
#include "core/app/active_plugins.hpp"
#include "core/app/exit_deadline.hpp"
#include "core/app/gateway.hpp"
#include "core/app/new_process.hpp"
#include "core/app/service_manager.hpp"
#include "core/app/watchdog.hpp"
#include "core/cli/output.hpp"
#include "core/cli/upgrade.hpp"
#include "core/config/watch.hpp"
#include "core/observe/log.hpp"
#include "core/plugin/crash_report.hpp"
#include "core/plugin/origins.hpp"
#include "core/plugin/slow_calls.hpp"

#include <malloc.h>
#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <initializer_list>
#include <string>
#include <vector>

namespace gatehouse::core {

namespace {

sigset_t set_of(std::initializer_list<int> signals) {
    sigset_t set;
    sigemptyset(&set);
    for (int signal : signals) sigaddset(&set, signal);
    return set;
}

/// The parent process may have set the signals to ignored (a shell's `&`, nohup).  An
/// ignored signal would never arrive.
sigset_t block_signals() {
    for (int signal : {SIGTERM, SIGINT, SIGHUP, SIGUSR1, SIGUSR2}) ::signal(signal, SIG_DFL);
    // A file that exceeds a limit (ulimit -f) is an error of its writer.
    for (int signal : {SIGPIPE, SIGXFSZ}) ::signal(signal, SIG_IGN);
    const sigset_t set = set_of({SIGTERM, SIGINT, SIGHUP, SIGUSR1, SIGUSR2});
    pthread_sigmask(SIG_BLOCK, &set, nullptr);
    return set;
}

/// A second TERM or INT ends the process at once, also as process 1 of a
/// container, where a signal without a handler does nothing.
void let_signals_end_us() {
    for (int signal : {SIGTERM, SIGINT}) ::signal(signal, [](int) { ::_exit(exit_status::failure); });
    const sigset_t set = set_of({SIGTERM, SIGINT});
    pthread_sigmask(SIG_UNBLOCK, &set, nullptr);
}

/// Some clients send bodies of a megabyte, which are allocated and freed with each
/// request.  By default glibc returns such memory to the system at once, and the kernel
/// zeroes it again page by page.  That cost as much as all other work of the request.
void keep_memory_of_bodies() {
#ifdef M_TRIM_THRESHOLD
    ::mallopt(M_MMAP_THRESHOLD, 8 << 20);
    ::mallopt(M_TRIM_THRESHOLD, 16 << 20);  // for each worker
#endif
}

/// Each client uses one descriptor and its upstream another.  The soft limit is low
/// only for programs that still use select().
void raise_descriptor_limit() {
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
    limit.rlim_cur = limit.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &limit);
}

Gateway::DrainTimes drain_times(const ServerOptions& options) {
    return {std::chrono::milliseconds(options.drain_delay_ms),
            std::chrono::milliseconds(options.drain_timeout_ms)};
}

/// Time that the threads may take to end after drain_timeout_ms.
constexpr std::chrono::milliseconds time_to_end{5'000};

/// A plugin call that does not return would keep the process forever.
void end_with_running_calls(Log& log) {
    for (const NotedCall& call : SlowCalls::running())
        log.write(Level::error, call.instance.data(), "plugin call did not end before the process",
                  {{"library", library_of(call.instance.data())}, {"call", call.member}},
                  call.request_id.data());
    log.write(Level::error, "gatehouse", "process ended by force after drain_timeout_ms");
    ::_exit(exit_status::failure);
}

/// A dump would hold every key and prompt in memory.  A limit of one
/// byte prevents a file and, unlike 0, also a dump that is piped to a program.  The process
/// stays readable for its own user, since `gatehouse reload` reads the active configuration.
void leave_no_core_dump() {
    const rlimit limit{1, 1};
    ::setrlimit(RLIMIT_CORE, &limit);
}

/// The configured address with the port that was bound.
std::string address_of(const Gateway& gateway) {
    const std::string& listen = gateway.settings().server.listen;
    return listen.substr(0, listen.rfind(':') + 1) + std::to_string(gateway.port());
}

void reopen(Log& log) {
    if (auto reopened = log.reopen(); !reopened)
        log.write(Level::error, "gatehouse", "cannot reopen log, keeping the old file",
                  {{"reason", reopened.error().message}});
    set_crash_log(log.descriptor(), log.writes_json());
}

/// The state of this process for other commands.
struct Published {
    // The text comes last: a command that waits for it then sees the outcome of the reload too.
    void publish(const Gateway& gateway) {
        active.plugins = gateway.plugins();
        plugins.publish(active);
        files.publish(digests);
        door.publish(gateway.door());
        config.publish(gateway.file(), gateway.settings());
    }
    void note_failure(const Upgrade& upgrade) {
        if (active.failed_upgrades == upgrade.failures()) return;
        active.failed_upgrades = upgrade.failures();
        active.upgrade_failure = upgrade.failure();
        plugins.publish(active);
    }
    ActivePlugins active = {};
    PublishedPlugins plugins = {};
    FileDigests digests = {};  // for the active configuration
    PublishedFiles files = {};
    PublishedDoor door = {};
    ActiveConfig config = {};
};

/// Logs the error and keeps the active configuration if the new one is invalid.
void reload(Gateway& gateway, const std::filesystem::path& config, Published& running) {
    auto file = ConfigFile::read(config);
    FileDigests digests = file ? FileDigests::of(*file, running.digests.salt()) : FileDigests();
    const auto changed = running.digests.changed(digests);
    auto reloaded = file ? gateway.reload(*file) : Result<Gateway::Reloaded>(file.error());
    gateway.note_reload(static_cast<bool>(reloaded));
    ++running.active.reloads;
    running.active.rejected = reloaded ? "" : reloaded.error().message;
    running.active.warnings = reloaded ? reloaded->warnings : std::vector<std::string>();
    if (reloaded) running.digests = std::move(digests);
    running.publish(gateway);
    Log& log = gateway.log();
    set_crash_log(log.descriptor(), log.writes_json());
    if (!reloaded) {
        const Error& error = reloaded.error();
        log.write(Level::error, "gatehouse", "reload rejected",
                  {{"reason", error.detail.empty() ? error.message : error.detail}});
        return;
    }
    for (const std::string& key : reloaded->postponed)
        log.write(Level::warning, "gatehouse", "changed key needs a restart", {{"key", key}});
    for (const ChangedFile& one : changed)
        log.write(Level::info, "gatehouse", "content of a file changed",
                  {{"file", one.file}, {"key", one.key.empty() ? "-" : one.key}});
    log.write(Level::info, "gatehouse", "reloaded", {{"file", config.string()}});
}

/// Tells the reason to the user, and to the process that this one should have replaced.
int not_started(OldProcess& old, int status, const Error& error) {
    old.failed(error.detail.empty() ? error.message : error.detail);
    return fail(status, error.message);
}

/// Whether the configuration, or a file that it names, has changed.
bool changed(FileWatch& config, FileWatch& named) {
    const bool other = named.changed();
    return config.changed() || other;
}

/// Follows the files that the active configuration names.
void follow(FileWatch& named, const Gateway& gateway) {
    if (const auto files = watched_files(gateway.file(), gateway.settings()); named.paths() != files)
        named = FileWatch(files);
}

/// Returns the next signal; 0 if `time` passes without a signal.
int wait_for(const sigset_t& signals, std::chrono::nanoseconds time) {
    const auto seconds = std::chrono::floor<std::chrono::seconds>(time);
    const timespec limit{seconds.count(), (time - seconds).count()};
    const int signal = ::sigtimedwait(&signals, nullptr, &limit);
    return signal > 0 ? signal : 0;
}

/// Ends the running requests, and the process within the time for it.
void drain(Gateway& gateway, Watchdog& watchdog, Gateway::DrainTimes times, bool replaced) {
    Log& log = gateway.log();
    log.write(Level::info, "gatehouse", "draining",
              {{"drain_timeout_ms", std::to_string(times.limit.count())}});
    ExitDeadline deadline(times.before + times.limit + time_to_end, [&log] { end_with_running_calls(log); });
    const auto begin = std::chrono::steady_clock::now();
    sigset_t waited_for = set_of({SIGUSR1});
    if (replaced)
        waited_for = set_of({SIGUSR1, SIGTERM, SIGINT});
    else
        let_signals_end_us();
    gateway.drain(times, [&] {
        watchdog.look();
        const int signal = wait_for(waited_for, std::chrono::nanoseconds(0));
        if (signal == SIGUSR1) reopen(log);
        if (signal != SIGTERM && signal != SIGINT) return;
        // The service stops: the rest of this process has the usual time.
        const auto passed = std::chrono::steady_clock::now() - begin;
        times.limit = std::chrono::duration_cast<std::chrono::milliseconds>(passed) +
                      drain_times(gateway.settings().server).limit;
        deadline.set(drain_times(gateway.settings().server).limit + time_to_end);
        waited_for = set_of({SIGUSR1});
        let_signals_end_us();
    });
    log.write(Level::info, "gatehouse", "stopped");
}

}  // namespace

int serve(const std::filesystem::path& config) {
    const sigset_t signals = block_signals();
    report_crashes();
    keep_memory_of_bodies();
    raise_descriptor_limit();
    leave_no_core_dump();
    const ServiceManager manager;
    Upgrade upgrade(config);
    OldProcess old;
    const auto inherited = inherited_sockets();
    if (!inherited) return fail(exit_status::usage, inherited.error().message);

    FileWatch watch(config);  // before the file is read, so that no change is missed
    Published running;
    if (auto file = ConfigFile::read(config)) running.digests = FileDigests::of(*file);
    auto made = Gateway::make(config);
    if (!made) return not_started(old, exit_status::usage, made.error());
    Gateway& gateway = **made;
    FileWatch named(watched_files(gateway.file(), gateway.settings()));
    Log& log = gateway.log();
    set_crash_log(log.descriptor(), log.writes_json());
    gateway.take_over(inherited->server, inherited->admin);
    if (auto started = gateway.start(); !started)
        return not_started(old, exit_status::failure, started.error());
    log.write(Level::info, "gatehouse", "started", {{"version", GATEHOUSE_VERSION}});
    log.write(Level::info, "gatehouse", "listening", {{"address", address_of(gateway)}});

    running.publish(gateway);
    manager.ready();
    old.replaced();
    bool replaced = false;
    Watchdog watchdog(gateway.loops(), manager.watchdog(), [&] { manager.alive(); });
    for (;;) {
        watchdog.look();
        const bool watches = gateway.settings().server.watch;
        std::chrono::nanoseconds patience = watches ? std::chrono::seconds(1) : std::chrono::hours(1);
        if (watchdog.step().count() > 0)
            patience = std::min<std::chrono::nanoseconds>(patience, watchdog.step());
        if (upgrade.runs())
            patience = std::min<std::chrono::nanoseconds>(patience, std::chrono::milliseconds(20));
        const int signal = wait_for(signals, patience);
        if (signal == SIGHUP) {
            manager.reloading();
            reopen(log);
            (void)changed(watch, named);
            reload(gateway, config, running);
            follow(named, gateway);
            manager.ready();
        } else if (signal == SIGUSR1) {
            reopen(log);
        } else if (signal == SIGUSR2) {
            upgrade.begin(gateway, manager);
        } else if (signal != 0) {
            break;
        } else if ((replaced = upgrade.complete(gateway))) {
            break;
        } else if (watches && changed(watch, named)) {
            reload(gateway, config, running);
            follow(named, gateway);
        }
        running.note_failure(upgrade);
    }
    running.config.withdraw();
    Gateway::DrainTimes times = drain_times(gateway.settings().server);
    if (replaced) {
        manager.replaced_by(upgrade.process());
        times = {.limit = std::chrono::hours(24), .admin = false};  // each request has its own limits
    } else {
        upgrade.abandon();
        manager.stopping(times.before + times.limit + 2 * time_to_end);
    }
    drain(gateway, watchdog, times, replaced);
    return exit_status::ok;
}

}  // namespace gatehouse::core

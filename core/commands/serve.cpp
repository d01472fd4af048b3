// SPDX-License-Identifier: Apache-2.0
// `gatehouse serve`: the life of the process and its signals.
//
// TERM and INT drain, a second one ends at once; HUP opens the log anew.  They
// are blocked before any thread exists, so that only this one takes them.
#include "core/commands/output.hpp"
#include "core/gateway.hpp"
#include "core/observe/log.hpp"

#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

#include <initializer_list>

namespace gatehouse::core {

namespace {

sigset_t set_of(std::initializer_list<int> signals) {
    sigset_t set;
    sigemptyset(&set);
    for (int signal : signals) sigaddset(&set, signal);
    return set;
}

/// Whoever started us may have had them ignored (a shell's `&`, nohup); an
/// ignored signal would never arrive.
sigset_t block_signals() {
    for (int signal : {SIGTERM, SIGINT, SIGHUP}) ::signal(signal, SIG_DFL);
    ::signal(SIGPIPE, SIG_IGN);
    const sigset_t set = set_of({SIGTERM, SIGINT, SIGHUP});
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

/// Every client takes a descriptor and its upstream another; the soft limit is
/// low only for programs that still use select().
void raise_descriptor_limit() {
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
    limit.rlim_cur = limit.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &limit);
}

/// The configured address with the port that was really taken.
std::string address_of(const Gateway& gateway) {
    const std::string& listen = gateway.settings().server.listen;
    return listen.substr(0, listen.rfind(':') + 1) + std::to_string(gateway.port());
}

void reopen(Log& log) {
    if (auto reopened = log.reopen(); !reopened)
        log.write(Level::error, "gatehouse", "the log goes on in the old file",
                  {{"reason", reopened.error().message}});
    log.write(Level::info, "gatehouse", "the log was reopened; a changed configuration needs a restart");
}

}  // namespace

int serve(const std::filesystem::path& config) {
    const sigset_t signals = block_signals();
    raise_descriptor_limit();

    auto made = Gateway::make(config);
    if (!made) return fail(exit_status::usage, made.error().message);
    Gateway& gateway = **made;
    Log& log = gateway.log();
    if (auto started = gateway.start(); !started) return fail(exit_status::failure, started.error().message);
    log.write(Level::info, "gatehouse", "listening", {{"address", address_of(gateway)}});

    for (int signal = 0;;) {
        if (sigwait(&signals, &signal) != 0) continue;
        if (signal != SIGHUP) break;
        reopen(log);
    }
    let_signals_end_us();
    log.write(Level::info, "gatehouse", "draining",
              {{"drain_timeout_ms", std::to_string(gateway.settings().server.drain_timeout_ms)}});
    gateway.drain();
    log.write(Level::info, "gatehouse", "stopped");
    return exit_status::ok;
}

}  // namespace gatehouse::core

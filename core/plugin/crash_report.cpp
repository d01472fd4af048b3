// SPDX-License-Identifier: Apache-2.0
// Everything below report_crashes() runs in a signal handler: no allocation, no lock.
#include "core/plugin/crash_report.hpp"

#include "core/plugin/call_note.hpp"
#include "core/plugin/crash_line.hpp"
#include "core/plugin/origins.hpp"

#include <execinfo.h>
#include <signal.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>

namespace gatehouse::core {

namespace {

struct Watched {
    int signal;
    const char* name;
};
constexpr std::array<Watched, 5> watched = {
    {{SIGSEGV, "SIGSEGV"}, {SIGBUS, "SIGBUS"}, {SIGFPE, "SIGFPE"}, {SIGILL, "SIGILL"}, {SIGABRT, "SIGABRT"}}};

std::array<struct sigaction, watched.size()> before;  // the actions without a report
std::atomic<int> log_descriptor{STDERR_FILENO};
std::atomic<bool> log_is_json{false};
std::atomic_flag reported = ATOMIC_FLAG_INIT;

constexpr int max_frames = 40;
constexpr unsigned trace_seconds = 2;  // the unwinder may wait for a lock that the crashed thread holds

// --- the stack of the handler ----------------------------------------------------

std::size_t stack_bytes() {
    const long least = ::sysconf(_SC_SIGSTKSZ);
    return std::max<std::size_t>(64 * 1024, least > 0 ? static_cast<std::size_t>(least) : 0);
}

thread_local void* own_stack = nullptr;

void use_own_stack() {
    stack_t present{};
    const bool has_stack = ::sigaltstack(nullptr, &present) == 0 && (present.ss_flags & SS_DISABLE) == 0;
    if (has_stack) return;
    void* memory = ::mmap(nullptr, stack_bytes(), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) return;
    const stack_t stack{.ss_sp = memory, .ss_flags = 0, .ss_size = stack_bytes()};
    if (::sigaltstack(&stack, nullptr) == 0)
        own_stack = memory;
    else
        ::munmap(memory, stack_bytes());
}

void release_stack() {
    if (!own_stack) return;
    const stack_t none{.ss_sp = nullptr, .ss_flags = SS_DISABLE, .ss_size = 0};
    ::sigaltstack(&none, nullptr);
    ::munmap(own_stack, stack_bytes());
    own_stack = nullptr;
}

// --- the report --------------------------------------------------------------------

/// Reads the innermost call of this thread.  Returns false if the thread makes no call.
bool current_call(NotedCall& call) {
    CallSlot::Calls calls;
    if (!detail::call_slot || !detail::call_slot->read(calls) || calls.count == 0) return false;
    call = calls.calls[calls.count - 1];
    return true;
}

void write_line(const CrashLine& line) {
    const int log = log_descriptor.load();
    line.write_to(log);
    if (log != STDERR_FILENO) line.write_to(STDERR_FILENO);
}

void add_call(CrashLine& line, const NotedCall& call) {
    const std::string_view library = library_of(call.instance.data());
    if (!library.empty()) line.field("library", library);
    line.field("call", call.member);
    if (call.request_id[0]) line.field("request_id", call.request_id.data());
}

void write_trace(const char* instance) {
    std::array<void*, max_frames> frames;
    ::alarm(trace_seconds);
    const int count = ::backtrace(frames.data(), max_frames);
    CrashLine line(log_is_json, instance, "back trace of the crash");
    line.begin("frames");
    for (int i = 0; i < count; ++i) {
        const Place place = place_of(frames[static_cast<std::size_t>(i)]);
        if (i > 0) line.text(" ");
        if (!place.library.empty()) line.text(place.library).text("+");
        line.hex(place.library.empty() ? reinterpret_cast<std::uintptr_t>(frames[static_cast<std::size_t>(i)])
                                       : place.offset);
    }
    line.end();
    ::alarm(0);
    write_line(line);
}

void report(const char* signal) {
    NotedCall call;
    const bool in_plugin = current_call(call);
    const char* instance = in_plugin ? call.instance.data() : "gatehouse";
    CrashLine line(log_is_json, instance, in_plugin ? "plugin crashed the process" : "process crashed");
    line.field("signal", signal);
    if (in_plugin) add_call(line, call);
    write_line(line);
    write_trace(instance);
}

const char* name_of(int signal) {
    for (const Watched& one : watched)
        if (one.signal == signal) return one.name;
    return "?";
}

// A fault happens again when the handler returns, and abort() raises its signal again.  A signal that a
// process has sent must be raised here.
void on_crash(int signal, siginfo_t* info, void*) {
    const int saved = errno;
    if (!reported.test_and_set()) report(name_of(signal));
    for (std::size_t i = 0; i < watched.size(); ++i) ::sigaction(watched[i].signal, &before[i], nullptr);
    errno = saved;
    if (info->si_code <= 0 && signal != SIGABRT) ::raise(signal);
}

/// A thread ends inside of a call only if the plugin has called exit().
void report_exit() {
    NotedCall call;
    if (!current_call(call) || reported.test_and_set()) return;
    CrashLine line(log_is_json, call.instance.data(), "plugin ended the process by exit()");
    add_call(line, call);
    write_line(line);
}

}  // namespace

void report_crashes() {
    std::array<void*, 1> first;
    (void)::backtrace(first.data(), 1);  // loads the unwinder, which a signal handler must not do
    note_libraries();
    on_plugin_threads({use_own_stack, [] {
                           report_exit();
                           release_stack();
                       }});
    struct sigaction action {};
    action.sa_sigaction = on_crash;
    action.sa_flags = SA_SIGINFO | SA_ONSTACK;
    sigemptyset(&action.sa_mask);
    for (std::size_t i = 0; i < watched.size(); ++i) ::sigaction(watched[i].signal, &action, &before[i]);
}

void set_crash_log(int descriptor, bool json) {
    log_descriptor = descriptor;
    log_is_json = json;
}

}  // namespace gatehouse::core

// SPDX-License-Identifier: Apache-2.0
#include "core/plugin_check/child.hpp"

#include "core/plugin_check/call_timer.hpp"
#include "core/util/sanitizers.hpp"

#include <fcntl.h>
#include <malloc.h>
#include <poll.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstring>
#include <new>
#include <stdexcept>

namespace gatehouse::core::plugin_check {

namespace {

constexpr int well = 0;
constexpr std::string_view ended = "ended";

constexpr std::size_t max_read = 8 * 1024 * 1024;
[[maybe_unused]] constexpr rlim_t max_memory = 8UL * 1024 * 1024 * 1024;

/// A page that both processes see.
class SharedPulse {
public:
    SharedPulse()
        : page_(::mmap(nullptr, sizeof(Pulse), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0)) {
        if (page_ == MAP_FAILED) throw std::runtime_error("out of memory");
        pulse_ = new (page_) Pulse;
    }
    ~SharedPulse() { ::munmap(page_, sizeof(Pulse)); }
    SharedPulse(const SharedPulse&) = delete;
    SharedPulse& operator=(const SharedPulse&) = delete;
    Pulse& operator*() { return *pulse_; }

private:
    void* page_;
    Pulse* pulse_ = nullptr;
};

class FileDescriptor {
public:
    explicit FileDescriptor(int number) : number_(number) {}
    ~FileDescriptor() { close(); }
    FileDescriptor(const FileDescriptor&) = delete;
    FileDescriptor& operator=(const FileDescriptor&) = delete;
    int operator*() const { return number_; }
    void close() {
        if (number_ >= 0) ::close(number_);
        number_ = -1;
    }

private:
    int number_;
};

// Freed memory must not look valid; no process may outlive the check.
void prepare(int output, bool slow) {
    ::setpgid(0, 0);
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    ::mallopt(M_PERTURB, 0xA5);
    const rlimit no_core{0, 0};
    ::setrlimit(RLIMIT_CORE, &no_core);
#if !defined(GATEHOUSE_ADDRESS_SANITIZER) && !defined(GATEHOUSE_THREAD_SANITIZER)
    const rlimit memory{max_memory, max_memory};
    if (!slow) ::setrlimit(RLIMIT_AS, &memory);
#else
    (void)slow;
#endif
    ::signal(SIGPIPE, SIG_IGN);
    ::dup2(output, STDOUT_FILENO);
    ::dup2(output, STDERR_FILENO);
}

/// The last words that were printed, of which an assertion's are the most telling.
std::string last_words(int output) {
    std::array<char, 1000> text{};
    const off_t size = ::lseek(output, 0, SEEK_END);
    if (size <= 0) return {};
    const off_t from = std::max<off_t>(0, size - static_cast<off_t>(text.size()));
    const ssize_t got = ::pread(output, text.data(), text.size(), from);
    if (got <= 0) return {};
    std::string_view words(text.data(), static_cast<std::size_t>(got));
    while (words.ends_with('\n')) words.remove_suffix(1);
    return printable(words.substr(words.size() > 300 ? words.size() - 300 : 0), 300);
}

struct Watched {
    bool hung = false;
    int status = 0;
    std::string lines;
};

/// Reads what the child writes until it ends, or is ended because it stands still.
Watched watch(pid_t child, int pipe, Pulse& pulse, const Effort& effort) {
    Watched seen;
    std::uint64_t beats = 0;
    CallTimer timer(effort, child);
    bool gone = false;
    std::array<char, 16384> buffer{};
    for (;;) {
        pollfd ready{pipe, POLLIN, 0};
        ::poll(&ready, 1, gone ? 0 : 20);
        const ssize_t size = ready.revents ? ::read(pipe, buffer.data(), buffer.size()) : 0;
        if (size > 0 && seen.lines.size() < max_read)
            seen.lines.append(buffer.data(), static_cast<std::size_t>(size));
        if (size > 0) continue;
        if (gone) return seen;
        gone = ::waitpid(child, &seen.status, WNOHANG) == child;
        if (gone) continue;
        if (const auto now = pulse.beats.load(); now != beats) {
            beats = now;
            timer.restart();
        } else if (timer.over()) {
            seen.hung = true;
            ::kill(-child, SIGKILL);
            ::kill(child, SIGKILL);
            ::waitpid(child, &seen.status, 0);
            gone = true;
        }
        if (size == 0 && ready.revents) ::usleep(2000);  // its end of the pipe is closed already
    }
}

Finding broken(std::string id, std::string text, const std::string& doing, const std::string& words,
               std::string contract) {
    return {Severity::error, std::move(id), std::move(text),
            printable(doing) + (words.empty() ? "" : "; its last words: " + words), std::move(contract)};
}

}  // namespace

bool run_apart(const Effort& effort, Record& record, const std::function<void(Check&)>& part) {
    SharedPulse pulse;
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) throw std::runtime_error("cannot create a pipe");
    FileDescriptor in(ends[0]), out(ends[1]);
    FileDescriptor output(::memfd_create("plugin-check", MFD_CLOEXEC));

    const pid_t child = ::fork();
    if (child < 0) throw std::runtime_error("cannot create a process");
    if (child == 0) {
        in.close();
        prepare(*output, effort.slow);
        Check check(*out, *pulse, effort);
        try {
            part(check);
        } catch (const std::exception& failure) {
            check.error("exception", "an exception left the plugin", "result.hpp", failure.what());
        }
        check.fact(ended, "yes");
        ::_exit(well);
    }
    out.close();
    const Watched seen = watch(child, *in, *pulse, effort);
    ::kill(-child, SIGKILL);  // the processes that it may have started

    Record brought;
    decode(seen.lines, brought);
    const bool came_to_its_end = brought.facts.erase(std::string(ended)) > 0;
    for (Finding& finding : brought.findings) record.findings.push_back(std::move(finding));
    for (auto& [name, value] : brought.facts) record.facts[name] = std::move(value);
    const std::string doing = (*pulse).doing, words = last_words(*output);
    auto add = [&](Finding finding) { record.findings.push_back(std::move(finding)); };
    if (seen.hung)
        add(broken("endless", "a call did not return within " + limit_text(effort), doing, words,
                   "nothing blocks: provider.hpp, host.hpp (Host::run for what does)"));
    else if (WIFSIGNALED(seen.status))
        add(broken("crash", std::string("the plugin crashed: ") + ::strsignal(WTERMSIG(seen.status)), doing,
                   words, "all clients share one process: a crash ends all requests"));
    else if (!came_to_its_end)
        add(broken(
            "exit", "the plugin ended the process", doing,
            "exit status " + std::to_string(WEXITSTATUS(seen.status)) + (words.empty() ? "" : ", " + words),
            "all clients share one process: return an Error instead"));
    else if (!words.empty())
        add({Severity::note, "prints", "the plugin prints on standard output or standard error", words,
             "host.hpp, Host::log"});
    return came_to_its_end && !seen.hung;
}

}  // namespace gatehouse::core::plugin_check

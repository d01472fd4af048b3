// SPDX-License-Identifier: Apache-2.0
#include "plugins/hook/process/spawn.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <string_view>
#include <system_error>
#include <utility>

namespace gatehouse::process {

namespace {

/// Two connected descriptors, closed when a program is executed.
struct Pair {
    std::array<int, 2> ends = {-1, -1};
    ~Pair() {
        for (const int end : ends)
            if (end >= 0) ::close(end);
    }
    int release(std::size_t end) { return std::exchange(ends[end], -1); }
};

Error failed(const std::string& what, int error) {
    return {ErrorKind::unavailable, what + std::generic_category().message(error)};
}

/// The file of a program: a path, or a name in a folder of PATH.
std::string file_of(const std::string& program) {
    if (program.find('/') != program.npos) return program;
    const char* path = std::getenv("PATH");
    std::string_view rest = path ? path : "/usr/local/bin:/usr/bin:/bin";
    while (!rest.empty()) {
        const std::size_t end = std::min(rest.find(':'), rest.size());
        const std::string file = std::string(rest.substr(0, end)) + "/" + program;
        if (::access(file.c_str(), X_OK) == 0) return file;
        rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    return program;
}

std::vector<char*> pointers(const std::vector<std::string>& texts) {
    std::vector<char*> all;
    for (const std::string& text : texts) all.push_back(const_cast<char*>(text.c_str()));
    all.push_back(nullptr);
    return all;
}

struct Prepared {
    std::string file;
    std::vector<char*> words, environment;
    rlim_t memory;  // 0: no limit
    int socket, report;
    pid_t parent;
};

/// The child.  Other threads of the parent may have held locks, so it calls only functions that are safe in a
/// signal handler.
[[noreturn]] void become(const Prepared& to) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (::getppid() != to.parent) ::_exit(1);
    ::setsid();
    for (int number = 1; number < NSIG; ++number) ::signal(number, SIG_DFL);
    sigset_t none;
    sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
    if (to.memory > 0) {
        const rlimit limit = {to.memory, to.memory};
        ::setrlimit(RLIMIT_AS, &limit);
    }
    // The report closes when the program is executed.  Everything else of the gateway is closed here.
    const int socket = ::fcntl(to.socket, F_DUPFD_CLOEXEC, 10),
              report = ::fcntl(to.report, F_DUPFD_CLOEXEC, 10);
    const bool is_ready = socket >= 0 && report >= 0 && ::dup2(socket, 0) == 0 && ::dup2(socket, 1) == 1 &&
                          ::dup3(report, 3, O_CLOEXEC) == 3;
    if (is_ready) {
        ::close_range(4, ~0u, 0);
        ::execve(to.file.c_str(), to.words.data(), to.environment.data());
    }
    const int error = errno;
    [[maybe_unused]] const ssize_t written = ::write(3, &error, sizeof error);
    ::_exit(127);
}

}  // namespace

Result<Child> spawn(const Command& command) {
    Pair socket, report;
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, socket.ends.data()) != 0 ||
        ::pipe2(report.ends.data(), O_CLOEXEC) != 0)
        return failed("no connection to it: ", errno);
    const Prepared prepared{.file = file_of(command.words.front()),
                            .words = pointers(command.words),
                            .environment = pointers(command.environment),
                            .memory = static_cast<rlim_t>(command.memory_mb) * 1024 * 1024,
                            .socket = socket.ends[1],
                            .report = report.ends[1],
                            .parent = ::getpid()};
    const pid_t id = ::fork();
    if (id < 0) return failed("no new process: ", errno);
    if (id == 0) become(prepared);
    ::close(socket.release(1));
    ::close(report.release(1));
    int error = 0;
    ssize_t size;
    do {
        size = ::read(report.ends[0], &error, sizeof error);
    } while (size < 0 && errno == EINTR);
    if (size <= 0) return Child{id, socket.release(0)};
    ::waitpid(id, nullptr, 0);
    return failed("", error);
}

}  // namespace gatehouse::process

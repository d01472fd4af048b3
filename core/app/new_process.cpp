// SPDX-License-Identifier: Apache-2.0
#include "core/app/new_process.hpp"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <string_view>
#include <utility>

extern char** environ;

namespace gatehouse::core {

namespace {

constexpr int first_passed = 3, above_passed = 16;
constexpr char accepts = '+', fails = '-';     // the first byte in the pipe
constexpr std::size_t longest_reason = 2'048;  // a pipe takes it as a whole
constexpr const char* pipe_variable = "GATEHOUSE_UPGRADE_FD";

Error failed(const char* call, int error) {
    return {ErrorKind::internal, std::string(call) + ": " + std::strerror(error)};
}

/// Descriptors for the new process, from 3 on without a gap.
class PassedDescriptors {
public:
    PassedDescriptors() { ::posix_spawn_file_actions_init(&actions_); }
    PassedDescriptors(const PassedDescriptors&) = delete;
    PassedDescriptors& operator=(const PassedDescriptors&) = delete;
    ~PassedDescriptors() {
        ::posix_spawn_file_actions_destroy(&actions_);
        for (const int copy : copies_) ::close(copy);
    }

    /// Returns its number in the new process, or -1.
    int add(int descriptor) {
        // A copy with a high number, so that no step replaces the source of a later one.
        const int copy = ::fcntl(descriptor, F_DUPFD_CLOEXEC, above_passed);
        if (copy < 0) return -1;
        copies_.push_back(copy);
        const int number = first_passed + static_cast<int>(copies_.size()) - 1;
        return ::posix_spawn_file_actions_adddup2(&actions_, copy, number) == 0 ? number : -1;
    }
    const posix_spawn_file_actions_t* actions() const { return &actions_; }

private:
    posix_spawn_file_actions_t actions_{};
    std::vector<int> copies_;
};

/// The environment of this process with `more`, which has precedence.
std::vector<std::string> environment_with(std::vector<std::string> more) {
    std::vector<std::string> all = std::move(more);
    const std::size_t given = all.size();
    for (char** entry = environ; *entry; ++entry) {
        const std::string_view text = *entry, name = text.substr(0, text.find('=') + 1);
        bool replaced = false;
        for (std::size_t i = 0; i < given; ++i) replaced = replaced || all[i].starts_with(name);
        if (!replaced) all.emplace_back(text);
    }
    return all;
}

std::vector<char*> pointers(std::vector<std::string>& texts) {
    std::vector<char*> all;
    for (std::string& text : texts) all.push_back(text.data());
    all.push_back(nullptr);
    return all;
}

}  // namespace

Result<NewProcess> NewProcess::start(const Start& given) {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC | O_NONBLOCK) != 0) return failed("pipe2", errno);
    NewProcess made(0, ends[0]);
    PassedDescriptors passed;
    std::string names;
    int sockets = 0;
    bool complete = true;
    for (const auto& [socket, name] :
         {std::pair(given.sockets.server, "server"), {given.sockets.admin, "admin"}}) {
        if (socket < 0) continue;
        complete = complete && passed.add(socket) >= 0;
        names += (names.empty() ? "" : ":") + std::string(name);
        ++sockets;
    }
    const int pipe = complete ? passed.add(ends[1]) : -1;
    const int copy_error = errno;
    ::close(ends[1]);  // the copy remains until the process has started
    if (pipe < 0) return failed("fcntl", copy_error);

    std::vector<std::string> variables = given.environment;
    variables.push_back("LISTEN_FDS=" + std::to_string(sockets));
    variables.push_back("LISTEN_FDNAMES=" + names);
    variables.push_back(pipe_variable + ("=" + std::to_string(pipe)));
    variables = environment_with(std::move(variables));
    std::vector<std::string> words = {given.program.string(), "serve", "-c", given.config.string()};
    posix_spawnattr_t attributes{};
    sigset_t none;
    sigemptyset(&none);
    ::posix_spawnattr_init(&attributes);
    ::posix_spawnattr_setsigmask(&attributes, &none);
    ::posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);
    const int error = ::posix_spawn(&made.process_, given.program.c_str(), passed.actions(), &attributes,
                                    pointers(words).data(), pointers(variables).data());
    ::posix_spawnattr_destroy(&attributes);
    if (error != 0) return failed("posix_spawn", error);
    return made;
}

NewProcess::NewProcess(NewProcess&& other) noexcept
    : process_(other.process_), pipe_(std::exchange(other.pipe_, -1)), reason_(std::move(other.reason_)) {}

NewProcess::~NewProcess() {
    if (pipe_ >= 0) ::close(pipe_);
}

NewProcess::State NewProcess::state() {
    std::array<char, longest_reason> text{};
    const ssize_t size = ::read(pipe_, text.data(), text.size());
    if (size > 0 && text[0] == accepts) return State::accepting;
    if (size > 0) reason_.assign(text.data() + 1, static_cast<std::size_t>(size) - 1);
    if (size > 0) return State::starting;  // until it has ended
    if (size < 0 && (errno == EAGAIN || errno == EINTR)) return State::starting;
    ::waitpid(process_, nullptr, 0);  // it ended without the byte of success
    return State::ended;
}

OldProcess::OldProcess() {
    const char* text = std::getenv(pipe_variable);
    if (!text) return;
    pipe_ = std::atoi(text);
    ::unsetenv(pipe_variable);
    ::fcntl(pipe_, F_SETFD, FD_CLOEXEC);
    // The sockets of this variable are for this process, whose number its parent did not know.
    ::setenv("LISTEN_PID", std::to_string(::getpid()).c_str(), 1);
}

OldProcess::~OldProcess() {
    if (pipe_ >= 0) ::close(pipe_);
}

void OldProcess::replaced() {
    if (pipe_ < 0) return;
    (void)!::write(pipe_, &accepts, 1);
    ::close(std::exchange(pipe_, -1));
}

void OldProcess::failed(const std::string& reason) {
    if (pipe_ < 0) return;
    const std::string text = fails + reason.substr(0, longest_reason - 1);
    (void)!::write(pipe_, text.data(), text.size());
}

}  // namespace gatehouse::core

// SPDX-License-Identifier: Apache-2.0
#include "plugins/hook/process/process.hpp"

#include "plugins/hook/process/spawn.hpp"

#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>
#include <thread>
#include <utility>

namespace gatehouse::process {

namespace {

using Clock = std::chrono::steady_clock;

Error phrase(std::string text) { return {ErrorKind::unavailable, std::move(text)}; }

}  // namespace

Result<std::unique_ptr<Process>> Process::start(const Command& command) {
    auto child = spawn(command);
    if (!child) return child.error();
    return std::unique_ptr<Process>(new Process(child->id, child->socket, command.longest_line));
}

Process::~Process() {
    ::shutdown(socket_, SHUT_RDWR);
    ::close(socket_);
    if (id_ != 0) (void)end();
}

/// Waits for the end, and kills a process that runs longer than `grace`, with its own children.  Returns the
/// status of waitpid(); nothing if it was killed.
std::optional<int> Process::end() {
    const auto until = Clock::now() + grace;
    siginfo_t info{};
    bool has_ended = false;
    while (!has_ended && Clock::now() < until) {
        // It is not reaped yet, so that its process group keeps its number.
        info.si_pid = 0;
        has_ended = ::waitid(P_PID, static_cast<id_t>(id_), &info, WEXITED | WNOHANG | WNOWAIT) != 0 ||
                    info.si_pid != 0;
        if (!has_ended) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    const int status = kill();
    return has_ended ? std::optional(status) : std::nullopt;
}

/// Kills it and its children.  Returns the status of waitpid().
int Process::kill() {
    int status = 0;
    ::kill(-id_, SIGKILL);
    ::waitpid(std::exchange(id_, 0), &status, 0);
    return status;
}

/// How the process has ended.
Error Process::ended() {
    const auto status = end();
    if (!status) return phrase("closed its input and output");
    if (WIFSIGNALED(*status))
        return phrase("was ended by signal " + std::to_string(WTERMSIG(*status)) + " (" +
                      ::sigdescr_np(WTERMSIG(*status)) + ")");
    return phrase("ended with status " + std::to_string(WEXITSTATUS(*status)));
}

Result<void> Process::wait_for(short events, Time until, Wake& wake) {
    while (true) {
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - Clock::now()).count();
        if (left <= 0) {
            (void)kill();
            return phrase("did not reply within " + std::to_string(limit_.count()) + " ms");
        }
        std::array<pollfd, 2> files = {{{socket_, events, 0}, {wake.descriptor(), POLLIN, 0}}};
        const int count = ::poll(files.data(), files.size(), static_cast<int>(left));
        if (count < 0 && errno != EINTR) return phrase(std::generic_category().message(errno));
        if (wake.stops()) return phrase("is being ended");
        if (files[1].revents) wake.clear();  // a new call waits for this one
        if (files[0].revents) return {};
    }
}

Result<void> Process::send(std::string_view line, Time until, Wake& wake) {
    while (!line.empty()) {
        const ssize_t sent = ::send(socket_, line.data(), line.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
        if (sent > 0) line.remove_prefix(static_cast<std::size_t>(sent));
        if (sent >= 0 || errno == EINTR) continue;
        if (errno != EAGAIN) return ended();
        if (auto ok = wait_for(POLLOUT, until, wake); !ok) return ok;
    }
    return {};
}

Result<std::string> Process::read_line(Time until, Wake& wake) {
    while (true) {
        std::array<char, 64 * 1024> part;
        const ssize_t size = ::recv(socket_, part.data(), part.size(), MSG_DONTWAIT);
        if (size == 0) return ended();
        if (size < 0 && errno == EINTR) continue;
        if (size < 0 && errno != EAGAIN) return ended();
        if (size < 0) {
            if (auto ok = wait_for(POLLIN, until, wake); !ok) return ok.error();
            continue;
        }
        const std::string_view bytes(part.data(), static_cast<std::size_t>(size));
        const std::size_t end = bytes.find('\n');
        if (unread_.size() + std::min(end, bytes.size()) > longest_line_)
            return phrase("replied with more than " + std::to_string(longest_line_) + " bytes");
        unread_ += bytes.substr(0, end);
        if (end == bytes.npos) continue;
        if (end + 1 != bytes.size()) return phrase("replied with more than one line");
        return std::exchange(unread_, {});
    }
}

Result<std::string> Process::ask(std::string_view line, std::chrono::milliseconds limit, Wake& wake) {
    limit_ = limit;
    const Time until = Clock::now() + limit;
    if (auto ok = send(line, until, wake); !ok) return ok.error();
    return read_line(until, wake);
}

Result<void> Process::idle(Wake& wake) {
    std::array<pollfd, 2> files = {{{socket_, POLLIN, 0}, {wake.descriptor(), POLLIN, 0}}};
    if (::poll(files.data(), files.size(), -1) < 0) return {};
    if (files[1].revents) wake.clear();
    if (!files[0].revents) return {};
    char byte;
    if (::recv(socket_, &byte, 1, MSG_DONTWAIT | MSG_PEEK) > 0)
        return phrase("wrote a line without being asked");
    return ended();
}

}  // namespace gatehouse::process

// SPDX-License-Identifier: Apache-2.0
#include "core/app/service_manager.hpp"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <charconv>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <optional>
#include <string_view>
#include <vector>

namespace gatehouse::core {
namespace {

constexpr int first_inherited = 3;  // SD_LISTEN_FDS_START of sd_listen_fds(3)
constexpr int most_inherited = 64;

/// Returns the variable's value and unsets it.
std::string take(const char* name) {
    const char* value = std::getenv(name);
    std::string text = value ? value : "";
    ::unsetenv(name);
    return text;
}

std::optional<std::int64_t> number(std::string_view text) {
    std::int64_t value = 0;
    const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (text.empty() || failure != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return value;
}

std::vector<std::string> split(std::string_view text, char at) {
    std::vector<std::string> parts;
    for (;;) {
        const std::size_t end = text.find(at);
        parts.emplace_back(text.substr(0, end));
        if (end == std::string_view::npos) return parts;
        text.remove_prefix(end + 1);
    }
}

}  // namespace

Result<InheritedSockets> inherited_sockets() {
    const std::string process = take("LISTEN_PID"), count = take("LISTEN_FDS"),
                      names = take("LISTEN_FDNAMES");
    if (process.empty() || number(process) != ::getpid()) return InheritedSockets{};  // for another process
    const auto passed = number(count);
    if (!passed || *passed < 0 || *passed > most_inherited)
        return Error{ErrorKind::bad_config,
                     "LISTEN_FDS must be a number of sockets, at most " + std::to_string(most_inherited)};
    const std::vector<std::string> called = split(names, ':');
    InheritedSockets sockets;
    for (int i = 0; i < *passed; ++i) {
        const int fd = first_inherited + i;
        ::fcntl(fd, F_SETFD, FD_CLOEXEC);
        const bool is_admins =
            static_cast<std::size_t>(i) < called.size() && called[static_cast<std::size_t>(i)] == "admin";
        int& place = is_admins || sockets.server >= 0 ? sockets.admin : sockets.server;
        if (place >= 0)
            return Error{ErrorKind::bad_config,
                         "more sockets were passed than there are listeners: one for [server], and one for "
                         "[admin]"};
        place = fd;
    }
    return sockets;
}

ServiceManager::ServiceManager() {
    const std::string socket = take("NOTIFY_SOCKET");
    const std::string interval = take("WATCHDOG_USEC"), process = take("WATCHDOG_PID");
    if (socket.size() < 2 || (socket[0] != '/' && socket[0] != '@')) return;
    if (socket.size() >= sizeof(sockaddr_un::sun_path)) return;
    address_ = socket;
    if (address_[0] == '@') address_[0] = '\0';
    fd_ = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (!process.empty() && number(process) != ::getpid()) return;
    if (const auto microseconds = number(interval); microseconds && *microseconds > 0)
        watchdog_ = std::chrono::microseconds(*microseconds);
}

ServiceManager::~ServiceManager() {
    if (fd_ >= 0) ::close(fd_);
}

std::vector<std::string> ServiceManager::environment() const {
    if (fd_ < 0) return {};
    std::string socket = address_;
    if (socket[0] == '\0') socket[0] = '@';
    std::vector<std::string> variables = {"NOTIFY_SOCKET=" + socket};
    if (watchdog_.count() > 0) variables.push_back("WATCHDOG_USEC=" + std::to_string(watchdog_.count()));
    return variables;
}

void ServiceManager::reloading() const {
    timespec now{};
    ::clock_gettime(CLOCK_MONOTONIC, &now);
    const auto microseconds = static_cast<std::int64_t>(now.tv_sec) * 1'000'000 + now.tv_nsec / 1'000;
    tell("RELOADING=1\nMONOTONIC_USEC=" + std::to_string(microseconds));
}

void ServiceManager::stopping(std::chrono::milliseconds time) const {
    tell("STOPPING=1\nEXTEND_TIMEOUT_USEC=" + std::to_string(std::chrono::microseconds(time).count()));
}

/// Ignores errors: the service runs also if the service manager does not receive messages.
void ServiceManager::tell(const std::string& message) const {
    if (fd_ < 0) return;
    sockaddr_un to{};
    to.sun_family = AF_UNIX;
    std::memcpy(to.sun_path, address_.data(), address_.size());
    const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + address_.size());
    (void)::sendto(fd_, message.data(), message.size(), MSG_NOSIGNAL | MSG_DONTWAIT,
                   reinterpret_cast<const sockaddr*>(&to), size);
}

}  // namespace gatehouse::core

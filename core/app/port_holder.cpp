// SPDX-License-Identifier: Apache-2.0
// proc(5): /proc/net/tcp has the local address in hex, each word of it in the host's byte order, the
// state, the user and the inode of each socket.
#include "core/app/port_holder.hpp"

#include "core/app/active_config.hpp"

#include <arpa/inet.h>
#include <sys/types.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <system_error>
#include <vector>

namespace gatehouse::core {

namespace {

namespace fs = std::filesystem;

constexpr std::string_view listening = "0A";

struct Listener {
    std::string address;  // in hex
    std::string user, inode;
};

std::string hex_of(const void* bytes, std::size_t size) {
    std::string text;
    for (std::size_t at = 0; at < size; at += 4) {
        std::uint32_t word = 0;
        std::memcpy(&word, static_cast<const char*>(bytes) + at, sizeof word);
        char digits[9];
        std::snprintf(digits, sizeof digits, "%08X", word);
        text += digits;
    }
    return text;
}

/// The address as in /proc; empty for a name, and for every address.
std::string address_of(std::string host) {
    if (host.starts_with('[')) host = host.substr(1, host.size() - 2);
    in_addr four{};
    in6_addr six{};
    std::string text;
    if (::inet_pton(AF_INET, host.c_str(), &four) == 1) text = hex_of(&four, sizeof four);
    if (::inet_pton(AF_INET6, host.c_str(), &six) == 1) text = hex_of(&six, sizeof six);
    return text.find_first_not_of('0') == text.npos ? std::string() : text;
}

void read_listeners(const char* table, const std::string& port, std::vector<Listener>& out) {
    std::ifstream file(table);
    std::string line;
    std::getline(file, line);  // the names of the columns
    while (std::getline(file, line)) {
        std::istringstream words(line);
        std::string number, local, remote, state, queues, timer, retransmits, user, timeout, inode;
        words >> number >> local >> remote >> state >> queues >> timer >> retransmits >> user >> timeout >>
            inode;
        const std::size_t colon = local.find(':');
        if (state == listening && colon != local.npos && local.substr(colon + 1) == port)
            out.push_back({local.substr(0, colon), user, inode});
    }
}

/// The listener that is in the way of `listen`.
std::optional<Listener> find_listener(std::string_view listen) {
    const std::size_t colon = listen.rfind(':');
    std::uint16_t number = 0;
    if (colon == listen.npos ||
        std::from_chars(listen.data() + colon + 1, listen.data() + listen.size(), number).ec != std::errc())
        return std::nullopt;
    char port[5];
    std::snprintf(port, sizeof port, "%04X", number);
    std::vector<Listener> all;
    read_listeners("/proc/net/tcp", port, all);
    read_listeners("/proc/net/tcp6", port, all);
    const std::string wanted = address_of(std::string(listen.substr(0, colon)));
    const auto in_the_way = std::ranges::find_if(all, [&](const Listener& one) {
        const bool every_address = one.address.find_first_not_of('0') == one.address.npos;
        return wanted.empty() || every_address || one.address == wanted;
    });
    return in_the_way == all.end() ? std::nullopt : std::optional(*in_the_way);
}

bool has_open(const fs::path& process, const std::string& target) {
    std::error_code failure;
    for (fs::directory_iterator entry(process / "fd", failure), end; !failure && entry != end;
         entry.increment(failure)) {
        std::error_code unreadable;
        if (fs::read_symlink(entry->path(), unreadable) == target) return true;
    }
    return false;
}

/// The process that has the socket open; 0 if it belongs to another user.
pid_t process_with(const std::string& inode) {
    const std::string target = "socket:[" + inode + "]";
    std::error_code failure;
    for (fs::directory_iterator entry("/proc", failure), end; !failure && entry != end;
         entry.increment(failure)) {
        const std::string name = entry->path().filename();
        pid_t process = 0;
        const auto read = std::from_chars(name.data(), name.data() + name.size(), process);
        if (read.ec == std::errc() && read.ptr == name.data() + name.size() &&
            has_open(entry->path(), target))
            return process;
    }
    return 0;
}

std::string program_of(pid_t process) {
    std::ifstream file("/proc/" + std::to_string(process) + "/comm");
    std::string name;
    std::getline(file, name);
    std::erase_if(name, [](unsigned char c) { return c < 0x20 || c == 0x7F; });
    return name;
}

}  // namespace

std::optional<PortHolder> port_holder(std::string_view listen) {
    const auto found = find_listener(listen);
    if (!found) return std::nullopt;
    PortHolder holder{.process = process_with(found->inode)};
    const pid_t process = holder.process;
    if (process == 0) {
        holder.name = "a process of user " + found->user;
    } else if (process == ::getpid()) {
        holder.name = "this process itself";
    } else {
        const std::string number = "process " + std::to_string(process);
        const std::string config = active_path(process), program = program_of(process);
        holder.name = !config.empty()
                          ? number + ", a gateway of this user with the configuration " + config + ","
                      : program.empty() ? number
                                        : number + " (" + program + ")";
    }
    return holder;
}

}  // namespace gatehouse::core

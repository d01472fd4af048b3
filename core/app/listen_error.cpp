// SPDX-License-Identifier: Apache-2.0
#include "core/app/listen_error.hpp"

#include "core/app/active_config.hpp"
#include "core/app/port_holder.hpp"
#include "core/config/checked_config.hpp"
#include "core/net/listening.hpp"

#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace gatehouse::core {

namespace {

bool tells(const std::string& message, int error) {
    return message.ends_with(std::error_code(error, std::generic_category()).message());
}

std::string stop_it(const PortHolder& holder) {
    return holder.name + " listens there: stop it, or choose another port";
}

/// Not a gateway, which this configuration may replace, not the service manager, which may pass its socket to
/// the gateway, and not a process of another user, which may be the gateway.
bool is_other_program(const PortHolder& holder) {
    return holder.process > 1 && holder.process != ::getpid() && active_path(holder.process).empty();
}

}  // namespace

void warn_of_taken_port(const ConfigFile& file, std::string_view table, const std::string& listen,
                        Mistakes& mistakes) {
    const auto holder = port_holder(listen);
    if (!holder || !is_other_program(*holder)) return;
    const auto socket = listen_on(listen);  // a socket for IPv6 alone is not in the way of one for IPv4
    if (socket)
        ::close(*socket);
    else
        mistakes.warn(error_at(
            file, table, "listen",
            "[" + std::string(table) + "] listen: " + socket.error().message + "; " + stop_it(*holder)));
}

Error listen_error(const ConfigFile& file, std::string_view table, const std::string& listen,
                   const Error& why) {
    std::string message = "[" + std::string(table) + "] listen: " + why.message;
    if (tells(why.message, EADDRINUSE)) {
        if (const auto holder = port_holder(listen)) message += "; " + stop_it(*holder);
    } else if (tells(why.message, EADDRNOTAVAIL)) {
        message +=
            "; no network interface of this host has this address: `ip address` shows them, and "
            "0.0.0.0 stands for all";
    } else if (tells(why.message, EACCES)) {
        message += "; a port below 1024 needs the capability CAP_NET_BIND_SERVICE";
    }
    return error_at(file, table, "listen", message);
}

}  // namespace gatehouse::core

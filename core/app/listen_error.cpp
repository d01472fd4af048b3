// SPDX-License-Identifier: Apache-2.0
#include "core/app/listen_error.hpp"

#include "core/app/port_holder.hpp"
#include "core/config/checked_config.hpp"

#include <cerrno>
#include <system_error>

namespace gatehouse::core {

namespace {

bool tells(const std::string& message, int error) {
    return message.ends_with(std::error_code(error, std::generic_category()).message());
}

}  // namespace

Error listen_error(const ConfigFile& file, std::string_view table, const std::string& listen,
                   const Error& why) {
    std::string message = "[" + std::string(table) + "] listen: " + why.message;
    if (tells(why.message, EADDRINUSE)) {
        if (const std::string holder = port_holder(listen); !holder.empty())
            message += "; " + holder + " listens there: stop it, or choose another port";
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

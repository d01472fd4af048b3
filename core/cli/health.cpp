// SPDX-License-Identifier: Apache-2.0
// `gatehouse health`: asks the running gateway for /health or /ready, for containers and scripts without
// curl.
#include "core/cli/output.hpp"
#include "core/cli/small_client.hpp"
#include "core/config/settings.hpp"

#include <iostream>

namespace gatehouse::core {

int health(const std::filesystem::path& config, bool ready) {
    auto file = ConfigFile::read(config);
    if (!file) return fail(exit_status::usage, file.error().message);
    auto settings = read_settings(*file);
    if (!settings) return fail(exit_status::usage, settings.error().message);
    const bool own = !settings->admin.listen.empty();

    // The certificate is not verified: the address is this machine's own.
    SmallRequest request;
    request.address = reachable(own ? settings->admin.listen : settings->server.listen);
    request.path = ready ? "/ready" : "/health";
    request.tls = !own && settings->tls;
    const std::string place = (request.tls ? "https://" : "http://") + request.address + request.path;
    const auto answer = ask(request);
    if (!answer)
        return fail(exit_status::failure,
                    place + ": " + answer.error().message +
                        (request.tls && !settings->tls->client_ca.empty()
                             ? "; the gateway asks for a client certificate: set [admin] listen"
                             : ""));
    if (answer->status != 200) return fail(exit_status::failure, place + ": " + answer->reason);
    std::cout << "ok\n";
    return exit_status::ok;
}

}  // namespace gatehouse::core

// SPDX-License-Identifier: Apache-2.0
// `gatehouse console`: prints the address of the console with a login code, which is valid for a minute and
// once.
#include "core/admin/sessions.hpp"
#include "core/app/active_config.hpp"
#include "core/app/console_door.hpp"
#include "core/cli/output.hpp"
#include "core/cli/running_gateways.hpp"
#include "core/cli/small_client.hpp"
#include "core/config/settings.hpp"

#include <iostream>

namespace gatehouse::core {

namespace {

/// The address of the pages, with "/" at its end.
Result<std::string> base_of(const ConsoleDoor& door, std::string url) {
    if (url.empty()) return "http://" + reachable(door.listen) + "/" + door.page + "/";
    if (auto valid = request_to(url); !valid) return valid.error();
    while (url.ends_with('/')) url.pop_back();
    return url + "/" + door.page + "/";
}

}  // namespace

int console(const std::filesystem::path& config, const std::string& url) {
    auto file = ConfigFile::read(config);
    if (!file) return fail(exit_status::usage, file.error().message);
    auto settings = read_settings(*file);
    if (!settings) return fail(exit_status::usage, settings.error().message);
    if (settings->admin.listen.empty())
        return fail(exit_status::usage, "the configuration has no admin listener: set listen in [admin]");
    const auto running = running_gateways(config);
    if (!running) return fail(exit_status::failure, running.error().message);
    const auto door = console_door(running->front().process);
    if (!door)
        return fail(exit_status::failure,
                    "the running gateway has no admin listener: a change of [admin] listen needs a restart");
    if (door->page.empty())
        return fail(exit_status::failure,
                    "no plugin of the running configuration has pages: add [observer.console] with use = "
                    "\"console\", and reload");
    const auto base = base_of(*door, url);
    if (!base) return fail(exit_status::usage, base.error().message);
    std::cout << *base << "#code=" << LoginCode::make(door->secret, std::chrono::system_clock::now()) << '\n';
    std::cerr << "open this address within a minute; its code works once\n";
    return exit_status::ok;
}

}  // namespace gatehouse::core

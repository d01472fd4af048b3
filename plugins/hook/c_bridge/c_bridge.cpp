// SPDX-License-Identifier: Apache-2.0
// Configuration keys, entry point of the plugin, and the life of an instance.
#include "plugins/hook/c_bridge/c_bridge.hpp"

#include "plugins/common/c_door/error_reader.hpp"
#include "plugins/common/c_door/mistake.hpp"
#include "plugins/hook/c_bridge/c_state.hpp"
#include "plugins/hook/c_bridge/outlet.hpp"

#include <gatehouse/sdk.hpp>

namespace gatehouse::c_hook {

using namespace c_bridge;

const Fields<Options> fields = {
    required(
        "library", &Options::library,
        "Path of a library that exports gatehouse_c_hook (gatehouse/c_hook.h), such as /opt/acme/acme.so."),
    settings_field(&Options::settings),
};

CBridge::CBridge(const Options& options, Host& host) : CBridge(load(options.library), options, host) {
    const Described& description = library_.description;
    host.log(Level::debug, "library loaded",
             {{"library", options.library}, {"name", description.name}, {"version", description.version}});
}

CBridge::CBridge(const Library& library, const Options& options, Host& host)
    : library_(library), host_(host), services_(host) {
    const std::string config = config_json(library_.description, options.settings, host.limits());
    HookOutlet outlet(host.limits());
    auto said = outlet.during({.name = "create", .allowed = fails}, [&](const gatehouse_c_hook_out* out) {
        instance_ = entry().create(services_.door(), bytes_of(config), out);
    });
    check_created(said, instance_, library_.description.name, entry().destroy);
}

CBridge::~CBridge() { entry().destroy(instance_); }

std::unique_ptr<HookState> CBridge::begin(const RequestInfo& info) {
    return std::make_unique<CState>(*this, info);
}

Error CBridge::named(Error error) const {
    if (error.kind == ErrorKind::internal) error.detail = library_.description.name + ": " + error.detail;
    return error;
}

}  // namespace gatehouse::c_hook

GATEHOUSE_PLUGIN(gatehouse::c_hook::CBridge, gatehouse::c_hook::Options, gatehouse::c_hook::fields,
                 "c_bridge", "1.0.0");

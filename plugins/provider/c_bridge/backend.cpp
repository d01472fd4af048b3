// SPDX-License-Identifier: Apache-2.0
#include "plugins/provider/c_bridge/backend.hpp"

#include "plugins/common/c_door/error_reader.hpp"
#include "plugins/common/c_door/mistake.hpp"
#include "plugins/provider/c_bridge/outlet.hpp"

namespace gatehouse::c_bridge {

Backend::Backend(const Library& library, const Given& settings, Host& host)
    : library_(library), host_(host), services_(host) {
    const std::string config = config_json(description(), settings, host.limits());
    ProviderOutlet outlet(host.limits());
    auto said = outlet.during({.name = "create", .allowed = fails}, [&](const gatehouse_c_out* out) {
        instance_ = entry().create(services_.door(), bytes_of(config), out);
    });
    check_created(said, instance_, description().name, entry().destroy);
}

Backend::~Backend() { entry().destroy(instance_); }

Error Backend::named(Error error) const {
    if (error.kind == ErrorKind::internal) error.detail = description().name + ": " + error.detail;
    return error;
}

}  // namespace gatehouse::c_bridge

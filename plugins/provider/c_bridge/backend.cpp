// SPDX-License-Identifier: Apache-2.0
#include "plugins/provider/c_bridge/backend.hpp"

#include "plugins/provider/c_bridge/error_reader.hpp"
#include "plugins/provider/c_bridge/mistake.hpp"
#include "plugins/provider/c_bridge/outlet.hpp"

#include <algorithm>

namespace gatehouse::c_bridge {

namespace {
constexpr std::size_t max_log_bytes = 2'048;
}

Backend::Backend(const Library& library, const Given& settings, Host& host)
    : library_(library),
      host_(host),
      c_host_{GATEHOUSE_C_VERSION, sizeof(gatehouse_c_host), this, &on_log, &on_now} {
    const std::string config = config_json(description(), settings, host.limits());
    Outlet outlet(host.limits());
    auto said = outlet.during({.name = "create", .allowed = fails}, [&](const gatehouse_c_out* out) {
        instance_ = entry().create(&c_host_, bytes_of(config), out);
    });
    try {
        if (said.failure) throw_create_error(*said.failure);
        if (said.error) throw Mistake(said.error->detail);
        if (!instance_) throw Mistake("create returned null without out->fail");
    } catch (const Mistake& mistake) {
        if (instance_) entry().destroy(instance_);
        throw KeyError("library", description().name + " cannot be used: " + mistake.what());
    } catch (...) {
        if (instance_) entry().destroy(instance_);
        throw;
    }
}

Backend::~Backend() { entry().destroy(instance_); }

Error Backend::named(Error error) const {
    if (error.kind == ErrorKind::internal) error.detail = description().name + ": " + error.detail;
    return error;
}

void Backend::on_log(void* context, int32_t level, gatehouse_c_bytes message) noexcept {
    if (!context || !message.data) return;
    try {
        const auto at = static_cast<Level>(std::clamp<int32_t>(level, 0, static_cast<int32_t>(Level::error)));
        static_cast<Backend*>(context)->host_.log(at, {message.data, std::min(message.size, max_log_bytes)});
    } catch (...) {
        // An invalid log line must not fail the request.
    }
}

int64_t Backend::on_now(void* context) noexcept {
    if (!context) return 0;
    const auto now = static_cast<Backend*>(context)->host_.now().time_since_epoch();
    return std::chrono::duration_cast<std::chrono::milliseconds>(now).count();
}

}  // namespace gatehouse::c_bridge

// SPDX-License-Identifier: Apache-2.0
#include "plugins/common/c_door/services.hpp"

#include "plugins/common/c_door/mistake.hpp"

#include <algorithm>

namespace gatehouse::c_bridge {

namespace {
constexpr std::size_t max_log_bytes = 2'048;
}

std::string_view view(const char* what, gatehouse_c_bytes bytes, std::size_t most, const char* limit) {
    if (!bytes.data && bytes.size)
        throw Mistake(std::string(what) + " is a null pointer with a size of " + std::to_string(bytes.size));
    if (bytes.size > most)
        throw Mistake(std::string(what) + " has " + std::to_string(bytes.size) + " bytes, more than " +
                      limit + " " + std::to_string(most));
    return bytes.data ? std::string_view(bytes.data, bytes.size) : std::string_view();
}

Services::Services(Host& host)
    : host_(host), c_host_{GATEHOUSE_C_VERSION, sizeof(gatehouse_c_host), this, &on_log, &on_now} {}

void Services::on_log(void* context, int32_t level, gatehouse_c_bytes message) noexcept {
    if (!context || !message.data) return;
    try {
        const auto at = static_cast<Level>(std::clamp<int32_t>(level, 0, static_cast<int32_t>(Level::error)));
        static_cast<Services*>(context)->host_.log(at, {message.data, std::min(message.size, max_log_bytes)});
    } catch (...) {
        // An invalid log line must not fail the request.
    }
}

int64_t Services::on_now(void* context) noexcept {
    if (!context) return 0;
    const auto now = static_cast<Services*>(context)->host_.now().time_since_epoch();
    return std::chrono::duration_cast<std::chrono::milliseconds>(now).count();
}

}  // namespace gatehouse::c_bridge

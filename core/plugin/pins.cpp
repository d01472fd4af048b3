// SPDX-License-Identifier: Apache-2.0
#include "core/plugin/pins.hpp"

#include "core/plugin/refused.hpp"
#include "core/util/ascii.hpp"

#include <algorithm>

namespace gatehouse::core {

namespace {

constexpr std::string_view separator = "=sha256:";
constexpr std::size_t digest_characters = 64;

bool is_pin(std::string_view name, std::string_view digest) {
    return name.find('/') != std::string_view::npos && digest.size() == digest_characters &&
           std::ranges::all_of(digest, is_hex);
}

}  // namespace

Result<PluginPins> PluginPins::parse(const std::vector<std::string>& pins) {
    PluginPins parsed;
    for (const std::string& pin : pins) {
        const std::size_t end = pin.find(separator);
        const std::string name = pin.substr(0, end);
        const std::string digest = end == std::string::npos ? "" : pin.substr(end + separator.size());
        if (!is_pin(name, digest))
            return refused("\"" + pin +
                           "\" is not a pin: write \"KIND/NAME=sha256:\" and 64 hexadecimal digits");
        parsed.digests_[name] = lower_case(digest);
    }
    return parsed;
}

Result<void> PluginPins::check(std::string_view library, std::string_view kind,
                               const std::string& digest) const {
    if (digests_.empty()) return {};
    const std::string name = std::string(kind).append("/").append(library);
    if (digest.empty()) return refused("cannot be read; may the gateway's user read it?");
    const auto pin = digests_.find(name);
    const std::string expected = "\"" + name + std::string(separator) + digest + "\"";
    if (pin == digests_.end())
        return refused("is not pinned: add " + expected + " to [plugins] pins, if the file is yours");
    if (pin->second != digest)
        return refused("has another SHA-256 than its pin: write " + expected +
                       " in [plugins] pins, if the new file is yours");
    return {};
}

}  // namespace gatehouse::core

// SPDX-License-Identifier: Apache-2.0
#include "plugins/common/json/surrogates.hpp"

#include <gatehouse/json_unescape.hpp>

namespace gatehouse::json {

namespace {

constexpr std::size_t escape_bytes = 6;
constexpr std::string_view replacement = "\\ufffd";

bool is_half(int unit) { return unit >= 0xD800 && unit < 0xE000; }

}  // namespace

bool mend_surrogates(std::string& json) {
    bool mended = false;
    for (std::size_t at = json.find('\\'); at < json.size(); at = json.find('\\', at)) {
        const std::string_view rest = std::string_view(json).substr(at);
        if (!is_half(gatehouse::detail::code_unit(rest))) {
            at += 2;
        } else if (const std::size_t pair = gatehouse::detail::code_point(rest).length) {
            at += pair;
        } else {
            json.replace(at, escape_bytes, replacement);
            at += escape_bytes;
            mended = true;
        }
    }
    return mended;
}

}  // namespace gatehouse::json

// SPDX-License-Identifier: Apache-2.0
#include "plugins/hook/redact/json_escape.hpp"

namespace gatehouse::redact {

std::string meaning(std::string_view escape) {
    if (escape[1] != 'u') {
        const char known = gatehouse::detail::meanings[static_cast<unsigned char>(escape[1])];
        return std::string(1, known ? known : escape[1]);
    }
    constexpr unsigned replacement = 0xFFFD;  // for an unpaired surrogate
    const auto code = gatehouse::detail::code_point(escape);
    char eight[8];
    return {eight, gatehouse::detail::write_utf8(code.length ? code.value : replacement, eight)};
}

}  // namespace gatehouse::redact

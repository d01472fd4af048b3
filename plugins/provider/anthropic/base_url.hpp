// SPDX-License-Identifier: Apache-2.0
// Where the API is: the key `base_url`, checked, as the beginning of every URL.
// At start only.
#pragma once

#include <string>
#include <string_view>

namespace gatehouse::anthropic {

struct BaseUrl {
    std::string text;  // "https://host[:port][/base]", no slash at the end, without /v1
    std::string host;  // for messages: "host[:port]"
};

/// Throws KeyError at "base_url".
BaseUrl parse_base_url(std::string_view text);

}  // namespace gatehouse::anthropic

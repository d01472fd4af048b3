// SPDX-License-Identifier: Apache-2.0
// Parses and checks the configuration key with an API's base URL.  At start only.
#pragma once

#include <string>
#include <string_view>

namespace gatehouse::upstream {

struct BaseUrl {
    std::string text;  // "https://host[:port][/base]", no slash at the end
    std::string host;  // for messages: "host[:port]"
};

/// `path` is that of the key, such as "base_url" or "endpoint[1]"; the message calls it
/// `name`.  Throws KeyError, also for the URL of an operation, such as ".../v1/chat/completions".
BaseUrl parse_base_url(std::string_view text, const std::string& path, const std::string& name);

/// Removes `ending`, such as "/v1", and the slashes around it.
void strip_ending(BaseUrl& url, std::string_view ending);

}  // namespace gatehouse::upstream

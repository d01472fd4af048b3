// SPDX-License-Identifier: Apache-2.0
// Where an API is: a key of the configuration, checked, as the beginning of every
// URL.  At start only.
#pragma once

#include <string>
#include <string_view>

namespace gatehouse::upstream {

struct BaseUrl {
    std::string text;  // "https://host[:port][/base]", no slash at the end
    std::string host;  // for messages: "host[:port]"
};

/// `path` is that of the key, such as "base_url" or "endpoint[1]"; the message calls it
/// `name`.  Throws KeyError.
BaseUrl parse_base_url(std::string_view text, const std::string& path, const std::string& name);

/// `text` without `ending` and the slashes around it, where some write a version.
void strip_ending(BaseUrl& url, std::string_view ending);

}  // namespace gatehouse::upstream

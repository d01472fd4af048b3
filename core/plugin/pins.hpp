// SPDX-License-Identifier: Apache-2.0
// The SHA-256 of each library that may be loaded: `[plugins] pins`.  [any thread]
#pragma once

#include <gatehouse/result.hpp>

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::core {

class PluginPins {
public:
    /// Allows every library.
    PluginPins() = default;
    /// Allows the libraries of `pins`, such as "provider/name=sha256:0123…".
    /// The error names the pin that has another form.
    static Result<PluginPins> parse(const std::vector<std::string>& pins);

    bool empty() const { return digests_.empty(); }
    /// An error if the library is not pinned, or has another digest than its pin.  `library` is the name of
    /// its file without the ending; an empty digest means that the file cannot be read.
    Result<void> check(std::string_view library, std::string_view kind, const std::string& digest) const;

private:
    std::map<std::string, std::string, std::less<>> digests_;  // by "kind/name", in lower case
};

}  // namespace gatehouse::core

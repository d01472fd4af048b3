// SPDX-License-Identifier: Apache-2.0
// The SHA-256 of each library that may be loaded: `[plugins] pins`.  [any thread]
#pragma once

#include <gatehouse/result.hpp>

#include <filesystem>
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

    /// An error if the library at `path` is not pinned, or its file has another digest.  Its
    /// name is that of the file.  Reads the whole file.
    Result<void> check(const std::filesystem::path& path, std::string_view kind) const;

private:
    std::map<std::string, std::string, std::less<>> digests_;  // by "kind/name", in lower case
};

}  // namespace gatehouse::core

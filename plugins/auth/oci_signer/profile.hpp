// SPDX-License-Identifier: Apache-2.0
// The configuration file of Oracle's own tools, ~/.oci/config: an INI file whose profiles
// inherit missing keys from [DEFAULT].  Read once at start.
#pragma once

#include <gatehouse/result.hpp>

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::oci {

/// Keys are lower case; values are as in the file, without quotes or interpolation.
using Profile = std::map<std::string, std::string, std::less<>>;

class ProfileFile {
public:
    /// The error names the line ("line 7: …") and never quotes it, because it may contain a pass phrase.
    static Result<ProfileFile> parse(std::string_view text);

    /// Returns the profile's own keys, without inherited keys, or null if there is no such
    /// profile.  Names are case-sensitive.  [DEFAULT] always exists and may be empty.
    const Profile* find(std::string_view name) const;

    /// The profiles in the order of the file.
    const std::vector<std::string>& names() const { return names_; }

private:
    std::map<std::string, Profile, std::less<>> profiles_;
    std::vector<std::string> names_;
};

}  // namespace gatehouse::oci

// SPDX-License-Identifier: Apache-2.0
// The values of a principal, from the TOML, the environment or a profile of ~/.oci/config.
// Collected once at start.  Each value has its origin, so that an error can name it.
// [main thread]
#pragma once

#include "plugins/auth/oci_signer/files.hpp"
#include "plugins/auth/oci_signer/options.hpp"

#include <map>
#include <optional>
#include <string>

namespace gatehouse::oci {

/// One value and its origin.
struct Setting {
    std::string value;
    std::string toml_key;   // the key that an error points at; empty: the table
    std::string origin;     // "user of profile [DEFAULT] in /home/me/.oci/config"
    int rank = 0;           // the position of its source in the search order
    std::string file = {};  // the configuration file that contains it; empty if it comes from elsewhere
};

/// The values by the names of OCI's own profile keys: tenancy, user, fingerprint, key_file,
/// key, pass_phrase, security_token_file, region.
class Settings {
public:
    /// Searches in this order until there is enough to sign with:
    ///  1. the TOML's own values;
    ///  2. unless the TOML names config_file or profile, the variables OCI_CLI_*;
    ///  3. the profile, then [DEFAULT], of the configuration file;
    ///  4. the variables OCI_*, if there is no file and no key or variable names a file.
    /// Throws KeyError.
    Settings(const SignerOptions& options, const Environment& environment);
    Settings(const Settings&) = delete;
    ~Settings();

    /// Returns null if no source has the value.
    const Setting* find(std::string_view name) const;
    /// The same, but throws a KeyError with the searched places if the value is missing.
    const Setting& need(std::string_view name) const;

    /// Returns whether there is a session token that belongs to the private key.
    bool is_session() const { return find("security_token_file") != nullptr; }

    /// Returns the kind of principal, such as "instance_principal", from OCI_CLI_AUTH unless it is
    /// ignored, otherwise from the profile's authentication_type.  Returns null if neither is set.
    const Setting* way() const { return find("authentication_type"); }

private:
    void add(std::string_view name, const std::optional<std::string>& value, std::string toml_key,
             std::string origin, std::string file = {});
    void read_options(const SignerOptions& options);
    void read_environment(const Environment& environment, const std::string& prefix);
    bool read_profile(const SignerOptions& options, const Environment& environment);
    void take(const std::map<std::string, std::string, std::less<>>& profile, const std::string& origin,
              const std::string& file, const Environment& environment);
    bool complete() const;

    std::map<std::string, Setting, std::less<>> found_;
    // For need(): the last source, and the TOML key that names it.
    std::string looked_in_ = "the signer's table", looked_in_key_;
    std::string missing_file_;  // the configuration file, if it does not exist
    int rank_ = 0;
};

}  // namespace gatehouse::oci

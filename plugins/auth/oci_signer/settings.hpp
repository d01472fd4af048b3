// SPDX-License-Identifier: Apache-2.0
// Where a principal's values come from: the TOML, the environment, a profile of
// ~/.oci/config.  Gathered once at start; each value remembers its origin, so
// that a mistake can be reported where it was made.  [main thread]
#pragma once

#include "plugins/auth/oci_signer/files.hpp"
#include "plugins/auth/oci_signer/options.hpp"

#include <map>
#include <optional>
#include <string>

namespace gatehouse::oci {

/// One value, and what to say about it when it is wrong.
struct Setting {
    std::string value;
    std::string toml_key;   // the key to point at; empty: the table
    std::string origin;     // "user of profile [DEFAULT] in /home/me/.oci/config"
    int rank = 0;           // the source; a smaller one was asked before
    std::string file = {};  // the configuration file that has it; empty: it is from elsewhere
};

/// What was found, by the names of OCI's own profile keys: tenancy, user,
/// fingerprint, key_file, key, pass_phrase, security_token_file, region.
class Settings {
public:
    /// Asks, in this order, until there is enough to sign with:
    ///  1. the TOML's own values;
    ///  2. unless the TOML names config_file or profile, the variables OCI_CLI_*;
    ///  3. the profile, then [DEFAULT], of the configuration file;
    ///  4. if there was no file and none was named, the variables OCI_*.
    /// Throws KeyError.
    Settings(const SignerOptions& options, const Environment& environment);
    Settings(const Settings&) = delete;
    ~Settings();

    /// Null if no source has it.
    const Setting* find(std::string_view name) const;
    /// The same; throws a KeyError that says where it was looked for.
    const Setting& need(std::string_view name) const;

    /// Whether there is a session token, that of the private key.
    bool is_session() const { return find("security_token_file") != nullptr; }

    /// The way of authentication by OCI_CLI_AUTH, where it counts, or else by the
    /// profile's authentication_type: "instance_principal".  Null if neither says one.
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
    // For need(): where the last source was, and the TOML key that named it.
    std::string looked_in_ = "the signer's table", looked_in_key_;
    std::string missing_file_;  // the configuration file that is not there
    int rank_ = 0;
};

}  // namespace gatehouse::oci

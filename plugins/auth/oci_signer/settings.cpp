// SPDX-License-Identifier: Apache-2.0
// The search order of the sources, and the errors for a value that no source has.
#include "plugins/auth/oci_signer/settings.hpp"

#include "plugins/auth/oci_signer/profile.hpp"

namespace gatehouse::oci {

namespace {

constexpr std::size_t max_config_bytes = 1 << 20;

const char* const names_in_profile[] = {"tenancy",
                                        "user",
                                        "fingerprint",
                                        "key_file",
                                        "pass_phrase",
                                        "security_token_file",
                                        "region",
                                        "authentication_type",
                                        "delegation_token_file"};

/// Values of OCI_CLI_AUTH and authentication_type that do not need a configured private key.
bool needs_no_key(const std::string& way) {
    return way == "instance_principal" || way == "resource_principal" || way == "oke_workload_identity";
}

std::string list_of(const std::vector<std::string>& names) {
    std::string text;
    for (std::size_t i = 0; i < names.size() && i < 10; ++i) text += (i ? ", [" : "[") + names[i] + "]";
    if (names.size() > 10) text += ", …";
    return text.empty() ? "no profile at all" : text;
}

std::string text_of(const std::optional<std::string>& value) { return value.value_or(std::string()); }

/// A file or a profile, and the TOML key or the variable that names it, if any.
struct Named {
    std::string value, toml_key, by;
    bool is_named() const { return !toml_key.empty() || !by.empty(); }
};

Named first_of(const std::optional<std::string>& given, const char* toml_key,
               std::initializer_list<const char*> variables, const Environment& environment) {
    if (!text_of(given).empty()) return {*given, toml_key, ""};
    for (const char* variable : variables)
        if (auto value = environment(variable))
            return {*value, "", std::string(" (named by the variable ") + variable + ")"};
    return {};
}

}  // namespace

Settings::Settings(const SignerOptions& options, const Environment& environment) {
    read_options(options);
    const bool named = !text_of(options.config_file).empty() || !text_of(options.profile).empty();
    if (!named && !complete()) {
        ++rank_;
        read_environment(environment, "OCI_CLI_");
    }
    if ((named || !complete()) && !read_profile(options, environment)) {
        ++rank_;
        read_environment(environment, "OCI_");
    }
    for (const char* variable : {"OCI_CLI_REGION", "OCI_REGION"})
        add("region", environment(variable), "", std::string("the variable ") + variable);

    // A token belongs to one key.  A token from a later source than the key belongs to
    // another session, such as that of [DEFAULT].  The same holds for an
    // authentication_type that would ignore the key.
    const Setting* key = find("key") ? find("key") : find("key_file");
    for (const char* name : {"security_token_file", "authentication_type"}) {
        const Setting* other = find(name);
        if (other && key && other->rank > key->rank) found_.erase(name);
    }
}

Settings::~Settings() {
    for (auto& [name, setting] : found_) wipe(setting.value);
}

const Setting* Settings::find(std::string_view name) const {
    const auto found = found_.find(name);
    return found == found_.end() ? nullptr : &found->second;
}

const Setting& Settings::need(std::string_view name) const {
    if (const Setting* setting = find(name)) return *setting;
    const std::string missing(name);
    if (!missing_file_.empty())
        throw KeyError("", "no " + missing +
                               ": neither here nor in the environment, and there is no configuration file " +
                               missing_file_ +
                               "; make it with `oci setup config`, or name yours by config_file");
    throw KeyError(looked_in_key_, looked_in_ + " has no " + missing);
}

bool Settings::complete() const {
    if (way() && needs_no_key(way()->value)) return true;
    const bool has_key = find("key") || find("key_file");
    return has_key && (is_session() || (find("tenancy") && find("user")));
}

void Settings::add(std::string_view name, const std::optional<std::string>& value, std::string toml_key,
                   std::string origin, std::string file) {
    if (!value || value->empty() || find(name)) return;
    // key and key_file are not mixed: the one from the earlier source excludes the other.
    const char* other_way = name == "key" ? "key_file" : name == "key_file" ? "key" : "";
    if (find(other_way)) return;
    found_.emplace(name, Setting{*value, std::move(toml_key), std::move(origin), rank_, std::move(file)});
}

void Settings::read_options(const SignerOptions& options) {
    if (!text_of(options.key).empty() && !text_of(options.key_file).empty())
        throw KeyError("key", "give key or key_file, not both");
    const std::pair<const char*, const std::optional<std::string>&> all[] = {
        {"tenancy", options.tenancy},
        {"user", options.user},
        {"fingerprint", options.fingerprint},
        {"key_file", options.key_file},
        {"key", options.key},
        {"pass_phrase", options.pass_phrase},
        {"security_token_file", options.security_token_file},
        {"region", options.region}};
    for (const auto& [name, value] : all) add(name, value, name, name);
}

void Settings::read_environment(const Environment& environment, const std::string& prefix) {
    const bool cli = prefix == "OCI_CLI_";
    const std::pair<const char*, const char*> all[] = {{"key", cli ? "KEY_CONTENT" : "KEY"},
                                                       {"key_file", "KEY_FILE"},
                                                       {"tenancy", "TENANCY"},
                                                       {"user", "USER"},
                                                       {"fingerprint", "FINGERPRINT"},
                                                       {"pass_phrase", "PASSPHRASE"},
                                                       {"security_token_file", "SECURITY_TOKEN_FILE"},
                                                       {"region", "REGION"},
                                                       {"authentication_type", "AUTH"}};
    for (const auto& [name, suffix] : all) {
        const std::string variable = prefix + suffix;
        auto value = environment(variable.c_str());
        if (value && std::string_view(name).ends_with("_file")) value = expand_home(*value, environment);
        add(name, value, "", "the variable " + variable);
        if (value) wipe(*value);
    }
}

bool Settings::read_profile(const SignerOptions& options, const Environment& environment) {
    Named file =
        first_of(options.config_file, "config_file", {"OCI_CLI_CONFIG_FILE", "OCI_CONFIG_FILE"}, environment);
    // If the TOML names the file, no variable replaces the profile DEFAULT.
    Named profile = file.toml_key.empty() ? first_of(options.profile, "profile",
                                                     {"OCI_CLI_PROFILE", "OCI_PROFILE"}, environment)
                                          : first_of(options.profile, "profile", {}, environment);
    if (!profile.is_named()) profile.value = "DEFAULT";
    for (const char* usual : {"~/.oci/config", "~/.oraclebmc/config"})
        if (file.value.empty() && stamp_of(expand_home(usual, environment))) file.value = usual;
    if (file.value.empty() && !profile.is_named()) {
        missing_file_ = expand_home("~/.oci/config", environment);
        return false;
    }
    const std::string path = expand_home(file.value.empty() ? "~/.oci/config" : file.value, environment);
    const std::string pointed = file.toml_key.empty() ? profile.toml_key : file.toml_key;

    auto text = read_file(path, max_config_bytes);
    if (!text)
        throw KeyError(pointed, "cannot read the configuration file " + path + file.by + ": " +
                                    text.error().message +
                                    "; make it with `oci setup config`, or name yours by config_file");
    auto parsed = ProfileFile::parse(*text);
    wipe(*text);
    if (!parsed) throw KeyError(pointed, "the configuration file " + path + ", " + parsed.error().message);
    looked_in_key_ = profile.toml_key.empty() ? file.toml_key : profile.toml_key;
    const Profile* own = parsed->find(profile.value);
    if (!own)
        throw KeyError(looked_in_key_, "no profile [" + profile.value + "]" + profile.by + " in " + path +
                                           ": it has " + list_of(parsed->names()));
    looked_in_ = "profile [" + profile.value + "] in " + path;
    take(*own, looked_in_, path, environment);
    if (profile.value != "DEFAULT")
        take(*parsed->find("DEFAULT"), "profile [DEFAULT] in " + path, path, environment);
    return true;
}

void Settings::take(const Profile& profile, const std::string& origin, const std::string& file,
                    const Environment& environment) {
    ++rank_;
    for (const char* name : names_in_profile) {
        const auto entry = profile.find(name);
        if (entry == profile.end()) continue;
        std::string value = entry->second;
        if (std::string_view(name).ends_with("_file")) value = expand_home(value, environment);
        add(name, value, looked_in_key_, std::string(name) + " of " + origin, file);
        wipe(value);
    }
}

}  // namespace gatehouse::oci

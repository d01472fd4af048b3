// SPDX-License-Identifier: Apache-2.0
#include "plugins/auth/aws_sigv4/credential_source.hpp"

// AWS's file is an INI file as well.
#include "plugins/auth/oci_signer/profile.hpp"
#include "plugins/common/text/text.hpp"

#include <algorithm>
#include <cstdlib>

namespace gatehouse::aws {

namespace {

constexpr std::size_t max_file_bytes = 1024 * 1024;
constexpr std::size_t max_value_bytes = 16 * 1024;  // session tokens have about 1 KiB
constexpr auto between_looks = std::chrono::seconds(1);
// Credentials this young answer for requests that were sent before them.
constexpr auto recently = std::chrono::seconds(10);

/// Whether `text` can be sent in a header.
bool is_sendable(std::string_view text) {
    return !text.empty() && text.size() <= max_value_bytes &&
           std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < 0x7F; });
}

constexpr const char* not_sendable =
    "it must have 1 to 16384 visible ASCII characters, without blanks and line ends";

void wipe_all(Credentials& credentials) {
    wipe(credentials.secret_access_key);
    wipe(credentials.session_token);
}

/// Throws a KeyError.
Credentials given_credentials(Options& options) {
    Credentials given;
    const std::pair<const char*, std::pair<std::optional<std::string>*, std::string*>> keys[] = {
        {"access_key_id", {&options.access_key_id, &given.access_key_id}},
        {"secret_access_key", {&options.secret_access_key, &given.secret_access_key}},
        {"session_token", {&options.session_token, &given.session_token}}};
    for (const auto& [key, places] : keys) {
        if (!*places.first) continue;
        *places.second = **places.first;
        wipe(**places.first);
        // An empty session token is that of long-term credentials.
        const bool may_be_empty = places.second == &given.session_token;
        if (is_sendable(*places.second) || (may_be_empty && places.second->empty())) continue;
        wipe_all(given);
        throw KeyError(key, not_sendable);
    }
    return given;
}

/// Throws a KeyError.
void check_choice(const Options& options) {
    const bool id = options.access_key_id.has_value(), secret = options.secret_access_key.has_value();
    const bool file = !options.profile.empty() || !options.credentials_file.empty();
    if (file && (id || secret || options.session_token))
        throw KeyError(options.profile.empty() ? "credentials_file" : "profile",
                       "give access_key_id and secret_access_key, or a profile, not both");
    if (file) return;
    if (!id && !secret && !options.session_token)
        throw KeyError("", "no credentials: give access_key_id and secret_access_key, or profile");
    if (!id) throw KeyError("access_key_id", "it is missing next to secret_access_key");
    if (!secret) throw KeyError("secret_access_key", "it is missing next to access_key_id");
}

std::string default_file() {
    const char* home = std::getenv("HOME");
    if (!home || !*home)
        throw KeyError("credentials_file", "give the file, because the environment has no HOME");
    return std::string(home) + "/.aws/credentials";
}

std::string value_in(const oci::Profile& profile, const char* key) {
    const auto found = profile.find(key);
    return found == profile.end() ? std::string() : found->second;
}

}  // namespace

Result<Credentials> read_profile(const std::string& file, const std::string& profile) {
    auto content = read_file(file, max_file_bytes);
    if (!content) return content.error();
    auto parsed = oci::ProfileFile::parse(*content);
    wipe(*content);
    if (!parsed) return parsed.error();
    auto wrong = [](std::string why) { return Error{ErrorKind::bad_config, std::move(why)}; };
    const auto& names = parsed->names();
    if (std::find(names.begin(), names.end(), profile) == names.end())
        return wrong("there is no such profile; the file has: " + common::joined(names));
    const oci::Profile& found = *parsed->find(profile);
    Credentials read{value_in(found, "aws_access_key_id"), value_in(found, "aws_secret_access_key"),
                     value_in(found, "aws_session_token")};
    if (read.access_key_id.empty() || read.secret_access_key.empty()) {
        wipe_all(read);
        return wrong(
            "the profile needs aws_access_key_id and aws_secret_access_key; roles, SSO and processes are not "
            "supported");
    }
    for (const std::string* value : {&read.access_key_id, &read.secret_access_key, &read.session_token})
        if (!value->empty() && !is_sendable(*value)) {
            wipe_all(read);
            return wrong(std::string("a value of the profile cannot be used: ") + not_sendable);
        }
    return read;
}

CredentialSource::CredentialSource(Options options, Host& host)
    : region_(options.region), service_(options.service), looked_at_(host.now()) {
    check_choice(options);
    if (options.profile.empty() && options.credentials_file.empty()) {
        credentials_ = given_credentials(options);
        return;
    }
    profile_ = options.profile.empty() ? "default" : options.profile;
    file_ = options.credentials_file.empty() ? default_file() : options.credentials_file;
    stamp_ = stamp_of(file_);  // before the read, so that a later change is noticed
    auto read = read_profile(file_, profile_);
    const char* key = options.credentials_file.empty() ? "profile" : "credentials_file";
    if (!read)
        throw KeyError(key,
                       "cannot use the profile " + profile_ + " of " + file_ + ": " + read.error().message);
    credentials_ = *std::move(read);
    try {
        check_permissions(file_, key, host);
    } catch (...) {
        wipe_all(credentials_);
        throw;
    }
}

CredentialSource::~CredentialSource() { wipe_all(credentials_); }

SigningKeyPointer CredentialSource::key(Time now) {
    const std::string date = timestamp(now).substr(0, 8);
    std::lock_guard lock(mutex_);
    if (!key_ || key_->day.date != date)
        key_ = std::make_shared<SigningKey>(
            SigningKey{credentials_, derive_key(credentials_.secret_access_key, date, region_, service_)});
    return key_;
}

bool CredentialSource::is_look_due(Time now) {
    if (file_.empty()) return false;
    std::lock_guard lock(mutex_);
    if (now >= looked_at_ && now - looked_at_ < between_looks) return false;
    looked_at_ = now;
    return true;
}

bool CredentialSource::look(bool always, Host& host) {
    std::lock_guard one_at_a_time(reading_);
    const Time now = host.now();
    const auto stamp = stamp_of(file_);
    const bool seen = stamp == stamp_;
    if (!seen || always) {
        auto read = read_profile(file_, profile_);
        if (read) {
            std::lock_guard lock(mutex_);
            if (*read != credentials_) {
                changed_at_ = now;
                std::swap(credentials_, *read);
                key_.reset();
            }
            wipe_all(*read);
        } else if (!seen) {
            host.log(Level::warning, "new credentials rejected, keeping the old credentials",
                     {{"file", file_}, {"profile", profile_}, {"reason", read.error().message}});
        }
        stamp_ = stamp;
    }
    return changed_at_ && now - *changed_at_ < recently;
}

}  // namespace gatehouse::aws

// SPDX-License-Identifier: Apache-2.0
// The credentials in use, and the key of the day that is derived from them.  They are keys of
// the configuration, or a profile of the credentials file of AWS's own tools
// (AWS SDKs and Tools Reference Guide, "Shared config and credentials files").
#pragma once

#include "plugins/auth/aws_sigv4/options.hpp"
#include "plugins/auth/aws_sigv4/signature.hpp"
#include "plugins/common/files/files.hpp"

#include <gatehouse/host.hpp>

#include <chrono>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

namespace gatehouse::aws {

/// The credentials and the key of a signature.  Constant.
struct SigningKey {
    Credentials credentials;
    DayKey day;
};
using SigningKeyPointer = std::shared_ptr<const SigningKey>;

/// The profile's credentials.  The error is a phrase without secrets.
Result<Credentials> read_profile(const std::string& file, const std::string& profile);

/// Shared by the instance and its tasks.  [any thread]
class CredentialSource {
public:
    using Time = std::chrono::system_clock::time_point;

    /// Reads the profile, if there is one.  Throws KeyError.
    CredentialSource(Options options, Host& host);
    ~CredentialSource();
    CredentialSource(const CredentialSource&) = delete;
    CredentialSource& operator=(const CredentialSource&) = delete;

    /// The key for `now`.  Derives it if the day or the credentials have changed: 10 µs, once a day.
    SigningKeyPointer key(Time now);

    /// The credentials file; empty: the credentials never change.
    const std::string& file() const { return file_; }
    const std::string& profile() const { return profile_; }
    /// Whether a second has passed since the last check of the file was started.
    bool is_look_due(Time now);
    /// Reads the file again if it has changed, or `always`.  Returns true if the credentials have
    /// changed within the last seconds.  Unusable ones do not replace the old ones.  [a helper thread]
    bool look(bool always, Host& host);

private:
    const std::string region_, service_;
    std::string profile_, file_;
    std::mutex mutex_;  // guards the next three members
    Credentials credentials_;
    SigningKeyPointer key_;
    Time looked_at_;
    std::mutex reading_;  // guards the next two members
    std::optional<FileStamp> stamp_;
    std::optional<Time> changed_at_;
};

}  // namespace gatehouse::aws

// SPDX-License-Identifier: Apache-2.0
// The place of a private key, to read it again.  Blocks: at start or on a helper thread.
#pragma once

#include "plugins/auth/oci_signer/files.hpp"
#include "plugins/auth/oci_signer/private_key.hpp"

#include <gatehouse/host.hpp>

#include <memory>
#include <string>

namespace gatehouse::oci {

class Settings;

struct KeySource {
    KeySource() = default;
    /// From the settings `key` or `key_file`, and `pass_phrase`.  Throws KeyError.
    explicit KeySource(const Settings& settings);
    KeySource(KeySource&&) = default;
    ~KeySource();

    Result<std::shared_ptr<const PrivateKey>> load() const;
    /// The same at start.  Throws KeyError, also if the file's permissions are not allowed.
    /// Logs a warning if the key is usable but weak or readable by other users.
    std::shared_ptr<const PrivateKey> load_at_start(Host& host) const;

    /// Changes when the file of the key or of the pass phrase changes.
    using Stamps = std::pair<std::optional<FileStamp>, std::optional<FileStamp>>;
    Stamps stamps() const;
    bool has_files() const { return !path.empty() || !pass_phrase_path.empty(); }

    std::string path = {};              // empty: `content` is the key
    std::string pass_phrase_path = {};  // empty: `pass_phrase` is the pass phrase
    std::string toml_key = {};          // the key that an error points at
    std::string pass_phrase_key = {};   // the same for the pass phrase
    std::string pass_phrase_in =
        {};                 // the configuration file that contains it; empty if it comes from elsewhere
    std::string what = {};  // "the private key /home/me/key.pem (key_file of …)"
    std::string content = {}, pass_phrase = {};
};

/// "20:3b:…" in lower case, or empty if it is not a fingerprint.
std::string as_fingerprint(std::string text);

}  // namespace gatehouse::oci

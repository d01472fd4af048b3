// SPDX-License-Identifier: Apache-2.0
// A token and the private key that it was made for, each in a file that somebody
// else renews, or given as text; read again when a file has changed.
#pragma once

#include "plugins/auth/oci_signer/files.hpp"
#include "plugins/auth/oci_signer/key_source.hpp"
#include "plugins/auth/oci_signer/private_key.hpp"

#include <memory>
#include <optional>
#include <string>

namespace gatehouse::oci {

/// One caller at a time.  Blocks: at start or on a helper thread.
class FileToken {
public:
    /// `path`: of the token; empty: `text` is the token.  `what` names it in messages.
    FileToken(std::string path, std::string text, std::string what, KeySource key)
        : path_(std::move(path)),
          text_(std::move(text)),
          what_(std::move(what)),
          key_source_(std::move(key)) {}
    ~FileToken() { wipe(text_); }
    FileToken(FileToken&&) = default;

    /// Reads both.  On an error the pair that was there stays.
    Result<void> read();

    /// Reads if a file has changed since the last reading.  True: the token or the key is another one.
    Result<bool> read_if_changed();

    /// The token, without ST$, and its key.  REQUIRES: a reading that went well.
    const std::string& token() const { return token_; }
    const std::shared_ptr<const PrivateKey>& key() const { return key_; }
    bool is_read() const { return key_ != nullptr; }

    bool has_files() const { return !path_.empty() || key_source_.has_files(); }
    const std::string& path() const { return path_; }
    const std::string& what() const { return what_; }
    const KeySource& key_source() const { return key_source_; }

private:
    using Stamps = std::pair<std::optional<FileStamp>, KeySource::Stamps>;
    Stamps stamps_now() const;

    std::string path_, text_, what_;
    KeySource key_source_;
    std::string token_;
    std::shared_ptr<const PrivateKey> key_;
    Stamps stamps_;
};

}  // namespace gatehouse::oci

// SPDX-License-Identifier: Apache-2.0
// A token and its private key, each given as text or in a file that another program renews.
// Reads them again when a file has changed.
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
    /// `path`: the token's file; if it is empty, `text` is the token.  `what` names it in messages.
    FileToken(std::string path, std::string text, std::string what, KeySource key)
        : path_(std::move(path)),
          text_(std::move(text)),
          what_(std::move(what)),
          key_source_(std::move(key)) {}
    ~FileToken() { wipe(text_); }
    FileToken(FileToken&&) = default;

    /// Reads both.  After an error the previous pair stays in use.
    Result<void> read();

    /// Reads both if a file has changed since the last read.  Returns true if the token or the key differs.
    Result<bool> read_if_changed();

    /// The token, without ST$, and its key.  REQUIRES: is_read().
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

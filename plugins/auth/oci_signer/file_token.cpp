// SPDX-License-Identifier: Apache-2.0
// Reads a token and its key so that they match.
#include "plugins/auth/oci_signer/file_token.hpp"

#include "plugins/auth/oci_signer/token.hpp"

namespace gatehouse::oci {

FileToken::Stamps FileToken::stamps_now() const {
    return {path_.empty() ? std::nullopt : stamp_of(path_), key_source_.stamps()};
}

Result<void> FileToken::read() {
    // Taken before the read, so that the next check notices a change during the read.
    const Stamps seen = stamps_now();
    auto content = path_.empty() ? Result<std::string>(text_) : read_file(path_, max_token_bytes);
    if (!content) return content.error();
    auto token = clean_token(*content);
    wipe(*content);
    if (!token) return token.error();
    std::shared_ptr<const PrivateKey> key = key_;
    if (!key || seen.second != stamps_.second) {
        auto loaded = key_source_.load();
        if (!loaded) return loaded.error();
        key = *std::move(loaded);
    }
    token_ = *std::move(token);
    key_ = std::move(key);
    stamps_ = seen;
    return {};
}

Result<bool> FileToken::read_if_changed() {
    if (is_read() && stamps_now() == stamps_) return false;
    const std::string token = token_;
    const auto key = key_;
    if (auto good = read(); !good) return good.error();
    return token_ != token || key_ != key;
}

}  // namespace gatehouse::oci

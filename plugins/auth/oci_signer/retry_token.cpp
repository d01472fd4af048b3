// SPDX-License-Identifier: Apache-2.0
#include "plugins/auth/oci_signer/retry_token.hpp"

#include "plugins/auth/oci_signer/files.hpp"

#include <algorithm>
#include <array>

namespace gatehouse::oci {

namespace {

// The typings of these operations have the header.
constexpr std::array<std::string_view, 4> operations = {"/chat", "/embedText", "/rerankText",
                                                        "/applyGuardrails"};
constexpr std::string_view folder = "/20231130/actions";

// "req_" and 24 characters; a later attempt has a number behind them.
constexpr std::string_view id_prefix = "req_";
constexpr std::size_t id_size = 28, hash_size = 32;

bool has_token(std::string_view path) {
    const std::size_t at = path.rfind(folder);
    return at != std::string_view::npos &&
           std::ranges::count(operations, path.substr(at + folder.size())) > 0;
}

}  // namespace

std::string retry_token(std::string_view method, std::string_view host, std::string_view path,
                        std::string_view digest, std::string_view request_id) {
    if (method != "POST" || !has_token(path)) return "";
    if (request_id.size() < id_size || !request_id.starts_with(id_prefix)) return "";
    std::string text(host);
    text.append(path).append(" ").append(digest);
    std::string hash = sha256_base64(text).substr(0, hash_size);
    std::ranges::replace(hash, '+', '-');
    std::ranges::replace(hash, '/', '_');
    return std::string(request_id.substr(0, id_size)) + "-" + hash;
}

}  // namespace gatehouse::oci

// SPDX-License-Identifier: Apache-2.0
// The keys of [signer.NAME] with `use = "aws_sigv4"`.  Plain values.
#pragma once

#include <gatehouse/schema.hpp>

#include <optional>
#include <string>

namespace gatehouse::aws {

struct Options {
    std::string region;
    std::string service = "bedrock";
    std::optional<std::string> access_key_id = {}, secret_access_key = {}, session_token = {};
    std::string profile = {}, credentials_file = {};
};

extern const Fields<Options> fields;

/// Throws a KeyError if region or service cannot be part of a signature.
void check_scope(const Options& options);

}  // namespace gatehouse::aws

// SPDX-License-Identifier: Apache-2.0
// The keys of [hook.NAME] with `use = "guardrails_oci"`.  Plain values, read only at start.
#pragma once

#include <gatehouse/schema.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace gatehouse::guardrails_oci {

struct Options {
    std::optional<std::string> region = {}, endpoint = {};
    std::string compartment_id = {};
    std::vector<std::string> check = {"request", "response"};
    std::string messages = "all";
    std::vector<std::string> categories = {"OVERALL", "BLOCKLIST"};
    std::vector<std::string> personal_types = {"PERSON", "EMAIL", "TELEPHONE_NUMBER"};
    std::string moderation = "block", injection = "block", personal = "off";
    std::optional<std::string> version = {}, language = {};
    std::string hold = "sentence";
    std::int64_t hold_pieces = 64;
    std::string on_failure = "refuse";
    std::int64_t timeout_ms = 5'000, max_text_bytes = 1'048'576;
};

extern const Fields<Options> fields;

}  // namespace gatehouse::guardrails_oci

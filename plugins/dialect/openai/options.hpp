// SPDX-License-Identifier: Apache-2.0
// The keys of [dialect.*] with use = "openai".
#pragma once

#include <cstdint>
#include <string>

namespace gatehouse::openai_dialect {

struct Options {
    std::string prefix = "/v1";
    std::string stored_objects = "";  // a model's name; empty: the paths do not exist
    std::int64_t max_messages = 10'000;
    std::int64_t max_parts = 20'000;
    std::int64_t max_tools = 1'024;
    std::int64_t max_stop = 4;
    std::int64_t max_inputs = 2'048;
    std::int64_t max_documents = 10'000;
    std::int64_t keep_for_s = 86'400;
    std::int64_t max_kept_bytes = 8 * 1024 * 1024;
    std::int64_t max_chain = 1'000;
};

}  // namespace gatehouse::openai_dialect

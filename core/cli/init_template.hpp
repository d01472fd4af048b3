// SPDX-License-Identifier: Apache-2.0
// A template of `gatehouse init`: a configuration with questions.  Plain values.  [main thread]
//
//     #! title
//     #? name | question | default       without a default the answer must not be empty
//     key = "@name@"                     the answer, escaped for a TOML string
//     ?name key = "@name@"               a line that is left out if the answer is empty
#pragma once

#include <gatehouse/result.hpp>

#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace gatehouse::core {

struct Question {
    std::string name, text, fallback;
    bool required = false;
};

struct InitTemplate {
    std::string title;
    std::vector<Question> questions;
    std::string body;
};

Result<InitTemplate> read_init_template(const std::filesystem::path& path);

/// The body with the answers.  Each question has an answer.
std::string filled(const InitTemplate& form, const std::map<std::string, std::string>& answers);

}  // namespace gatehouse::core

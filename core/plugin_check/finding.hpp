// SPDX-License-Identifier: Apache-2.0
// The output of plugin-check: one finding, and how a list of findings passes through a
// pipe or a file.  Plain values.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::core::plugin_check {

enum class Severity { error, warning, note };

struct Finding {
    Severity severity = Severity::note;
    std::string id;        // a word for programs and tests, such as "finish-missing"
    std::string text;      // the defect in the author's terms; the same for each occurrence
    std::string context;   // the occurrence: the request, the response, the cut
    std::string contract;  // the violated rule, such as "provider.hpp, Exchange::end"
};

/// A shorter secret stands in many a text by chance; of a longer one this much tells it.
inline constexpr std::size_t shortest_secret = 8, telling_part = 12;

/// The results of one suite.
struct Record {
    std::vector<Finding> findings;
    std::map<std::string, std::string> facts;  // for later suites and the report
};

/// One entry as a line, and the lines back.  Malformed lines are skipped.
std::string encoded(const Finding& finding);
std::string encoded_fact(std::string_view name, std::string_view value);
void decode(std::string_view lines, Record& into);

/// Hides each of `secrets`, and the beginning of one, wherever it stands.
void mask(Record& record, const std::vector<std::string>& secrets);

/// `text` as it may be printed: bounded, valid UTF-8, without control characters.
std::string printable(std::string_view text, std::size_t longest = 400);

}  // namespace gatehouse::core::plugin_check

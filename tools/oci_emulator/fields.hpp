// SPDX-License-Identifier: Apache-2.0
// Checks a JSON object against a table of the fields it may have: unknown
// names, wrong types and words that are not in the list are refused, as the
// service refuses them.  Pure functions: [any thread].
#pragma once

#include "tools/oci_emulator/answers.hpp"
#include "tools/oci_emulator/json.hpp"

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::emulator {

/// Looks at one value; `path` is where it stands, such as "chatRequest.stop".
using Check = std::function<Refusal(const Json& value, const std::string& path)>;

struct FieldRule {
    std::string_view name;
    bool required;
    Check check;
};

/// Every member of `object` against its rule; null counts as left out.
Refusal check_object(const Json& object, const std::string& path, const std::vector<FieldRule>& rules);

// Checks to build a table from.
Check text();
Check boolean();
Check integer(std::int64_t minimum);
Check number(double minimum, double maximum);
Check word(std::vector<std::string_view> words);
Check any_object();
Check object(std::vector<FieldRule> rules);
Check list(Check item, std::size_t most = SIZE_MAX);
/// An object whose names are free.
Check map(Check value);

// Refusals with the codes of section 5.2.
ServiceError cannot_parse(std::string message);
ServiceError missing(const std::string& path);
ServiceError invalid(const std::string& path, std::string_view why);

}  // namespace gatehouse::emulator

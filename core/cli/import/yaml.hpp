// SPDX-License-Identifier: Apache-2.0
// YAML files as JSON.  [main thread]
#pragma once

#include <gatehouse/result.hpp>

#include <nlohmann/json.hpp>

#include <string>

namespace gatehouse::core {

using OrderedJson = nlohmann::ordered_json;

/// The first document of `text`.  Scalars without quotes become null, true, false or numbers as in YAML 1.2,
/// and as in YAML 1.1, which other programs read: yes, no, on, off, and underscores in numbers.
/// The error names the line.  A document whose aliases expand to more than 100,000 values is refused.
Result<OrderedJson> parse_yaml(const std::string& text);

}  // namespace gatehouse::core

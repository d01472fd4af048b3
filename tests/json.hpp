// SPDX-License-Identifier: Apache-2.0
// JSON in tests.  The parser and the document class are compiled once, in json.cpp.
#pragma once

#include <nlohmann/json.hpp>

extern template class nlohmann::basic_json<>;

namespace gatehouse::test {

using Json = nlohmann::json;

}  // namespace gatehouse::test

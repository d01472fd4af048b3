// SPDX-License-Identifier: Apache-2.0
// Requests as JSON for the API: a row of the list, and one request with its attempts.  Functions without
// state: any thread.
#pragma once

#include "plugins/observer/console/ring.hpp"

#include <gatehouse/json_writer.hpp>

#include <string>

namespace gatehouse::console {

void write_row(JsonWriter& json, const Kept& kept);

/// The list of a page with the numbers for the next one.
std::string page_json(const Ring& ring, const Query& query);

/// One request: all of a row, its steps, attempts, and the advice.
std::string story_json(const Story& story);

/// 1e-9 of a currency as a decimal number.
std::string money(std::int64_t nano);

}  // namespace gatehouse::console

// SPDX-License-Identifier: Apache-2.0
// Objects of JSON as rows of a table, for people and for spreadsheets.
// Functions without state: any thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::core {

enum class RowFormat { table, csv, json };

/// "2026-11-15 08:30 UTC" for Unix seconds, or "never" for 0; empty for a number that is not a time.
std::string date_of(std::int64_t seconds);

/// The first member of `document` that is an array of objects, as rows; the columns are the members in their
/// order. `json`: the document itself.  A member NAME_at or NAME_until is a time in Unix seconds, or 0 for
/// never, and a date in the table for people.  A table without rows says so.  REQUIRES: `document` is valid
/// JSON.
std::string rows_of(std::string_view document, RowFormat format,
                    const std::vector<std::string>& columns = {});

/// An object as lines of a name and a value, with dates.  REQUIRES: `document` is valid JSON.
std::string lines_of(std::string_view document);

}  // namespace gatehouse::core

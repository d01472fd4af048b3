// SPDX-License-Identifier: Apache-2.0
// The story of a request for observers, filled with the facts of its record.  Plain functions, called by the
// flow on its loop.
#pragma once

#include "core/observe/record.hpp"

#include <string_view>

namespace gatehouse::core {

std::chrono::microseconds since_start(const RequestRecord& record, RequestRecord::Clock::time_point time);

/// `usage` without the unknown members, which may have any text.
Usage numbers_of(const Usage& usage);

/// The step `stage`, a literal, ends now.  REQUIRES: there is a story.
void add_stage(RequestRecord& record, std::string_view stage);

/// Fills the story with the facts of the record, and takes texts of the record.  REQUIRES: the request is
/// over, and there is a story.
void complete_story(RequestRecord& record);

}  // namespace gatehouse::core

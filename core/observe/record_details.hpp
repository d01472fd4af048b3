// SPDX-License-Identifier: Apache-2.0
// The details of a request's record, a `Story` of the SDK: for observers, metrics of
// model calls and explanations.  Plain functions, called by the
// flow on its loop.
#pragma once

#include "core/observe/record.hpp"

#include <string_view>

namespace gatehouse::core {

std::chrono::microseconds since_start(const RequestRecord& record, RequestRecord::Clock::time_point time);

/// `usage` without the unknown members, which may have any text.
Usage numbers_of(const Usage& usage);

/// The step `stage`, a literal, ends now.  REQUIRES: there are details.
void add_stage(RequestRecord& record, std::string_view stage);

/// Fills the details with the facts of the record, and takes texts of the record.  REQUIRES: the request is
/// over, and there are details.
void complete_details(RequestRecord& record);

}  // namespace gatehouse::core

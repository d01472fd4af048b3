// SPDX-License-Identifier: Apache-2.0
// Exports in protobuf: the JSON of OTLP is written again in the wire format, by a table of the messages.
// Sources: opentelemetry-proto v1.9 (trace, metrics, resource, common) and
// https://protobuf.dev/programming-guides/encoding/.  Plain functions: [any thread].
#pragma once

#include <gatehouse/result.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace gatehouse::otlp {

/// The bytes of an ExportTraceServiceRequest or an ExportMetricsServiceRequest.  An error if the JSON is
/// invalid, or has a name that the table lacks, which is a mistake of this plugin.
Result<std::string> to_protobuf(std::string_view json);

/// The rejected spans in an ExportTraceServiceResponse; 0 without a partial success.  Other bytes are read as
/// some number.
std::int64_t rejected_in_protobuf(std::string_view answer);

}  // namespace gatehouse::otlp

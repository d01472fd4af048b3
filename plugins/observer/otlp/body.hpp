// SPDX-License-Identifier: Apache-2.0
// The body of an export, in protobuf and compressed if the configuration says so.  [any thread]
#pragma once

#include <gatehouse/http.hpp>

#include <string>
#include <string_view>

namespace gatehouse::otlp {

inline constexpr std::string_view protobuf_type = "application/x-protobuf";

/// `request` with this body, a text of JSON: in protobuf if its header `content-type` says so, and compressed
/// if its header `content-encoding` is gzip.
http::Request with_body(http::Request request, std::string body);

}  // namespace gatehouse::otlp

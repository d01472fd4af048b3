// SPDX-License-Identifier: Apache-2.0
// Rules for every kind of plugin: the form of an error, a request and headers.
// [the part's thread]
#pragma once

#include "core/plugin_check/target.hpp"

#include <gatehouse/http.hpp>

namespace gatehouse::core::plugin_check {

bool is_utf8(std::string_view text);
bool is_json(std::string_view text);
bool has_control(std::string_view text);

/// As the standard library and the usual JSON libraries word their exceptions.
bool looks_like_exception(std::string_view text);

/// "rate_limited: the upstream is busy"
std::string shown(const Error& error);

/// An error that a plugin returned; `member` is "provider.hpp, Exchange::end".
void check_error(Check& check, const Confidential& confidential, const Error& error, std::string_view member);

/// Headers of any origin: names, values, no framing.
void check_headers(Check& check, const http::Headers& headers, std::string_view member);

/// A request to an upstream, before it is signed.
void check_request(Check& check, const Confidential& confidential, const http::Request& request,
                   std::string_view member);

/// The first difference between two requests; empty if they are equal.
std::string difference(const http::Request& a, const http::Request& b);
/// The same for texts: a part of each, from where they part.
std::string difference(std::string_view a, std::string_view b);

}  // namespace gatehouse::core::plugin_check

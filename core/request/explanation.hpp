// SPDX-License-Identifier: Apache-2.0
// How a request is served, for a client that may ask (`x-gatehouse-explain: 1`) and for `gatehouse explain
// request`: the entry of the mapper, the routes, those that were passed over, fields of the body and times.
// It has no text of the request or of the response, no address of an upstream and no credential.
// Made and filled by one RequestFlow, on its loop.
#pragma once

#include "core/config/route_places.hpp"
#include "core/observe/record.hpp"

#include <gatehouse/http.hpp>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace gatehouse::core {

inline constexpr std::string_view explain_header = "x-gatehouse-explain";
inline constexpr std::size_t max_explanation_bytes = 2'048;

struct Explanation {
    struct PassedOver {
        std::string route;
        std::string_view why;  // a literal: "breaker_open"
        std::int64_t wait_ms;  // until a trial request may be sent
    };
    const RoutePlace* rule = nullptr;      // null: no entry of the file has these routes
    std::vector<std::string> routes = {};  // in the order in which they are asked
    std::vector<PassedOver> passed_over = {};
    /// Fields of the client's JSON, each with the text of a short value.
    std::vector<std::pair<std::string, std::string>> fields = {};
    /// Names among them that the upstream request does not have, and those that have another value there.
    /// Case and "_" do not count.
    std::vector<std::string> not_sent = {}, rewritten = {};

    void note_routes(const std::vector<RoutePlace>& places, std::string_view model,
                     const std::vector<Route>& found);
    /// A route is noted once.
    void pass_over(const Route& route, std::string_view why, std::chrono::milliseconds wait);
    /// The body of the client.
    void note_body(std::string_view json);
    /// The body of an upstream request.  REQUIRES: note_body() was called.
    void note_sent(std::string_view json);
};

/// At most max_explanation_bytes of JSON, in ASCII.  Members that do not fit are omitted.  `now` is the end
/// of the times.  REQUIRES: the record has details and an explanation.
std::string explanation_json(const RequestRecord& record, RequestRecord::Clock::time_point now);

/// The value of `server-timing` (https://www.w3.org/TR/server-timing/): the steps and the time for upstreams
/// in milliseconds.  REQUIRES: as above.
std::string server_timing(const RequestRecord& record, RequestRecord::Clock::time_point now);

}  // namespace gatehouse::core

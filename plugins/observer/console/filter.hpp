// SPDX-License-Identifier: Apache-2.0
// The filter of the list of requests, as a query of the API.  Plain values.
#pragma once

#include <gatehouse/observer.hpp>
#include <gatehouse/result.hpp>

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace gatehouse::console {

struct Filter {
    std::string client = {};    // the client's name
    std::string model = {};     // as the client has written it
    std::string provider = {};  // the response's
    std::string outcome = {};   // "ok", "failed", "cut", "left", or "problem": all but ok
    int status = 0;             // 429, or 4 for 400 to 499; 0: any
    std::chrono::milliseconds slower{0};
    std::string text = {};  // in lower case: a part of the id, path, client, model, route, error or peer

    bool matches(const Story& story) const;
};

/// A query such as "client=ci&status=429&limit=50".
struct Query {
    Filter filter = {};
    std::size_t limit = 50;  // at most 200
    std::uint64_t after = 0, before = 0;
};

/// The error names the parameter.
Result<Query> read_query(std::string_view query);

}  // namespace gatehouse::console

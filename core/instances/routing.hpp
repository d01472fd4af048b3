// SPDX-License-Identifier: Apache-2.0
// Finds the dialect that serves a path.  Owned by PluginInstances; made once per
// configuration, read by all workers.  [any thread]
#pragma once

#include <gatehouse/dialect.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::core {

class StoreMetrics;

struct NamedDialect {
    std::string name;
    Dialect* dialect;
    std::vector<Dialect::Endpoint> endpoints;
    std::string request_id_header = "x-request-id";
    Store* store = nullptr;  // null: none
    std::string store_name = {};
    StoreMetrics* store_metrics = nullptr;  // null without a store

    /// Sets the id as `x-request-id`, and under the dialect's own name.
    void set_request_id(http::Headers& headers, const std::string& id) const {
        headers.set("x-request-id", id);
        if (request_id_header != "x-request-id") headers.set(request_id_header, id);
    }
};

/// `path` with single slashes only.
std::string with_single_slashes(std::string_view path);

class Routing {
public:
    /// Dialects in the order of the configuration, at least one.
    explicit Routing(std::vector<NamedDialect> dialects);

    const std::vector<NamedDialect>& dialects() const { return dialects_; }

    struct Match {
        const NamedDialect* dialect = nullptr;  // null: no dialect serves this path with this method
        std::string allow;                      // the methods of the path, if only the method does not match
        std::string_view endpoint = {};         // the dialect's, such as "/v1/models/*"
    };
    /// HEAD matches every endpoint that GET matches.  An endpoint whose header is among
    /// `headers` has precedence over one without a header.
    Match find(std::string_view method, std::string_view path, const http::Headers& headers = {}) const;

    /// Returns the endpoint that a request to the wrong `path` probably means, such as
    /// "POST /v1/chat/completions" for "/chat/completions".  Empty if none is similar.
    std::string similar(std::string_view method, std::string_view path) const;

    /// Returns the dialect for an error response to `path`: the dialect whose endpoint
    /// shares the most leading segments with `path`, with the precedence of find(), or the
    /// first dialect.
    const NamedDialect& nearest(std::string_view path, const http::Headers& headers = {}) const;

private:
    std::vector<NamedDialect> dialects_;
};

}  // namespace gatehouse::core

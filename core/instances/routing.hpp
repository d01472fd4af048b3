// SPDX-License-Identifier: Apache-2.0
// Which dialect answers a path.  Made once per configuration, read by all workers.
#pragma once

#include <gatehouse/dialect.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::core {

struct NamedDialect {
    std::string name;
    Dialect* dialect;
    std::vector<Dialect::Endpoint> endpoints;
};

class Routing {
public:
    /// Dialects in the order of the configuration, at least one.
    explicit Routing(std::vector<NamedDialect> dialects);

    struct Match {
        const NamedDialect* dialect = nullptr;  // null: nothing answers this path with this method
        std::string allow;                      // the methods of the path, if only the method was wrong
    };
    /// HEAD is answered where GET is.
    Match find(std::string_view method, std::string_view path) const;

    /// The dialect that speaks to whoever asked for `path`, even if nothing is there:
    /// the one whose endpoints begin most like it, else the first.
    const NamedDialect& nearest(std::string_view path) const;

private:
    std::vector<NamedDialect> dialects_;
};

}  // namespace gatehouse::core

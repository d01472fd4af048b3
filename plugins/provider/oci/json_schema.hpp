// SPDX-License-Identifier: Apache-2.0
// JSON schemas as clients write them, made such as OCI takes them: references
// put in their places, keywords that it does not know said with those it does.
// What a schema accepts stays the same wherever it can be said at all; what
// cannot is passed on as it came, and OCI may judge it.
// Functions without state: any thread.
#pragma once

#include <gatehouse/result.hpp>

#include <cstddef>
#include <string>
#include <string_view>

namespace gatehouse::oci {

struct SchemaRules {
    /// The schema of a tool's arguments: an object, and without unions with null,
    /// which OCI takes in response formats only.
    bool arguments = false;
    /// Whether exclusiveMinimum and exclusiveMaximum are known: not to Google.
    bool exclusive_bounds = true;

    bool operator==(const SchemaRules&) const = default;
};

/// What the schemas of one request may grow to, all together: a reference to a
/// schema that has two to another, and so on, doubles at each step.
struct SchemaBudget {
    std::size_t values = 50'000;          // read behind references
    std::size_t bytes = 4 * 1024 * 1024;  // written more than read
};

/// `schema`, the text of an object, or empty: none was given.  The error is the
/// client's, its `param` is `param`: a reference that leads nowhere, or into itself.
Result<std::string> acceptable_schema(std::string_view schema, const SchemaRules& rules,
                                      const std::string& param, SchemaBudget& budget);

}  // namespace gatehouse::oci

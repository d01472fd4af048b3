// SPDX-License-Identifier: Apache-2.0
// Rewrites clients' JSON schemas into schemas that OCI accepts.  References are
// expanded, and unknown keywords are expressed with known ones.  The schema
// accepts the same values wherever that can be expressed.  Other keywords are
// passed on unchanged, and OCI may refuse them.  Stateless functions: any thread.
#pragma once

#include <gatehouse/result.hpp>

#include <cstddef>
#include <string>
#include <string_view>

namespace gatehouse::oci {

struct SchemaRules {
    /// The schema of a tool's arguments: an object without unions with null, which
    /// OCI accepts only in response formats.
    bool arguments = false;
    /// Whether exclusiveMinimum and exclusiveMaximum are accepted.  Google's
    /// models refuse them.
    bool exclusive_bounds = true;

    bool operator==(const SchemaRules&) const = default;
};

/// Limit on the expanded size of all schemas of a request.  Nested references can
/// double the size at each level.
struct SchemaBudget {
    std::size_t values = 50'000;          // values read through references
    std::size_t bytes = 4 * 1024 * 1024;  // bytes written beyond the bytes read
};

/// `schema` is the text of an object, or empty if there is no schema.  Returns a
/// client error with `param` for a dangling or recursive reference.
Result<std::string> acceptable_schema(std::string_view schema, const SchemaRules& rules,
                                      const std::string& param, SchemaBudget& budget);

}  // namespace gatehouse::oci

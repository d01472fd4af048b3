// SPDX-License-Identifier: Apache-2.0
// The access log: one line for each finished request.  core/OPERATIONS.md explains its fields.
#pragma once

#include "core/config/settings.hpp"
#include "core/observe/log_line.hpp"
#include "core/observe/record.hpp"

#include <gatehouse/host.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::core {

/// A defect and a failure of the gateway or of an upstream have a higher level, so that they are
/// logged even if `[log] level` omits ordinary requests.
Level access_level(const RequestRecord& record);

/// The lines that one `[log]` asks for.  [any thread]
class AccessLog {
public:
    /// REQUIRES: `[log] fields` has only names of access_fields and "default".
    explicit AccessLog(const LogOptions& options);

    /// Whether the request has a line: `[log] sample` chooses among the successful ones.
    bool includes(const RequestRecord& record) const;
    /// Omits the fields without a value.
    Line line(Line::Format format, const RequestRecord& record) const;

private:
    struct Field {
        std::string name;
        void (*write)(Line&, std::string_view name, const RequestRecord&);
    };
    std::vector<Field> fields_;
    double sample_;
};

}  // namespace gatehouse::core

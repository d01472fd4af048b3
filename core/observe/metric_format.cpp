// SPDX-License-Identifier: Apache-2.0
#include "core/observe/metric_format.hpp"

#include "core/util/accept_header.hpp"

#include <gatehouse/http.hpp>
#include <gatehouse/text.hpp>

#include <algorithm>
#include <optional>

namespace gatehouse::core {

bool prefers_open_metrics(std::string_view accept) {
    double open = 0, plain = 0;
    std::optional<double> any;
    for (auto range = next_element(accept); !range.empty(); range = next_element(accept)) {
        const std::string_view type = trimmed(range.substr(0, range.find(';')), " \t");
        const std::string_view version = parameter(range, "version");
        if (http::equal_ignoring_case(type, "application/openmetrics-text")) {
            if (version.empty() || version == "1.0.0") open = std::max(open, quality(range));
        } else if (http::equal_ignoring_case(type, "text/plain")) {
            plain = std::max(plain, quality(range));
        } else if (type == "*/*") {
            any = quality(range);
        }
    }
    return open > 0 && open >= std::max(plain, any.value_or(0));
}

}  // namespace gatehouse::core

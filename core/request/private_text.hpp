// SPDX-License-Identifier: Apache-2.0
// Removes from an error message what only the operator may know: ids of cloud resources,
// addresses of inner hosts, file paths and stack traces.  Functions without state: any thread.
#pragma once

#include <functional>
#include <string>
#include <string_view>

namespace gatehouse::core {

/// `text` with "[id]" instead of each resource id, such as an OCID or an ARN.
std::string without_ids(std::string_view text);

/// Whether without_ids() would change the text.
bool has_ids(std::string_view text);

struct PrivateText {
    /// The host of the upstream, without a port.
    std::string_view upstream_host = {};
    /// Whether the client knows the text, because it has sent it.  Ids are removed nevertheless.
    std::function<bool(std::string_view)> known = [](std::string_view) { return false; };
};

/// `text` without ids and stack traces, and with "[url]", "[host]" and "[path]" instead of the
/// URLs and names of inner hosts and of file paths.  URLs of public hosts stay.
std::string without_private(std::string_view text, const PrivateText& what = {});

}  // namespace gatehouse::core

// SPDX-License-Identifier: Apache-2.0
// Reads small files with keys, tokens and profiles, and detects changes.  Functions
// without state: any thread.  They block, so call them at start or on a helper thread.
#pragma once

#include <gatehouse/host.hpp>
#include <gatehouse/result.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace gatehouse {

/// The content of `path`, at most `limit` bytes.  The error's message is
/// the system's ("No such file or directory"), without the path.
Result<std::string> read_file(const std::string& path, std::size_t limit);

/// Identifies the content of a file without reading it.
struct FileStamp {
    std::int64_t device = 0, inode = 0, size = 0, modified_ns = 0;
    bool operator==(const FileStamp&) const = default;
};

/// Returns nothing if the file does not exist.
std::optional<FileStamp> stamp_of(const std::string& path);

/// Logs a warning if other users may read `path`, a file with a secret.  Throws KeyError
/// at `key` instead if [server] strict_permissions is true.
void check_permissions(const std::string& path, const std::string& key, Host& host);

/// Overwrites a secret that is no longer needed.
void wipe(std::string& secret);

}  // namespace gatehouse

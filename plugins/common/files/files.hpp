// SPDX-License-Identifier: Apache-2.0
// Small files that hold keys, tokens and profiles: read whole, bounded, and
// looked at again only when they have changed.  Plain functions, any thread;
// they block, so they run at start or on a helper thread.
#pragma once

#include <gatehouse/host.hpp>
#include <gatehouse/result.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace gatehouse {

/// The content of `path`, at most `limit` bytes.  The error's message is what
/// the system says ("No such file or directory"), without the path.
Result<std::string> read_file(const std::string& path, std::size_t limit);

/// What changes when a file does.
struct FileStamp {
    std::int64_t device = 0, inode = 0, size = 0, modified_ns = 0;
    bool operator==(const FileStamp&) const = default;
};

/// Nothing if the file is not there.
std::optional<FileStamp> stamp_of(const std::string& path);

/// Of a file with a secret that others than its owner may read: a warning in the log, or
/// where [server] has strict_permissions a KeyError at `key`.
void check_permissions(const std::string& path, const std::string& key, Host& host);

/// `text` without blanks, tabs and line ends at both ends.
std::string_view trim(std::string_view text);

/// Overwrites a secret that is no longer needed.
void wipe(std::string& secret);

}  // namespace gatehouse

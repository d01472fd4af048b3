// SPDX-License-Identifier: Apache-2.0
// Small files that hold keys, tokens and profiles: read whole, bounded, and
// looked at again only when they have changed.  Plain functions, any thread;
// they block, so they run at start or on a helper thread.
#pragma once

#include <gatehouse/result.hpp>

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace gatehouse::oci {

/// Looks up an environment variable; nothing if it is not set or empty.
using Environment = std::function<std::optional<std::string>(const char* name)>;

/// The process's own environment.
std::optional<std::string> process_environment(const char* name);

/// The content of `path`, at most `limit` bytes.  The error's message is what
/// the system says ("No such file or directory"), without the path.
Result<std::string> read_file(const std::string& path, std::size_t limit);

/// Puts `content` in the place of the file `path` at once or not at all, readable by
/// its owner only; where `path` is a link, of what it points to.
Result<void> replace_file(const std::string& path, std::string_view content);

/// What changes when a file does.
struct FileStamp {
    std::int64_t device = 0, inode = 0, size = 0, modified_ns = 0;
    bool operator==(const FileStamp&) const = default;
};

/// Nothing if the file is not there.
std::optional<FileStamp> stamp_of(const std::string& path);

/// Whether others than its owner may read `path`.
bool readable_by_others(const std::string& path);

/// `path` with a leading `~/` replaced by the home directory.
std::string expand_home(std::string path, const Environment& environment);

/// `text` without blanks, tabs and line ends at both ends.
std::string_view trim(std::string_view text);

/// Overwrites a secret that is no longer needed.
void wipe(std::string& secret);

}  // namespace gatehouse::oci

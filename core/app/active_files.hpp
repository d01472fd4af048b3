// SPDX-License-Identifier: Apache-2.0
// Lets `gatehouse reload` tell which files of a configuration have changed since the process read them: files
// of `file:` and `credential:`, and PEM files of the core.  Owned by main().  [main thread]
//
// The process publishes digests that begin with a random salt, in a file in memory that only its own user can
// read.  No content is kept.
#pragma once

#include "core/app/anonymous_file.hpp"
#include "core/config/references.hpp"

#include <sys/types.h>

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace gatehouse::core {

struct Settings;

/// A file with another content, and the key that names it, such as `[authenticator.team] keys "agent"`.
struct ChangedFile {
    std::string key;  // empty for a PEM file
    std::string file;
};

class FileDigests {
public:
    /// Reads the files that `file` names.  Call it before the configuration is used: a change in between then
    /// shows once more, and none is missed.
    static FileDigests of(const ConfigFile& file, std::string salt = random_salt());
    const std::string& salt() const { return salt_; }

    /// The files of `now` that these digests know with another content.  REQUIRES: `now` has the same salt,
    /// and is the result of of().
    std::vector<ChangedFile> changed(const FileDigests& now) const;

private:
    friend class PublishedFiles;
    friend std::optional<FileDigests> active_files(pid_t process);
    static std::string random_salt();

    std::string salt_;
    std::vector<FileReference> references_;       // empty for those of another process
    std::map<std::string, std::string> digests_;  // by path; empty: the file cannot be read
};

class PublishedFiles {
public:
    void publish(const FileDigests& digests);

private:
    AnonymousFile file_{"gatehouse-files"};
};

/// Returns nullopt if the process publishes nothing, or this user may not read it.
std::optional<FileDigests> active_files(pid_t process);

/// The files whose change reloads the configuration, if [server] watch is set.
std::vector<std::filesystem::path> watched_files(const ConfigFile& file, const Settings& settings);

}  // namespace gatehouse::core

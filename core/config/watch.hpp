// SPDX-License-Identifier: Apache-2.0
// Notices that a file has been changed, however its editor does it: written in
// place, or replaced by another one, also through a link (Kubernetes' mounts).
// One thread.
#pragma once

#include <sys/stat.h>
#include <sys/types.h>

#include <filesystem>

namespace gatehouse::core {

class FileWatch {
public:
    explicit FileWatch(std::filesystem::path path) : path_(std::move(path)), known_(look()), last_(known_) {}

    /// Whether the file has changed since the last true, and not since the last
    /// call: what is being written is left alone.  A file that has gone has not changed.
    bool changed();

private:
    struct State {
        dev_t device = 0;
        ino_t inode = 0;
        off_t size = -1;
        long seconds = 0, nanoseconds = 0;
        bool operator==(const State&) const = default;
    };
    State look() const;

    const std::filesystem::path path_;
    State known_, last_;
};

}  // namespace gatehouse::core

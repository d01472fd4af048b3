// SPDX-License-Identifier: Apache-2.0
// Notices that one of some files has been changed, however its editor does it: written
// in place, or replaced by another one, also through a link (Kubernetes' mounts).
// One thread.
#pragma once

#include <sys/stat.h>
#include <sys/types.h>

#include <filesystem>
#include <vector>

namespace gatehouse::core {

class FileWatch {
public:
    explicit FileWatch(std::filesystem::path path) : FileWatch(std::vector{std::move(path)}) {}
    explicit FileWatch(std::vector<std::filesystem::path> paths)
        : paths_(std::move(paths)), known_(look()), last_(known_) {}

    const std::vector<std::filesystem::path>& paths() const { return paths_; }

    /// Returns whether a file has changed since the last true, and no file since the last call.
    /// It waits for the end of a series of writes, because related files are written one after
    /// another.  A deleted file has not changed.
    bool changed();

private:
    struct State {
        dev_t device = 0;
        ino_t inode = 0;
        off_t size = -1;
        long seconds = 0, nanoseconds = 0;
        bool operator==(const State&) const = default;
    };
    std::vector<State> look() const;

    std::vector<std::filesystem::path> paths_;
    std::vector<State> known_, last_;
};

}  // namespace gatehouse::core

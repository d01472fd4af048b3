// SPDX-License-Identifier: Apache-2.0
// A file without a path, by which a gateway tells other processes of its user what it runs.  They read it
// through /proc.  [main thread]
#pragma once

#include <sys/types.h>

#include <string>
#include <string_view>

namespace gatehouse::core {

class AnonymousFile {
public:
    /// Has no effect if the kernel has no anonymous files.
    explicit AnonymousFile(const char* name);
    ~AnonymousFile();
    AnonymousFile(const AnonymousFile&) = delete;
    AnonymousFile& operator=(const AnonymousFile&) = delete;

    /// Replaces the content.  A concurrent reader may see a part of it.
    void write(std::string_view content);
    /// The content of the file `name` of a process; empty if it has none or may not be read.
    static std::string read(pid_t process, std::string_view name);

private:
    int fd_ = -1;
};

/// Removes the first field of `text` and the `end` behind it, and returns the field.
std::string_view take_field(std::string_view& text, char end);

}  // namespace gatehouse::core

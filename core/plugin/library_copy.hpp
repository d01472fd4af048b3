// SPDX-License-Identifier: Apache-2.0
// A private copy of a library's file, in memory and sealed, from which the library is loaded.
//
// A library that the dynamic linker has mapped changes with its file: `cp` over it would end the process.
// The copy also makes the digest of a pin hold for the bytes that run.  [main thread]
#pragma once

#include <gatehouse/result.hpp>

#include <array>
#include <cstdint>
#include <filesystem>
#include <string>

namespace gatehouse::core {

/// SHA-256 in hexadecimal digits of lower case; empty if the file cannot be read.
std::string sha256_of_file(const std::filesystem::path& path);

/// Device, inode, size and times of a file, which differ after each change of its bytes.
using FileState = std::array<std::int64_t, 7>;
/// All 0 if the file is missing, or has changed within the last seconds.
FileState state_of(const std::filesystem::path& path);

class LibraryCopy {
public:
    /// Copies the file at `path`.  Without a copy, path() is `path` itself: if the kernel has no files in
    /// memory, or if the library finds other libraries by its own folder ($ORIGIN).
    explicit LibraryCopy(std::filesystem::path path);
    ~LibraryCopy();
    LibraryCopy(const LibraryCopy&) = delete;
    LibraryCopy& operator=(const LibraryCopy&) = delete;

    /// Names the copy, or the file, for the dynamic linker and for checks.
    const std::filesystem::path& path() const { return path_; }
    bool is_copy() const { return fd_ >= 0; }
    /// The SHA-256 of the bytes at path(); empty if they cannot be read.
    std::string digest() const { return sha256_of_file(path_); }

    /// Frees the memory of the parts that are never loaded, such as debugging information, and seals the
    /// rest. REQUIRES: check_elf() accepts path().
    void seal();
    /// Gives the loaded library its file's name, for debuggers, back traces and dladdr(), and keeps the copy
    /// until the process ends.
    void name_loaded(void* handle);

private:
    std::uint64_t loaded_bytes() const;

    const std::filesystem::path original_;
    std::filesystem::path path_;
    int fd_ = -1;
    bool kept_ = false;
};

}  // namespace gatehouse::core

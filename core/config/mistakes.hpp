// SPDX-License-Identifier: Apache-2.0
// Collects the mistakes of one configuration, so that one run reports all of them.
//
// The readers of tables add to it and continue with the next key or table.  A table with a mistake
// is not used further, so that no consequence of a mistake looks like another mistake.
// [main thread]
#pragma once

#include <gatehouse/result.hpp>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

namespace gatehouse::core {

/// A warning as a line of the log of a running gateway: a stable message, and at most two fields.
struct LogForm {
    std::string instance = {}, message = {};  // no message: the warning has no form of its own
    std::vector<std::pair<std::string, std::string>> fields = {};
};

/// A mistake, or a warning about a configuration that works.
struct Mistake {
    bool warning = false;
    std::uint32_t line = 0, column = 0;  // from 1; 0: it concerns the whole file
    std::string message = {};            // one line, without the location
    std::string text = {};               // "file:line:column: message", the line and a caret
    LogForm log = {};                    // if it is a warning
};

class Mistakes {
public:
    /// `file` as in the errors of ConfigFile.
    explicit Mistakes(const std::filesystem::path& file) : file_(file.string()) {}

    /// Adds an error, which ConfigFile::error() has made if it has a location.
    void add(const Error& error);
    /// Adds a warning in the same form.
    void warn(const Error& error, LogForm log = {});

    /// Number of mistakes, without warnings.
    std::size_t count() const { return count_; }
    bool empty() const { return count_ == 0; }
    /// Whether there are so many mistakes that further ones need not be looked for.
    bool full() const { return count_ >= most; }

    /// Mistakes and warnings in the order of their lines; those of the whole file come last.
    std::vector<Mistake> in_order() const;
    /// "3 mistakes"; empty if there is at most one.
    std::string summary() const;
    /// The mistakes as one error.  REQUIRES: not empty.  The message has all of them and their number,
    /// the detail has the first one and the number of the others, for a line of the log.
    Error error() const;

private:
    static constexpr std::size_t most = 100;

    Mistake mistake_of(const Error& error) const;
    std::size_t begin_of_message(const Mistake& mistake) const;

    std::string file_;
    std::vector<Mistake> all_;
    std::size_t count_ = 0;
};

}  // namespace gatehouse::core

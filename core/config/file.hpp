// SPDX-License-Identifier: Apache-2.0
// A parsed configuration file that keeps the location of each value.
//
// Copies share one document, which never changes after parsing, so that a later error of a
// plugin can still point into the file.
#pragma once

#include <gatehouse/result.hpp>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

namespace gatehouse::core {

struct Document;  // document.hpp: the text and its TOML tree

/// A location in the file.  Lines and columns (code points) count from 1.  Line 0 means that
/// there is no location; an error then names only the file.
struct SourceLocation {
    std::uint32_t line = 0, column = 0;
    std::uint32_t end_line = 0, end_column = 0;  // after its last character; 0: unknown
    /// Whether an error may show the text at this location.  masked: not the content of a
    /// string.  never: the value of a secret key of any type.
    enum class Show { masked, always, never } show = Show::masked;
};

class ConfigFile {
public:
    /// Reads and parses `path`.  The error is complete: print it as it is.
    static Result<ConfigFile> read(const std::filesystem::path& path);
    /// The same, with the text of the file; `path` is for messages and folder().
    static Result<ConfigFile> parse(std::string text, const std::filesystem::path& path);

    /// As the user wrote it.
    const std::filesystem::path& path() const;
    /// Resolves `path`; a relative path is relative to the file's folder.
    std::filesystem::path resolve(const std::filesystem::path& path) const;

    /// "file:line:column: message", the line, and a caret under the location.  Other strings in
    /// the line are masked, because they may be secrets.
    Error error(const SourceLocation& place, const std::string& message) const;

    const Document& document() const { return *document_; }

private:
    explicit ConfigFile(std::shared_ptr<const Document> document) : document_(std::move(document)) {}
    std::shared_ptr<const Document> document_;
};

}  // namespace gatehouse::core

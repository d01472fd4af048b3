// SPDX-License-Identifier: Apache-2.0
// A parsed configuration file, which keeps where everything stood.
//
// Copies share one document, which never changes after parsing, so that an
// error can still point into the file when a plugin finds it much later.
#pragma once

#include <gatehouse/result.hpp>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

namespace gatehouse::core {

struct Document;  // document.hpp: the text and its TOML tree

/// Where something stands in the file.  Lines and columns (code points) count
/// from 1; line 0 means that it is not there, an error then names the file only.
struct SourceLocation {
    std::uint32_t line = 0, column = 0;
    std::uint32_t end_line = 0, end_column = 0;  // just behind it; 0: not known
    /// Whether an error may show the text that stands here.  masked: not a string's
    /// content.  never: the value of a secret key, whatever it is.
    enum class Show { masked, always, never } show = Show::masked;
};

class ConfigFile {
public:
    /// Reads and parses `path`.  The error is complete: print it as it is.
    static Result<ConfigFile> read(const std::filesystem::path& path);
    /// The same with text that is there already; `path` is for messages and folder().
    static Result<ConfigFile> parse(std::string text, const std::filesystem::path& path);

    /// As the user wrote it.
    const std::filesystem::path& path() const;
    /// `path` as the file means it: relative ones count from the file's folder.
    std::filesystem::path resolve(const std::filesystem::path& path) const;

    /// "file:line:column: message", the line, and a caret under the place.
    /// Strings of other places in the line, which may be secrets, are masked.
    Error error(const SourceLocation& place, const std::string& message) const;

    const Document& document() const { return *document_; }

private:
    explicit ConfigFile(std::shared_ptr<const Document> document) : document_(std::move(document)) {}
    std::shared_ptr<const Document> document_;
};

}  // namespace gatehouse::core

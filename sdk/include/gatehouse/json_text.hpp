// SPDX-License-Identifier: Apache-2.0
// JSON that the core never reads, kept as text.  These headers therefore need only the
// standard library.  Plain values.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace gatehouse {

/// Valid JSON, kept as received: unknown fields.
/// Empty: absent or null.
struct JsonText {
    std::string text = {};
    bool empty() const { return text.empty(); }
};

/// A text that is replaced and not modified.  Its copies share one memory.
class SharedText {
public:
    SharedText() = default;
    SharedText(std::string text) {
        if (text.empty()) return;
        whole_ = std::make_shared<const std::string>(std::move(text));
        part_ = *whole_;
    }
    SharedText(std::string_view text) : SharedText(std::string(text)) {}
    SharedText(const char* text) : SharedText(std::string(text)) {}
    /// A part of `whole`, without a copy.
    SharedText(std::string_view part, std::shared_ptr<const std::string> whole)
        : whole_(std::move(whole)), part_(part) {}

    operator std::string_view() const { return part_; }
    std::size_t size() const { return part_.size(); }
    bool empty() const { return part_.empty(); }
    friend bool operator==(const SharedText& a, std::string_view b) { return a.part_ == b; }

private:
    std::shared_ptr<const std::string> whole_;
    std::string_view part_;  // lies in whole_
};

/// JSON that is copied with a request, such as the schema of a tool.
/// Empty: absent or null.
struct SharedJson {
    SharedText text = {};
    bool empty() const { return text.empty(); }
};

}  // namespace gatehouse

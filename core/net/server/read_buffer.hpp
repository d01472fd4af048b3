// SPDX-License-Identifier: Apache-2.0
// The unparsed bytes of one client.  Usually they are parsed in the worker's read buffer and
// never copied; keep() copies the remaining bytes.  Owned by a Connection.
// [the loop's thread]
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace gatehouse::core {

class ReadBuffer {
public:
    /// Adds `bytes`, which must stay valid until keep().
    void give(std::string_view bytes) {
        if (view().empty()) {
            stored_.clear();
            offset_ = 0;
            borrowed_ = bytes;
        } else {
            keep();
            stored_ += bytes;
        }
    }
    /// The unparsed bytes.  Valid until the next change.
    std::string_view view() const {
        return borrowed_.empty() ? std::string_view(stored_).substr(offset_) : borrowed_;
    }
    std::size_t size() const { return view().size(); }
    bool empty() const { return view().empty(); }

    /// Drops the first `count` bytes.
    void consume(std::size_t count) {
        if (borrowed_.empty())
            offset_ += count;
        else
            borrowed_.remove_prefix(count);
    }
    void clear() {
        borrowed_ = {};
        offset_ = stored_.size();
    }

    /// Copies the remaining bytes.  An empty ReadBuffer holds no memory afterwards.
    void keep() {
        if (!borrowed_.empty()) {
            stored_ = borrowed_;
            offset_ = 0;
            borrowed_ = {};
        } else if (offset_ == stored_.size()) {
            if (offset_ > 0) std::string().swap(stored_);
            offset_ = 0;
        } else if (offset_ > stored_.size() / 2) {
            stored_.erase(0, offset_);  // rare: small requests cost linear time
            offset_ = 0;
        }
    }

private:
    std::string stored_;
    std::size_t offset_ = 0;
    std::string_view borrowed_;
};

}  // namespace gatehouse::core

// SPDX-License-Identifier: Apache-2.0
// The last finished requests, bounded by number and by memory.  Not synchronized: see state.hpp.
#pragma once

#include "plugins/observer/console/filter.hpp"

#include <gatehouse/observer.hpp>

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <string_view>
#include <vector>

namespace gatehouse::console {

/// A finished request and its number, which grows by one with each request.
struct Kept {
    std::uint64_t number = 0;
    std::shared_ptr<const Story> story = {};
    std::size_t bytes = 0;
};

/// The memory of a story, estimated.
std::size_t bytes_of(const Story& story);

class Ring {
public:
    void set_limits(std::size_t requests, std::size_t bytes);
    void add(std::shared_ptr<const Story> story);

    /// Null if it is not kept any more.
    std::shared_ptr<const Story> find(std::string_view id) const;

    struct Page {
        std::vector<Kept> requests = {};  // the newest first
        bool more = false;                // older ones match too
    };
    /// The newest `limit` requests that match, with numbers above `after` and, unless it is 0, below
    /// `before`.
    Page page(const Filter& filter, std::size_t limit, std::uint64_t after, std::uint64_t before) const;

    std::uint64_t seen() const { return seen_; }
    std::size_t kept() const { return all_.size(); }
    std::size_t bytes() const { return bytes_; }

private:
    void trim();

    std::size_t most_requests_ = 0, most_bytes_ = 0, bytes_ = 0;
    std::uint64_t seen_ = 0;
    std::deque<Kept> all_;  // the oldest first
};

}  // namespace gatehouse::console

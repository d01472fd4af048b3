// SPDX-License-Identifier: Apache-2.0
// The events of a response that wait for replies of the program, in order.  [any thread]
#pragma once

#include <gatehouse/completion.hpp>
#include <gatehouse/event.hpp>

#include <cstddef>
#include <deque>
#include <mutex>
#include <optional>
#include <vector>

namespace gatehouse::process {

class HeldEvents {
public:
    /// Adds an event that needs no reply.
    void add(Event event);
    /// Adds a place that waits for a reply, and returns its number.
    std::size_t add_place();
    /// The reply for a place: an event, or none.
    void fill(std::size_t number, std::optional<Event> event);
    /// A reply is missing or refuses the response.  The first error counts.
    void fail(Error error);

    bool empty() const;
    /// Completes when no place waits, or with the error.
    void wait(Completion<void> done);
    /// Removes the events before the first place that waits.
    std::vector<Event> take();

private:
    struct Place {
        std::optional<Event> event;
        bool waits;
    };
    void complete(std::unique_lock<std::mutex> lock);

    mutable std::mutex mutex_;  // guards all members
    std::deque<Place> places_;
    std::size_t first_ = 0;  // the number of places_.front()
    std::size_t waiting_ = 0;
    std::optional<Error> error_;
    std::optional<Completion<void>> done_;
};

}  // namespace gatehouse::process

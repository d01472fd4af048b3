// SPDX-License-Identifier: Apache-2.0
// Tickets make a change of the store happen once, although its result may be lost and the change sent again.
//
// A ticket is a counter of the store.  Each change that carries the ticket raises the counter by one, with
// the number of its use as the limit, so that the store refuses the second application of a change.  One
// change at a time carries a ticket.  Tickets are used again, so that a store has few of them. Not
// synchronized.
#pragma once

#include <gatehouse/store.hpp>

#include <chrono>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace gatehouse::quota {

using Moment = std::chrono::system_clock::time_point;

struct Ticket {
    std::string id = {};
    std::int64_t uses = 0;  // changes that carried it and were applied
    Moment made = {};

    /// The change of its counter.  It is refused if the change that carries the ticket was applied before.
    Count count() const {
        return {.key = {.space = "limits", .id = id}, .amount = 1, .keep_for = kept, .limit = uses + 1};
    }

    /// A store forgets a ticket after this time.  A change that waits for longer may be applied twice.
    static constexpr std::chrono::hours kept{24};
};

class Tickets {
public:
    /// `owner`: unique in the store.
    explicit Tickets(std::string owner) : owner_(std::move(owner)) {}

    Ticket take(Moment now) {
        while (!free_.empty()) {
            Ticket ticket = std::move(free_.back());
            free_.pop_back();
            if (is_fresh(ticket, now)) return ticket;  // the store forgets the counter of an old one
        }
        return {"ticket/" + owner_ + "/" + std::to_string(++made_), 0, now};
    }

    /// The result of the change is known.
    void give_back(Ticket ticket, bool applied, Moment now) {
        if (!is_fresh(ticket, now)) return;
        ticket.uses += applied;
        free_.push_back(std::move(ticket));
    }

private:
    static constexpr std::chrono::hours used_for{1};  // much shorter than `kept`

    static bool is_fresh(const Ticket& ticket, Moment now) {
        return now >= ticket.made && now - ticket.made <= used_for;
    }

    const std::string owner_;
    std::uint64_t made_ = 0;
    std::vector<Ticket> free_;
};

}  // namespace gatehouse::quota

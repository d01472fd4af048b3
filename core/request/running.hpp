// SPDX-License-Identifier: Apache-2.0
// The requests that run on a worker, for operators.  Each worker has its own list, so no lock is needed.
// [the worker's thread]
#pragma once

#include <boost/intrusive/list.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::core {

class RequestFlow;

struct RunningRequest {
    std::string id, client, model, method, path, provider, upstream_model;
    std::string_view dialect = {};
    std::string_view step =
        {};  // a literal: "authenticate", "queue", "read", "decide", "upstream", "respond"
    bool stream = false;
    int attempts = 0;
    std::chrono::system_clock::time_point start = {};
    std::chrono::milliseconds age{0};
    std::uint64_t bytes_out = 0;
};

/// The place of a request in the list of its worker, from its construction to its end.
class RunningPlace {
public:
    explicit RunningPlace(const RequestFlow& flow);
    RunningPlace(const RunningPlace&) = delete;
    RunningPlace& operator=(const RunningPlace&) = delete;
    void leave() { link_.unlink(); }

private:
    friend std::vector<RunningRequest> running_requests(std::size_t, std::size_t&);
    // A request may end after its thread when the server stops; its link is then in no list.
    using Link =
        boost::intrusive::list_member_hook<boost::intrusive::link_mode<boost::intrusive::auto_unlink>>;

    const RequestFlow& flow_;
    Link link_;

    using List =
        boost::intrusive::list<RunningPlace,
                               boost::intrusive::member_hook<RunningPlace, Link, &RunningPlace::link_>,
                               boost::intrusive::constant_time_size<false>>;
    static List& of_this_thread();
};

/// The oldest `most` requests of this thread; `count` becomes the number of all.
std::vector<RunningRequest> running_requests(std::size_t most, std::size_t& count);

}  // namespace gatehouse::core

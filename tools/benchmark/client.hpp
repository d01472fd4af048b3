// SPDX-License-Identifier: Apache-2.0
// One connection of the load client: sends the one request again and again and
// tells its owner of texts, ends and failures.
#pragma once

#include "tools/benchmark/loop.hpp"
#include "tools/benchmark/mark.hpp"
#include "tools/benchmark/message_reader.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::benchmark {

class Client;

/// Owner of clients that counts.
class Listener {
public:
    virtual ~Listener() = default;
    /// `count` marked texts came in one read, at `now`; the oldest of them was sent at `sent`.
    virtual void texts(Client& client, std::size_t count, std::int64_t sent, std::int64_t now) = 0;
    /// The response has ended, good or not; the client may send the next request at once.
    virtual void ended(Client& client, bool good) = 0;
};

/// The request, and the checks of a good response.
struct RequestPlan {
    int port = 0;
    std::string request;      // head and body, ready to send
    std::uint64_t texts = 1;  // marked texts in a good response; 0: any number
    bool stream = false;      // a good response ends with [DONE]
};

class Client final : public Handler {
public:
    Client(Loop& loop, const RequestPlan& plan, Listener& listener)
        : loop_(loop), plan_(plan), listener_(listener) {}
    ~Client() override { drop(); }

    /// REQUIRES: not busy.  `scheduled`: when this should have begun.
    void begin(std::int64_t scheduled);
    /// Closes the connection in the middle of whatever it does.
    void drop();

    bool busy() const { return busy_; }
    bool sent() const { return busy_ && sent_ == plan_.request.size(); }
    std::int64_t scheduled() const { return scheduled_; }
    /// Marked texts of the current response, without the texts that are being reported.
    std::uint64_t texts() const { return texts_; }
    /// When the last ones of this answer came.
    std::int64_t last_text() const { return last_text_; }

    void ready(bool peer_left) override;
    /// Begins at the time given to the loop.
    void due() override;

private:
    bool flush();
    bool take(std::string_view bytes);
    void scan(std::string_view body);
    void finish(bool good);

    Loop& loop_;
    const RequestPlan& plan_;
    Listener& listener_;
    int socket_ = -1;
    bool busy_ = false;
    std::size_t sent_ = 0;
    std::int64_t scheduled_ = 0, last_text_ = 0;
    std::uint64_t texts_ = 0;
    MessageReader answer_{MessageReader::Kind::answer};
    MarkScanner scanner_;
    std::string ending_;  // the last bytes of the body
    std::size_t found_ = 0;
    std::int64_t oldest_ = 0;
};

}  // namespace gatehouse::benchmark

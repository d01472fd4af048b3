// SPDX-License-Identifier: Apache-2.0
// The state of a Connection, without its bytes and deadlines.  ConnectionState::legal() lists the
// legal combinations; Connection asserts it after each step.  Plain values.
#pragma once

#include <cstdint>

namespace gatehouse::core {

enum class Phase : std::uint8_t {
    head,     // between requests, or within a head
    request,  // the application handles a request
    closing,  // the last response is being sent; input is discarded
    closed,
};

enum class Security : std::uint8_t {
    plain,
    opening,    // waiting for the client's first record
    handshake,  // during the TLS handshake
    tls,
};

/// Hints of the socket's events.  Every combination is legal, because events may be outdated.
struct SocketHints {
    bool unread = true;    // the socket may have unread bytes
    bool news = true;      // an event has come since the last look_for_fin()
    bool hangup = false;   // both directions are closed
    bool blocked = false;  // the socket is not writable now
};

/// The end of the client's bytes (FIN).
struct Eof {
    enum class Stage : std::uint8_t {
        none,
        hinted,  // an event said that FIN has come; unread bytes may precede it
        seen,    // the last byte is read
    };
    Stage stage = Stage::none;
    bool told = false;  // the listener of this request knows

    bool hinted() const { return stage == Stage::hinted; }
    bool seen() const { return stage == Stage::seen; }
    void hint() {
        if (stage == Stage::none) stage = Stage::hinted;
    }
    void drop_hint() {
        if (stage == Stage::hinted) stage = Stage::none;
    }
};

/// The body of a request.
struct BodyState {
    enum class Stage : std::uint8_t { none, announced, reading, done, failed };
    Stage stage = Stage::none;
    bool wanted = false;  // the application has called read_body()
    /// Whether bytes of the body may still come, so that the connection cannot be reused.
    bool unfinished() const;
    bool legal() const;
};

/// The response to a request.
struct ResponseState {
    enum class Framing : std::uint8_t {
        none,      // no byte of the response is written
        complete,  // head and body were written together
        bodiless,  // to HEAD, or with status 204 or 304
        chunked,
        until_close,  // the end of the connection ends the response
    };
    Framing framing = Framing::none;
    bool ended = false;      // the end is written, or is never written; the listener is not called any more
    bool throttled = false;  // write() has returned false
    bool begun() const { return framing != Framing::none; }
    /// The response was ended without a byte.
    bool aborted_before_head() const { return ended && !begun(); }
    bool legal() const;
};

/// How the connection ends after the response.
struct CloseState {
    bool wanted = false;    // it ends; the other members are only set then
    bool linger = false;    // wait for the client to close first
    bool sent_fin = false;  // by us, while lingering
    bool reset = false;     // end with RST, the only sign of a truncated response
    bool legal() const;
};

struct ConnectionState {
    Phase phase = Phase::head;
    Security security = Security::plain;
    bool waits_for_turn = false;  // in the queue for a handshake step
    bool fresh = true;            // no request has come yet
    Eof eof = {};
    BodyState body = {};
    ResponseState response = {};
    CloseState close = {};

    bool before_tls() const { return security == Security::opening || security == Security::handshake; }
    /// Whether the connection may be in this state between two steps.  A closed connection may be
    /// in any state.
    bool legal() const;
};

}  // namespace gatehouse::core

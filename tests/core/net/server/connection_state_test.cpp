// SPDX-License-Identifier: Apache-2.0
// The legal states of a connection, and one illegal state for each rule.
#include "core/net/server/connection_state.hpp"

#include <doctest/doctest.h>

using namespace gatehouse::core;

namespace {

using Framing = ResponseState::Framing;
using BodyStage = BodyState::Stage;

/// The state `base` after `change`.
template <typename Change>
ConnectionState with(ConnectionState base, Change&& change) {
    change(base);
    return base;
}

ConnectionState between_requests() {
    return with({}, [](ConnectionState& state) { state.fresh = false; });
}

ConnectionState request() {
    return with(between_requests(), [](ConnectionState& state) { state.phase = Phase::request; });
}

/// A request whose response has this framing.
ConnectionState response(Framing framing, bool ended) {
    return with(request(), [=](ConnectionState& state) {
        state.response.framing = framing;
        state.response.ended = ended;
    });
}

ConnectionState closing() {
    return with(between_requests(), [](ConnectionState& state) {
        state.phase = Phase::closing;
        state.close.wanted = true;
    });
}

}  // namespace

#define CHECK_LEGAL(base, change) CHECK(with(base, [](ConnectionState& state) { change; }).legal())
#define CHECK_ILLEGAL(base, change) CHECK_FALSE(with(base, [](ConnectionState& state) { change; }).legal())

TEST_CASE("a connection passes only through legal states") {
    CHECK(ConnectionState().legal());
    CHECK(between_requests().legal());
    CHECK(request().legal());
    CHECK(response(Framing::complete, true).legal());
    CHECK(response(Framing::chunked, false).legal());
    CHECK(response(Framing::bodiless, true).legal());
    CHECK(closing().legal());
    CHECK_LEGAL(closing(), state.close.linger = state.close.sent_fin = true);
    CHECK_LEGAL(closing(), state.close.linger = state.close.reset = true);
}

TEST_CASE("between requests no state of a request is left") {
    CHECK_ILLEGAL(between_requests(), state.body.stage = BodyStage::done);
    CHECK_ILLEGAL(between_requests(), state.body.wanted = true);
    CHECK_ILLEGAL(between_requests(), state.response.framing = Framing::chunked);
    CHECK_ILLEGAL(between_requests(), state.response.ended = true);
    CHECK_ILLEGAL(between_requests(), state.close.wanted = true);
    CHECK_ILLEGAL(between_requests(), state.eof.told = true);
    CHECK_LEGAL(between_requests(), state.eof.stage = Eof::Stage::seen);
}

TEST_CASE("a TLS handshake happens before the first request") {
    const auto handshake = with({}, [](ConnectionState& state) { state.security = Security::handshake; });
    CHECK(handshake.legal());
    CHECK_LEGAL(handshake, state.waits_for_turn = true);
    CHECK_LEGAL(handshake, state.eof.hint());
    CHECK_ILLEGAL(handshake, state.fresh = false);
    CHECK_ILLEGAL(handshake, state.phase = Phase::request);
    CHECK_ILLEGAL(handshake, state.phase = Phase::closing);
    CHECK_ILLEGAL(handshake, state.eof.stage = Eof::Stage::seen);
    CHECK_ILLEGAL(between_requests(), state.waits_for_turn = true);
    CHECK_ILLEGAL(with(handshake, [](auto& state) { state.security = Security::tls; }),
                  state.waits_for_turn = true);
    CHECK_ILLEGAL(request(), state.fresh = true);
}

TEST_CASE("a body is read only if the application wants it") {
    CHECK_LEGAL(request(), state.body.stage = BodyStage::announced);
    CHECK_LEGAL(request(), (state.body = {BodyStage::reading, true}));
    CHECK_LEGAL(request(), state.body.stage = BodyStage::done);
    CHECK_LEGAL(response(Framing::complete, true), state.body.wanted = true);
    CHECK_ILLEGAL(request(), state.body.stage = BodyStage::reading);
    CHECK_ILLEGAL(request(), state.body.stage = BodyStage::failed);
    CHECK_ILLEGAL(request(), state.body.wanted = true);
    CHECK_ILLEGAL(request(), (state.body = {BodyStage::announced, true}));
    CHECK(BodyState{BodyStage::failed, true}.unfinished());
    CHECK_FALSE(BodyState{BodyStage::done, true}.unfinished());
}

TEST_CASE("the listener is notified that the client has sent FIN") {
    CHECK_LEGAL(request(), state.eof.told = true);
    CHECK_LEGAL(request(), (state.eof = {Eof::Stage::seen, true}));
    CHECK_ILLEGAL(request(), state.eof.stage = Eof::Stage::seen);
    CHECK_ILLEGAL(request(), (state.eof = {Eof::Stage::seen, true}, state.body = {BodyStage::reading, true}));
    CHECK_ILLEGAL(closing(), state.eof.told = true);

    Eof eof{Eof::Stage::seen};
    eof.hint();
    eof.drop_hint();
    CHECK(eof.seen());
}

TEST_CASE("only a response with a head can be throttled, and a complete response has ended") {
    CHECK_LEGAL(response(Framing::chunked, false), state.response.throttled = true);
    CHECK_LEGAL(response(Framing::chunked, true), state.response.throttled = true);
    CHECK_ILLEGAL(request(), state.response.throttled = true);
    CHECK_ILLEGAL(response(Framing::complete, true), state.response.throttled = true);
    CHECK_FALSE(response(Framing::complete, false).legal());
}

TEST_CASE("the connection decides with the response how it closes") {
    CHECK_LEGAL(response(Framing::complete, true), state.close.wanted = true);
    CHECK_ILLEGAL(request(), state.close.wanted = true);
    CHECK_LEGAL(response(Framing::until_close, false), state.close.wanted = true);
    CHECK_FALSE(response(Framing::until_close, false).legal());
    CHECK_LEGAL(response(Framing::none, true), state.close.wanted = true);
    CHECK_FALSE(response(Framing::none, true).legal());
    CHECK_LEGAL(response(Framing::complete, true),
                (state.body.stage = BodyStage::announced, state.close.wanted = state.close.linger = true));
    CHECK_ILLEGAL(response(Framing::complete, true), state.close.wanted = state.close.linger = true);
    CHECK_ILLEGAL(closing(), state.close.wanted = false);
    CHECK_ILLEGAL(closing(), state.response.ended = true);
}

TEST_CASE("a reset truncates only a response without a framing of its own") {
    CHECK_LEGAL(response(Framing::until_close, true), state.close.wanted = state.close.reset = true);
    CHECK_ILLEGAL(response(Framing::until_close, false), state.close.wanted = state.close.reset = true);
    CHECK_ILLEGAL(response(Framing::chunked, true), state.close.wanted = state.close.reset = true);
}

TEST_CASE("FIN is sent only by a closing connection that lingers") {
    CHECK_ILLEGAL(closing(), state.close.sent_fin = true);
    CHECK_ILLEGAL(closing(), state.close.linger = state.close.sent_fin = state.close.reset = true);
    CHECK_ILLEGAL(response(Framing::complete, true),
                  (state.body.stage = BodyStage::announced,
                   state.close.wanted = state.close.linger = state.close.sent_fin = true));
    CHECK_FALSE(CloseState{.linger = true}.legal());
    CHECK_FALSE(CloseState{.reset = true}.legal());
}

TEST_CASE("a closed connection may be in any state") {
    CHECK_LEGAL(request(), (state.phase = Phase::closed, state.close.sent_fin = true));
}

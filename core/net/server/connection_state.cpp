// SPDX-License-Identifier: Apache-2.0
#include "core/net/server/connection_state.hpp"

namespace gatehouse::core {
namespace {

using Framing = ResponseState::Framing;
using BodyStage = BodyState::Stage;

/// No request runs: its state is the initial one.
bool is_without_request(const ConnectionState& state) {
    return state.body.stage == BodyStage::none && !state.body.wanted && !state.response.begun() &&
           !state.response.ended && !state.eof.told;
}

/// A wanted body is being read, unless the response has ended before.
bool legal_request_body(const ConnectionState& state) {
    const BodyStage stage = state.body.stage;
    if (state.eof.seen() && stage == BodyStage::reading) return false;
    const bool started = stage != BodyStage::none && stage != BodyStage::announced;
    return started || !state.body.wanted || state.response.ended;
}

/// The decision to close falls with the response's head or its abort, and never before.
bool legal_request_close(const ConnectionState& state) {
    const ResponseState& response = state.response;
    const CloseState& close = state.close;
    if (close.sent_fin) return false;
    if (close.wanted && !response.begun() && !response.ended) return false;
    if (close.linger && state.body.stage == BodyStage::none) return false;
    if (!close.wanted && (response.framing == Framing::until_close || response.aborted_before_head()))
        return false;
    return !close.reset || (response.framing == Framing::until_close && response.ended);
}

bool legal_request(const ConnectionState& state) {
    return !state.fresh && (!state.eof.seen() || state.eof.told) && legal_request_body(state) &&
           legal_request_close(state);
}

bool legal_before_tls(const ConnectionState& state) {
    return state.phase == Phase::head && state.fresh && !state.eof.seen();
}

}  // namespace

bool BodyState::unfinished() const {
    return stage == Stage::announced || stage == Stage::reading || stage == Stage::failed;
}

bool BodyState::legal() const { return wanted || (stage != Stage::reading && stage != Stage::failed); }

bool ResponseState::legal() const {
    if (framing == Framing::complete) return ended && !throttled;
    return begun() || !throttled;
}

bool CloseState::legal() const {
    if (!wanted) return !linger && !sent_fin && !reset;
    return !sent_fin || (linger && !reset);
}

bool ConnectionState::legal() const {
    if (phase == Phase::closed) return true;
    if (!body.legal() || !response.legal() || !close.legal()) return false;
    if (before_tls() ? !legal_before_tls(*this) : waits_for_turn) return false;
    switch (phase) {
        case Phase::head: return is_without_request(*this) && !close.wanted;
        case Phase::request: return legal_request(*this);
        case Phase::closing: return is_without_request(*this) && close.wanted;
        case Phase::closed: break;
    }
    return true;
}

}  // namespace gatehouse::core

// SPDX-License-Identifier: Apache-2.0
// The credentials of an attempt: the signer signs its requests, and is told of a refusal.
#include "core/request/attempt.hpp"

#include "core/plugin/guard.hpp"
#include "core/request/call_plugin_async.hpp"

#include <utility>

namespace gatehouse::core {

namespace {

// A signer's error of another kind is final, such as an expired session: sdk/SIGNER.md.
bool is_temporary(ErrorKind kind) {
    return kind == ErrorKind::unavailable || kind == ErrorKind::timeout || kind == ErrorKind::rate_limited;
}

}  // namespace

// Calls `step` with the signer's result, unless the attempt has ended by then.
template <typename T, typename Start>
void Attempt::ask_signer(const char* member, Start&& start, void (Attempt::*step)(T)) {
    await<T>(*worker_.loop, log_, {provider_.signer_name, member, record_.request_id},
             std::forward<Start>(start),
             [self = shared_from_this(), kept = owner_.kept(), step](Result<T> result) {
                 if (self->over_) return;
                 if (!result) {
                     self->permanent_ = !is_temporary(result.error().kind);
                     self->unsigned_ = true;
                     self->explained_ = true;  // the credentials are the cause, not the upstream
                     return self->fail(result.error());
                 }
                 (self.get()->*step)(*std::move(result));
             });
}

void Attempt::sign(http::Request&& request) {
    if (!provider_.signer) return send(std::move(request));
    ask_signer<http::Request>(
        "Signer::sign_for",
        [&](Completion<http::Request> done) {
            provider_.signer->sign_for(hooks_.who(), std::move(request), std::move(done));
        },
        &Attempt::send);
}

// Services refuse credentials with 401, some with 403 or 400.
void Attempt::note_refusal(const http::ResponseHead& head) {
    refusal_.reset();
    const bool may_be_refusal = status_ == 400 || status_ == 401 || status_ == 403;
    if (may_be_refusal && provider_.signer && !renewed_) refusal_ = std::make_unique<Refusal>(Refusal{head});
}

void Attempt::ask_about_refusal(Error error) {
    refusal_->error = std::move(error);
    refusal_->shown.emplace(Rejection{refusal_->head, refusal_->body, hooks_.who()});
    ask_signer<bool>(
        "Signer::rejected",
        [&](Completion<bool> done) { provider_.signer->rejected(*refusal_->shown, std::move(done)); },
        &Attempt::on_credentials_renewed);
}

void Attempt::on_credentials_renewed(bool again) {
    if (!again) return amend(std::move(refusal_->error));
    renewed_ = true;
    end_telling(&refusal_->error);
    begin_telling("credentials");
    dispatch(guard(provider_call("Exchange::request"), [&] { return exchange_->request(); }));
}

}  // namespace gatehouse::core

// SPDX-License-Identifier: Apache-2.0
// A hook that lets OCI's guardrails check requests and responses.  The instance is read only: any
// thread.
#include "plugins/hook/guardrails_oci/checker.hpp"
#include "plugins/hook/guardrails_oci/request.hpp"
#include "plugins/hook/guardrails_oci/response.hpp"

#include <gatehouse/sdk.hpp>

#include <memory>
#include <utility>

namespace gatehouse::guardrails_oci {

class GuardrailsOci final : public Hook {
public:
    /// Throws KeyError.
    GuardrailsOci(const Options& options, Host& host)
        : checker_(options, host),
          only_new_(options.messages == "new"),
          hold_{.sentences = options.hold == "sentence",
                .to_the_end = options.hold == "all",
                .pieces = static_cast<std::size_t>(options.hold_pieces)} {}

    std::unique_ptr<HookState> begin(const RequestInfo& info) override;

private:
    friend class State;

    const Checker checker_;
    const bool only_new_;
    const Hold hold_;
};

class State final : public HookState {
public:
    State(const GuardrailsOci& hook, const RequestInfo& info)
        : hook_(hook), id_(info.id), held_(hook.hold_) {}

    bool decides() const override { return hook_.checker_.checks(Side::request); }

    void decide(Operation& operation, Completion<Verdict> done) override {
        const std::string text = texts_of(operation, hook_.only_new_);
        if (text.empty()) return done(Verdict::go_on());
        auto waiting = std::make_shared<Completion<Verdict>>(std::move(done));
        hook_.checker_.check(Side::request, text, id_,
                             Completion<Decision>([&operation, waiting](Result<Decision> decision) {
                                 (*waiting)(verdict(operation, std::move(decision)));
                             }));
    }

    void attempt(const AttemptInfo&) override {
        held_ = HeldResponse(hook_.hold_);
        asked_ = std::make_shared<Decision>();
    }
    void event(Event event, EventSink& next) override {
        hook_.checker_.checks(Side::response) ? held_.add(std::move(event), next)
                                              : next.emit(std::move(event));
    }
    void end(EventSink& next) override { held_.end(next); }

    bool waits() const override { return held_.ready(); }
    void wait(Completion<void> done) override {
        auto waiting = std::make_shared<Completion<void>>(std::move(done));
        // An attempt that has ended no longer reads its decision.
        hook_.checker_.check(Side::response, held_.begin_check(), id_,
                             Completion<Decision>([asked = asked_, waiting](Result<Decision> decision) {
                                 if (!decision) return (*waiting)(decision.error());
                                 *asked = *std::move(decision);
                                 (*waiting)({});
                             }));
    }
    void resume(EventSink& next) override { held_.pass(std::exchange(*asked_, {}), next); }

private:
    static Result<Verdict> verdict(Operation& operation, Result<Decision> decision) {
        if (!decision) return decision.error();
        if (!decision->blocked_for.empty()) return refusal(*decision);
        if (decision->masks.empty() || mask(operation, *decision)) return Verdict::go_on();
        decision->blocked_for = "personal data in a place that cannot be masked";
        return refusal(*decision);
    }

    const GuardrailsOci& hook_;
    const std::string id_;
    HeldResponse held_;
    std::shared_ptr<Decision> asked_ = std::make_shared<Decision>();
};

std::unique_ptr<HookState> GuardrailsOci::begin(const RequestInfo& info) {
    return std::make_unique<State>(*this, info);
}

}  // namespace gatehouse::guardrails_oci

GATEHOUSE_PLUGIN(gatehouse::guardrails_oci::GuardrailsOci, gatehouse::guardrails_oci::Options,
                 gatehouse::guardrails_oci::fields, "guardrails_oci", "1.0.0");

// SPDX-License-Identifier: Apache-2.0
// A hook that masks secrets in requests and responses: its keys, its entry point, and its
// state for one request.  All requests share the rules, which are read only.
#include "plugins/common/text/text.hpp"
#include "plugins/hook/redact/answer.hpp"
#include "plugins/hook/redact/request.hpp"

#include <gatehouse/sdk.hpp>

#include <algorithm>
#include <stdexcept>

namespace gatehouse::redact {

namespace {

struct Own {
    std::string name = {}, regex = {};
};

// OCIDs identify a customer but give no access: masking them is optional.
std::vector<std::string> default_patterns() {
    std::vector<std::string> names = built_in_names();
    std::erase(names, "ocid");
    return names;
}

struct Options {
    std::vector<std::string> patterns = default_patterns();
    std::vector<Own> own = {};
    std::string mask = "[{name}]";
    bool requests = true, answers = true;
    std::vector<std::string> refuse = {};
};

const Fields<Own> own_fields = {
    required("name", &Own::name, "The pattern's name in masks, in the log and in `refuse`."),
    required("regex", &Own::regex, "An expression of RE2; its longest match is masked."),
};

const Fields<Options> fields = {
    optional("patterns", &Options::patterns, "The active built-in patterns."),
    tables("own", &Options::own, own_fields, "Own patterns, in addition to `patterns`."),
    optional("mask", &Options::mask, "The text that replaces a secret; {name} is its pattern's name."),
    optional("requests", &Options::requests, "Whether requests are masked."),
    optional("answers", &Options::answers, "Whether responses are masked."),
    optional("refuse", &Options::refuse,
             "Names of patterns that reject a request with 400 instead of masking it."),
};

std::string at(const char* list, std::size_t index) {
    return std::string(list) + "[" + std::to_string(index) + "]";
}

/// Returns a text such as "email 2, card 1"; it is empty if no text was masked.
std::string counts(const Rules& rules, const Tally& tally) {
    std::string text;
    for (std::size_t i = 0; i < tally.masked.size(); ++i) {
        if (tally.masked[i] == 0) continue;
        if (!text.empty()) text += ", ";
        text += rules.names()[i] + " " + std::to_string(tally.masked[i]);
    }
    return text;
}

}  // namespace

class Redact final : public Hook {
public:
    Redact(const Options& options, Host& host)
        : host_(host), requests_(options.requests), answers_(options.answers) {
        add_built_in(options.patterns);
        for (std::size_t i = 0; i < options.own.size(); ++i) add_own(options.own[i], at("own", i));
        if (rules_.all().empty()) throw KeyError("patterns", "no pattern is active; give patterns or own");
        if (!requests_ && !answers_)
            throw KeyError("answers", "requests and answers are both false: the hook would do nothing");
        try {
            rules_.finish(options.mask);
        } catch (const std::invalid_argument&) {
            throw KeyError("own", "the expressions are too large in total");
        }
        check_mask();
        refuse_.resize(rules_.names().size());
        for (std::size_t i = 0; i < options.refuse.size(); ++i) refuse(options.refuse[i], at("refuse", i));
    }

    std::unique_ptr<HookState> begin(const RequestInfo& info) override;

private:
    friend class State;

    void add_built_in(const std::vector<std::string>& names) {
        for (std::size_t i = 0; i < names.size(); ++i)
            if (std::find(names.begin(), names.begin() + static_cast<std::ptrdiff_t>(i), names[i]) !=
                names.begin() + static_cast<std::ptrdiff_t>(i))
                throw KeyError(at("patterns", i), toml_quoted(names[i]) + " is repeated");
            else if (!rules_.add_built_in(names[i]))
                throw KeyError(at("patterns", i), toml_quoted(names[i]) +
                                                      " is not a built-in pattern (built in are: " +
                                                      common::joined(built_in_names()) + ")");
    }

    void add_own(const Own& own, const std::string& path) {
        constexpr std::string_view allowed =
            "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-";
        if (own.name.empty() || own.name.size() > 64 ||
            own.name.find_first_not_of(allowed) != std::string::npos)
            throw KeyError(path + ".name", "a name has 1 to 64 letters, digits, and _ . -");
        const auto& taken = rules_.names();
        const auto& built_in = built_in_names();
        if (std::find(taken.begin(), taken.end(), own.name) != taken.end() ||
            std::find(built_in.begin(), built_in.end(), own.name) != built_in.end())
            throw KeyError(path + ".name", "the name is already used: " + toml_quoted(own.name));
        try {
            rules_.add(own.name, own.regex);
        } catch (const std::invalid_argument& failure) {
            throw KeyError(path + ".regex", std::string("unusable expression: ") + failure.what());
        }
    }

    // If a mask matched a pattern, each instance and each retry would mask it again.
    void check_mask() const {
        for (std::size_t i = 0; i < rules_.names().size(); ++i)
            if (rules_.first(rules_.mask(i), 0) != std::string_view::npos)
                throw KeyError(
                    "mask", "the mask for " + rules_.names()[i] + " matches a pattern; choose another mask");
    }

    void refuse(const std::string& name, const std::string& path) {
        const auto& names = rules_.names();
        const auto found = std::find(names.begin(), names.end(), name);
        if (found == names.end())
            throw KeyError(path, toml_quoted(name) +
                                     " is not an active pattern (active are: " + common::joined(names) + ")");
        if (!requests_) throw KeyError(path, "refuse needs requests = true");
        refuse_[static_cast<std::size_t>(found - names.begin())] = true;
    }

    Host& host_;
    Rules rules_;
    std::vector<bool> refuse_;  // indexed like rules_.names()
    bool requests_, answers_;
};

class State final : public HookState {
public:
    State(Redact& hook, const Identity& who)
        : hook_(hook), who_(who.name), asked_(hook.rules_.names().size()), said_(asked_) {}

    Result<void> request(Operation& operation) override {
        if (!hook_.requests_) return {};
        std::string refused, where;
        mask_request(hook_.rules_, asked_, operation, [&](const std::string& part) {
            for (std::size_t i = 0; i < asked_.found.size(); ++i)
                if (asked_.found[i] && hook_.refuse_[i])
                    common::add_to_list(refused, hook_.rules_.names()[i]);
            where = part;
            return refused.empty();
        });
        if (refused.empty()) return {};
        refused_ = refused;
        return Error{
            .kind = ErrorKind::bad_request,
            .message = "the request contains a secret: " + refused + "; remove it and send the request again",
            .code = "secret_in_request",
            .param = where};
    }

    void attempt(const AttemptInfo&) override {
        said_ = Tally(hook_.rules_.names().size());
        answer_.reset();
        if (hook_.answers_) answer_ = std::make_unique<Answer>(hook_.rules_, said_);
    }

    void event(Event event, EventSink& next) override {
        answer_ ? answer_->event(std::move(event), next) : next.emit(std::move(event));
    }

    void end(EventSink& next) override {
        if (answer_) answer_->end(next);
    }

    void done(const RequestOutcome&) override {
        answer_.reset();
        if (!refused_.empty())
            return hook_.host_.log(Level::warning, "request with a secret rejected",
                                   {{"client", who_}, {"patterns", refused_}});
        const std::string asked = counts(hook_.rules_, asked_), said = counts(hook_.rules_, said_);
        if (asked.empty() && said.empty()) return;
        hook_.host_.log(Level::info, "secrets masked",
                        {{"client", who_},
                         {"request", asked.empty() ? "none" : asked},
                         {"answer", said.empty() ? "none" : said}});
    }

private:
    Redact& hook_;
    const std::string who_;
    Tally asked_, said_;
    std::string refused_;
    std::unique_ptr<Answer> answer_;
};

std::unique_ptr<HookState> Redact::begin(const RequestInfo& info) {
    return std::make_unique<State>(*this, info.who);
}

}  // namespace gatehouse::redact

GATEHOUSE_PLUGIN(gatehouse::redact::Redact, gatehouse::redact::Options, gatehouse::redact::fields, "redact",
                 "1.0.0");

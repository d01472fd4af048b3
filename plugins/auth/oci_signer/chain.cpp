// SPDX-License-Identifier: Apache-2.0
// Asks one source after another until a source delivers, and then only that source.
#include "plugins/auth/oci_signer/chain.hpp"

#include "plugins/auth/oci_signer/token.hpp"

#include <atomic>
#include <cstddef>

namespace gatehouse::oci {

namespace {

class Chain final : public Source {
public:
    Chain(std::vector<Candidate> candidates, Host& host) : candidates_(std::move(candidates)), host_(host) {}

    std::optional<Credential> at_once() override {
        // Only the first possible source may win here: obtain() asks the later sources in order.
        for (std::size_t i = 0; i < candidates_.size(); ++i) {
            if (!candidates_[i].source) continue;
            auto credential = candidates_[i].source->at_once();
            if (credential) won(i);
            return credential;
        }
        return std::nullopt;
    }

    void obtain(Why why, Completion<Credential> done) override {
        if (const std::size_t winner = winner_; winner < candidates_.size())
            return candidates_[winner].source->obtain(why, std::move(done));
        next(0, why, std::make_shared<Completion<Credential>>(std::move(done)));
    }

    bool watches() const override {
        const std::size_t winner = winner_;
        return winner < candidates_.size() && candidates_[winner].source->watches();
    }

    std::string advice() const override {
        const std::size_t winner = winner_;
        if (winner < candidates_.size())
            return "The key principal = \"auto\" found " + candidates_[winner].name + ".\n" +
                   candidates_[winner].source->advice();
        std::string text = "The key principal = \"auto\" has not found a principal yet.";
        for (const Candidate& one : candidates_)
            if (!one.source) text += "\nIt is not " + one.name + ": " + one.why_not + ".";
        return text;
    }

private:
    void next(std::size_t i, Why why, std::shared_ptr<Completion<Credential>> done) {
        while (i < candidates_.size() && !candidates_[i].source) ++i;
        if (i == candidates_.size())
            return (*done)(no_token(ErrorKind::unavailable, "no principal found: " + reasons()));
        candidates_[i].source->obtain(why, Completion<Credential>([this, i, why, done](auto credential) {
                                          if (credential) {
                                              won(i);
                                              return (*done)(std::move(credential));
                                          }
                                          candidates_[i].why_not = credential.error().detail;
                                          // Sources may block, so they run on a helper thread.
                                          host_.run([this, i, why, done] { next(i + 1, why, done); });
                                      }));
    }

    void won(std::size_t i) {
        std::string others;
        for (std::size_t k = 0; k < i; ++k)
            others += (k ? "; not " : "not ") + candidates_[k].name + ": " + candidates_[k].why_not;
        host_.log(Level::info, "principal found", {{"principal", candidates_[i].name}, {"because", others}});
        winner_ = i;
    }

    std::string reasons() const {
        std::string text;
        for (const Candidate& one : candidates_)
            text += (text.empty() ? "not " : "; not ") + one.name + ": " + one.why_not;
        return text;
    }

    std::vector<Candidate> candidates_;  // only obtain() writes the reasons
    Host& host_;
    std::atomic<std::size_t> winner_ = static_cast<std::size_t>(-1);
};

class Absent final : public Source {
public:
    explicit Absent(std::string why) : why_(std::move(why)) {}
    void obtain(Why, Completion<Credential> done) override { done(no_token(ErrorKind::unavailable, why_)); }
    std::string advice() const override { return "This signer cannot sign requests."; }

private:
    const std::string why_;
};

}  // namespace

std::unique_ptr<Source> make_absent(std::string why) { return std::make_unique<Absent>(std::move(why)); }

std::unique_ptr<Source> make_chain(std::vector<Candidate> candidates, Host& host) {
    return std::make_unique<Chain>(std::move(candidates), host);
}

}  // namespace gatehouse::oci

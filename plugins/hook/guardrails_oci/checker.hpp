// SPDX-License-Identifier: Apache-2.0
// Asks the service about a text, and decides by its findings.  Immutable after the start: any
// thread.
#pragma once

#include "plugins/common/oci/guardrails.hpp"
#include "plugins/hook/guardrails_oci/options.hpp"

#include <gatehouse/host.hpp>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace gatehouse::guardrails_oci {

/// The treatment of a text that was checked.
struct Decision {
    std::string blocked_for = {};  // "content moderation"; empty: not blocked
    /// Texts to replace, and their replacements.
    std::vector<std::pair<std::string, std::string>> masks = {};
};

enum class Side { request, response };

class Checker {
public:
    /// Throws KeyError.
    Checker(const Options& options, Host& host);

    /// Whether texts of this side are checked.
    bool checks(Side side) const;
    /// Completes on a thread of the core.  The error is `unavailable`: the text could not be
    /// checked, and `on_failure` refuses it.
    void check(Side side, const std::string& text, std::string request_id, Completion<Decision> done) const;

private:
    oci_guardrails::Rules rules_of(Side side) const;
    Result<Decision> decide(Side side, const std::string& request_id, Result<http::Response> answer) const;
    Decision act(Side side, const std::string& request_id, const oci_guardrails::Findings& findings) const;
    Result<Decision> failed(Side side, const std::string& request_id, const std::string& reason) const;

    const Options options_;
    const std::string url_;
    const bool request_, response_;
    Host& host_;
};

/// `text` with the masks of `decision`.
std::string masked(std::string text, const Decision& decision);

/// "content moderation" and the like, in the error to a client.
Error refusal(const Decision& decision);

}  // namespace gatehouse::guardrails_oci

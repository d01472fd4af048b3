// SPDX-License-Identifier: Apache-2.0
#include "plugins/hook/guardrails_oci/checker.hpp"

#include "plugins/provider/oci/region/region_metadata.hpp"
#include "plugins/provider/oci/region/regions.hpp"

#include <gatehouse/base_url.hpp>
#include <gatehouse/text.hpp>

#include <algorithm>
#include <memory>

namespace gatehouse::guardrails_oci {

namespace {

std::string url_of(const Options& options) {
    const std::string path(oci_guardrails::path);
    if (options.endpoint && !options.endpoint->empty())
        return parse_base_url(*options.endpoint, "endpoint", "the endpoint").text + path;
    if (!options.region || options.region->empty())
        throw KeyError(
            "", "region and endpoint are missing: give one of them, such as region = \"us-chicago-1\"");
    if (!oci::is_region_name(*options.region))
        throw KeyError("region",
                       in_quotes(*options.region) + " is not a region: give one such as us-chicago-1");
    const oci::RegionEnvironment environment = oci::region_environment();
    return "https://" +
           oci::inference_host(oci::find_region(*options.region, environment), environment.dual_stack) + path;
}

bool names(const std::vector<std::string>& list, std::string_view word) {
    return std::ranges::count(list, word) > 0;
}

void check_sides(const Options& options) {
    for (std::size_t i = 0; i < options.check.size(); ++i)
        if (options.check[i] != "request" && options.check[i] != "response")
            throw KeyError("check[" + std::to_string(i) + "]", "expected \"request\" or \"response\"");
    if (options.check.empty()) throw KeyError("check", "must name \"request\", \"response\" or both");
}

std::string name_of(Side side) { return side == Side::request ? "request" : "response"; }

/// Labels of the findings, for the log.
std::string labels_of(const std::vector<oci_guardrails::Personal>& found) {
    std::vector<std::string> labels;
    for (const auto& one : found)
        if (std::ranges::count(labels, one.label) == 0) labels.push_back(one.label);
    std::string out;
    for (const std::string& label : labels) out += (out.empty() ? "" : ", ") + label;
    return out;
}

}  // namespace

Checker::Checker(const Options& options, Host& host)
    : options_(options),
      url_(url_of(options)),
      request_(names(options.check, "request")),
      response_(names(options.check, "response")),
      host_(host) {
    check_sides(options);
    if (options.moderation == "off" && options.injection == "off" && options.personal == "off")
        throw KeyError("", "all checks are off: set moderation, injection or personal");
}

bool Checker::checks(Side side) const {
    if (side == Side::request) return request_;
    return response_ && (options_.moderation != "off" || options_.personal != "off");
}

oci_guardrails::Rules Checker::rules_of(Side side) const {
    oci_guardrails::Rules rules{.version = options_.version.value_or(""),
                                .language = options_.language.value_or("")};
    if (options_.moderation != "off") rules.categories = options_.categories;
    if (options_.personal != "off") rules.personal_types = options_.personal_types;
    rules.prompt_injection = side == Side::request && options_.injection != "off";
    return rules;
}

void Checker::check(Side side, const std::string& text, std::string request_id,
                    Completion<Decision> done) const {
    if (text.size() > static_cast<std::size_t>(options_.max_text_bytes)) {
        // A client could lengthen its text to evade the check.
        if (side == Side::request)
            return done(Error{ErrorKind::too_large, "the text is longer than the guardrails check"});
        return done(failed(side, request_id, "the text is longer than max_text_bytes"));
    }
    http::Request ask{.method = "POST", .url = url_};
    ask.headers = {{"content-type", "application/json"}, {"accept", "application/json"}};
    ask.body = oci_guardrails::write_request({{.text = text}}, rules_of(side), options_.compartment_id);
    ask.total_timeout = std::chrono::milliseconds(options_.timeout_ms);
    auto waiting = std::make_shared<Completion<Decision>>(std::move(done));
    host_.fetch(std::move(ask), Completion<http::Response>([this, side, id = std::move(request_id),
                                                            waiting](Result<http::Response> answer) {
                    (*waiting)(decide(side, id, std::move(answer)));
                }));
}

Result<Decision> Checker::decide(Side side, const std::string& request_id,
                                 Result<http::Response> answer) const {
    if (!answer) return failed(side, request_id, answer.error().message);
    const int status = answer->head.status;
    if (status < 200 || status > 299) return failed(side, request_id, "status " + std::to_string(status));
    const auto findings = oci_guardrails::read_result(answer->body);
    if (!findings) return failed(side, request_id, findings.error().message);
    return act(side, request_id, *findings);
}

Decision Checker::act(Side side, const std::string& request_id,
                      const oci_guardrails::Findings& findings) const {
    Decision decision;
    const auto note = [&](const std::string& what, const std::string& action, const std::string& details) {
        host_.log(Level::info, "guardrail flagged a text",
                  {{"request_id", request_id},
                   {"side", name_of(side)},
                   {"check", what},
                   {"action", action},
                   {"found", details}});
        if (action == "block" && decision.blocked_for.empty()) decision.blocked_for = what;
    };
    if (options_.moderation != "off" && findings.moderated()) {
        std::string flagged;
        for (const auto& score : findings.categories)
            if (score.flagged()) flagged += (flagged.empty() ? "" : ", ") + score.name;
        note("content moderation", options_.moderation, flagged);
    }
    if (options_.injection != "off" && findings.injected()) note("prompt injection", options_.injection, "");
    if (options_.personal == "off" || findings.personal.empty()) return decision;
    note("personal data", options_.personal, labels_of(findings.personal));
    if (options_.personal == "mask")
        for (const auto& one : findings.personal)
            decision.masks.emplace_back(one.text, "[" + (one.label.empty() ? "MASKED" : one.label) + "]");
    // A longer text may contain a shorter one.
    std::ranges::stable_sort(decision.masks,
                             [](const auto& a, const auto& b) { return a.first.size() > b.first.size(); });
    return decision;
}

Result<Decision> Checker::failed(Side side, const std::string& request_id, const std::string& reason) const {
    host_.log(Level::warning, "text not checked",
              {{"request_id", request_id},
               {"side", name_of(side)},
               {"action", options_.on_failure},
               {"reason", reason}});
    if (options_.on_failure == "allow") return Decision{};
    return Error{ErrorKind::unavailable, "the " + name_of(side) + " could not be checked; try again later"};
}

std::string masked(std::string text, const Decision& decision) {
    for (const auto& [found, mask] : decision.masks)
        for (std::size_t at = text.find(found); at != text.npos; at = text.find(found, at + mask.size()))
            text.replace(at, found.size(), mask);
    return text;
}

Error refusal(const Decision& decision) {
    return {.kind = ErrorKind::bad_request,
            .message = "the request was refused by a check of its content: " + decision.blocked_for,
            .code = "content_filter"};
}

}  // namespace gatehouse::guardrails_oci

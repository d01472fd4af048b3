// SPDX-License-Identifier: Apache-2.0
#include "plugins/hook/redact/rules.hpp"

#include "plugins/hook/redact/prefix.hpp"
#include "plugins/hook/redact/scanners.hpp"

#include <algorithm>

namespace gatehouse::redact {

namespace {

const std::string token = "[A-Za-z0-9._~+/-]", last = "[A-Za-z0-9_~+/-]";
const std::string key_title = "[A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----";

// A private key, with or without its END line, because a response may be cut.  Line ends may
// be escaped by a backslash, as in JSON.
const std::string private_key = "-----BEGIN " + key_title +
                                R"((?:(?:Version|Comment|Charset|Hash): [^\r\n\\]*)"
                                R"(|[A-Za-z0-9+/=\\\s:,]|-[A-Za-z0-9])*(?:-{1,5}[A-Z0-9 ]*-{0,5})?)";

// A word after "bearer" that is not an English word: it has a digit or is very long.
// A full stop at the end of the sentence does not belong to it.
const std::string bearer = R"((?i:\bbearer):?[ \t]+(?:)" + token + "{19,}" + last + "|" + token + "*[0-9]" +
                           token + "{4,}" + last + "|" + token + "{5,}[0-9](?:" + token + "*" + last +
                           ")?)=*";

struct BuiltIn {
    std::string name, regex;
};

const std::vector<BuiltIn>& expressions() {
    static const std::vector<BuiltIn> all = {
        {"oci_key", R"((?:\b|_)sk-[A-Za-z0-9_-]{16,})"},
        {"aws_key", "(?:AKIA|ASIA)[A-Z0-9]{16}"},
        {"private_key", private_key},
        {"jwt", R"(eyJ[A-Za-z0-9_-]{8,}\.?(?:\.[A-Za-z0-9_-]+)+)"},
        {"bearer", bearer},
        {"github_token", "gh[oprsu]_[A-Za-z0-9]{36,}|github_pat_[A-Za-z0-9_]{22,}"},
        {"google_key", "AIza[0-9A-Za-z_-]{35}"},
        {"slack_token", "xox[a-z]-[A-Za-z0-9-]{10,}"},
        {"ocid", R"(ocid1\.(?:user|tenancy)\.[a-z0-9]+\.[a-z0-9-]*\.[a-z0-9]{6,})"},
    };
    return all;
}

std::unique_ptr<Pattern> scanner(const std::string& name) {
    if (name == "email") return std::make_unique<EmailAddress>();
    if (name == "card") return std::make_unique<CardNumber>();
    if (name == "aws_key") return std::make_unique<AwsSecret>();
    return nullptr;
}

}  // namespace

const std::vector<std::string>& built_in_names() {
    static const std::vector<std::string> names = {"email",       "card",        "oci_key", "aws_key",
                                                   "private_key", "jwt",         "bearer",  "github_token",
                                                   "google_key",  "slack_token", "ocid"};
    return names;
}

std::size_t Rules::name(const std::string& name) {
    const auto known = std::find(names_.begin(), names_.end(), name);
    if (known == names_.end()) return names_.push_back(name), names_.size() - 1;
    return static_cast<std::size_t>(known - names_.begin());
}

bool Rules::add_built_in(const std::string& wanted) {
    const auto& names = built_in_names();
    if (std::find(names.begin(), names.end(), wanted) == names.end()) return false;
    for (const auto& [name, regex] : expressions())
        if (wanted == name) add(wanted, regex);
    if (auto made = scanner(wanted)) {
        scanners_.push_back(made.get());
        rules_.push_back({name(wanted), std::move(made)});
    }
    return true;
}

void Rules::add(const std::string& wanted, const std::string& text) {
    const std::string regex = without_quotes(text);
    auto pattern = std::make_unique<RegexPattern>(regex);
    rules_.push_back({name(wanted), std::move(pattern)});
    regexes_ += (regexes_.empty() ? "(?:" : "|(?:") + regex + ")";
}

void Rules::finish(const std::string& mask) {
    if (!regexes_.empty()) any_ = std::make_unique<RegexPattern>(regexes_);
    for (const std::string& name : names_) {
        std::string text = mask;
        for (std::size_t at = 0; (at = text.find("{name}", at)) != std::string::npos; at += name.size())
            text.replace(at, 6, name);
        masks_.push_back(std::move(text));
    }
}

std::size_t Rules::first(std::string_view text, std::size_t from) const {
    std::size_t found = std::string_view::npos;
    auto look = [&](const Pattern& pattern) {
        if (const auto match = pattern.find(text, from)) found = std::min(found, match->begin);
    };
    if (any_) look(*any_);
    for (const Pattern* scanner : scanners_) look(*scanner);
    return found;
}

std::size_t Rules::hold(std::string_view text, std::size_t from) const {
    std::size_t hold = any_ ? any_->hold(text, from) : text.size();
    for (const Pattern* scanner : scanners_) hold = std::min(hold, scanner->hold(text, from));
    return hold;
}

}  // namespace gatehouse::redact

// SPDX-License-Identifier: Apache-2.0
// Invented secrets of every pattern, and texts that contain them.
#pragma once

#include "plugins/hook/redact/masker.hpp"

#include <doctest/doctest.h>

#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace gatehouse::redact::testing {

struct Secret {
    std::string name, text;
};

inline const std::string pem =
    "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n\nMIIEowIBAAKCAQEA7bq3\nAb+/cd==\n-----END RSA "
    "PRIVATE "
    "KEY-----";

inline const std::vector<Secret>& secrets() {
    static const std::vector<Secret> all = {
        {"email", "alice.b+news@mail.example-site.co.uk"},
        {"email", "j\u00fcrgen@b\u00fccher.example"},
        {"card", "4111111111111111"},
        {"card", "5500 0000 0000 0004"},
        {"card", "3782-822463-10005"},
        {"card", "4222222222222"},
        {"card", "6304000000000000000"},
        {"card", "4111\u00a01111\u202f1111\u20111111"},
        {"oci_key", "sk-Q0aZ9bY8cX7dW6eV5fU4gT3hS2"},
        {"aws_key", "AKIAIOSFODNN7EXAMPLE"},
        {"aws_key", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"},
        {"private_key", pem},
        {"jwt", "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9P"},
        {"bearer", "Bearer 7f3a0b8e4d21cafe"},
        {"github_token", "ghp_16C7e42F292c6912E7710c838347Ae178B4a"},
        {"google_key", "AIzaSyA-1234567890abcdefghijklmnopqrstu"},
        {"slack_token", "xoxb-123456789012-abcdefGHIJ"},
        {"ocid", "ocid1.user.oc1..aaaaaaaaexampleuniqueid"},
        {"badge", "B-1234-x"},
        {"door", "door code: open sesame!"},
    };
    return all;
}

/// Rules with all built-in patterns and two own patterns.
inline Rules rules(const std::string& mask = "[{name}]") {
    Rules rules;
    for (const std::string& name : built_in_names()) REQUIRE(rules.add_built_in(name));
    rules.add("badge", R"(\bB-\d{4}-[a-z]\b)");
    rules.add("door", R"((?i)door code: [^.!\n]*[.!])");
    rules.finish(mask);
    return rules;
}

/// Feeds `text` in exactly these pieces.
inline std::string fed(const Rules& rules, const std::vector<std::string_view>& pieces) {
    Tally tally(rules.names().size());
    std::string out;
    TextOutput output(out);
    Masker masker(rules, tally);
    for (const std::string_view piece : pieces) masker.feed(piece, output);
    masker.finish(output);
    return out;
}

inline std::vector<std::string_view> bytes_of(std::string_view text) {
    std::vector<std::string_view> pieces;
    for (std::size_t i = 0; i < text.size(); ++i) pieces.push_back(text.substr(i, 1));
    return pieces;
}

inline std::vector<std::string_view> random_pieces(std::string_view text, std::mt19937& random,
                                                   std::size_t longest = 12) {
    std::vector<std::string_view> pieces;
    while (!text.empty()) {
        const std::size_t size = 1 + random() % longest;
        pieces.push_back(text.substr(0, size));
        text.remove_prefix(pieces.back().size());
    }
    return pieces;
}

/// A random text of words, punctuation, secrets and beginnings of secrets.
inline std::string random_text(std::mt19937& random) {
    static const std::vector<std::string> crumbs = {"hello",
                                                    " ",
                                                    " ",
                                                    "\n",
                                                    ".",
                                                    ",",
                                                    "@",
                                                    "-",
                                                    "--",
                                                    "a",
                                                    "7",
                                                    "0",
                                                    "1234",
                                                    "4111 1111",
                                                    "\u4e16\u754c",
                                                    "\u00e9",
                                                    "sk-",
                                                    "eyJ",
                                                    "Bearer ",
                                                    "bearer",
                                                    "-----BEGIN ",
                                                    "PRIVATE KEY-----",
                                                    "-----",
                                                    "AKIA",
                                                    "\"",
                                                    "\\n",
                                                    "=",
                                                    "/",
                                                    "x@y.",
                                                    "co",
                                                    "xox",
                                                    "ghp_",
                                                    "B-12",
                                                    "door code: ",
                                                    "\xff",
                                                    "\xe4\xb8",
                                                    "\t",
                                                    "Z9a",
                                                    "ocid1.user.",
                                                    "AIza",
                                                    "_"};
    std::string text;
    for (std::size_t i = random() % 14; i > 0; --i) {
        if (random() % 4)
            text += crumbs[random() % crumbs.size()];
        else {
            const std::string& secret = secrets()[random() % secrets().size()].text;
            text += random() % 3 ? secret : secret.substr(0, random() % secret.size());
        }
    }
    return text;
}

}  // namespace gatehouse::redact::testing

// SPDX-License-Identifier: Apache-2.0
// Possible responses of an upstream: good and bad responses of well-known forms, and those
// that an author has recorded.  Plain values.
#pragma once

#include <gatehouse/http.hpp>
#include <gatehouse/result.hpp>

#include <filesystem>
#include <string>
#include <vector>

namespace gatehouse::core::plugin_check {

struct Answer {
    std::string name;
    http::ResponseHead head;
    std::string body;
    bool recorded = false;       // by the plugin's author, from the upstream
    bool garbage = false;        // not a response of any upstream
    std::string operation = {};  // recorded: "chat", "stream", "embed", "rerank", "models", "fetch"
    // A fetch answers these requests:
    std::string method = {};    // empty: any
    std::string url = {};       // a pattern, such as "https://auth.example/*"
    std::string contains = {};  // a text in the URL, a header's value or the body; empty: any
};

/// The name of the fact that a recorded answer was used, before the answer's own name.
inline const std::string used_fact = "used ";

/// Good ones, each in the form of some upstream, for chats, embeddings and lists of models.
std::vector<Answer> good_answers();
/// Invalid responses with the status 200.
std::vector<Answer> garbage_answers();
/// A failed answer with this status.
std::vector<Answer> error_answers(int status);

/// Whether `answer` is one for a fetch, and this request.
bool answers_fetch(const Answer& answer, const http::Request& request);

/// Every *.http file in `folder`, by name: a status line, headers, an empty line, the body.
Result<std::vector<Answer>> recorded_answers(const std::filesystem::path& folder);
/// Those for operations of a provider; none if the folder cannot be read.
std::vector<Answer> recorded_for_provider(const std::filesystem::path& folder);

}  // namespace gatehouse::core::plugin_check

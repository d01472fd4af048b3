// SPDX-License-Identifier: Apache-2.0
#include "core/request/upstream_error.hpp"

#include "core/request/private_text.hpp"
#include "core/request/request_texts.hpp"
#include "core/util/ascii.hpp"

#include <gatehouse/error_text.hpp>
#include <gatehouse/text.hpp>
#include <gatehouse/value.hpp>

#include <utility>

namespace gatehouse::core {

namespace {

constexpr std::size_t max_message_bytes = 2048;  // the log writes less

std::string_view phrase_of(const Error& error, int status) {
    if (refuses_credentials(status)) return "the upstream rejected the gateway's credentials";
    if (status >= 300 && status < 400) return "the upstream responded with a redirect";
    if (error.kind == ErrorKind::timeout) return "the upstream did not respond in time";
    if (error.kind == ErrorKind::unavailable) return "the upstream is overloaded or unavailable";
    if (error.kind == ErrorKind::rate_limited) return "the upstream limits the rate of requests";
    return "the upstream failed";
}

std::string message_of(const Error& error, const UpstreamErrorSource& from) {
    std::string message(phrase_of(error, from.status));
    message += from.status >= 200 && from.status < 300 ? " within its response"
                                                       : " with status " + std::to_string(from.status);
    return message.append(" (request id ").append(from.request_id).append(")");
}

/// Some servers refuse a prompt that is too long with 500.  Clients need the limit in the text.
bool hides_text(const Error& error, const UpstreamErrorSource& from) {
    return status_of(error) >= 500 || (from.status >= 500 && error.kind != ErrorKind::context_length);
}

bool is_of_name(char c) {
    return is_letter(c) || is_digit(c) || std::string_view("-_/@").find(c) != std::string_view::npos;
}

/// Whether `text` has `name` as a whole word.
bool has_word(std::string_view text, std::string_view name) {
    if (name.empty()) return false;
    for (std::size_t at = 0; (at = text.find(name, at)) != text.npos; ++at) {
        std::string_view after = text.substr(at + name.size());
        const bool begins = at == 0 || !(is_of_name(text[at - 1]) || text[at - 1] == '.');
        // Punctuation, or within a longer name.
        if (after.starts_with('.') || after.starts_with(':')) after.remove_prefix(1);
        if (begins && (after.empty() || !is_of_name(after[0]))) return true;
    }
    return false;
}

/// At most 100 bytes of a name, in quotes.
std::string shown(std::string_view name) {
    constexpr std::size_t most = 100;
    return toml_quoted(std::string(beginning(name, most)) + (name.size() > most ? "…" : ""));
}

/// The client does not know the upstream's name of its model.
std::string with_requested_model(std::string message, const UpstreamErrorSource& from) {
    if (!has_word(message, from.model) || has_word(message, from.requested_model)) return message;
    return message + " (requested as " + shown(from.requested_model) + ")";
}

std::string detail_of(const Error& error, const RequestTexts& texts) {
    std::string detail = texts.without_quotations(error.detail);
    const std::string said =
        texts.without_quotations(std::string_view(error.message).substr(0, max_message_bytes));
    if (!detail.empty() && !said.empty()) detail += ": ";
    return detail + said;
}

}  // namespace

Error split_for_client_and_log(Error error, const Operation& operation, const UpstreamErrorSource& from) {
    if (error.kind == ErrorKind::internal || error.kind == ErrorKind::bad_config) return error;
    const RequestTexts texts(operation, from.secrets);
    error.detail = detail_of(error, texts);
    error.message = with_requested_model(texts.without_secrets(error.message), from);
    if (from.details_to_client) return error;
    if (status_of(error) >= 500) error.code.clear(), error.param.clear();
    if (hides_text(error, from)) {
        error.message = message_of(error, from);
    } else {
        const auto known = [&](std::string_view piece) { return texts.contains(piece); };
        error.message = without_private(error.message, {from.host, known});
        if (error.message.empty())
            error.message = "the upstream refused the request with status " + std::to_string(from.status);
    }
    for (std::string* text : {&error.code, &error.param}) *text = without_ids(*text);
    return error;
}

Error without_ids(Error error) {
    for (std::string* text : {&error.message, &error.code, &error.param}) *text = without_ids(*text);
    return error;
}

}  // namespace gatehouse::core

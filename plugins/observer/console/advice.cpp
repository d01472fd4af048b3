// SPDX-License-Identifier: Apache-2.0
#include "plugins/observer/console/advice.hpp"

#include <cstdio>
#include <string_view>

namespace gatehouse::console {

namespace {

std::string seconds(std::chrono::microseconds time) {
    char text[32];
    std::snprintf(text, sizeof text, "%.1f s", static_cast<double>(time.count()) / 1e6);
    return text;
}

std::string route_text(const Route& route) {
    return route.model.empty() ? route.provider : route.provider + "/" + route.model;
}

std::string table_of(const StoryAttempt& attempt) { return "[provider." + attempt.route.provider + "]"; }

/// " after 2 upstream requests"; empty for one.
std::string after_attempts(const Story& story) {
    if (story.upstream_requests < 2) return {};
    return " after " + std::to_string(story.upstream_requests) + " upstream requests";
}

/// The number of upstream requests before a failure; empty for one.
std::string last_of(const Story& story) {
    if (story.upstream_requests < 2) return {};
    return " It was the last of " + std::to_string(story.upstream_requests) + " upstream requests.";
}

/// The end of an attempt that failed.
std::string end_of(const StoryAttempt& attempt) {
    const std::string route = route_text(attempt.route), upstream = "the upstream of " + route;
    const std::string with_status = " with status " + std::to_string(attempt.status);
    const std::string_view cause = attempt.cause;
    if (cause == "not_sent") return "the request to " + route + " could not be built or signed";
    if (cause == "credentials") return upstream + " refused the credentials of the gateway" + with_status;
    if (cause == "proxy") return "the proxy in front of " + route + " failed, or refused the request";
    if (cause == "dns") return "the host name of " + upstream + " has no address";
    if (cause == "connect") return upstream + " did not respond: the connection failed";
    if (cause == "tls") return "TLS with " + upstream + " failed";
    if (cause == "connection_lost")
        return upstream + (attempt.status == 0 ? " closed the connection without a response"
                                               : " sent a response that broke off");
    if (cause == "timeout")
        return upstream + (attempt.status == 0 ? " did not respond within the time limit"
                                               : " did not complete its response within the time limit");
    if (attempt.status >= 200 && attempt.status < 300)
        return upstream + (attempt.first_output
                               ? " ended its response with an error, or with a part that cannot be used"
                               : " sent a response that cannot be used");
    return upstream + " responded" + with_status;
}

/// The place of an operator's next step after a failed attempt.
std::string action_for_upstream(const StoryAttempt& attempt) {
    const std::string table = table_of(attempt);
    const std::string_view cause = attempt.cause;
    constexpr const char* second_route =
        " If the model has only one route, add a second one: the gateway tries it after such a failure.";
    constexpr const char* log = "Search the log for the request id: the line has the reason.";
    if (cause == "not_sent")
        return "Run `gatehouse check --live`: it names the mistake in " + table + " or in its signer.";
    if (cause == "credentials")
        return "Renew the key, or correct the signer, of " + table + ", and run `gatehouse check --live`.";
    if (cause == "proxy")
        return "Check proxy in [upstream], and HTTPS_PROXY in the environment of the gateway.";
    if (cause == "dns") return "Check the URL in " + table + " and the name service of this machine.";
    if (cause == "connect")
        return "Check that " + (attempt.endpoint.empty() ? table : attempt.endpoint) +
               " can be reached from this machine. `gatehouse check --live` tries it.";
    const std::string compare = "the scheme of base_url in " + table + ", https:// or http://, ";
    if (cause == "tls")
        return "Run `gatehouse check --live`: it names the certificate or the setting at fault. Compare " +
               compare + "with the upstream: a port without TLS ends like this.";
    if (cause == "connection_lost" && attempt.status == 0)
        return "If every request to " + table + " ends like this, compare " + compare +
               "with the upstream: a port with TLS closes a connection without TLS. Otherwise the fault "
               "is the upstream's, or of a proxy between. " +
               log + second_route;
    if (cause == "timeout")
        return "Look at the time of this attempt below, and compare it with first_byte_timeout_ms, "
               "response_timeout_ms and idle_timeout_ms of " +
               table + "." + second_route;
    if (cause == "rate_limited")
        return std::string("The upstream limits the rate, and a later request may succeed.") + second_route;
    if (cause == "insufficient_quota")
        return "The quota or the balance at the upstream is used up: raise it in the account of " + table +
               ", or add a route to another provider.";
    if (cause == "connection_lost" || cause == "unavailable" || cause == "server_error" ||
        (cause == "bad_response" && attempt.first_output))
        return std::string("The fault is the upstream's, or of a proxy between. ") + log + second_route;
    if (cause == "bad_response")
        return "Check the URL in " + table + ": another service may answer there. " + log;
    return log;
}

/// The last step that succeeded; empty: none.  The steps are authenticate, queue, read, parse, hooks, map and
/// limit.
std::string_view last_step(const Story& story) {
    return story.stages.empty() ? std::string_view() : story.stages.back().name;
}

/// The limiter comes after the mapper.
bool failed_at_limiter(const Story& story) { return last_step(story) == "map"; }

/// The gateway refused the request with status 503 before it asked an upstream.
Advice unavailable(const Story& story) {
    const std::string_view step = last_step(story);
    if (step.empty())
        return {
            "The gateway could not check the client's credential.",
            "An authenticator has no keys yet, or its service or store does not respond. /ready of [admin] "
            "names it."};
    if (step == "authenticate" || step == "queue")
        return {"The gateway had no free slot for the request, or was stopping.",
                "See whether requests queue: max_concurrent_requests and memory_limit in [server]."};
    if (step == "limit")
        return {"The circuit breakers of all routes of the model \"" + story.model + "\" were open.",
                "The page of routes shows when each is tried again. The failed requests before this one have "
                "the cause."};
    if (failed_at_limiter(story))
        return {
            "The limiter could not check the limits of the client: its store did not respond.",
            "Check the [store.*] table of the limiter: /ready of [admin] has the store's state and reason. "
            "on_store_failure of the limiter decides whether such requests are refused."};
    return {"A service that the gateway needs did not respond.",
            "Search the log for the request id: the line has the reason."};
}

/// Refused by the gateway itself, without an upstream.
Advice refusal(const Story& story, ErrorKind kind) {
    if (kind == ErrorKind::bad_request && failed_at_limiter(story))
        return {"The limiter refused the request.",
                "If a budget applies to the client \"" + story.client +
                    "\", the route needs a price: add it to the limiter's prices. The log has the reason "
                    "under the request id."};
    switch (kind) {
        case ErrorKind::unauthenticated:
            return {"The client sent no valid credential.",
                    "Compare the key of the client with the authenticators of the configuration. Keys that "
                    "were rotated or have expired are refused too."};
        case ErrorKind::forbidden:
            return {"The client has no permission for this request.",
                    "Look at the rights and models of the client \"" + story.client + "\"."};
        case ErrorKind::not_found:
            if (story.endpoint.empty())
                return {"No protocol of the gateway has the path " + story.path + ".",
                        "Correct the base URL of the client. Most clients need /v1 at its end."};
            return {
                "No route has the model name \"" + story.model + "\", or this client may not use the model.",
                "Add the name to the mapper, or correct it in the client. The page of routes lists the "
                "names."};
        case ErrorKind::rate_limited:
            return {"A limit of the gateway refused the request.",
                    "Look at the limits of the client \"" + story.client +
                        "\": `gatehouse limits`. Repeated wrong keys from an address are limited too."};
        case ErrorKind::too_large:
            return {"The body of the request is larger than the limit.",
                    "Raise max_body_bytes in [server] if such requests are wanted."};
        case ErrorKind::timeout:
            return {"The gateway waited too long for the client's body, a hook or the limiter.",
                    "The step below with the longest time shows which one."};
        case ErrorKind::unavailable: return unavailable(story);
        case ErrorKind::context_length:
            return {"The prompt is longer than the model's context window.",
                    "Use a model with a longer context, or shorten the conversation in the client."};
        case ErrorKind::unsupported:
            return {"No route of the model supports a field of the request.",
                    "The client's error names the field. Remove it there, or add a route that supports it."};
        case ErrorKind::bad_request:
        case ErrorKind::conflict:
        case ErrorKind::unprocessable:
            return {"The client sent a request that is not valid.",
                    "The client's error names the field. The log has the reason under the request id."};
        case ErrorKind::upstream:
            return {"A service that the gateway needs has failed.",
                    "Search the log for the request id: it names the instance and the reason."};
        case ErrorKind::internal:
        case ErrorKind::bad_config:
            return {"The gateway or a plugin has a defect.",
                    "Search the log for the request id: it names the instance and the reason. Please report "
                    "it."};
    }
    return {"The request failed.", {}};
}

std::string capital(std::string text) {
    if (!text.empty() && text[0] >= 'a' && text[0] <= 'z') text[0] = static_cast<char>(text[0] - 'a' + 'A');
    return text;
}

/// The last attempt with an error; null without one.
const StoryAttempt* failed_attempt(const Story& story) {
    for (std::size_t i = story.attempts.size(); i > 0; --i)
        if (story.attempts[i - 1].error) return &story.attempts[i - 1];
    return nullptr;
}

Advice failure(const Story& story) {
    const ErrorKind kind = story.error.value_or(ErrorKind::internal);
    const StoryAttempt* attempt = failed_attempt(story);
    if (story.status == 405 && !attempt)
        return {"The path " + story.path + " does not take the method of the client.",
                "Browsers send GET. Compare the method and the base URL of the client with the gateway's "
                "endpoints."};
    const bool client_fault = kind == ErrorKind::bad_request || kind == ErrorKind::context_length ||
                              kind == ErrorKind::unsupported || kind == ErrorKind::too_large;
    if (!attempt || (client_fault && attempt->status == 0)) return refusal(story, kind);
    if (client_fault)
        return {
            capital("the upstream of " + route_text(attempt->route) +
                    " refused the request as invalid, with status " + std::to_string(attempt->status) + "."),
            refusal(story, kind).action};
    return {capital(end_of(*attempt)) + "." + last_of(story), action_for_upstream(*attempt)};
}

}  // namespace

Advice advice_for(const Story& story) {
    if (story.outcome == "left")
        return {"The client disconnected after " + seconds(story.total) +
                    (story.first_output ? ", in the middle of the response." : ", before the first token."),
                "If the client has a timeout, it is shorter than this request took."};
    if (story.outcome == "failed") return failure(story);
    if (story.outcome == "cut") {
        Advice advice = failure(story);
        advice.happened = "The response broke off after it had begun. " + advice.happened;
        return advice;
    }
    if (!story.hook.empty()) return {"The hook \"" + story.hook + "\" answered the request.", {}};
    if (story.attempts.empty()) return {"The gateway answered the request itself.", {}};
    const StoryAttempt* attempt = failed_attempt(story);
    if (!attempt) return {"The request succeeded.", {}};
    return {"The request succeeded" + after_attempts(story) + ": " + end_of(*attempt) + ".", {}};
}

}  // namespace gatehouse::console

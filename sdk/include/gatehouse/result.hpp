// SPDX-License-Identifier: Apache-2.0
// A call into or out of a plugin fails with a value, never with an exception.
//
// Result<T> holds either a T or an Error.  The kind of an Error decides the HTTP status
// that the client sees.  Its message is for the person who must act on it.
// Plain values: safe to copy and to move to any thread.
#pragma once

#include <cassert>
#include <string>
#include <type_traits>
#include <utility>
#include <variant>

namespace gatehouse {

/// The kind of a failure.  Append only, because the numbers cross the boundary between
/// the core and plugins.
enum class ErrorKind {
    bad_config,       // at start: the TOML is wrong; a client never sees it
    bad_request,      // 400: the client sent something invalid
    context_length,   // 400: the prompt does not fit the model
    unauthenticated,  // 401: no valid credential
    forbidden,        // 403: a valid credential without permission
    not_found,        // 404: no such model or path
    conflict,         // 409
    too_large,        // 413: a limit of the gateway or of the upstream
    unprocessable,    // 422
    unsupported,      // 400: the provider has no such operation or field
    rate_limited,     // 429
    upstream,         // 502: the upstream failed, or rejected the gateway's credentials
    unavailable,      // 503: overloaded or draining, here or upstream
    timeout,          // 504
    internal,         // 500: a defect in the core or in a plugin
};

struct Error {
    ErrorKind kind = ErrorKind::internal;
    /// For the client: a lower-case sentence without a full stop; a dialect may add both.  Never a
    /// secret, a path, or the text of an exception.  Valid UTF-8 without control characters, also if
    /// it quotes an upstream.  If the upstream has responded and the error's status is 500 or more,
    /// the client gets a general sentence with the request id, and this message goes to the log.
    std::string message = {};
    /// For the log only, never for the client.
    std::string detail = {};
    /// A word for programs, such as "model_not_found".  Empty: the kind implies it.
    std::string code = {};
    /// The field of the client's request at fault, such as "messages[2].role".
    std::string param = {};
    /// Seconds after which a retry may succeed.  0: not known.
    int retry_after_seconds = 0;
    /// Overrides the status of the kind, for errors of HTTP itself
    /// (405, 408, 415, 417, 431, 501, 505).  0: the kind decides.
    int status = 0;
};

/// The HTTP status of an error kind.  This is the only such table.
constexpr int status_of(ErrorKind kind) {
    switch (kind) {
        case ErrorKind::bad_request:
        case ErrorKind::context_length:
        case ErrorKind::unsupported: return 400;
        case ErrorKind::unauthenticated: return 401;
        case ErrorKind::forbidden: return 403;
        case ErrorKind::not_found: return 404;
        case ErrorKind::conflict: return 409;
        case ErrorKind::too_large: return 413;
        case ErrorKind::unprocessable: return 422;
        case ErrorKind::rate_limited: return 429;
        case ErrorKind::upstream: return 502;
        case ErrorKind::unavailable: return 503;
        case ErrorKind::timeout: return 504;
        case ErrorKind::bad_config:
        case ErrorKind::internal: return 500;
    }
    return 500;
}
/// The error kind of an upstream's status, if the body of the response has no better
/// information.  401, 403 and 407 are `upstream`: the gateway's credentials are wrong,
/// and a client must not believe that its own key is wrong.
constexpr ErrorKind kind_of_upstream_status(int status) {
    switch (status) {
        case 400:
        case 405:
        case 412:
        case 415: return ErrorKind::bad_request;
        case 404:
        case 410: return ErrorKind::not_found;
        case 408:
        case 504: return ErrorKind::timeout;
        case 409: return ErrorKind::conflict;
        case 413: return ErrorKind::too_large;
        case 422: return ErrorKind::unprocessable;
        case 402:
        case 429: return ErrorKind::rate_limited;
        case 503:
        case 529: return ErrorKind::unavailable;
        default: return ErrorKind::upstream;
    }
}

inline int status_of(const Error& error) { return error.status ? error.status : status_of(error.kind); }

/// A T, or the Error that prevented it.
///
///     Result<Routes> routes = mapper.map(model, identity);
///     if (!routes) return routes.error();
template <typename T>
class [[nodiscard]] Result {
public:
    Result(T&& value) : state_(std::in_place_index<0>, std::move(value)) {}
    Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}
    template <typename U>
    requires std::is_convertible_v<U&&, T> Result(U&& value)
        : state_(std::in_place_index<0>, std::forward<U>(value)) {}

    explicit operator bool() const { return state_.index() == 0; }

    /// REQUIRES: the result holds a value.
    T& operator*() & {
        assert(bool(*this));
        return *std::get_if<0>(&state_);
    }
    const T& operator*() const& {
        assert(bool(*this));
        return *std::get_if<0>(&state_);
    }
    T&& operator*() && {
        assert(bool(*this));
        return std::move(*std::get_if<0>(&state_));
    }
    T* operator->() { return &**this; }
    const T* operator->() const { return &**this; }

    /// REQUIRES: the result holds an error.
    const Error& error() const {
        assert(!bool(*this));
        return *std::get_if<1>(&state_);
    }

private:
    std::variant<T, Error> state_;
};

template <>
class [[nodiscard]] Result<void> {
public:
    Result() = default;
    Result(Error error) : error_(std::move(error)), failed_(true) {}

    explicit operator bool() const { return !failed_; }
    /// REQUIRES: the result holds an error.
    const Error& error() const {
        assert(failed_);
        return error_;
    }

private:
    Error error_;
    bool failed_ = false;
};

}  // namespace gatehouse

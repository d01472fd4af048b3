// SPDX-License-Identifier: Apache-2.0
#include "plugins/common/c_door/error_reader.hpp"

#include "plugins/common/c_door/members.hpp"
#include "plugins/common/c_door/settings.hpp"
#include "plugins/common/upstream/error_body.hpp"

#include <gatehouse/json_writer.hpp>
#include <gatehouse/retry_after.hpp>

#include <array>
#include <utility>

namespace gatehouse::c_bridge {

using namespace upstream;

namespace {

constexpr std::array<std::pair<std::string_view, ErrorKind>, 14> kinds = {{
    {"bad_request", ErrorKind::bad_request},
    {"context_length", ErrorKind::context_length},
    {"unauthenticated", ErrorKind::unauthenticated},
    {"forbidden", ErrorKind::forbidden},
    {"not_found", ErrorKind::not_found},
    {"conflict", ErrorKind::conflict},
    {"too_large", ErrorKind::too_large},
    {"unprocessable", ErrorKind::unprocessable},
    {"unsupported", ErrorKind::unsupported},
    {"rate_limited", ErrorKind::rate_limited},
    {"upstream", ErrorKind::upstream},
    {"unavailable", ErrorKind::unavailable},
    {"timeout", ErrorKind::timeout},
    {"internal", ErrorKind::internal},
}};

ErrorKind kind_in(Members& members, std::string_view word) {
    for (const auto& [name, kind] : kinds)
        if (name == word) return kind;
    members.wrong("kind", "a kind that gatehouse/c.h lists");
}

}  // namespace

Error error_of_answer(const http::ResponseHead& head, std::string_view body,
                      std::chrono::system_clock::time_point now) {
    const bool good = head.status >= 200 && head.status < 300;
    Error error{good ? ErrorKind::upstream : kind_of_upstream_status(head.status)};
    if (good) return error;
    const ErrorBody said = read_error_body(body);
    const std::string status = "status " + std::to_string(head.status);
    error.retry_after_seconds = retry_after_seconds(head.headers.get("retry-after"), now);
    error.detail = status + (said.message.empty() ? "" : ", " + said.message);
    // Clients do not receive details of the gateway's own failures, such as a wrong key.
    if (error.kind == ErrorKind::upstream || said.message.empty())
        error.message = (error.kind == ErrorKind::upstream ? "the upstream failed with "
                                                           : "the upstream responded with ") +
                        status;
    else
        error.message = said.message;
    return error;
}

Error read_error(std::string& json, const Error& otherwise) {
    const Tree tree = parse(json, "the error");
    return read_error(Members(tree.root(), "the error"), otherwise);
}

Error read_error(Members members, const Error& otherwise) {
    Error out = otherwise;
    out.message = presentable(members.text("message"));
    if (out.message.empty()) members.wrong("message", "a string that is not empty");
    if (const std::string_view word = members.text_or("kind", ""); !word.empty())
        out.kind = kind_in(members, word);
    if (const std::string_view detail = members.text_or("detail", ""); !detail.empty())
        out.detail = presentable(detail);
    out.code = presentable(members.text_or("code", ""), 100);
    out.param = presentable(members.text_or("param", ""), 200);
    if (const auto seconds = members.maybe_integer("retry_after_seconds", 0, 3600))
        out.retry_after_seconds = static_cast<int>(*seconds);
    members.finish();
    return out;
}

std::optional<Error> error_in(Outcome& said, const std::function<Error()>& otherwise) {
    if (!said.failure) return std::move(said.error);
    try {
        return read_error(*said.failure, otherwise());
    } catch (const Mistake& mistake) {
        return defect(mistake.what());
    }
}

void throw_create_error(Members members, const std::string& otherwise) {
    const std::string message = presentable(members.text("message"));
    const std::string key(members.text_or("key", ""));
    members.finish();
    throw KeyError(key.empty() ? otherwise : path_of(key), message);
}

void check_created(Outcome& said, void* instance, const std::string& name, void (*destroy)(void* instance)) {
    try {
        if (said.failure) {
            const Tree tree = parse(*said.failure, "the error of create");
            throw_create_error(Members(tree.root(), "the error of create"), "library");
        }
        if (said.error) throw Mistake(said.error->detail);
        if (!instance) throw Mistake("create returned null without out->fail");
    } catch (const Mistake& mistake) {
        if (instance) destroy(instance);
        throw KeyError("library", name + " cannot be used: " + mistake.what());
    } catch (...) {
        if (instance) destroy(instance);
        throw;
    }
}

std::string error_json(const Error& error) {
    std::string out;
    JsonWriter json(out);
    json.begin_object().member("message", error.message);
    for (const auto& [name, kind] : kinds)
        if (kind == error.kind) json.member("kind", name);
    if (!error.code.empty()) json.member("code", error.code);
    if (!error.param.empty()) json.member("param", error.param);
    if (error.retry_after_seconds > 0) json.member("retry_after_seconds", error.retry_after_seconds);
    json.end_object();
    return out;
}

}  // namespace gatehouse::c_bridge

// SPDX-License-Identifier: Apache-2.0
// Dispatches the principals' paths, handles /_emulator/ for principals, and writes
// the files of a resource principal.
#include "tools/oci_emulator/identity/identity.hpp"

#include "tools/oci_emulator/encoding.hpp"
#include "tools/oci_emulator/fields.hpp"

#include <fstream>

namespace gatehouse::emulator {

namespace {

constexpr std::int64_t longest_lifetime = 315'360'000;  // ten years

http::Response json_response(int status, const Json& body) {
    return {{status, {{"content-type", "application/json"}}}, to_text(body)};
}

// A reader sees the old or the new file, never a part.
bool replace_file(const std::filesystem::path& file, const std::string& content) {
    const std::filesystem::path fresh = file.string() + ".new";
    std::error_code failed;
    {
        std::ofstream out(fresh, std::ios::binary | std::ios::trunc);
        std::filesystem::permissions(
            fresh, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write, failed);
        out << content;
        if (!out.flush()) return false;
    }
    std::filesystem::rename(fresh, file, failed);
    return !failed;
}

}  // namespace

Identity::Identity(IdentitySettings settings)
    : settings_(std::move(settings)), token_lifetime_(settings_.token_lifetime.count()) {}

std::optional<http::Response> Identity::answer(const http::RequestHead& head, const std::string& body,
                                               const SignatureRules& rules, Time now) {
    const bool post = head.method == "POST";
    const auto wrong_method = [] { return to_response(usual_error(405)); };
    if (head.path.starts_with("/opc/")) return head.method == "GET" ? metadata(head) : wrong_method();
    if (head.path == "/v1/x509") return post ? federate(head, body, rules, now) : wrong_method();
    if (head.path == "/v1/authentication/refresh")
        return post ? refresh(head, body, rules, now) : wrong_method();
    if (head.path == "/resourcePrincipalSessionTokens")
        return post ? pod_token(head, body, now) : wrong_method();
    return std::nullopt;
}

Result<KeyPointer> Identity::key_of_token(std::string_view token, Time now) {
    auto good = tokens_.check(token, now);
    if (!good) return good.error();
    return good->key;
}

Json Identity::claims(const char* type) const {
    return {{"iss", "authService.oracle.com"},
            {"aud", "oci"},
            {"sub", std::string("ocid1.") + type + ".oc1." + settings_.region + ".emulator"},
            {"ptype", type},
            {"tenant", settings_.tenancy},
            {"opc-tenant", settings_.tenancy},
            {"opc-compartment", settings_.compartment},
            {"res_tenant", settings_.tenancy},
            {"res_compartment", settings_.compartment}};
}

std::optional<http::Response> Identity::control(const http::RequestHead& head, const std::string& body,
                                                Time now) {
    const std::string what = head.method + " " + head.path;
    if (what == "POST /_emulator/session-token") return session_token(body, now);
    if (what == "POST /_emulator/identity") return change(body);
    if (what == "POST /_emulator/resource-principal") {
        const auto wanted = body.empty() ? Json::object() : parse_json(body).value_or(nullptr);
        if (auto refusal = check_object(
                wanted, "",
                {{"lifetime", false, integer_between(1, longest_lifetime)}, {"new_key", false, boolean()}}))
            return to_response(*refusal);
        const Json* seconds = member(wanted, "lifetime");
        if (auto written = write_resource_principal(
                seconds ? std::chrono::seconds(seconds->get<std::int64_t>()) : lifetime(),
                flag(wanted, "new_key"), now);
            !written)
            return json_response(409, {{"error", written.error().message}});
        return json_response(200, Json::object());
    }
    return std::nullopt;
}

http::Response Identity::change(const std::string& body) {
    const Json wanted = parse_json(body).value_or(nullptr);
    if (auto refusal = check_object(wanted, "",
                                    {{"token_lifetime", false, integer_between(1, longest_lifetime)},
                                     {"revoke", false, boolean()},
                                     {"rotate", false, boolean()}}))
        return to_response(*refusal);
    if (const Json* seconds = member(wanted, "token_lifetime"))
        token_lifetime_ = seconds->get<std::int64_t>();
    if (flag(wanted, "revoke")) tokens_.revoke_all();
    if (flag(wanted, "rotate")) rotate();
    return json_response(200, Json::object());
}

// The token that a login in a browser would store.
http::Response Identity::session_token(const std::string& body, Time now) {
    const Json wanted = parse_json(body).value_or(nullptr);
    if (auto refusal = check_object(wanted, "",
                                    {{"publicKey", true, text()},
                                     {"lifetime", false, integer_between(1, longest_lifetime)},
                                     {"session_lifetime", false, integer_between(0, longest_lifetime)}}))
        return to_response(*refusal);
    const std::string sent(string_member(wanted, "publicKey"));
    const auto der = from_base64(sent);
    const auto key = der ? read_public_der(*der) : read_key(sent);
    if (!key) return to_response(invalid("publicKey", key.error().message));
    const auto seconds = [&](const char* name, std::chrono::seconds otherwise) {
        const Json* value = member(wanted, name);
        return value ? std::chrono::seconds(value->get<std::int64_t>()) : otherwise;
    };
    Json about = claims("user");
    about["sess_exp"] =
        std::chrono::duration_cast<std::chrono::seconds>(
            (now + seconds("session_lifetime", settings_.session_lifetime)).time_since_epoch())
            .count();
    return json_response(
        200, {{"token", tokens_.issue(std::move(about), *key, seconds("lifetime", lifetime()), now)}});
}

Result<void> Identity::write_resource_principal(std::chrono::seconds lifetime, bool new_key, Time now) {
    const std::filesystem::path& folder = settings_.resource_principal;
    if (folder.empty()) return Error{ErrorKind::bad_config, "there is no --resource-principal FOLDER"};
    const std::lock_guard lock(mutex_);
    if (!resource_key_ || new_key) {
        resource_key_ = new_rsa_key();
        if (!replace_file(folder / "private.pem", private_pem(resource_key_)))
            return Error{ErrorKind::bad_config, "cannot write " + (folder / "private.pem").string()};
    }
    if (!replace_file(folder / "rpst", tokens_.issue(claims("resource"), resource_key_, lifetime, now)))
        return Error{ErrorKind::bad_config, "cannot write " + (folder / "rpst").string()};
    return {};
}

}  // namespace gatehouse::emulator

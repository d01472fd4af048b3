// SPDX-License-Identifier: Apache-2.0
// The endpoints that issue tokens, and the instance's metadata.
#include "tools/oci_emulator/encoding.hpp"
#include "tools/oci_emulator/fields.hpp"
#include "tools/oci_emulator/identity/identity.hpp"

#include <algorithm>
#include <map>

namespace gatehouse::emulator {

namespace {

constexpr std::chrono::hours year(24 * 365);

// One for the process, because generating keys is slow.
struct Authority {
    Credential root =
        make_credential({.common_name = "Emulated Identity Root", .authority = true}, nullptr, 10 * year);
    Credential intermediate =
        make_credential({.common_name = "PKISVC Identity Intermediate", .authority = true}, &root, year);
};

const Authority& authority() {
    static const Authority made;
    return made;
}

http::Response plain(int status, std::string text) {
    return {{status, {{"content-type", "text/plain"}}}, std::move(text)};
}

http::Response refused(int status, std::string why) {
    ServiceError error = usual_error(status);
    error.debug = std::move(why);
    return to_response(error);
}

http::Response token_response(std::string token) {
    return {{200, {{"content-type", "application/json"}}}, to_text({{"token", std::move(token)}})};
}

std::string key_of_region(const std::string& region) {
    static const std::map<std::string, const char*> codes = {
        {"us-chicago-1", "ORD"},   {"us-ashburn-1", "IAD"},  {"us-phoenix-1", "PHX"},
        {"eu-frankfurt-1", "FRA"}, {"uk-london-1", "LHR"},   {"ap-osaka-1", "KIX"},
        {"ap-hyderabad-1", "HYD"}, {"sa-saopaulo-1", "GRU"}, {"me-dubai-1", "DXB"},
        {"me-riyadh-1", "RUH"}};
    const auto found = codes.find(region);
    return found == codes.end() ? region : found->second;
}

// "opc-tenant:OCID" or "opc-identity:OCID" among the units of a certificate's subject.
std::string tenancy_of(const CertificatePointer& certificate) {
    for (const std::string& unit : units_of(certificate))
        for (std::string_view prefix : {"opc-tenant:", "opc-identity:"})
            if (unit.starts_with(prefix)) return unit.substr(prefix.size());
    return {};
}

std::string lower(std::string text) {
    for (char& c : text)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
    return text;
}

// The public key in a base64 body without armour, line breaks or anything else.
Result<KeyPointer> key_in(const Json& request, const char* name) {
    const auto der = from_base64(string_member(request, name));
    if (!der) return Error{ErrorKind::bad_request, "is not the base64 of a DER key on one line"};
    return read_public_der(*der);
}

}  // namespace

Credential Identity::leaf() {
    const std::lock_guard lock(mutex_);
    if (!leaf_.key) {
        const std::string id = "ocid1.instance.oc1." + settings_.region + ".emulator";
        leaf_ =
            make_credential({.common_name = id,
                             .units = {"opc-certtype:instance", "opc-compartment:" + settings_.compartment,
                                       "opc-instance:" + id, "opc-tenant:" + settings_.tenancy}},
                            &authority().intermediate, std::chrono::hours(24));
    }
    return leaf_;
}

void Identity::rotate() {
    const std::lock_guard lock(mutex_);
    leaf_ = {};
}

http::Response Identity::metadata(const http::RequestHead& head) {
    if (head.headers.get("authorization") != "Bearer Oracle") return plain(403, "Forbidden");
    // A proxy that forwards such a request would disclose the instance's key.
    for (const char* sign : {"x-forwarded-for", "forwarded", "via"})
        if (head.headers.has(sign)) return plain(403, "Forbidden");
    const std::string& region =
        settings_.metadata_region.empty() ? settings_.region : settings_.metadata_region;
    const Json info = {{"realmKey", "oc1"},
                       {"realmDomainComponent", "oraclecloud.com"},
                       {"regionKey", key_of_region(settings_.region)},
                       {"regionIdentifier", settings_.region}};
    const auto json = [](const Json& tree) -> http::Response {
        return {{200, {{"content-type", "application/json"}}}, to_text(tree)};
    };
    if (head.path == "/opc/v2/instance/region") return plain(200, region);
    if (head.path == "/opc/v2/instance/regionInfo") return json(info);
    if (head.path == "/opc/v2/instance/" || head.path == "/opc/v2/instance")
        return json({{"id", "ocid1.instance.oc1." + settings_.region + ".emulator"},
                     {"compartmentId", settings_.compartment},
                     {"tenantId", settings_.tenancy},
                     {"region", region},
                     {"canonicalRegionName", settings_.region},
                     {"regionInfo", info}});
    if (head.path == "/opc/v2/identity/cert.pem") return plain(200, to_pem(leaf().certificate));
    if (head.path == "/opc/v2/identity/key.pem") return plain(200, private_pem(leaf().key));
    if (head.path == "/opc/v2/identity/intermediate.pem")
        return plain(200, to_pem(authority().intermediate.certificate));
    return plain(404, "Not Found");
}

http::Response Identity::federate(const http::RequestHead& head, const std::string& body,
                                  SignatureRules rules, Time now) {
    const Json request = parse_json(body).value_or(nullptr);
    if (auto refusal = check_object(request, "",
                                    {{"certificate", true, text()},
                                     {"publicKey", true, text()},
                                     {"intermediateCertificates", true, some(text())},
                                     {"purpose", false, text()},
                                     {"fingerprintAlgorithm", false, text()}}))
        return to_response(*refusal);
    const auto certificate_in = [](const Json& base64) -> CertificatePointer {
        const auto der = from_base64(base64.get_ref<const std::string&>());
        return der ? read_certificate(*der) : nullptr;
    };
    const CertificatePointer sent = certificate_in(request.at("certificate"));
    if (!sent) return to_response(invalid("certificate", "is not the base64 of a certificate on one line"));
    std::vector<CertificatePointer> between;
    for (const Json& one : request.at("intermediateCertificates")) {
        between.push_back(certificate_in(one));
        if (!between.back())
            return to_response(
                invalid("intermediateCertificates", "is not the base64 of certificates, each on one line"));
    }
    const auto session = key_in(request, "publicKey");
    if (!session) return to_response(invalid("publicKey", session.error().message));

    if (!descends(sent, between, authority().root.certificate))
        return refused(401, "the certificate does not descend from the root by the intermediate");
    if (fingerprint_of(sent, true) != fingerprint_of(leaf().certificate, true))
        return refused(401, "the certificate has been replaced since");
    rules.lenient_names = true;
    const FindKey find = [&](const std::string& key_id) -> Result<KeyPointer> {
        const std::string tenancy = tenancy_of(sent);
        for (const bool sha256 : {false, true})
            if (lower(key_id) ==
                lower(tenancy + (sha256 ? "/fed-x509-sha256/" : "/fed-x509/") + fingerprint_of(sent, sha256)))
                return key_of(sent);
        return Error{ErrorKind::unauthenticated,
                     "the keyId is not the tenancy of the certificate, fed-x509 and its fingerprint"};
    };
    if (auto ok = check_signature(head, body, find, rules, now); !ok) return refused(401, ok.error().message);
    return token_response(tokens_.issue(claims("instance"), *session, lifetime(), now));
}

http::Response Identity::refresh(const http::RequestHead& head, const std::string& body,
                                 const SignatureRules& rules, Time now) {
    const Json request = parse_json(body).value_or(nullptr);
    if (auto refusal = check_object(request, "", {{"currentToken", true, text()}}))
        return to_response(*refusal);
    const std::string current(string_member(request, "currentToken"));
    const auto token = tokens_.check(current, now);
    if (!token) return refused(401, token.error().message);
    const FindKey find = [&](const std::string& key_id) -> Result<KeyPointer> {
        if (key_id != "ST$" + current)
            return Error{ErrorKind::unauthenticated, "the keyId is not the token that is to be refreshed"};
        return token->key;
    };
    if (auto ok = check_signature(head, body, find, rules, now); !ok) return refused(401, ok.error().message);
    const Json* end = member(token->claims, "sess_exp");
    const auto left = std::chrono::seconds(end ? end->get<std::int64_t>() : 0) -
                      std::chrono::floor<std::chrono::seconds>(now.time_since_epoch());
    if (left.count() <= 0) return refused(401, "the session can no longer be refreshed");
    Json claims = token->claims;
    return token_response(tokens_.issue(std::move(claims), token->key, std::min(lifetime(), left), now));
}

http::Response Identity::pod_token(const http::RequestHead& head, const std::string& body, Time now) {
    constexpr std::string_view scheme = "Bearer ";
    const std::string_view sent = head.headers.get("authorization");
    if (!sent.starts_with(scheme) || sent.size() == scheme.size()) return refused(401, "no Bearer token");
    if (!settings_.service_account_token.empty() &&
        sent.substr(scheme.size()) != settings_.service_account_token)
        return refused(403, "not the token of the service account");
    const Json request = parse_json(body).value_or(nullptr);
    if (auto refusal = check_object(request, "", {{"podKey", true, text()}})) return to_response(*refusal);
    const auto key = key_in(request, "podKey");
    if (!key) return to_response(invalid("podKey", key.error().message));
    const std::string token = tokens_.issue(claims("workload"), *key, lifetime(), now);
    return {{200, {{"content-type", "application/json"}}},
            "\"" + to_base64(to_text({{"token", "ST$" + token}})) + "\""};
}

}  // namespace gatehouse::emulator

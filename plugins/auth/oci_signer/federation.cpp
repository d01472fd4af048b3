// SPDX-License-Identifier: Apache-2.0
// Requests to OCI's authentication service.
#include "plugins/auth/oci_signer/federation.hpp"

#include "plugins/auth/oci_signer/files.hpp"
#include "plugins/auth/oci_signer/retrying_fetch.hpp"
#include "plugins/auth/oci_signer/signature.hpp"
#include "plugins/auth/oci_signer/token.hpp"

#include <nlohmann/json.hpp>

namespace gatehouse::oci {

namespace {

/// Posts `body`, signed by `key`, and completes with the token in the response.
void post(Host& host, const std::string& url, std::string body, std::shared_ptr<const PrivateKey> key,
          std::string key_id, Completion<std::string> done) {
    auto make = [&host, url, body = std::move(body), key = std::move(key),
                 key_id = std::move(key_id)](int) -> Result<http::Request> {
        http::Request request{.method = "POST", .url = url, .body = body};
        request.headers.set("content-type", "application/json");
        request.headers.set("accept", "application/json");
        request.connect_timeout = std::chrono::seconds(5);
        request.first_byte_timeout = request.total_timeout = std::chrono::seconds(20);
        return sign(std::move(request), *key, key_id, host.now(), signed_headers("POST"));
    };
    auto waiting = std::make_shared<Completion<std::string>>(std::move(done));
    fetch_with_retries(
        host, Retries{}, std::move(make), Completion<http::Response>([waiting, url](auto answer) {
            if (!answer)
                return (*waiting)(
                    no_token(ErrorKind::unavailable, url + " did not respond: " + answer.error().message));
            const int status = answer->head.status;
            if (status != 200)
                return (*waiting)(
                    no_token(status >= 400 && status < 500 ? ErrorKind::upstream : ErrorKind::unavailable,
                             url + " " + answer_in_words(*answer)));
            auto token = token_in(answer->body);
            wipe(answer->body);
            if (!token)
                return (*waiting)(no_token(ErrorKind::unavailable, url + ": " + token.error().message));
            (*waiting)(*std::move(token));
        }));
}

}  // namespace

void federate(Host& host, const std::string& auth_endpoint, const InstanceIdentity& identity,
              const PrivateKey& session_key, Completion<std::string> done) {
    nlohmann::json body{{"certificate", identity.leaf.der},
                        {"publicKey", session_key.public_key()},
                        {"intermediateCertificates", nlohmann::json::array()},
                        {"purpose", "DEFAULT"}};
    for (const Certificate& one : identity.intermediates) body["intermediateCertificates"].push_back(one.der);
    post(host, auth_endpoint + "/v1/x509", body.dump(), identity.leaf_key,
         identity.tenancy + "/fed-x509/" + identity.leaf.fingerprint, std::move(done));
}

void refresh(Host& host, const std::string& auth_endpoint, const std::string& token,
             std::shared_ptr<const PrivateKey> key, Completion<std::string> done) {
    post(host, auth_endpoint + "/v1/authentication/refresh",
         nlohmann::json::object({{"currentToken", token}}).dump(), std::move(key), "ST$" + token,
         std::move(done));
}

std::string auth_endpoint_of(std::string_view name, const RegionEnvironment& regions) {
    const Region region = find_region(name, regions);
    if (region.id.find('.') != std::string::npos) return "https://auth." + region.id;
    return "https://auth." + region.id + "." + region.domain;
}

}  // namespace gatehouse::oci

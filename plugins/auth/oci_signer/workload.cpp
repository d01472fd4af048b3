// SPDX-License-Identifier: Apache-2.0
// POST /resourcePrincipalSessionTokens.
#include "plugins/auth/oci_signer/workload.hpp"

#include <gatehouse/base64.hpp>
#include "plugins/auth/oci_signer/files.hpp"
#include "plugins/auth/oci_signer/retrying_fetch.hpp"
#include "plugins/auth/oci_signer/token.hpp"
#include "plugins/common/text/text.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace gatehouse::oci {

namespace {

/// Returns the JSON in a response: base64, with or without double quotes, or plain JSON.
std::string json_in(std::string_view body) {
    body = common::trimmed(body);
    if (body.starts_with('{')) return std::string(body);
    if (body.size() >= 2 && body.front() == '"' && body.back() == '"') body = body.substr(1, body.size() - 2);
    return from_any_base64(body);
}

class Workload final : public Source {
public:
    Workload(WorkloadSettings settings, Host& host) : settings_(std::move(settings)), host_(host) {}

    void obtain(Why, Completion<Credential> done) override {
        auto made = PrivateKey::generate();
        if (!made) return done(made.error());
        auto key = *std::move(made);
        const std::string body = nlohmann::json::object({{"podKey", key->public_key()}}).dump();
        auto waiting = std::make_shared<Completion<Credential>>(std::move(done));
        fetch_with_retries(
            host_, Retries{}, [this, body](int) { return request(body); },
            Completion<http::Response>([this, key = std::move(key), waiting](Result<http::Response> answer) {
                (*waiting)(read(std::move(answer), key));
            }));
    }

    std::string advice() const override {
        return "Signed as an OKE workload: the token comes from " + settings_.endpoint +
               " for the service account of " + settings_.token_file +
               ".\nThe policy for a workload is of the form: Allow any-user to use generative-ai-family in "
               "compartment NAME where all {request.principal.type = 'workload', "
               "request.principal.namespace = 'NAME', request.principal.service_account = 'NAME', "
               "request.principal.cluster_id = 'OCID'}.";
    }

private:
    /// Reads the token each time, because Kubernetes replaces it every hour.
    Result<http::Request> request(const std::string& body) const {
        auto content = read_file(settings_.token_file, max_token_bytes);
        if (!content)
            return no_token(ErrorKind::unavailable, "cannot read the service account's token " +
                                                        settings_.token_file + ": " +
                                                        content.error().message);
        auto token = clean_token(*content);
        wipe(*content);
        if (!token)
            return no_token(ErrorKind::unavailable, "cannot use the service account's token " +
                                                        settings_.token_file + ": " + token.error().message);
        http::Request made{.method = "POST", .url = settings_.endpoint + "/resourcePrincipalSessionTokens"};
        made.headers.set("authorization", "Bearer " + *token);
        made.headers.set("content-type", "application/json");
        made.headers.set("accept", "application/json");
        made.body = body;
        made.connect_timeout = std::chrono::seconds(5);
        made.first_byte_timeout = made.total_timeout = std::chrono::seconds(20);
        made.ca_file = settings_.ca_file;
        made.no_proxy = true;
        wipe(*token);
        return made;
    }

    Result<Credential> read(Result<http::Response> answer,
                            const std::shared_ptr<const PrivateKey>& key) const {
        const std::string who = "the cluster's identity service " + settings_.endpoint;
        if (!answer) {
            // An error of request() is already complete.
            const Error& error = answer.error();
            if (error.kind == ErrorKind::unavailable && error.detail.starts_with("cannot ")) return error;
            return no_token(ErrorKind::unavailable, who + " did not respond: " + error.message);
        }
        const int status = answer->head.status;
        if (status == 403)
            return no_token(
                ErrorKind::upstream,
                who + " " + answer_in_words(*answer) +
                    ": workload identity needs an enhanced cluster and one of its service accounts");
        if (status != 200)
            return no_token(status >= 400 && status < 500 ? ErrorKind::upstream : ErrorKind::unavailable,
                            who + " " + answer_in_words(*answer));
        if (answer->body.size() > 8 * max_token_bytes)
            return no_token(ErrorKind::unavailable, who + ": the response is too large for a token");
        std::string json = json_in(answer->body);
        auto token = token_in(json);
        wipe(json);
        wipe(answer->body);
        if (!token) return no_token(ErrorKind::unavailable, who + ": " + token.error().message);
        const Time now = host_.now();
        Credential made = credential_of(*token, key, now);
        wipe(*token);
        if (made.expiry) made.renew_at = now + (*made.expiry - now) / 2;  // as OCI's own SDKs do
        return made;
    }

    const WorkloadSettings settings_;
    Host& host_;
};

}  // namespace

std::unique_ptr<Source> make_workload(WorkloadSettings settings, Host& host) {
    return std::make_unique<Workload>(std::move(settings), host);
}

}  // namespace gatehouse::oci

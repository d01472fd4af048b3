// SPDX-License-Identifier: Apache-2.0
// GETs to the instance metadata service.
#include "plugins/auth/oci_signer/metadata.hpp"

#include "plugins/auth/oci_signer/retrying_fetch.hpp"
#include "plugins/auth/oci_signer/token.hpp"

#include <memory>

namespace gatehouse::oci {

namespace {

constexpr const char* usual_bases[] = {"http://169.254.169.254/opc/v2", "http://[fd00:c1::a9fe:a9fe]/opc/v2"};
constexpr std::size_t max_answer_bytes = 64 * 1024;
constexpr Retries retries{.attempts = 8,
                          .first_wait = std::chrono::milliseconds(500),
                          .longest_wait = std::chrono::seconds(30),
                          .in_all = std::chrono::seconds(180)};

}  // namespace

Metadata::Metadata(const std::string& base, Host& host) : host_(host) {
    if (base.empty())
        bases_.assign(std::begin(usual_bases), std::end(usual_bases));
    else
        bases_.push_back(base.ends_with('/') ? base.substr(0, base.size() - 1) : base);
}

void Metadata::get(const std::string& path, Missing missing, Completion<std::string> done) const {
    Retries how = retries;
    how.missing_too = missing == Missing::try_again;
    auto make = [bases = bases_, path](int attempt) -> Result<http::Request> {
        http::Request request{.url = bases[static_cast<std::size_t>(attempt) % bases.size()] + path};
        request.headers.set("authorization", "Bearer Oracle");
        request.connect_timeout = std::chrono::seconds(2);
        request.first_byte_timeout = request.total_timeout = std::chrono::seconds(10);
        request.no_proxy = true;  // the service responds to this machine only
        return request;
    };
    auto waiting = std::make_shared<Completion<std::string>>(std::move(done));
    const std::string what = "the instance metadata service, GET " + bases_.front() + path + ", ";
    fetch_with_retries(
        host_, how, make, Completion<http::Response>([waiting, what](auto answer) {
            if (!answer)
                return (*waiting)(
                    no_token(ErrorKind::unavailable, what + "did not respond: " + answer.error().message));
            if (answer->head.status != 200)
                return (*waiting)(
                    no_token(answer->head.status == 404 ? ErrorKind::not_found : ErrorKind::unavailable,
                             what + answer_in_words(*answer)));
            if (answer->body.size() > max_answer_bytes)
                return (*waiting)(no_token(ErrorKind::unavailable, what + "responded with more than 64 KiB"));
            (*waiting)(std::move(answer->body));
        }));
}

}  // namespace gatehouse::oci

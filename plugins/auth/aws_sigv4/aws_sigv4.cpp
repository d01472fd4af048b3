// SPDX-License-Identifier: Apache-2.0
// The signer of AWS's APIs.  A small body is signed at once: 4 hashes, some 10 µs.  The body of a
// larger one is hashed by a helper thread, because its milliseconds would delay other streams.
#include "plugins/auth/aws_sigv4/credential_source.hpp"

#include <gatehouse/sdk.hpp>

namespace gatehouse::aws {

namespace {

constexpr std::size_t small_body = 16 * 1024;  // 80 µs of hashing

/// Whether the response says that these credentials are not valid, or not any more.
bool refuses_credentials(const Rejection& rejection) {
    return rejection.head.status != 400 || rejection.body.find("ExpiredToken") != rejection.body.npos ||
           rejection.head.headers.get("x-amzn-errortype").starts_with("ExpiredToken");
}

}  // namespace

class AwsSigV4 final : public Signer {
public:
    AwsSigV4(Options options, Host& host) : host_(host) {
        check_scope(options);
        scope_ = options.service + " in " + options.region;
        source_ = std::make_shared<CredentialSource>(std::move(options), host);
        source_->key(host.now());
    }

    void sign(http::Request request, Completion<http::Request> done) override {
        const auto now = host_.now();
        if (source_->is_look_due(now))
            host_.run([source = source_, &host = host_] { source->look(false, host); });
        SigningKeyPointer key = source_->key(now);
        if (request.body.size() <= small_body)
            return done(aws::sign(std::move(request), key->credentials, key->day, now));
        struct Task {
            http::Request request;
            Completion<http::Request> done;
            SigningKeyPointer key;
            std::chrono::system_clock::time_point now;
        };
        auto task = std::make_shared<Task>(Task{std::move(request), std::move(done), std::move(key), now});
        host_.run([task] {
            task->done(
                aws::sign(std::move(task->request), task->key->credentials, task->key->day, task->now));
        });
    }

    void rejected(const Rejection& rejection, Completion<bool> done) override {
        if (source_->file().empty() || !refuses_credentials(rejection)) return done(false);
        auto waiting = std::make_shared<Completion<bool>>(std::move(done));
        host_.run([source = source_, &host = host_, waiting] { (*waiting)(source->look(true, host)); });
    }

    std::string advice() const override {
        std::string text = "Signed by AWS Signature Version 4 for the service " + scope_;
        text += source_->file().empty()
                    ? ", with access_key_id."
                    : ", with the profile " + source_->profile() + " of " + source_->file() + ".";
        return text +
               "\nCheck the region of the signer and of the provider's host, the clock of this machine (at most 5 "
               "minutes wrong), the session token of temporary credentials, and the policy of the user or role.";
    }

private:
    Host& host_;
    std::string scope_;
    std::shared_ptr<CredentialSource> source_;
};

}  // namespace gatehouse::aws

GATEHOUSE_PLUGIN(gatehouse::aws::AwsSigV4, gatehouse::aws::Options, gatehouse::aws::fields, "aws_sigv4",
                 "1.0.0");

// SPDX-License-Identifier: Apache-2.0
// The signer of OCI's APIs: options and entry point.  Signatures run on the helper threads,
// because half a millisecond of RSA would delay the streams of a worker thread.
#include "plugins/auth/oci_signer/credential_cache.hpp"
#include "plugins/auth/oci_signer/principal.hpp"
#include "plugins/auth/oci_signer/signature.hpp"
#include "plugins/common/host/detachable_host.hpp"

#include <gatehouse/sdk.hpp>

namespace gatehouse::oci {

namespace {

std::shared_ptr<CredentialCache> make_cache(SignerOptions options, std::shared_ptr<DetachableHost> host) {
    auto source = make_source(options, process_environment, *host);
    auto cache = std::make_shared<CredentialCache>(std::move(source), std::move(host),
                                                   std::chrono::milliseconds(options.token_wait_ms));
    for (auto* secret : {&options.key, &options.pass_phrase})
        if (*secret) wipe(**secret);
    return cache;
}

}  // namespace

class OciSigner final : public Signer {
public:
    OciSigner(SignerOptions options, Host& host)
        : host_(std::make_shared<DetachableHost>(host)), cache_(make_cache(std::move(options), host_)) {
        cache_->start();
    }
    ~OciSigner() override { host_->cut(); }

    void sign(http::Request request, Completion<http::Request> done) override {
        // The task owns its data, because the instance may be destroyed before it runs.
        // If the host drops the task, the destructor of the completion reports an error.
        struct Task {
            http::Request request;
            Completion<http::Request> done;
            std::shared_ptr<CredentialCache> cache;
            std::shared_ptr<DetachableHost> host;
        };
        auto task = std::make_shared<Task>(Task{std::move(request), std::move(done), cache_, host_});
        host_->run([task] {
            task->cache->get(Completion<CredentialPointer>([task](Result<CredentialPointer> credential) {
                if (!credential) return task->done(credential.error());
                const SignedHeaders& names = signed_headers(task->request.method);
                // The date is now, because the request may have waited for its token.
                task->done(oci::sign(std::move(task->request), *(*credential)->key, (*credential)->key_id,
                                     task->host->now(), names));
            }));
        });
    }

    void rejected(const Rejection& rejection, Completion<bool> done) override {
        if (rejection.head.status != 401) return done(false);  // 403: the policy does not allow it
        cache_->rejected(std::move(done));
    }

    std::string advice() const override { return cache_->advice(); }

private:
    std::shared_ptr<DetachableHost> host_;
    std::shared_ptr<CredentialCache> cache_;
};

namespace {
const Fields<SignerOptions> fields = signer_fields();
}  // namespace

}  // namespace gatehouse::oci

GATEHOUSE_PLUGIN(gatehouse::oci::OciSigner, gatehouse::oci::SignerOptions, gatehouse::oci::fields,
                 "oci_signer", "2.0.0");

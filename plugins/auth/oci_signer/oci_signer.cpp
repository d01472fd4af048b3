// SPDX-License-Identifier: Apache-2.0
// The signer of OCI's APIs: options, door, and the way to the helper threads,
// where a signature (half a millisecond of RSA) delays nobody's tokens.
#include "plugins/auth/oci_signer/principal.hpp"
#include "plugins/auth/oci_signer/signature.hpp"

#include <gatehouse/sdk.hpp>

namespace gatehouse::oci {

class OciSigner final : public Signer {
public:
    OciSigner(SignerOptions options, Host& host)
        : host_(host), principal_(make_principal(Settings(std::move(options), process_environment), host)) {}

    void sign(http::Request request, Completion<http::Request> done) override {
        // The task holds all that it needs: the instance may be gone when it runs.
        // Dropped instead, it takes the completion with it, which then says so.
        struct Task {
            http::Request request;
            Completion<http::Request> done;
            std::shared_ptr<Principal> principal;
            Principal::Time now;
        };
        auto task =
            std::make_shared<Task>(Task{std::move(request), std::move(done), principal_, host_.now()});
        host_.run([task] {
            auto credential = task->principal->credential(task->now);
            if (!credential) return task->done(credential.error());
            const SignedHeaders& names = signed_headers(task->request.method);
            task->done(
                oci::sign(std::move(task->request), *credential->key, credential->key_id, task->now, names));
        });
    }

    void rejected(Completion<bool> done) override {
        struct Task {
            Completion<bool> done;
            std::shared_ptr<Principal> principal;
            Principal::Time now;
        };
        auto task = std::make_shared<Task>(Task{std::move(done), principal_, host_.now()});
        host_.run([task] { task->done(task->principal->renew(task->now)); });
    }

private:
    Host& host_;
    std::shared_ptr<Principal> principal_;
};

namespace {
const Fields<SignerOptions> fields = signer_fields();
}  // namespace

}  // namespace gatehouse::oci

GATEHOUSE_PLUGIN(gatehouse::oci::OciSigner, gatehouse::oci::SignerOptions, gatehouse::oci::fields,
                 "oci_signer", "1.0.0");

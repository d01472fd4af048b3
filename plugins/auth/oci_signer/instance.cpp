// SPDX-License-Identifier: Apache-2.0
// The steps from an instance's metadata to its token.  One Obtaining object walks
// them, kept alive by the host's tasks; it holds the completion, which in turn
// keeps the source.
#include "plugins/auth/oci_signer/instance.hpp"

#include <gatehouse/http_date.hpp>
#include "plugins/auth/oci_signer/federation.hpp"
#include "plugins/auth/oci_signer/files.hpp"
#include "plugins/auth/oci_signer/metadata.hpp"
#include "plugins/auth/oci_signer/ocid.hpp"
#include "plugins/auth/oci_signer/signature.hpp"
#include "plugins/auth/oci_signer/token.hpp"
#include "plugins/common/text/text.hpp"

#include <nlohmann/json.hpp>

namespace gatehouse::oci {

namespace {

class Instance final : public Source {
public:
    Instance(InstanceSettings settings, Host& host)
        : settings(std::move(settings)), host(host), metadata(this->settings.metadata_endpoint, host) {
        if (auth_endpoint = this->settings.auth_endpoint;
            auth_endpoint.empty() && !this->settings.region.empty())
            auth_endpoint = auth_endpoint_of(this->settings.region, this->settings.regions);
    }

    void obtain(Why, Completion<Credential> done) override;

    std::string advice() const override {
        return "Signed as an instance principal: its identity comes from " + metadata.base() +
               ", its token from " +
               (settings.auth_endpoint.empty() ? "the authentication service of its region"
                                               : settings.auth_endpoint) +
               ".\nThe instance must be in the dynamic group that the policy names.";
    }

    const InstanceSettings settings;
    Host& host;
    const Metadata metadata;
    // Set once; calls do not overlap.
    std::string auth_endpoint, tenancy;
};

class Obtaining final : public std::enable_shared_from_this<Obtaining> {
public:
    Obtaining(Instance& source, Completion<Credential> done) : source_(source), done_(std::move(done)) {}

    void begin() {
        if (!source_.auth_endpoint.empty()) return ask_leaf();
        ask("/instance/regionInfo", Metadata::Missing::is_an_answer,
            [this](Result<std::string> answer) { read_region_info(std::move(answer)); });
    }

private:
    template <typename Step>
    void ask(const char* path, Metadata::Missing missing, Step step) {
        source_.metadata.get(path, missing,
                             Completion<std::string>([self = shared_from_this(), step = std::move(step)](
                                                         auto answer) { step(std::move(answer)); }));
    }

    /// As ask(), but a missing value is an error.
    template <typename Step>
    void need(const char* path, Step step) {
        ask(path, Metadata::Missing::try_again, [this, step = std::move(step)](Result<std::string> answer) {
            if (!answer) return fail(answer.error().detail);
            step(*std::move(answer));
        });
    }

    void fail(std::string detail) { done_(no_token(ErrorKind::unavailable, std::move(detail))); }

    void read_region_info(Result<std::string> answer) {
        if (!answer && answer.error().kind != ErrorKind::not_found) return fail(answer.error().detail);
        if (answer) {
            const auto info = nlohmann::json::parse(*answer, nullptr, /*allow_exceptions=*/false);
            auto member = [&](const char* name) {
                const auto found = info.is_object() ? info.find(name) : info.end();
                return found != info.end() && found->is_string() ? found->get<std::string>() : std::string();
            };
            const std::string region = member("regionIdentifier"), domain = member("realmDomainComponent");
            if (is_region_name(region) && is_region_name(domain)) {
                // The instance's own realm takes precedence over the table of regions.
                source_.auth_endpoint = "https://auth." + region + "." + domain;
                return ask_leaf();
            }
        }
        need("/instance/region", [this](const std::string& text) {
            const std::string_view region = common::trimmed(text);
            if (!is_region_name(region))
                return fail("the instance metadata service does not report a region; set the key region");
            source_.auth_endpoint = auth_endpoint_of(region, source_.settings.regions);
            ask_leaf();
        });
    }

    void ask_leaf() {
        need("/identity/cert.pem", [this](const std::string& pem) {
            auto leaf = read_certificates(pem);
            if (!leaf) return fail("the instance's certificate cannot be used: " + leaf.error().message);
            identity_.leaf = std::move(leaf->front());
            ask_key();
        });
    }

    void ask_key() {
        need("/identity/key.pem", [this](std::string pem) {
            auto key = PrivateKey::parse(pem, "", "the instance's private key");
            wipe(pem);
            if (!key) return fail(key.error().message);
            identity_.leaf_key = *std::move(key);
            ask_intermediate();
        });
    }

    void ask_intermediate() {
        need("/identity/intermediate.pem", [this](const std::string& pem) {
            auto certificates = read_certificates(pem);
            if (!certificates)
                return fail("the intermediate certificate cannot be used: " + certificates.error().message);
            identity_.intermediates = *std::move(certificates);
            check();
        });
    }

    void check() {
        if (identity_.leaf.public_key != identity_.leaf_key->public_key()) {
            // The platform replaces certificates, and this read may fall between two files.
            if (++rounds_ == 3) return fail("the instance's private key is not that of its certificate");
            return source_.host.after(std::chrono::seconds(1), [self = shared_from_this()] {
                self->source_.host.run([self] { self->ask_leaf(); });
            });
        }
        const Time now = source_.host.now();
        if (identity_.leaf.expiry <= now)
            return fail("the instance's certificate expired on " + to_http_date(identity_.leaf.expiry) +
                        ", but this machine's clock shows " + to_http_date(now) + "; correct the clock");
        identity_.tenancy = identity_.leaf.tenancy;
        if (!is_ocid(identity_.tenancy))
            return fail(
                "the instance's certificate does not name a tenancy: its subject has no OU "
                "opc-tenant:OCID or opc-identity:OCID");
        if (!source_.tenancy.empty() && source_.tenancy != identity_.tenancy)
            return fail("the instance's certificate is of the tenancy " + identity_.tenancy +
                        " now, and was of " + source_.tenancy + " before");
        ask_token();
    }

    void ask_token() {
        auto made = PrivateKey::generate();
        if (!made) return done_(made.error());
        auto key = *std::move(made);
        const PrivateKey& session_key = *key;
        federate(source_.host, source_.auth_endpoint, identity_, session_key,
                 Completion<std::string>([self = shared_from_this(), key = std::move(key)](auto token) {
                     if (!token) return self->done_(token.error());
                     self->source_.tenancy = self->identity_.tenancy;
                     auto made = credential_of(*token, key, self->source_.host.now());
                     wipe(*token);
                     made.about = "tenancy " + self->identity_.tenancy;
                     self->done_(std::move(made));
                 }));
    }

    Instance& source_;
    Completion<Credential> done_;
    InstanceIdentity identity_;
    int rounds_ = 0;
};

void Instance::obtain(Why, Completion<Credential> done) {
    std::make_shared<Obtaining>(*this, std::move(done))->begin();
}

}  // namespace

std::unique_ptr<Source> make_instance(InstanceSettings settings, Host& host) {
    return std::make_unique<Instance>(std::move(settings), host);
}

}  // namespace gatehouse::oci

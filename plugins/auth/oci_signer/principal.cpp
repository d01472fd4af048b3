// SPDX-License-Identifier: Apache-2.0
// From the key `principal`, OCI_CLI_AUTH or a profile to one of the sources.
#include "plugins/auth/oci_signer/principal.hpp"

#include "plugins/auth/oci_signer/chain.hpp"
#include "plugins/auth/oci_signer/federation.hpp"
#include "plugins/auth/oci_signer/instance.hpp"
#include "plugins/auth/oci_signer/resource.hpp"
#include "plugins/auth/oci_signer/session.hpp"
#include "plugins/auth/oci_signer/settings.hpp"
#include "plugins/auth/oci_signer/user.hpp"
#include "plugins/auth/oci_signer/workload.hpp"
#include "plugins/provider/oci/region/region_metadata.hpp"

namespace gatehouse::oci {

namespace {

const std::string service_account = "/var/run/secrets/kubernetes.io/serviceaccount/";

/// Makes sources from the signer's keys.  A value of the TOML overrides a variable.
class Maker {
public:
    Maker(const SignerOptions& options, const Environment& environment, Host& host)
        : options_(options), environment_(environment), host_(host) {}

    std::unique_ptr<Source> make() {
        const std::string principal = options_.principal.value_or("");
        if (principal == "instance") return instance(region());
        if (principal == "resource") return or_absent([&] { return resource(); });
        if (principal == "oke_workload") return or_absent([&] { return workload(); });
        if (principal == "auto") return first_found();
        const Settings settings(options_, environment_);
        if (principal == "api_key") return make_user(settings, host_);
        if (principal == "session") return session(settings);
        return as_said(settings);
    }

private:
    /// Called if the TOML does not have the key `principal`.
    std::unique_ptr<Source> as_said(const Settings& settings) {
        const Setting* way = settings.way();
        const std::string word = way ? way->value : "";
        const std::string at = way ? way->toml_key : "";
        if (word == "instance_principal") {
            // As in Cloud Shell: without the delegation token the instance is another principal.
            if (const Setting* token = settings.find("delegation_token_file"))
                throw KeyError(token->toml_key, token->origin + ": delegation tokens are not supported");
            return instance(region());
        }
        if (word == "resource_principal") return or_absent([&] { return resource(); });
        if (word == "oke_workload_identity") return or_absent([&] { return workload(); });
        if (word == "api_key") return make_user(settings, host_);
        if (!word.empty() && word != "security_token")
            throw KeyError(at, way->origin + " is " + word.substr(0, 40) + ", which is not supported");
        return settings.is_session() || !word.empty() ? session(settings) : make_user(settings, host_);
    }

    std::unique_ptr<Source> session(const Settings& settings) {
        std::string endpoint = auth_endpoint();
        const Setting* known = settings.find("region");
        if (known && endpoint.empty()) {
            if (!is_region_name(known->value))
                throw KeyError(known->toml_key,
                               known->origin + " is not a region: expected something like us-chicago-1");
            endpoint = auth_endpoint_of(known->value, regions_);
        }
        if (!options_.refresh_session) endpoint.clear();
        return make_session(settings, std::move(endpoint), host_);
    }

    std::unique_ptr<Source> instance(const std::string& region) {
        return make_instance({.metadata_endpoint = endpoint(options_.metadata_endpoint, "metadata_endpoint",
                                                            "OCI_METADATA_BASE_URL"),
                              .auth_endpoint = auth_endpoint(),
                              .region = region,
                              .regions = regions_},
                             host_);
    }

    /// A missing part of the platform does not make the configuration invalid, because the
    /// configuration may be checked on another machine.  The log and each request report it.
    template <typename Make>
    std::unique_ptr<Source> or_absent(Make make) {
        auto made = make();
        return made ? *std::move(made) : make_absent(made.error().message);
    }

    Result<std::unique_ptr<Source>> resource() { return make_resource(environment_, host_); }

    Result<std::unique_ptr<Source>> workload() {
        auto absent = [](std::string why) { return Error{ErrorKind::bad_config, std::move(why)}; };
        WorkloadSettings settings{
            .endpoint = endpoint(options_.proxymux_endpoint, "proxymux_endpoint", nullptr),
            .token_file = options_.service_account_token_file.value_or(""),
            .ca_file = options_.service_account_ca_file.value_or("")};
        if (settings.endpoint.empty()) {
            auto host = environment_("KUBERNETES_SERVICE_HOST");
            if (!host)
                return absent(
                    "the variable KUBERNETES_SERVICE_HOST is not set: this is not a pod of a cluster");
            if (host->find(':') != std::string::npos && !host->starts_with('[')) *host = "[" + *host + "]";
            settings.endpoint =
                "https://" + *host + ":" + environment_("KUBERNETES_SERVICE_PORT_PROXYMUX").value_or("12250");
        }
        if (settings.token_file.empty()) settings.token_file = service_account + "token";
        if (settings.ca_file.empty())
            settings.ca_file =
                environment_("OCI_KUBERNETES_SERVICE_ACCOUNT_CERT_PATH").value_or(service_account + "ca.crt");
        if (!settings.endpoint.starts_with("https://")) settings.ca_file.clear();
        for (const std::string& file : {settings.token_file, settings.ca_file})
            if (!file.empty() && !stamp_of(file))
                return absent("there is no file " + file +
                              ": this pod does not have a Kubernetes service account");
        return make_workload(std::move(settings), host_);
    }

    std::unique_ptr<Source> first_found() {
        std::vector<Candidate> all;
        auto add = [&](const char* name, auto&& make_one) {
            Candidate candidate{name, nullptr, ""};
            try {
                Result<std::unique_ptr<Source>> made = make_one();
                if (made)
                    candidate.source = *std::move(made);
                else
                    candidate.why_not = made.error().message;
            } catch (const KeyError& failure) {
                candidate.why_not = failure.what();
            }
            all.push_back(std::move(candidate));
        };
        add("a resource principal", [&] { return resource(); });
        add("an OKE workload", [&] { return workload(); });
        add("an API key or a session", [&] { return as_said(Settings(options_, environment_)); });
        add("an instance principal", [&] { return instance(region()); });
        if (!all.back().source) throw KeyError("principal", all.back().why_not);
        return make_chain(std::move(all), host_);
    }

    std::string region() const {
        std::string name = options_.region.value_or("");
        if (!name.empty() && !is_region_name(name))
            throw KeyError("region", "region is not a region: expected something like us-chicago-1");
        return name;
    }

    std::string auth_endpoint() const {
        return endpoint(options_.auth_endpoint, "auth_endpoint", "OCI_AUTH_ENDPOINT");
    }

    /// Returns a base URL from the TOML or a variable, without a slash at its end.  Returns an
    /// empty string if neither is set.
    std::string endpoint(const std::optional<std::string>& given, const char* key,
                         const char* variable) const {
        std::string url = given.value_or("");
        std::string at = key;
        if (url.empty() && variable) {
            url = environment_(variable).value_or("");
            at.clear();
        }
        if (!url.empty() && !url.starts_with("http://") && !url.starts_with("https://"))
            throw KeyError(at, (at.empty() ? std::string("the variable ") + variable : at) +
                                   " must begin with http:// or https://");
        while (url.ends_with('/')) url.pop_back();
        return url;
    }

    const SignerOptions& options_;
    const Environment& environment_;
    Host& host_;
    const RegionEnvironment regions_ = region_environment();
};

}  // namespace

std::unique_ptr<Source> make_source(const SignerOptions& options, const Environment& environment,
                                    Host& host) {
    return Maker(options, environment, host).make();
}

}  // namespace gatehouse::oci

// SPDX-License-Identifier: Apache-2.0
// Reads OCI_RESOURCE_PRINCIPAL_* and the files that these variables name.
#include "plugins/auth/oci_signer/resource.hpp"

#include <gatehouse/http_date.hpp>
#include "plugins/auth/oci_signer/file_token.hpp"
#include "plugins/auth/oci_signer/signature.hpp"
#include "plugins/auth/oci_signer/token.hpp"

namespace gatehouse::oci {

namespace {

const std::string prefix = "OCI_RESOURCE_PRINCIPAL_";

class Resource final : public Source {
public:
    Resource(FileToken pair, Host& host) : pair_(std::move(pair)), host_(host) {}

    void obtain(Why why, Completion<Credential> done) override {
        Result<void> good;
        if (why == Why::look) {
            if (auto changed = pair_.read_if_changed(); !changed) good = changed.error();
        } else {
            good = pair_.read();
        }
        // The platform may be replacing the files: an unreadable pair does not replace the old pair.
        if (!good && !pair_.is_read())
            return done(
                no_token(ErrorKind::unavailable, "cannot use " + pair_.what() + ": " + good.error().message));
        const Time now = host_.now();
        Credential made = credential_of(pair_.token(), pair_.key(), now);
        if (made.expiry && *made.expiry <= now) {
            std::string detail = pair_.what() + " expired on " + to_http_date(*made.expiry);
            if (!good) detail += ", and it cannot be read again: " + good.error().message;
            return done(no_token(
                ErrorKind::unavailable,
                detail + (pair_.path().empty()
                              ? "; restart the gateway, because a token given as text cannot be renewed"
                              : "; the platform should have renewed it")));
        }
        done(std::move(made));
    }

    bool watches() const override { return pair_.has_files(); }

    std::string advice() const override {
        return "Signed as a resource principal: " + pair_.what() +
               ".\nThe resource must be in the dynamic group that the policy names.";
    }

private:
    FileToken pair_;
    Host& host_;
};

bool is_path(const std::string& value) { return value.starts_with('/'); }

Error bad_resource(std::string what) { return {ErrorKind::bad_config, std::move(what)}; }

}  // namespace

Result<std::unique_ptr<Source>> make_resource(const Environment& environment, Host& host) {
    auto variable = [&](const char* name) { return environment((prefix + name).c_str()); };
    const auto version = variable("VERSION");
    if (!version)
        return bad_resource(
            "the variable OCI_RESOURCE_PRINCIPAL_VERSION is not set, so there is no resource principal");
    if (*version != "2.2")
        return bad_resource("resource principals of version " + version->substr(0, 20) +
                            " are not supported, only those of 2.2 (OCI_RESOURCE_PRINCIPAL_VERSION)");
    auto token = variable("RPST");
    auto pem = variable("PRIVATE_PEM");
    if (!token || !pem)
        return bad_resource("the variable " + prefix + (token ? "PRIVATE_PEM" : "RPST") +
                            ", which belongs to a resource principal, is not set");
    KeySource key;
    key.what = "the private key (the variable " + prefix + "PRIVATE_PEM)";
    if (is_path(*pem)) {
        key.path = *pem;
        key.what = "the private key " + *pem + " (the variable " + prefix + "PRIVATE_PEM)";
    } else {
        key.content = *pem;
    }
    if (auto phrase = variable("PRIVATE_PEM_PASSPHRASE")) {
        // The pass phrase is a path if and only if the key is a path.
        (is_path(*pem) ? key.pass_phrase_path : key.pass_phrase) = *phrase;
        wipe(*phrase);
    }
    const std::string path = is_path(*token) ? *token : "";
    FileToken pair(path, path.empty() ? *token : "",
                   path.empty() ? "the token (the variable " + prefix + "RPST)" : "the token " + path,
                   std::move(key));
    wipe(*token);
    wipe(*pem);
    return std::unique_ptr<Source>(std::make_unique<Resource>(std::move(pair), host));
}

}  // namespace gatehouse::oci

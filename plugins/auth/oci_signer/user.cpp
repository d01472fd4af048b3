// SPDX-License-Identifier: Apache-2.0
// Reads tenancy, user, fingerprint and private key, and checks them once at start.
#include "plugins/auth/oci_signer/user.hpp"

#include "plugins/auth/oci_signer/key_source.hpp"
#include "plugins/auth/oci_signer/ocid.hpp"

namespace gatehouse::oci {

namespace {

class User final : public Source {
public:
    User(Credential credential, std::string advice)
        : credential_(std::move(credential)), advice_(std::move(advice)) {}

    std::optional<Credential> at_once() override { return credential_; }
    void obtain(Why, Completion<Credential> done) override { done(credential_); }
    bool expires() const override { return false; }
    std::string advice() const override { return advice_; }

private:
    const Credential credential_;
    const std::string advice_;
};

const std::string& ocid(const Settings& settings, const std::string& name) {
    const Setting& setting = settings.need(name);
    if (!is_ocid(setting.value))
        throw KeyError(setting.toml_key, setting.origin + " is not an OCID: expected something like ocid1." +
                                             name + ".oc1..aaaa…");
    return setting.value;
}

/// Returns the key's fingerprint.  Throws KeyError if the configured fingerprint differs.
std::string fingerprint_of(const Settings& settings, const KeySource& source, const std::string& actual) {
    const Setting* given = settings.find("fingerprint");
    if (!given) {
        if (!actual.empty()) return actual;
        throw KeyError(source.toml_key,
                       "fingerprint is missing and cannot be computed, because this OpenSSL has no MD5");
    }
    const std::string fingerprint = as_fingerprint(given->value);
    if (fingerprint.empty())
        throw KeyError(given->toml_key, given->origin +
                                            " is not a fingerprint: expected 16 pairs of hex digits " +
                                            "separated by colons; the key's fingerprint is " + actual);
    // OCI would reject every signature without a reason, because it finds the key by its fingerprint.
    if (!actual.empty() && fingerprint != actual)
        throw KeyError(given->toml_key, given->origin + " is " + fingerprint + ", which does not belong to " +
                                            source.what + "; its fingerprint is " + actual);
    return fingerprint;
}

}  // namespace

std::unique_ptr<Source> make_user(const Settings& settings, Host& host) {
    const KeySource source(settings);
    auto key = source.load_at_start(host);
    const std::string& tenancy = ocid(settings, "tenancy");
    const std::string& user = ocid(settings, "user");
    const std::string& actual = key->fingerprint();
    const std::string fingerprint = fingerprint_of(settings, source, actual);

    std::string advice = "Signed as the user " + user + " of the tenancy " + tenancy + " with the API key " +
                         fingerprint + ": " + source.what + ".";
    if (!actual.empty()) advice += "\nThe fingerprint is that of the private key.";
    return std::make_unique<User>(
        Credential{.key_id = tenancy + "/" + user + "/" + fingerprint, .key = std::move(key)},
        std::move(advice));
}

}  // namespace gatehouse::oci

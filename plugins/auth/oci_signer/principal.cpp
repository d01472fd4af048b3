// SPDX-License-Identifier: Apache-2.0
// Choosing the principal, and the one that never changes: a user's API key.
#include "plugins/auth/oci_signer/principal.hpp"

#include "plugins/auth/oci_signer/session.hpp"

#include <algorithm>

namespace gatehouse::oci {

namespace {

class ApiKey final : public Principal {
public:
    explicit ApiKey(Credential credential) : credential_(std::move(credential)) {}
    Result<Credential> credential(Time) override { return credential_; }

private:
    const Credential credential_;
};

bool is_word(char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' || c == '_';
}

/// The pattern of OCI's own SDKs: at least five words between dots or colons,
/// of which only the first and the last must not be empty.
bool is_ocid(std::string_view text) {
    auto is_separator = [](char c) { return c == '.' || c == ':'; };
    return std::all_of(text.begin(), text.end(), [&](char c) { return is_word(c) || is_separator(c); }) &&
           std::count_if(text.begin(), text.end(), is_separator) >= 4 && is_word(text.front()) &&
           is_word(text.back());
}

const std::string& ocid(const Settings& settings, const std::string& name) {
    const Setting& setting = settings.need(name);
    if (!is_ocid(setting.value))
        throw KeyError(setting.toml_key,
                       setting.origin + " is no OCID: expected something like ocid1." + name + ".oc1..aaaa…");
    return setting.value;
}

/// "20:3b:…" in lower case, or empty if it is no fingerprint.
std::string as_fingerprint(std::string text) {
    if (text.size() != 47) return {};
    for (std::size_t i = 0; i < text.size(); ++i) {
        char& c = text[i];
        if (c >= 'A' && c <= 'F') c += 'a' - 'A';
        const bool is_hex = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
        if (i % 3 == 2 ? c != ':' : !is_hex) return {};
    }
    return text;
}

}  // namespace

KeySource::KeySource(const Settings& settings) {
    const Setting* text = settings.find("key");
    const Setting& place = text ? *text : settings.need("key_file");
    if (!text) path = place.value;
    toml_key = place.toml_key;
    what = text ? "the private key (" + place.origin + ")"
                : "the private key " + path + (place.origin == "key_file" ? "" : " (" + place.origin + ")");
    if (text) content = text->value;
    if (const Setting* phrase = settings.find("pass_phrase")) {
        pass_phrase = phrase->value;
        pass_phrase_key = phrase->toml_key;
    }
}

KeySource::~KeySource() {
    wipe(content);
    wipe(pass_phrase);
}

Result<std::shared_ptr<const PrivateKey>> KeySource::load() const {
    if (path.empty()) return PrivateKey::parse(content, pass_phrase, what);
    auto pem = read_file(path, 64 * 1024);
    if (!pem) return Error{ErrorKind::bad_config, "cannot read " + what + ": " + pem.error().message};
    auto key = PrivateKey::parse(*pem, pass_phrase, what);
    wipe(*pem);
    return key;
}

std::shared_ptr<Principal> make_principal(const Settings& settings, Host& host) {
    KeySource source(settings);
    auto key = source.load();
    if (!key) {
        const bool phrase =
            key.error().message.starts_with("wrong pass phrase") && !source.pass_phrase_key.empty();
        throw KeyError(phrase ? source.pass_phrase_key : source.toml_key, key.error().message);
    }
    if (!source.path.empty() && readable_by_others(source.path))
        host.log(Level::warning, "others can read the private key; run chmod 600 on it",
                 {{"file", source.path}});
    if ((*key)->bits() < 2048)
        host.log(Level::warning, "the private key is shorter than the 2048 bits that OCI asks for",
                 {{"bits", std::to_string((*key)->bits())}});
    if (settings.is_session()) return make_session(settings, std::move(source), *key, host);

    std::string owner = ocid(settings, "tenancy") + "/";
    owner += ocid(settings, "user") + "/";
    const std::string& actual = (*key)->fingerprint();
    const Setting* given = settings.find("fingerprint");
    if (!given && actual.empty())
        throw KeyError(source.toml_key, "give the fingerprint: OpenSSL has no MD5 here to compute it");
    if (!given) return std::make_shared<ApiKey>(Credential{owner + actual, *key});

    const std::string fingerprint = as_fingerprint(given->value);
    if (fingerprint.empty())
        throw KeyError(given->toml_key, given->origin +
                                            " is no fingerprint: expected 16 pairs of hex digits " +
                                            "with colons between them; that of the key is " + actual);
    if (!actual.empty() && fingerprint != actual)
        throw KeyError(given->toml_key, given->origin + " is " + fingerprint + ", which does not belong to " +
                                            source.what + ": that has " + actual);
    return std::make_shared<ApiKey>(Credential{owner + fingerprint, *key});
}

}  // namespace gatehouse::oci

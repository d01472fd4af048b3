// SPDX-License-Identifier: Apache-2.0
// Reads the private key that the settings name.
#include "plugins/auth/oci_signer/key_source.hpp"

#include "plugins/auth/oci_signer/settings.hpp"
#include "plugins/common/text/text.hpp"

namespace gatehouse::oci {

namespace {
constexpr std::size_t max_key_bytes = 64 * 1024;
constexpr std::size_t max_pass_phrase_bytes = 4096;
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
        pass_phrase_in = phrase->file;
    }
}

KeySource::~KeySource() {
    wipe(content);
    wipe(pass_phrase);
}

Result<std::shared_ptr<const PrivateKey>> KeySource::load() const {
    std::string phrase = pass_phrase;
    if (!pass_phrase_path.empty()) {
        auto read = read_file(pass_phrase_path, max_pass_phrase_bytes);
        if (!read)
            return Error{ErrorKind::bad_config, "cannot read the pass phrase " + pass_phrase_path + " of " +
                                                    what + ": " + read.error().message};
        phrase = common::trimmed(*read);
        wipe(*read);
    }
    auto pem = path.empty() ? Result<std::string>(content) : read_file(path, max_key_bytes);
    Result<std::shared_ptr<const PrivateKey>> key =
        Error{ErrorKind::bad_config, pem ? "" : "cannot read " + what + ": " + pem.error().message};
    if (pem) {
        key = PrivateKey::parse(*pem, phrase, what);
        wipe(*pem);
    }
    wipe(phrase);
    return key;
}

std::shared_ptr<const PrivateKey> KeySource::load_at_start(Host& host) const {
    auto key = load();
    if (!key) {
        const bool phrase = key.error().message.starts_with("wrong pass phrase") && !pass_phrase_key.empty();
        throw KeyError(phrase ? pass_phrase_key : toml_key, key.error().message);
    }
    if (!path.empty()) check_permissions(path, toml_key, host);
    if (!pass_phrase_in.empty()) check_permissions(pass_phrase_in, pass_phrase_key, host);
    if ((*key)->bits() < 2048)
        host.log(Level::warning, "private key shorter than the 2048 bits that OCI requires",
                 {{"bits", std::to_string((*key)->bits())}});
    return *std::move(key);
}

KeySource::Stamps KeySource::stamps() const {
    return {path.empty() ? std::nullopt : stamp_of(path),
            pass_phrase_path.empty() ? std::nullopt : stamp_of(pass_phrase_path)};
}

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

}  // namespace gatehouse::oci

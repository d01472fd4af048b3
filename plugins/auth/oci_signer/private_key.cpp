// SPDX-License-Identifier: Apache-2.0
// Reads PEM in all forms that OCI's tools and consoles write; signs with OpenSSL's EVP.
#include "plugins/auth/oci_signer/private_key.hpp"

#include <gatehouse/base64.hpp>
#include "plugins/auth/oci_signer/files.hpp"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include <cstring>
#include <optional>

namespace gatehouse::oci {

namespace {

/// One PEM block: from its BEGIN line to its END line.
struct Armour {
    std::string label;  // "RSA PRIVATE KEY"
    std::string text;   // with a line break at its end
};

std::string with_line_breaks(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '\\' && i + 1 < text.size() && (text[i + 1] == 'n' || text[i + 1] == 'r')) {
            if (text[++i] == 'n') out += '\n';
        } else {
            out += text[i];
        }
    }
    return out;
}

/// Breaks the base64 of a block into the lines that OpenSSL expects.
std::string wrapped(std::string_view body) {
    std::string out = "\n";
    out.reserve(body.size() + body.size() / 64 + 3);
    std::size_t column = 0;
    for (char c : body) {
        if (c == ' ' || c == '\t' || c == '\r' || c == '\n') continue;
        out += c;
        if (++column % 64 == 0) out += '\n';
    }
    return out.back() == '\n' ? out : out + '\n';
}

/// Returns the first private key in `pem`, or the first block of another kind.
std::optional<Armour> find_armour(std::string_view pem) {
    std::optional<Armour> other;
    std::size_t at = 0;
    while ((at = pem.find("-----BEGIN ", at)) != std::string_view::npos) {
        const std::size_t label_start = at + std::strlen("-----BEGIN ");
        const std::size_t label_end = pem.find("-----", label_start);
        if (label_end == std::string_view::npos) break;
        const std::string label(pem.substr(label_start, label_end - label_start));
        const std::string last = "-----END " + label + "-----";
        const std::size_t body = label_end + 5;
        const std::size_t end = pem.find(last, body);
        if (end == std::string_view::npos) {
            at = body;
            continue;
        }
        std::string_view inside = pem.substr(body, end - body);
        Armour armour{label, "-----BEGIN " + label + "-----"};
        armour.text.reserve(2 * pem.size() + 64);  // keeps no copies in memory
        // The base64 may be indented, on one line, or with empty lines: its lines are broken
        // again.  A header such as Proc-Type, which has a colon, stays unchanged.
        if (inside.find(':') == std::string_view::npos) {
            std::string lines = wrapped(inside);
            armour.text += lines;
            wipe(lines);
        } else {
            armour.text += inside;
        }
        armour.text += last + "\n";
        if (label.ends_with("PRIVATE KEY")) return armour;
        if (!other) other = std::move(armour);
        at = end + last.size();
    }
    return other;
}

/// OpenSSL calls this for an encrypted key.  Without a callback it would prompt on the terminal.
int give_pass_phrase(char* buffer, int size, int, void* pass_phrase) {
    const auto& text = *static_cast<const std::string*>(pass_phrase);
    if (text.empty() || text.size() > static_cast<std::size_t>(size)) return -1;
    std::memcpy(buffer, text.data(), text.size());
    return static_cast<int>(text.size());
}

/// SubjectPublicKeyInfo in DER; empty if OpenSSL fails.
std::string public_der(evp_pkey_st* key) {
    unsigned char* der = nullptr;
    const int length = i2d_PUBKEY(key, &der);
    std::string bytes;
    if (length > 0) bytes.assign(reinterpret_cast<const char*>(der), static_cast<std::size_t>(length));
    OPENSSL_free(der);
    return bytes;
}

std::string md5_fingerprint(evp_pkey_st* key) {
    const std::string der = public_der(key);
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned int size = 0;
    if (der.empty() || EVP_Digest(der.data(), der.size(), digest, &size, EVP_md5(), nullptr) != 1) return {};
    return hex_pairs({reinterpret_cast<const char*>(digest), size});
}

Error bad_key(std::string message) { return {ErrorKind::bad_config, std::move(message)}; }

}  // namespace

void PrivateKey::Free::operator()(evp_pkey_st* key) const { EVP_PKEY_free(key); }
void PrivateKey::Free::operator()(evp_pkey_ctx_st* context) const { EVP_PKEY_CTX_free(context); }

PrivateKey::PrivateKey(evp_pkey_st* key) : key_(key), fingerprint_(md5_fingerprint(key)) {
    if (EVP_PKEY_get_base_id(key) != EVP_PKEY_RSA) return;
    signing_.reset(EVP_PKEY_CTX_new(key, nullptr));
    if (!signing_ || EVP_PKEY_sign_init(signing_.get()) != 1 ||
        EVP_PKEY_CTX_set_rsa_padding(signing_.get(), RSA_PKCS1_PADDING) != 1 ||
        EVP_PKEY_CTX_set_signature_md(signing_.get(), EVP_sha256()) != 1)
        signing_.reset();
    ERR_clear_error();
}

int PrivateKey::bits() const { return EVP_PKEY_get_bits(key_.get()); }

Result<std::shared_ptr<const PrivateKey>> PrivateKey::parse(std::string_view pem,
                                                            const std::string& pass_phrase,
                                                            const std::string& what) {
    std::string text = with_line_breaks(pem);
    auto armour = find_armour(text);
    wipe(text);
    if (!armour)
        return bad_key(what +
                       " is not a PEM private key: expected -----BEGIN PRIVATE KEY----- or "
                       "-----BEGIN RSA PRIVATE KEY----- and the matching END line");
    if (!armour->label.ends_with("PRIVATE KEY"))
        return bad_key(what + " is a " + armour->label.substr(0, 40) + ", not a private key");
    if (armour->label == "OPENSSH PRIVATE KEY")
        return bad_key(what + " is in OpenSSH's format; convert a copy with `ssh-keygen -p -m PEM -f COPY`");

    const bool encrypted = armour->label == "ENCRYPTED PRIVATE KEY" ||
                           armour->text.find("Proc-Type: 4,ENCRYPTED") != std::string::npos;
    if (encrypted && pass_phrase.empty()) {
        wipe(armour->text);
        return bad_key(what + " is encrypted; give its pass_phrase");
    }
    BIO* source = BIO_new_mem_buf(armour->text.data(), static_cast<int>(armour->text.size()));
    EVP_PKEY* key = source ? PEM_read_bio_PrivateKey(source, nullptr, &give_pass_phrase,
                                                     const_cast<std::string*>(&pass_phrase))
                           : nullptr;
    BIO_free(source);
    wipe(armour->text);
    ERR_clear_error();  // other code in this process reads the same queue
    if (!key) return bad_key(encrypted ? "wrong pass phrase for " + what : what + " is damaged");

    std::shared_ptr<PrivateKey> parsed(new PrivateKey(key));
    if (EVP_PKEY_get_base_id(key) != EVP_PKEY_RSA) {
        const char* type = EVP_PKEY_get0_type_name(key);
        return bad_key(what + " is of type " + (type ? type : "unknown") + "; OCI accepts RSA keys only");
    }
    if (!parsed->sign("a trial")) return bad_key(what + " cannot sign: it is damaged or too short");
    return std::shared_ptr<const PrivateKey>(std::move(parsed));
}

Result<std::shared_ptr<const PrivateKey>> PrivateKey::generate() {
    EVP_PKEY* key = EVP_RSA_gen(2048);
    ERR_clear_error();
    if (!key) return Error{ErrorKind::internal, "internal error", "OpenSSL could not make an RSA key"};
    return std::shared_ptr<const PrivateKey>(new PrivateKey(key));
}

std::string PrivateKey::public_key() const { return to_base64(public_der(key_.get())); }

Result<std::string> PrivateKey::sign(std::string_view text) const {
    // Fetched once, because a lookup by name is slow and takes a lock.
    static EVP_MD* const sha256 = EVP_MD_fetch(nullptr, "SHA256", nullptr);
    const std::unique_ptr<evp_pkey_ctx_st, Free> context(signing_ ? EVP_PKEY_CTX_dup(signing_.get())
                                                                  : nullptr);
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned int digest_size = 0;
    std::string signature(static_cast<std::size_t>(EVP_PKEY_get_size(key_.get())), '\0');
    std::size_t size = signature.size();
    if (!context || !sha256 ||
        EVP_Digest(text.data(), text.size(), digest, &digest_size, sha256, nullptr) != 1 ||
        EVP_PKEY_sign(context.get(), reinterpret_cast<unsigned char*>(signature.data()), &size, digest,
                      digest_size) != 1) {
        ERR_clear_error();
        return Error{ErrorKind::internal, "internal error", "OpenSSL could not make an RSA signature"};
    }
    signature.resize(size);
    return to_base64(signature);
}

std::string hex_pairs(std::string_view bytes) {
    const char hex[] = "0123456789abcdef";
    std::string text;
    text.reserve(3 * bytes.size());
    for (unsigned char byte : bytes) {
        if (!text.empty()) text += ':';
        text += hex[byte >> 4];
        text += hex[byte & 15];
    }
    return text;
}

std::string sha256_base64(std::string_view bytes) {
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned int size = 0;
    EVP_Digest(bytes.data(), bytes.size(), digest, &size, EVP_sha256(), nullptr);
    return to_base64({reinterpret_cast<const char*>(digest), size});
}

}  // namespace gatehouse::oci

// SPDX-License-Identifier: Apache-2.0
#include "core/tls/shown_certificate.hpp"

#include "core/tls/openssl_types.hpp"
#include "core/util/ascii.hpp"

#include <openssl/bio.h>
#include <openssl/x509v3.h>

#include <arpa/inet.h>

#include <algorithm>
#include <string_view>
#include <utility>

namespace gatehouse::core {

namespace {

std::string subject_of(const X509& certificate) {
    const BioOwner text(BIO_new(BIO_s_mem()));
    X509_NAME_print_ex(text.get(), X509_get_subject_name(&certificate), 0, XN_FLAG_RFC2253);
    char* bytes = nullptr;
    const long size = BIO_get_mem_data(text.get(), &bytes);
    return {bytes, static_cast<std::size_t>(std::max(size, 0L))};
}

std::string_view bytes_of(const ASN1_STRING& text) {
    return {reinterpret_cast<const char*>(ASN1_STRING_get0_data(&text)),
            static_cast<std::size_t>(ASN1_STRING_length(&text))};
}

// A name with a NUL or a line end could be read as another name elsewhere.
bool is_visible(std::string_view text) {
    return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < 0x7F; });
}

std::string address(std::string_view bytes) {
    char text[INET6_ADDRSTRLEN] = "";
    if (bytes.size() == 4) ::inet_ntop(AF_INET, bytes.data(), text, sizeof text);
    if (bytes.size() == 16) ::inet_ntop(AF_INET6, bytes.data(), text, sizeof text);
    return text;
}

/// Returns the kind of name and its text; empty for kinds that are not used.
std::pair<std::string_view, std::string> read(const GENERAL_NAME& name) {
    switch (name.type) {
        case GEN_DNS: return {"DNS:", lower_case(bytes_of(*name.d.dNSName))};
        case GEN_URI: return {"URI:", std::string(bytes_of(*name.d.uniformResourceIdentifier))};
        case GEN_EMAIL: return {"email:", std::string(bytes_of(*name.d.rfc822Name))};
        case GEN_IPADD: return {"IP:", address(bytes_of(*name.d.iPAddress))};
        default: return {};
    }
}

std::vector<std::string> names_of(const X509& certificate) {
    const std::unique_ptr<GENERAL_NAMES, void (*)(GENERAL_NAMES*)> all(
        static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(&certificate, NID_subject_alt_name, nullptr, nullptr)),
        GENERAL_NAMES_free);
    std::vector<std::string> names;
    for (int i = 0; all && i < sk_GENERAL_NAME_num(all.get()); ++i) {
        const auto [kind, text] = read(*sk_GENERAL_NAME_value(all.get(), i));
        if (is_visible(text)) names.push_back(std::string(kind) + text);
    }
    return names;
}

}  // namespace

ShownCertificate shown_certificate(const SSL& session) {
    const X509* shown = SSL_get0_peer_certificate(&session);
    if (!shown || SSL_get_verify_result(&session) != X509_V_OK) return {};
    return {subject_of(*shown), names_of(*shown)};
}

}  // namespace gatehouse::core

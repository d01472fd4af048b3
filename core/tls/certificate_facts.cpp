// SPDX-License-Identifier: Apache-2.0
#include "core/tls/certificate_facts.hpp"

#include "core/tls/openssl_types.hpp"
#include "core/tls/tls_fault.hpp"
#include "core/util/ascii.hpp"

#include <openssl/bio.h>
#include <openssl/x509v3.h>

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <ctime>
#include <memory>
#include <string_view>
#include <utility>

namespace gatehouse::core {

namespace {

constexpr std::size_t most_names = 5, longest_text = 200;  // a hostile peer has chosen them

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

std::string shortened(std::string text) {
    if (text.size() > longest_text) text.resize(longest_text), text += "…";
    return text;
}

std::string list_of_names(const X509& certificate) {
    const std::vector<std::string> names = names_of(certificate);
    if (names.empty()) return "it has no names";
    std::string list = "it is for ";
    for (std::size_t i = 0; i < names.size() && i < most_names; ++i)
        list += (i ? ", " : "") + names[i].substr(names[i].find(':') + 1);
    return shortened(std::move(list)) + (names.size() > most_names ? ", …" : "");
}

/// Empty if there is no such fact.
std::string with_word(const char* word, const std::string& fact) { return fact.empty() ? fact : word + fact; }

std::string facts_of(TlsFault fault, const X509& certificate) {
    if (fault == TlsFault::expired) return with_word("at ", text_of(*X509_get0_notAfter(&certificate)));
    if (fault == TlsFault::not_yet_valid)
        return with_word("before ", text_of(*X509_get0_notBefore(&certificate)));
    if (fault == TlsFault::other_name || fault == TlsFault::other_address) return list_of_names(certificate);
    if (fault == TlsFault::unknown_authority)
        return with_word("issued by ", shortened(text_of(*X509_get_issuer_name(&certificate))));
    return {};
}

/// OpenSSL frees the text of a session together with it.
int text_index() {
    static const int index = SSL_get_ex_new_index(
        0, nullptr, nullptr, nullptr,
        [](void*, void* text, CRYPTO_EX_DATA*, int, long, void*) { delete static_cast<std::string*>(text); });
    return index;
}

void keep(SSL& session, std::string text) {
    auto* const before = static_cast<std::string*>(SSL_get_ex_data(&session, text_index()));
    auto made = std::make_unique<std::string>(std::move(text));
    if (SSL_set_ex_data(&session, text_index(), made.get()) != 1) return;
    (void)made.release();
    delete before;
}

}  // namespace

// No exception may reach OpenSSL.
int note_rejected_certificate(int accepted, X509_STORE_CTX* verification) {
    const X509* certificate = X509_STORE_CTX_get_current_cert(verification);
    auto* session =
        static_cast<SSL*>(X509_STORE_CTX_get_ex_data(verification, SSL_get_ex_data_X509_STORE_CTX_idx()));
    if (accepted || !certificate || !session) return accepted;
    try {
        std::string facts =
            facts_of(fault_of_verification(X509_STORE_CTX_get_error(verification)), *certificate);
        if (facts.empty()) return accepted;
        // The chain may be wrong above the peer's own certificate.
        if (X509_STORE_CTX_get_error_depth(verification) > 0)
            facts = shortened(text_of(*X509_get_subject_name(certificate))) + ", " + facts;
        keep(*session, " (" + facts + ")");
    } catch (...) {
        // The error has no facts.
    }
    return accepted;
}

std::string rejected_certificate(const SSL& session) {
    const auto* text = static_cast<const std::string*>(SSL_get_ex_data(&session, text_index()));
    return text ? *text : std::string();
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

std::string text_of(const ASN1_TIME& time) {
    std::tm parts{};
    std::array<char, 32> text{};
    if (ASN1_TIME_to_tm(&time, &parts) != 1) return {};
    std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%SZ", &parts);
    return text.data();
}

std::string text_of(const X509_NAME& name) {
    const BioOwner text(BIO_new(BIO_s_mem()));
    X509_NAME_print_ex(text.get(), &name, 0, XN_FLAG_RFC2253);
    char* bytes = nullptr;
    const long size = BIO_get_mem_data(text.get(), &bytes);
    return {bytes, static_cast<std::size_t>(std::max(size, 0L))};
}

}  // namespace gatehouse::core

// SPDX-License-Identifier: Apache-2.0
// The files of [server.tls], the ticket keys, and the order of handshakes.
#include "core/tls/handshakes.hpp"
#include "tests/core/tls/tls_client.hpp"

#include <doctest/doctest.h>

#include <fstream>

using namespace gatehouse::core;
using namespace gatehouse::core::testing;

namespace {

/// The key at fault and the message, without the folder's name.
std::string mistake(const Identities& all, const ServerTlsOptions& options) {
    const auto made = ServerTls::make(options, all.tickets);
    if (made) return {};
    std::string text = made.error().param + ": " + made.error().message;
    for (std::size_t at; (at = text.find(all.folder.path.string() + "/")) != text.npos;)
        text.erase(at, all.folder.path.string().size() + 1);
    return text;
}

void write(const std::string& path, const std::string& text) { std::ofstream(path) << text; }

}  // namespace

TEST_CASE("each file that cannot be used is named with its key and the reason") {
    Identities all;
    const ServerTlsOptions good = all.options();
    CHECK(mistake(all, good) == "");
    auto with = [&](auto member, const std::string& value) {
        ServerTlsOptions options = good;
        options.*member = value;
        return mistake(all, options);
    };
    const std::string& folder = all.folder / "";
    write(folder + "empty", "");
    write(folder + "broken", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
    write(folder + "broken.key", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n");
    const std::string certificate = "certificate: cannot use the certificate ",
                      key = "key: cannot use the private key ";
    CHECK(with(&ServerTlsOptions::certificate, folder + "none") ==
          certificate + "none: no such file or directory");
    CHECK(with(&ServerTlsOptions::certificate, folder + "empty") ==
          certificate + "empty: contains no PEM certificate");
    CHECK(with(&ServerTlsOptions::certificate, folder + "server.key") ==
          certificate + "server.key: contains no PEM certificate");
    CHECK(with(&ServerTlsOptions::certificate, folder + "broken")
              .starts_with(certificate + "broken: contains a malformed certificate: "));
    CHECK(with(&ServerTlsOptions::key, folder + "none") == key + "none: no such file or directory");
    CHECK(with(&ServerTlsOptions::key, folder + "server.pem") ==
          key + "server.pem: contains no PEM private key");
    CHECK(with(&ServerTlsOptions::key, folder + "broken.key")
              .starts_with(key + "broken.key: contains a malformed private key: "));
    all.leaf.write_key(folder + "secret.key", "a pass phrase");
    CHECK(with(&ServerTlsOptions::key, folder + "secret.key") ==
          key +
              "secret.key: is encrypted: `openssl pkey -in FILE -out OTHER` writes it without a pass phrase");
    const Certificate other("other", "", nullptr);
    other.write_key(folder + "other.key");
    CHECK(with(&ServerTlsOptions::key, folder + "other.key") ==
          "key: the private key other.key does not belong to the certificate server.pem");
    all.authority.write(folder + "turned.pem", &all.leaf);
    CHECK(
        with(&ServerTlsOptions::certificate, folder + "turned.pem") ==
        "key: the private key server.key does not belong to the certificate turned.pem's first certificate: "
        "put the gateway's own certificate before its chain");
    CHECK(with(&ServerTlsOptions::client_ca, folder + "empty") ==
          "client_ca: cannot use the certificate authorities in empty: contains no PEM certificate");
}

TEST_CASE("a certificate that is expired, not yet valid or about to expire causes a warning, and is used") {
    Identities all;
    auto remark = [&](long from, long to) {
        const Certificate one("localhost", "", &all.authority, from, to);
        const Validity validity = all.tls({.certificate = one.write(all.folder / "one.pem"),
                                           .key = one.write_key(all.folder / "one.key")})
                                      ->validity();
        CHECK(std::abs(validity.end_seconds - (std::time(nullptr) + to)) < 60);
        return validity.remark;
    };
    constexpr long day = 24 * 3600;
    CHECK(remark(-day, 30 * day) == "");
    CHECK(remark(-2 * day, -day) == "has expired");
    CHECK(remark(day, 30 * day) == "is not valid yet");
    CHECK(remark(-day, 6 * day) == "expires within a week");
}

TEST_CASE("a ticket key seals for its lifetime, opens for the same time afterwards, and is then dropped") {
    TicketKeys::Clock::time_point now{};
    TicketKeys keys(std::chrono::seconds(100), [&] { return now; });
    EVP_CIPHER_CTX* cipher = EVP_CIPHER_CTX_new();
    EVP_MAC* hmac = EVP_MAC_fetch(nullptr, "HMAC", nullptr);
    EVP_MAC_CTX* mac = EVP_MAC_CTX_new(hmac);
    unsigned char name[TicketKeys::name_bytes], iv[EVP_MAX_IV_LENGTH], later[TicketKeys::name_bytes];
    CHECK(keys.seal(name, iv, cipher, mac) == 1);
    now += std::chrono::seconds(99);
    CHECK(keys.open(name, iv, cipher, mac) == 1);
    now += std::chrono::seconds(2);
    CHECK(keys.open(name, iv, cipher, mac) == 2);  // and the client gets a newer one
    CHECK(keys.seal(later, iv, cipher, mac) == 1);
    CHECK(std::string_view(reinterpret_cast<char*>(name), sizeof name) !=
          std::string_view(reinterpret_cast<char*>(later), sizeof later));
    now += std::chrono::seconds(98);
    CHECK(keys.open(name, iv, cipher, mac) == 2);
    now += std::chrono::seconds(2);
    CHECK(keys.open(name, iv, cipher, mac) == 0);
    CHECK(keys.open(later, iv, cipher, mac) == 2);
    now += std::chrono::seconds(1000);
    CHECK(keys.open(later, iv, cipher, mac) == 0);
    EVP_MAC_CTX_free(mac);
    EVP_MAC_free(hmac);
    EVP_CIPHER_CTX_free(cipher);
}

TEST_CASE("handshakes begin in the order of the clients, up to the limit") {
    Handshakes all;
    all.set_limit(1);
    CHECK_FALSE(all.any());
    for (std::uint64_t id : {1, 2, 3}) all.wants_turn(id);
    CHECK(all.next() == 1);
    CHECK(all.may_begin(1));
    std::optional<Handshakes::Slot> place;
    place.emplace(all);
    CHECK(all.next() == 2);
    CHECK_FALSE(all.may_begin(2));
    CHECK(all.next() == 3);
    CHECK_FALSE(all.may_begin(3));
    CHECK_FALSE(all.any());  // no client may begin, and no client has events
    all.wants_turn(1);
    CHECK(all.next() == 1);
    all.wants_turn(4);
    place->give_back();
    CHECK(all.any());
    CHECK(all.next() == 2);  // before a new client
    CHECK(all.may_begin(2));
    place.emplace(all);
    CHECK(all.next() == 4);
    CHECK_FALSE(all.may_begin(4));
    place.reset();
    CHECK(all.next() == 3);  // may have disconnected; then it is the next client's turn
    CHECK(all.next() == 4);
    CHECK(all.may_begin(4));
    CHECK_FALSE(all.any());
}

// SPDX-License-Identifier: Apache-2.0
// Handshakes with a real Server: negotiation and rejections.  A slow, silent or faulty client
// does not block other clients.
#include "tests/core/net/server/test_application.hpp"
#include "tests/core/tls/tls_client.hpp"

#include <doctest/doctest.h>

#include <vector>

using namespace gatehouse::core;
using namespace gatehouse::core::testing;
using gatehouse::testing::RawClient;
using namespace std::chrono_literals;

namespace {

const std::string hello = "GET /hello HTTP/1.1\r\nhost: a\r\n\r\n",
                  head = "GET /head HTTP/1.1\r\nhost: a\r\n\r\n";

TlsClient::Setting versions(int lowest, int highest) {
    return [=](SSL_CTX& snapshot) {
        SSL_CTX_set_min_proto_version(&snapshot, lowest);
        SSL_CTX_set_max_proto_version(&snapshot, highest);
    };
}
TlsClient::Setting protocols(std::string_view wire) {
    return [=](SSL_CTX& snapshot) {
        SSL_CTX_set_alpn_protos(&snapshot, reinterpret_cast<const unsigned char*>(wire.data()),
                                static_cast<unsigned>(wire.size()));
    };
}
TlsClient::Setting shows(const Certificate& certificate, int version = TLS1_3_VERSION) {
    return [&certificate, version](SSL_CTX& snapshot) {
        SSL_CTX_use_certificate(&snapshot, certificate.x509);
        SSL_CTX_use_PrivateKey(&snapshot, certificate.key);
        SSL_CTX_set_max_proto_version(&snapshot, version);
    };
}
/// The client's certificate as /head returns it.
std::string subject_in(const std::string& answer) {
    const std::size_t at = answer.find("certificate ");
    return at == answer.npos ? "" : answer.substr(at + 12, answer.find('\n', at) - at - 12);
}
/// Its alternative names, separated by blanks.
std::string names_in(const std::string& answer) {
    std::string names;
    for (std::size_t at = 0; (at = answer.find("\nname ", at)) != answer.npos; at += 6)
        names += (names.empty() ? "" : " ") + answer.substr(at + 6, answer.find('\n', at + 6) - at - 6);
    return names;
}
bool answers(TlsClient& client) {
    return client.handshake_step() && client.ask(hello).ends_with("\r\n\r\nhello");
}

}  // namespace

TEST_CASE("TLS 1.2 and 1.3 are accepted, and older versions are rejected") {
    Identities all;
    TestServer server({}, 1, all.tls());
    for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
        TlsClient client(server.port(), all, versions(version, version));
        CHECK(answers(client));
        CHECK(SSL_version(client.ssl) == version);
        // Forward secrecy and authenticated encryption.
        const std::string cipher = SSL_get_cipher_name(client.ssl);
        CHECK((cipher.starts_with("TLS_") || cipher.starts_with("ECDHE-")));
        CHECK((cipher.find("GCM") != cipher.npos || cipher.find("POLY1305") != cipher.npos));
    }
    TlsClient old(server.port(), all, versions(TLS1_VERSION, TLS1_1_VERSION));
    CHECK_FALSE(old.handshake_step());
    CHECK(old.reason() == "tlsv1 alert protocol version");
    TlsClient weak(server.port(), all, [](SSL_CTX& snapshot) {
        SSL_CTX_set_max_proto_version(&snapshot, TLS1_2_VERSION);
        SSL_CTX_set_cipher_list(&snapshot, "AES128-SHA:ECDHE-ECDSA-AES128-SHA:AES128-GCM-SHA256");
    });
    CHECK_FALSE(weak.handshake_step());
    CHECK(weak.reason() == "sslv3 alert handshake failure");
    CHECK(eventually([&] { return server.counters().failed_handshakes == 2; }));

    ServerTlsOptions options = all.options();
    options.min_version = "1.3";
    TestServer newest({}, 1, all.tls(options));
    TlsClient former(newest.port(), all, versions(TLS1_2_VERSION, TLS1_2_VERSION));
    CHECK_FALSE(former.handshake_step());
    TlsClient latter(newest.port(), all);
    CHECK(answers(latter));
}

TEST_CASE("HTTP/1.1 is chosen from a client's ALPN list, and a client without it in its list is rejected") {
    Identities all;
    TestServer server({}, 1, all.tls());
    TlsClient both(server.port(), all, protocols("\x02h2\x08http/1.1"));
    CHECK(answers(both));
    const unsigned char* chosen = nullptr;
    unsigned size = 0;
    SSL_get0_alpn_selected(both.ssl, &chosen, &size);
    CHECK(std::string(reinterpret_cast<const char*>(chosen), size) == "http/1.1");
    TlsClient other(server.port(), all, protocols("\x02h2"));
    CHECK_FALSE(other.handshake_step());
    CHECK(other.reason() == "tlsv1 alert no application protocol");
}

TEST_CASE("a handshake and a request may come byte by byte") {
    Identities all;
    TestServer server({}, 1, all.tls());
    for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
        TlsClient client(server.port(), all, versions(version, version));
        client.piece = 1;
        CHECK(answers(client));
        CHECK(answers(client));  // and another on the same connection
    }
}

TEST_CASE(
    "a session is resumed at every worker and after a reload, until the files that it depends on change") {
    Identities all;
    const ServerTlsOptions options = all.options();
    TestServer server({}, 3, all.tls(options));
    for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
        CAPTURE(version);
        auto visit = [&](const TlsClient::Session& session, bool& resumed) {
            TlsClient client(server.port(), all, versions(version, version));
            if (session) client.resume(session);
            CHECK(answers(client));
            resumed = SSL_session_reused(client.ssl) == 1;
            return client.session();
        };
        bool resumed = true;
        TlsClient::Session session = visit(nullptr, resumed);
        CHECK_FALSE(resumed);
        REQUIRE(session);
        for (int i = 0; i < 6; ++i) {
            auto next = visit(session, resumed);
            CHECK(resumed);
            if (next) session = next;
        }
    }
    auto ticket_of = [&](std::uint16_t port) {
        TlsClient client(port, all);
        CHECK(answers(client));
        return client.session();
    };
    const TlsClient::Session session = ticket_of(server.port());
    auto resumes_at = [&](std::shared_ptr<const ServerTls> tls) {
        TestServer other({}, 1, std::move(tls));
        TlsClient client(other.port(), all);
        client.resume(session);
        CHECK(answers(client));
        return SSL_session_reused(client.ssl) == 1;
    };
    CHECK(resumes_at(all.tls(options)));
    const Certificate renewed("localhost", "IP:127.0.0.1", &all.authority);
    CHECK_FALSE(resumes_at(all.tls({.certificate = renewed.write(all.folder / "renewed.pem"),
                                    .key = renewed.write_key(all.folder / "renewed.key")})));
    ServerTlsOptions asking = options;
    asking.client_ca = all.authority.write(all.folder / "ca.pem");
    asking.client_certificate = "optional";
    CHECK_FALSE(resumes_at(all.tls(asking)));
    all.tickets = std::make_shared<TicketKeys>();  // as after a restart
    CHECK_FALSE(resumes_at(all.tls(options)));
}

/// The end of a certificate as in a log.
std::string end_of(const Certificate& certificate) {
    std::tm parts{};
    REQUIRE(ASN1_TIME_to_tm(X509_get0_notAfter(certificate.x509), &parts) == 1);
    char text[32];
    std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts);
    return text;
}

TEST_CASE("a client's certificate is verified, and each request has its subject") {
    Identities all;
    const Certificate stranger("strange CA", "", nullptr),
        client("agent \"7\", O=x\n\xe9", "", &all.authority), forged("agent", "", &stranger),
        expired("agent", "", &all.authority, -7200, -3600), server_only("localhost", "", &all.authority);
    const std::string end = end_of(expired);
    ServerTlsOptions options = all.options();
    options.client_ca = all.authority.write(all.folder / "ca.pem");
    TestServer server({}, 1, all.tls(options));
    for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
        CAPTURE(version);
        TlsClient good(server.port(), all, shows(client, version));
        REQUIRE(good.handshake_step());
        for (int i = 0; i < 2; ++i) CHECK(subject_in(good.ask(head)) == R"(CN=agent \"7\"\, O=x\0A\C3\A9)");
        TlsClient again(server.port(), all, shows(client, version));
        again.resume(good.session());
        REQUIRE(again.handshake_step());
        CHECK(SSL_session_reused(again.ssl) == 1);
        CHECK(subject_in(again.ask(head)).starts_with("CN=agent"));
    }
    // With TLS 1.3 a client learns of a rejection only when it reads.
    auto refused = [&](const TlsClient::Setting& setting, const std::string& said,
                       const std::string& logged) {
        for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
            TlsClient one(server.port(), all, [&](SSL_CTX& snapshot) {
                if (setting) setting(snapshot);
                SSL_CTX_set_max_proto_version(&snapshot, version);
            });
            const int before = server.counters().failed_handshakes;
            CHECK((!one.handshake_step() || one.ask(hello).empty()));
            CHECK(eventually([&] { return server.counters().failed_handshakes > before; }));
            CHECK(server.application.last_failure() == logged);
            if (version == TLS1_3_VERSION) CHECK(one.reason() == said);
        }
    };
    refused(shows(forged), "tlsv1 alert unknown ca",
            "the client's certificate is not signed by client_ca: unable to get local issuer certificate "
            "(issued by CN=strange CA)");
    refused(
        shows(stranger), "tlsv1 alert unknown ca",
        "the client's certificate is not signed by client_ca: self-signed certificate (issued by CN=strange CA)");
    refused(shows(expired), "sslv3 alert certificate expired",
            "the client's certificate: certificate has expired (at " + end + ")");
    refused({}, "tlsv13 alert certificate required", "peer did not return a certificate");
    CHECK(server.counters().requests == 6);

    options.client_certificate = "optional";
    TestServer lenient({}, 1, all.tls(options));
    TlsClient without(lenient.port(), all), with(lenient.port(), all, shows(client));
    CHECK(answers(without));
    CHECK(subject_in(without.ask(head)) == "");
    CHECK(answers(with));
    TlsClient wrong(lenient.port(), all, shows(forged));
    CHECK((!wrong.handshake_step() || wrong.ask(hello).empty()));
}

TEST_CASE("a client's alternative names come with each request, if they are printable") {
    Identities all;
    const Certificate many("agent",
                           "DNS:Agent.Example,URI:spiffe://Example.org/agent,email:Agent@example.org,"
                           "IP:192.0.2.7,IP:2001:db8::1,RID:1.2.3.4,otherName:1.2.3.4;UTF8:other,"
                           "DNS:with blank,DNS:*.example",
                           &all.authority),
        none("agent", "", &all.authority);
    ServerTlsOptions options = all.options();
    options.client_ca = all.authority.write(all.folder / "ca.pem");
    TestServer server({}, 1, all.tls(options));
    const std::string names =
        "DNS:agent.example URI:spiffe://Example.org/agent email:Agent@example.org IP:192.0.2.7 "
        "IP:2001:db8::1 DNS:*.example";
    for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
        CAPTURE(version);
        TlsClient first(server.port(), all, shows(many, version));
        REQUIRE(first.handshake_step());
        for (int i = 0; i < 2; ++i) CHECK(names_in(first.ask(head)) == names);
        TlsClient again(server.port(), all, shows(many, version));
        again.resume(first.session());
        REQUIRE(again.handshake_step());
        CHECK(names_in(again.ask(head)) == names);
    }
    TlsClient without(server.port(), all, shows(none));
    REQUIRE(without.handshake_step());
    CHECK(names_in(without.ask(head)) == "");
}

TEST_CASE("a ticket does not outlive the certificate of its session") {
    Identities all;
    const Certificate brief("agent", "", &all.authority, -3600, 2);
    ServerTlsOptions options = all.options();
    options.client_ca = all.authority.write(all.folder / "ca.pem");
    TestServer server({}, 1, all.tls(options));
    TlsClient early(server.port(), all, shows(brief));
    if (!answers(early)) return;  // on a machine that is too slow for this test
    CHECK(eventually([&] { return X509_cmp_current_time(X509_get0_notAfter(brief.x509)) < 0; }));
    TlsClient late(server.port(), all, shows(brief));
    late.resume(early.session());
    CHECK((!late.handshake_step() || late.ask(hello).empty()));
    CHECK(late.reason() == "sslv3 alert certificate expired");
}

TEST_CASE("a plain-text request receives 400, and the connection is closed") {
    Identities all;
    TestServer server({}, 1, all.tls());
    for (const std::string& request : {hello, "\r\n" + hello, std::string("P")}) {
        RawClient client(server.port());
        const auto answer = client.ask(request);
        CHECK(answer.status == 400);
        CHECK(answer.body == "this port accepts HTTPS only|");
        CHECK(answer.headers.get("connection") == "close");
        CHECK(client.closed_by_server());
    }
    CHECK(server.counters().requests == 0);
}

TEST_CASE("a connection whose first bytes are not TLS is closed at once") {
    Identities all;
    TestServer server({}, 1, all.tls());
    using namespace std::string_literals;
    for (const std::string& bytes :
         {"\x00\x00\x00"s, "\x80\x2e\x01\x03\x01"s, "\x16\x03\x01\xff\xff"s, "\x16\x03\x01\x00\x05hello"s,
          "\x15\x03\x03\x00\x02\x02\x28"s, "\x17\x03\x03\x00\x01\x00"s, std::string(5000, '\xff')}) {
        RawClient client(server.port());
        client.send(bytes);
        CHECK(client.closed_by_server());
    }
    TlsClient good(server.port(), all);
    CHECK(answers(good));
    CHECK(eventually([&] { return server.server.connections() == 1; }));
}

TEST_CASE("a stalled handshake is closed after its timeout and does not block other handshakes") {
    Identities all;
    ServerLimits limits;
    limits.header_timeout = 5s;
    TestServer server(limits, 1, all.tls());
    TlsClient donor(server.port(), all);
    SSL_do_handshake(donor.ssl);
    const std::string opening = donor.take_output();
    std::vector<RawClient> slow;
    for (const std::size_t size :
         {std::size_t(0), std::size_t(1), std::size_t(4), opening.size() / 2, opening.size()}) {
        slow.emplace_back(server.port()).send(std::string_view(opening).substr(0, size));
    }
    TlsClient good(server.port(), all);
    CHECK(answers(good));
    for (RawClient& client : slow) CHECK(client.closed_by_server());
    RawClient left(server.port());
    left.send(std::string_view(opening).substr(0, 20));
    left.finish();
    CHECK(left.closed_by_server());
}

TEST_CASE("clients above max_handshakes wait for a slot, and get it") {
    Identities all;
    ServerLimits limits;
    limits.header_timeout = 2 * patience;
    limits.max_handshakes = 2;
    TestServer server(limits, 1, all.tls());
    std::vector<std::unique_ptr<TlsClient>> slow;
    for (int i = 0; i < 2; ++i) {  // both have begun, and send no more bytes
        slow.push_back(std::make_unique<TlsClient>(server.port(), all));
        SSL_do_handshake(slow.back()->ssl);
        slow.back()->push();
        CHECK(slow.back()->socket().read());
    }
    std::atomic<bool> served{false};
    std::thread waiting([&] {
        TlsClient client(server.port(), all);
        served = answers(client);
    });
    RawClient silent(server.port());  // takes no slot
    std::this_thread::sleep_for(300ms);
    CHECK_FALSE(served);
    slow.pop_back();
    waiting.join();
    CHECK(served);
}

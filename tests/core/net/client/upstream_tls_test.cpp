// SPDX-License-Identifier: Apache-2.0
// HttpClient over TLS and through proxies: trusted certificates, and hosts that are never
// reached through a proxy.  The test generates its certificates.
#include "tests/core/net/client/upstream_fixture.hpp"
#include "tests/core/tls/certificates.hpp"

#include <doctest/doctest.h>
#include <openssl/ssl.h>

#include <csignal>
#include <cstdlib>

using namespace gatehouse;
using namespace gatehouse::core;
using namespace gatehouse::core::testing;

namespace {

/// The server's side of TLS on a peer's socket.
class TlsServer {
public:
    explicit TlsServer(const Certificate& certificate, int version = TLS1_3_VERSION,
                       const Certificate* client_authority = nullptr)
        : snapshot_(SSL_CTX_new(TLS_server_method())) {
        std::signal(SIGPIPE, SIG_IGN);  // OpenSSL writes to closed sockets
        SSL_CTX_use_certificate(snapshot_, certificate.x509);
        SSL_CTX_use_PrivateKey(snapshot_, certificate.key);
        SSL_CTX_set_security_level(snapshot_, 0);
        SSL_CTX_set_min_proto_version(snapshot_, version);
        SSL_CTX_set_max_proto_version(snapshot_, version);
        if (!client_authority) return;
        X509_STORE_add_cert(SSL_CTX_get_cert_store(snapshot_), client_authority->x509);
        SSL_CTX_set_verify(snapshot_, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
    }
    ~TlsServer() { SSL_CTX_free(snapshot_); }
    TlsServer(const TlsServer&) = delete;

    /// Responds to at most `requests` requests on this socket with `answer`.
    void serve(Peer& peer, const std::string& answer, int requests = 1000) const {
        SSL* ssl = SSL_new(snapshot_);
        SSL_set_fd(ssl, peer.fd());
        if (SSL_accept(ssl) == 1) {
            resumed += SSL_session_reused(ssl);
            std::string in;
            char bytes[4096];
            while (requests > 0) {
                const int got = SSL_read(ssl, bytes, sizeof bytes);
                if (got <= 0) break;
                in.append(bytes, static_cast<std::size_t>(got));
                if (in.find("\r\n\r\n") == std::string::npos) continue;
                in.clear();
                --requests;
                SSL_write(ssl, answer.data(), static_cast<int>(answer.size()));
            }
            SSL_shutdown(ssl);
        }
        SSL_free(ssl);
    }

    mutable std::atomic<int> resumed = 0;  // resumed handshakes

private:
    SSL_CTX* snapshot_;
};

/// Variables of the environment, for one test.
struct Environment {
    std::vector<std::string> names;
    Environment(std::initializer_list<std::pair<const char*, std::string>> values) {
        for (const char* name :
             {"http_proxy", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY", "no_proxy", "NO_PROXY"})
            unsetenv(name);
        for (const auto& [name, value] : values) {
            setenv(name, value.c_str(), 1);
            names.push_back(name);
        }
    }
    ~Environment() {
        for (const std::string& name : names) unsetenv(name.c_str());
    }
};

std::string https(const ScriptedUpstream& server, const std::string& host = "127.0.0.1") {
    return "https://" + host + ":" + std::to_string(server.port()) + "/chat?key=secret";
}

}  // namespace

TEST_CASE("a certificate is accepted only from a trusted CA and for the host that it names") {
    Folder folder;
    const Certificate authority("test CA", "", nullptr), stranger("strange CA", "", nullptr);
    const Certificate good("upstream", "IP:127.0.0.1,DNS:localhost", &authority),
        other_host("upstream", "DNS:other.example", &authority),
        expired("upstream", "IP:127.0.0.1", &authority, -7200, -3600),
        early("upstream", "IP:127.0.0.1", &authority, 3600, 7200), unnamed("upstream", "", &authority),
        many("upstream", "DNS:a.example,DNS:b.example,DNS:C.example,DNS:d.example,IP:192.0.2.1,DNS:f.example",
             &authority);
    const std::string ca = authority.write(folder / "ca.pem"),
                      strange_ca = stranger.write(folder / "strange.pem");

    auto fetch = [&](const Certificate& certificate, const std::string& ca_file, bool by_request = false) {
        TlsServer tls(certificate);
        ScriptedUpstream server([&](Peer& peer, int) { tls.serve(peer, sized("secret")); });
        HttpClientSettings settings;
        if (!by_request) settings.tls.usual.ca_file = ca_file;
        Bench bench(settings);
        http::Request request{"POST", https(server)};
        request.body = "{}";
        if (by_request) request.ca_file = ca_file;
        auto answer = bench.fetch(request);
        if (answer->error) {
            CHECK(answer->heads == 0);
            CHECK(answer->error->kind == ErrorKind::upstream);
            CHECK(answer->error->message == "the certificate of the upstream is not accepted");
            CHECK(answer->permanent);
            CHECK(answer->fault == TransferFault::tls);
            CHECK(answer->explained);
            CHECK(answer->error->detail.find("?key") == std::string::npos);
        }
        CHECK(bench.loop.mistakes == 0);
        return answer;
    };
    CHECK(fetch(good, ca)->body == "secret");
    CHECK(fetch(good, ca, true)->body == "secret");
    auto refused = [&](const Certificate& certificate, const std::string& ca_file, const std::string& facts) {
        const auto answer = fetch(certificate, ca_file);
        REQUIRE(answer->error);
        // libcurl does not tell which certificate was rejected.
        if (!by_libcurl())
            CHECK_MESSAGE(answer->error->detail.find(facts) != std::string::npos, answer->error->detail);
    };
    refused(good, strange_ca,
            "unable to get local issuer certificate (issued by CN=test CA); its certificate authority");
    refused(good, "", "(issued by CN=test CA)");
    refused(other_host, ca, "mismatch (it is for other.example); the certificate is for other");
    refused(unnamed, ca, "mismatch (it has no names); ");
    refused(many, ca, "(it is for a.example, b.example, c.example, d.example, 192.0.2.1, …)");
    refused(expired, ca, "certificate has expired (at 2");
    refused(early, ca, "certificate is not yet valid (before 2");
    refused(authority, "", "self-signed certificate (issued by CN=test CA)");
}

TEST_CASE("a request's own CA replaces the CA of the settings for this request only") {
    Folder folder;
    const Certificate one("CA 1", "", nullptr), two("CA 2", "", nullptr),
        leaf("upstream", "IP:127.0.0.1", &one);
    TlsServer tls(leaf);
    ScriptedUpstream server([&](Peer& peer, int) { tls.serve(peer, sized("ok")); });
    HttpClientSettings settings;
    settings.tls.usual.ca_file = two.write(folder / "two.pem");
    Bench bench(settings);
    http::Request request{"GET", https(server)};
    CHECK(bench.fetch(request)->error);
    request.ca_file = one.write(folder / "one.pem");
    CHECK(bench.fetch(request)->ended);
    request.ca_file.clear();
    CHECK(bench.fetch(request)->error);  // the connection of that request is not reused either
    request.ca_file = folder / "missing.pem";
    auto answer = bench.fetch(request);
    REQUIRE(answer->error);
    CHECK(answer->error->message == "the CA certificates for the upstream cannot be read");
}

TEST_CASE("a host with pins must have one of these keys and an accepted certificate") {
    Folder folder;
    const Certificate authority("test CA", "", nullptr), leaf("upstream", "IP:127.0.0.1", &authority);
    TlsServer tls(leaf);
    ScriptedUpstream server([&](Peer& peer, int) { tls.serve(peer, sized("ok")); });
    const std::string other(43, 'A');
    auto fetch = [&](const std::vector<std::string>& pins, const std::string& host, bool trusted = true) {
        HttpClientSettings settings;
        if (trusted) settings.tls.usual.ca_file = authority.write(folder / "ca.pem");
        HostTls pinned = settings.tls.usual;
        pinned.pins = pins;
        settings.tls.hosts.emplace(host, pinned);
        Bench bench(settings);
        return bench.fetch({"GET", https(server)});
    };
    CHECK(fetch({leaf.pin()}, "127.0.0.1")->ended);
    CHECK(fetch({other + "=", leaf.pin()}, "127.0.0.1")->ended);
    CHECK(fetch({other + "="}, "localhost")->ended);  // another host's
    CHECK(fetch({leaf.pin()}, "127.0.0.1", false)->error);
    for (const std::string& wrong : {other + "=", authority.pin()}) {
        auto answer = fetch({wrong}, "127.0.0.1");
        REQUIRE(answer->error);
        CHECK(answer->error->message == "the certificate of the upstream is not accepted");
        CHECK(answer->error->detail.find("its certificate matches none of the pins in [upstream.hosts]") !=
              std::string::npos);
    }
}

TEST_CASE("the client certificate of a host is sent to that host only") {
    Folder folder;
    const Certificate authority("test CA", "", nullptr), leaf("upstream", "IP:127.0.0.1", &authority),
        ours("gateway", "", &authority);
    HttpClientSettings settings;
    settings.tls.usual.ca_file = authority.write(folder / "ca.pem");
    HostTls own = settings.tls.usual;
    own.client_certificate = ours.write(folder / "client.pem");
    own.client_key = ours.write_key(folder / "client.key");
    for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
        TlsServer tls(leaf, version, &authority);
        ScriptedUpstream server([&](Peer& peer, int) { tls.serve(peer, sized("ok")); });
        settings.tls.hosts.clear();
        settings.tls.hosts.emplace("127.0.0.1", own);
        CHECK(Bench(settings).fetch({"GET", https(server)})->ended);
        settings.tls.hosts.clear();
        settings.tls.hosts.emplace("localhost", own);
        auto answer = Bench(settings).fetch({"GET", https(server)});
        REQUIRE(answer->error);
        if (version == TLS1_2_VERSION)  // with 1.3, the alert may be lost after the end of the connection
            CHECK(answer->error->detail.find(
                      "there is no common cipher, or it requires a client certificate") != std::string::npos);
    }
}

TEST_CASE("an upstream that supports only older TLS than min_tls is rejected") {
    Folder folder;
    const Certificate authority("test CA", "", nullptr), leaf("upstream", "IP:127.0.0.1", &authority);
    HttpClientSettings settings;
    settings.tls.usual.ca_file = authority.write(folder / "ca.pem");
    settings.tls.usual.min_version = TlsVersion::tls_1_3;
    for (const int version : {TLS1_1_VERSION, TLS1_2_VERSION, TLS1_3_VERSION}) {
        TlsServer tls(leaf, version);
        ScriptedUpstream server([&](Peer& peer, int) { tls.serve(peer, sized("ok")); });
        CHECK(Bench(settings).fetch({"GET", https(server)})->ended == (version == TLS1_3_VERSION));
    }
}

TEST_CASE("a reload reads the authorities' file again") {
    Folder folder;
    const Certificate one("CA 1", "", nullptr), two("CA 2", "", nullptr),
        leaf("upstream", "IP:127.0.0.1", &one);
    TlsServer tls(leaf);
    ScriptedUpstream server([&](Peer& peer, int) { tls.serve(peer, sized("ok"), 1); });
    HttpClientSettings settings;
    settings.tls.usual.ca_file = one.write(folder / "ca.pem");
    Bench bench(settings);
    CHECK(bench.fetch({"GET", https(server)})->ended);
    two.write(folder / "ca.pem");
    bench.upstream->configure(settings);
    CHECK(bench.fetch({"GET", https(server)})->error);
    one.write(folder / "ca.pem");
    bench.upstream->configure(settings);
    CHECK(bench.fetch({"GET", https(server)})->ended);
}

TEST_CASE("a TLS connection is reused, and its end between requests causes no error") {
    Folder folder;
    const Certificate authority("test CA", "", nullptr), leaf("upstream", "IP:127.0.0.1", &authority);
    HttpClientSettings settings;
    settings.tls.usual.ca_file = authority.write(folder / "ca.pem");
    for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
        TlsServer tls(leaf, version);
        ScriptedUpstream server([&](Peer& peer, int) { tls.serve(peer, sized("ok"), 10); });
        Bench bench(settings);
        for (int i = 0; i < 40; ++i) {
            http::Request request{"POST", https(server)};
            request.body = "{}";
            auto answer = bench.fetch(request);
            if (answer->error) MESSAGE(answer->error->message << " | " << answer->error->detail);
            CHECK(answer->body == "ok");
            if (i % 3 == 0) bench.loop.run_for(3ms);
        }
        CHECK(server.connections() == 4);
        CHECK(bench.loop.mistakes == 0);
    }
}

TEST_CASE("a further connection resumes the session of an earlier one, but not after a reload") {
    Folder folder;
    const Certificate authority("test CA", "", nullptr), leaf("upstream", "IP:127.0.0.1", &authority);
    HttpClientSettings settings;
    settings.tls.usual.ca_file = authority.write(folder / "ca.pem");
    for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
        CAPTURE(version);
        TlsServer tls(leaf, version);
        ScriptedUpstream server([&](Peer& peer, int) { tls.serve(peer, sized("ok"), 1); });
        Bench bench(settings);
        for (int i = 0; i < 4; ++i) CHECK(bench.get(https(server))->body == "ok");
        CHECK(server.connections() == 4);
        CHECK(tls.resumed == 3);
        bench.upstream->configure(settings);
        CHECK(bench.get(https(server))->body == "ok");
        CHECK(tls.resumed == 3);
    }
}

TEST_CASE("TLS versions that are too old and hosts without TLS are rejected") {
    Folder folder;
    const Certificate authority("test CA", "", nullptr), leaf("upstream", "IP:127.0.0.1", &authority);
    HttpClientSettings settings;
    settings.tls.usual.ca_file = authority.write(folder / "ca.pem");
    TlsServer old(leaf, TLS1_1_VERSION);
    ScriptedUpstream outdated([&](Peer& peer, int) { old.serve(peer, sized("ok")); });
    ScriptedUpstream plain([](Peer& peer, int) {
        peer.send("HTTP/1.1 400 Bad Request\r\n\r\n");
        peer.closed(1s);
    });
    ScriptedUpstream silent([](Peer& peer, int) { peer.closed(); });
    Bench bench(settings);
    for (const ScriptedUpstream* server : {&outdated, &plain}) {
        auto answer = bench.get(https(*server));
        REQUIRE(answer->error);
        CHECK(answer->error->message == "the TLS handshake with the upstream failed");
        CHECK(answer->permanent);
    }
    http::Request request{"GET", https(silent)};
    request.connect_timeout = 150ms;
    auto answer = bench.fetch(request);
    REQUIRE(answer->error);
    CHECK(answer->error->message == "no connection to the upstream within 150 ms");
    CHECK(!answer->permanent);
}

TEST_CASE("pause and resume work with bytes that the TLS library has read ahead") {
    Folder folder;
    const Certificate authority("test CA", "", nullptr), leaf("upstream", "IP:127.0.0.1", &authority);
    HttpClientSettings settings;
    settings.tls.usual.ca_file = authority.write(folder / "ca.pem");
    TlsServer tls(leaf);
    std::string body(300'000, ' ');
    for (std::size_t i = 0; i < body.size(); ++i) body[i] = static_cast<char>('a' + i % 26);
    ScriptedUpstream server([&](Peer& peer, int) { tls.serve(peer, sized(body)); });
    Bench bench(settings);
    Recorder recorder;
    auto transfer = bench.upstream->start({"GET", https(server)}, recorder);
    recorder.at_body = [&] {
        transfer->pause();
        bench.loop.after(1ms, [&] { transfer->resume(); });
    };
    CHECK(bench.loop.run_until([&] { return recorder.over(); }));
    CHECK(recorder.body == body);
}

TEST_CASE("a proxy of the environment is used for names, and never for this machine or its link") {
    std::mutex mutex;
    std::vector<std::string> seen;
    ScriptedUpstream proxy([&](Peer& peer, int) {
        for (std::string request; !(request = peer.request()).empty();) {
            std::lock_guard lock(mutex);
            seen.push_back(request.substr(0, request.find("\r\n")));
            peer.send(sized("by proxy"));
        }
    });
    ScriptedUpstream direct(always(sized("direct")));
    const std::string named = "http://upstream.invalid/v1?x=1";
    Environment environment{{"http_proxy", "http://" + proxy.host()}, {"no_proxy", "excepted.invalid"}};
    {
        Bench bench;
        CHECK(bench.get(named)->body == "by proxy");
        CHECK(seen.back() == "GET http://upstream.invalid/v1?x=1 HTTP/1.1");
        CHECK(bench.get(direct.url())->body == "direct");
        CHECK(bench.get("http://localhost:" + std::to_string(direct.port()) + "/")->body == "direct");
        http::Request request{"GET", named};
        request.no_proxy = true;
        CHECK(bench.fetch(request)->error);
        CHECK(bench.get("http://excepted.invalid/")->error);
        CHECK(bench.get(named)->body == "by proxy");
        CHECK(seen.size() == 2);
    }
    {
        HttpClientSettings settings;
        settings.proxy = "none";
        Bench bench(settings);
        CHECK(bench.get(named)->error);
        CHECK(seen.size() == 2);
    }
}

TEST_CASE("a proxy in the settings overrides the environment, and its credentials stay secret") {
    ScriptedUpstream proxy(always(sized("by proxy")));
    Environment environment{{"http_proxy", "http://127.0.0.1:1"}};
    HttpClientSettings settings;
    settings.proxy = "http://user:secret@" + proxy.host();
    CHECK(Bench(settings).get("http://upstream.invalid/")->body == "by proxy");
    settings.proxy = "http://user:secret@127.0.0.1:1";
    auto answer = Bench(settings).get("http://upstream.invalid/");
    REQUIRE(answer->error);
    CHECK(answer->error->message == "the upstream cannot be reached: connection refused");
    CHECK(answer->error->detail.find("secret") == std::string::npos);
}

TEST_CASE("a proxy tunnel carries TLS to the upstream, and its rejection is reported") {
    Folder folder;
    const Certificate authority("test CA", "", nullptr), leaf("upstream", "DNS:upstream.invalid", &authority);
    TlsServer tls(leaf);
    std::atomic<bool> refuse = false, leaked = false;
    ScriptedUpstream proxy([&](Peer& peer, int) {
        const std::string request = peer.request();
        if (!request.starts_with("CONNECT upstream.invalid:443 HTTP/1.1\r\n")) return;
        leaked = request.find("authorization") != std::string::npos;
        if (refuse)
            return (void)peer.send("HTTP/1.1 407 Proxy Authentication Required\r\ncontent-length: 0\r\n\r\n");
        peer.send("HTTP/1.1 200 Connection established\r\nx-of-the-proxy: 1\r\n\r\n");
        tls.serve(peer, sized("tunnelled"));
    });
    Environment environment{};
    HttpClientSettings settings;
    settings.tls.usual.ca_file = authority.write(folder / "ca.pem");
    settings.proxy = "http://" + proxy.host();
    Bench bench(settings);
    http::Request request{"GET", "https://upstream.invalid/x", {{"authorization", "Bearer secret"}}};
    for (int i = 0; i < 2; ++i) {
        auto answer = bench.fetch(request);
        CHECK(answer->body == "tunnelled");
        CHECK(answer->heads == 1);
        CHECK(!answer->head.headers.has("x-of-the-proxy"));
    }
    CHECK(proxy.connections() == 1);
    CHECK(!leaked);
    refuse = true;
    Bench another(settings);
    auto answer = another.fetch(request);
    REQUIRE(answer->error);
    CHECK(answer->error->message == "the proxy for the upstream responded 407");
}

// SPDX-License-Identifier: Apache-2.0
// Compares the cost of a signed chat request with the RSA operation alone, which `openssl
// speed rsa2048` measures.  It signs with an API key and with a token, like all other
// principals, from the cache.  The measurements are interleaved, so that all run under the
// same load.  `meson test --benchmark signature_benchmark -v`.  The exit status is 1 if a
// signed request costs more than 1.15 times as much.
#include "plugins/auth/oci_signer/credential_cache.hpp"
#include "plugins/auth/oci_signer/signature.hpp"

#include <gatehouse/testing.hpp>

#include <openssl/evp.h>
#include <openssl/pem.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <memory>
#include <string>
#include <vector>

using namespace gatehouse;

namespace {

/// The raw operation on a digest, with a context made once, as `openssl speed` does.
class Raw {
public:
    explicit Raw(EVP_PKEY* key) : context_(EVP_PKEY_CTX_new(key, nullptr)) {
        EVP_PKEY_sign_init(context_);
        EVP_PKEY_CTX_set_rsa_padding(context_, 1 /* PKCS #1 v1.5 */);
        EVP_PKEY_CTX_set_signature_md(context_, EVP_sha256());
    }
    ~Raw() { EVP_PKEY_CTX_free(context_); }
    bool operator()() {
        unsigned char digest[32] = {1}, out[512];
        std::size_t size = sizeof out;
        return EVP_PKEY_sign(context_, out, &size, digest, sizeof digest) == 1;
    }

private:
    EVP_PKEY_CTX* context_;
};

/// CPU time of this thread, as in `openssl speed`: other processes do not affect it.
double cpu_microseconds() {
    timespec time{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return static_cast<double>(time.tv_sec) * 1e6 + static_cast<double>(time.tv_nsec) / 1e3;
}

template <typename Work>
double microseconds(Work&& work) {
    const double start = cpu_microseconds();
    for (int i = 0; i < 20; ++i)
        if (!work()) std::abort();
    return (cpu_microseconds() - start) / 20;
}

double median(std::vector<double> values) {
    std::nth_element(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2),
                     values.end());
    return values[values.size() / 2];
}

/// A credential that never changes, in a cache.
class Fixed final : public oci::Source {
public:
    explicit Fixed(oci::Credential credential) : credential_(std::move(credential)) {}
    std::optional<oci::Credential> at_once() override { return credential_; }
    void obtain(oci::Why, Completion<oci::Credential> done) override { done(credential_); }
    std::string advice() const override { return {}; }

private:
    oci::Credential credential_;
};

}  // namespace

int main() {
    EVP_PKEY* key = EVP_RSA_gen(2048);
    BIO* out = BIO_new(BIO_s_mem());
    PEM_write_bio_PrivateKey(out, key, nullptr, nullptr, 0, nullptr, nullptr);
    char* data = nullptr;
    const long size = BIO_get_mem_data(out, &data);
    auto parsed = oci::PrivateKey::parse({data, static_cast<std::size_t>(size)}, "", "the key");
    if (!parsed) return 1;

    http::Request request{
        .method = "POST",
        .url = "https://inference.generativeai.us-chicago-1.oci.oraclecloud.com/20231130/actions/chat"};
    request.body.assign(2000, 'x');
    const auto now = std::chrono::system_clock::now();
    testing::FakeHost host;
    host.time = now;
    struct Way {
        const char* name;
        std::shared_ptr<oci::CredentialCache> cache;
        std::vector<double> times = {};
    };
    auto way = [&](const char* name, std::string key_id, std::optional<oci::Time> expiry) {
        oci::Credential credential{std::move(key_id), *parsed, expiry, expiry, ""};
        auto cache = std::make_shared<oci::CredentialCache>(
            std::make_unique<Fixed>(std::move(credential)),
            std::shared_ptr<Host>(std::shared_ptr<void>(), &host), std::chrono::seconds(1));
        cache->start();
        return Way{name, std::move(cache)};
    };
    Way ways[] = {way("an API key", "ocid1.tenancy.oc1..a/ocid1.user.oc1..b/20:3b", {}),
                  way("a token", "ST$" + std::string(1500, 'x'), now + std::chrono::hours(1))};
    Raw raw(key);
    std::vector<double> raw_times;
    for (int round = 0; round < 100; ++round) {
        raw_times.push_back(microseconds(raw));
        for (Way& one : ways)
            one.times.push_back(microseconds([&] {
                bool good = false;
                one.cache->get(
                    Completion<oci::CredentialPointer>([&](Result<oci::CredentialPointer> credential) {
                        good = credential && oci::sign(request, *(*credential)->key, (*credential)->key_id,
                                                       now, oci::signed_headers("POST"));
                    }));
                return good;
            }));
    }
    const double alone = median(raw_times);
    int status = 0;
    for (const Way& one : ways) {
        const double whole = median(one.times);
        std::printf("RSA 2048 alone %.1f us, a request of 2 kB signed with %s %.1f us: %.3f times\n", alone,
                    one.name, whole, whole / alone);
        if (whole > 1.15 * alone) status = 1;
    }
    EVP_PKEY_free(key);
    BIO_free(out);
    return status;
}

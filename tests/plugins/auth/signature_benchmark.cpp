// SPDX-License-Identifier: Apache-2.0
// What a signed chat request costs beside the RSA operation alone, which is what
// `openssl speed rsa2048` measures.  Interleaved, so that both see the same machine.
// `meson test --benchmark signature_benchmark -v`.  Ends with 1 if it is more
// than 1.15 times as much.
#include "plugins/auth/oci_signer/signature.hpp"

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

/// Of this thread's CPU, as `openssl speed` counts: other processes do not matter.
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
    Raw raw(key);
    std::vector<double> raw_times, full_times;
    for (int round = 0; round < 100; ++round) {
        raw_times.push_back(microseconds(raw));
        full_times.push_back(microseconds([&] {
            return bool(oci::sign(request, **parsed, "ocid1.tenancy.oc1..a/ocid1.user.oc1..b/20:3b", now,
                                  oci::signed_headers("POST")));
        }));
    }
    const double a = median(raw_times), b = median(full_times);
    std::printf("RSA 2048 alone %.1f us, a signed request of 2 kB %.1f us: %.3f times\n", a, b, b / a);
    EVP_PKEY_free(key);
    BIO_free(out);
    return b <= 1.15 * a ? 0 : 1;
}
